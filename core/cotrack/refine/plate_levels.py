# SPDX-License-Identifier: Apache-2.0
"""One frame as refinement sees it: its luma as splines, at the plate's size and at halves of it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from cotrack.refine.spline import coefficients
from cotrack.tracking.pictures import luma

SOFTNESS_PX = 0.6
"""The blur that a picture is seen through: what is finer than that is aliased, or grain."""

_COARSEST_LINES = 270
_WHITE = 255.0


@dataclass(frozen=True, eq=False)
class PlateLevels:
    """Spline coefficients of a frame's luma in grey levels of 255, each (H, W) half the size of the one before.

    The middle of a pixel at index i of one level is at index i / 2 of the next.
    """

    levels: tuple[Tensor, ...]

    @classmethod
    def of(cls, picture: npt.NDArray[np.float32], device: torch.device) -> PlateLevels:
        """picture: (H, W, 3) display-referred, 0..1."""
        grey = luma(picture) * np.float32(_WHITE)
        levels = []
        for level in range(level_count(*grey.shape)):
            if level:
                grey = np.asarray(cv2.pyrDown(grey), dtype=np.float32)
            levels.append(torch.from_numpy(coefficients(grey, SOFTNESS_PX)).to(device))
        return cls(tuple(levels))

    @property
    def nbytes(self) -> int:
        """Bytes."""
        return sum(level.nbytes for level in self.levels)

    def crops(self, level: int, centre: Tensor, side: int) -> tuple[Tensor, Tensor]:
        """(R, side, side) around pixel indices `centre` (R, 2: x, y) of a level, and where their corners are (R, 2)."""
        plane = self.levels[level]
        corner = centre.round().long() - side // 2
        steps = torch.arange(side, device=plane.device)
        columns = (corner[:, 0, None] + steps).clamp(0, plane.shape[1] - 1)
        lines = (corner[:, 1, None] + steps).clamp(0, plane.shape[0] - 1)
        return plane[lines[:, :, None], columns[:, None, :]], corner


def level_count(height: int, width: int) -> int:
    """How many levels a plate has: the coarsest one has about 270 lines, and there are two at least."""
    return max(2, round(math.log2(max(min(height, width) / _COARSEST_LINES, 1))) + 1)
