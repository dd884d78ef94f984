# SPDX-License-Identifier: Apache-2.0
"""Pictures as masks: mattes and roto sequences."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from cotrack.media.clip import Clip, open_clip


def read_mask(clip: Clip, frame: int) -> npt.NDArray[np.bool_]:
    """(H, W): what a mask picture selects, from the stored values without any colour conversion.

    That is where alpha is above one half; in a file whose alpha is absent or the same everywhere, where any channel is.
    Errors as of `Clip.read`.
    """
    return clip.read_mask(frame)


def open_mask(path: Path, frame: int) -> npt.NDArray[np.bool_]:
    """(H, W): the mask of a frame; a picture that stands alone is that of every frame.

    Raises MediaError when there is none, FrameError when it cannot be read.
    """
    with open_clip(path) as clip:
        return read_mask(clip, clip.frames[0] if len(clip.frames) == 1 else frame)
