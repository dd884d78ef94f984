# SPDX-License-Identifier: Apache-2.0
"""What is drawn, without what it was drawn on: colours with alpha.

`ink` mixes colours into a picture. Drawn once on black and once on white, the two differ by how much of the ground
shows through, which is 1 - alpha; what came of black is the colour times alpha.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from cotrack.motion.ink import Picture
from cotrack.motion.resample import Values


def cut_out(draw: Callable[[Picture], None], size: tuple[int, int]) -> Values:
    """(H, W, 4) float32, display-referred sRGB times alpha, and alpha, of what is drawn on a picture of that size."""
    black = np.zeros((size[1], size[0], 3), np.uint8)
    white = np.full_like(black, 255)
    draw(black)
    draw(white)
    through = (white.astype(np.int16) - black).mean(axis=-1, keepdims=True) / np.float32(255)
    alpha = np.clip(1 - through, 0, 1).astype(np.float32)
    colour = np.minimum(black / np.float32(255), alpha)
    return np.concatenate([colour, alpha], axis=-1, dtype=np.float32)


def straight(values: Values) -> Values:
    """Colours that are not multiplied by alpha, of those that are; black where there is none."""
    alpha = values[..., 3:]
    colour = np.divide(values[..., :3], alpha, out=np.zeros_like(values[..., :3]), where=alpha > 0)
    return np.concatenate([colour, alpha], axis=-1, dtype=np.float32)
