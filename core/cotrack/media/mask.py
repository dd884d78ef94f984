# SPDX-License-Identifier: Apache-2.0
"""Pictures as masks: mattes and roto sequences."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from cotrack.media.clip import Clip


def read_mask(clip: Clip, frame: int) -> npt.NDArray[np.bool_]:
    """(H, W): what a mask picture selects, from the stored values without any colour conversion.

    That is where alpha is above one half; in a file whose alpha is absent or the same everywhere, where any channel is.
    Errors as of `Clip.read`.
    """
    return clip.read_mask(frame)
