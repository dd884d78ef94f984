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
_BLOCK_PX, _BLOCK_STRIDE_PX = 16, 48
_PLAIN_SHARE = 0.1  # of the blocks show hardly anything but noise
_NOISE_LEFT = 0.7  # of a level's noise, at most, in the next one
_CLIPPED = 0.1  # grey levels: less noise than that is none
_WHITE = 255.0
_BASIS = np.array([1 / 6, 4 / 6, 1 / 6])  # what makes pixels of coefficients


@dataclass(frozen=True, eq=False)
class PlateLevels:
    """Spline coefficients of a frame's luma in grey levels of 255, each (H, W) half the size of the one before.

    The middle of a pixel at index i of one level is at index i / 2 of the next. noise: of each level, the standard
    deviation of what is neither smooth nor texture, grey levels.
    """

    levels: tuple[Tensor, ...]
    noise: tuple[float, ...]

    @classmethod
    def of(cls, picture: npt.NDArray[np.float32], device: torch.device) -> PlateLevels:
        """picture: (H, W, 3) display-referred, 0..1."""
        grey = luma(picture) * np.float32(_WHITE)
        levels: list[Tensor] = []
        noise: list[float] = []
        for level in range(level_count(*grey.shape)):
            if level:
                grey = np.asarray(cv2.pyrDown(grey), dtype=np.float32)
            plane = coefficients(grey, SOFTNESS_PX)
            levels.append(torch.from_numpy(plane).to(device))
            noise.append(min(_noise(plane), _NOISE_LEFT * noise[-1] if noise else math.inf))
        return cls(tuple(levels), tuple(noise))

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


def _noise(plane: npt.NDArray[np.float32]) -> float:
    """Standard deviation of the pixels in the plainest blocks of a plane of coefficients, beside a smooth surface."""
    pixels = cv2.sepFilter2D(plane, cv2.CV_32F, _BASIS, _BASIS)
    squares = np.lib.stride_tricks.sliding_window_view(pixels, (_BLOCK_PX, _BLOCK_PX))
    blocks = squares[::_BLOCK_STRIDE_PX, ::_BLOCK_STRIDE_PX].reshape(-1, _BLOCK_PX**2).astype(np.float64)
    steps = np.linspace(-1, 1, _BLOCK_PX)
    x, y = np.meshgrid(steps, steps)
    surface = np.linalg.qr(np.stack([np.ones_like(x), x, y, x * x, x * y, y * y], axis=-1).reshape(-1, 6))[0]
    rough = blocks - blocks @ surface @ surface.T
    spread = rough.std(axis=1)
    spread = spread[spread > _CLIPPED]
    return float(np.quantile(spread, _PLAIN_SHARE)) if len(spread) else _CLIPPED
