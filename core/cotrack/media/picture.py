# SPDX-License-Identifier: Apache-2.0
"""A frame as it is kept: display-referred sRGB in as few bytes as hold it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Codes = npt.NDArray[Any]  # uint8 or uint16


@dataclass(frozen=True, eq=False)
class Picture:
    """Display-referred sRGB code values.

    codes: (H, W, 3) uint8 or uint16; display window, first row on top.
    white: the code value that means 1.0; larger ones are clipped.
    """

    codes: Codes
    white: int

    def as_float(self) -> npt.NDArray[np.float32]:
        """(H, W, 3) float32 in 0..1, contiguous, of the caller's own."""
        values = np.divide(self.codes, np.float32(self.white), dtype=np.float32)
        return np.minimum(values, np.float32(1), out=values)
