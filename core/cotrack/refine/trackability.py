# SPDX-License-Identifier: Apache-2.0
"""Whether a point can be tracked at all, told before any tracking from the picture that it was placed in.

A point is a window of the plate that has to be found again. How well that can go is known beforehand (the covariance of
registration, Förstner 1982): with the structure tensor T of the window, mean over its weights of the slopes' products,
the position along the direction in which T is least, lambda, has the variance

    2 s / (n (lambda - g))

where n is how many samples the window is worth, s the power of the grain (twice, as both pictures have it), and g what
the grain itself adds to T. Grain is measured in the flattest places of the same picture, so that a noisy sky is not
taken for texture, nor a fine texture for noise.

Positions here are raster px; pictures display-referred, 0..1, and measured in grey levels of 255.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
import numpy.typing as npt

from cotrack.tracking.pictures import luma

Problem = Literal["bare", "edge", "repeated", "rim", "burnt out", "black"]
Floats = npt.NDArray[np.float64]
Grey = npt.NDArray[np.float32]

MOST_UNCERTAINTY_PX = 0.3
"""A point that cannot be known better is not worth tracking: matchmoving needs a tenth to a third of a pixel."""

_HALF_PX = 15  # of the window, on a plate of 1080 lines; it grows with the root of their number, as in registration
_LINES = 1080
_WINDOW = 0.55  # standard deviation of the weights, of half the window
_SOFTNESS_PX = 0.8  # what is finer is grain, or aliased
_FLATTEST = 0.5  # percent of the picture whose slopes are grain alone
_FINEST_GRAIN, _COARSEST_GRAIN = 0.06, 6.0  # energy of slopes: grain of one grey level, and of ten
_POWER_OF_GRAIN = 25.0  # of its energy of slopes, for grain of half a pixel; 16 for white noise, 40 at 0.8 px
_STRAIGHT = 0.01  # of the texture across an edge: how much there may be along it
_RIM = 0.5  # of half the window: how far from the picture's rim
_CLIPPED = 0.5  # share of a window
_BLACK, _WHITE = 0.5, 254.5
_LOOK_ALIKE, _LOOK_ALIKES = 0.98, 0.965  # correlation, less what grain takes of it: one such place is enough, or two
_SEARCHED = 1 / 10  # of the height: how far around a point look-alikes matter
_SEARCHED_AT_MOST_PX = 110
_SAME_SUMMIT_PX = 3.0
_KEPT_BYTES = 500


@dataclass(frozen=True)
class Trackability:
    """What to expect of a point.

    uncertainty: px, standard deviation of its position along the worst direction; infinite where nothing is seen.
    ratio:       texture along the worst direction over that along the best, 0..1: 0 on a straight edge.
    problem:     what is wrong with it: nothing but grain around it, a straight edge, a pattern that looks the same
                 again nearby, the rim of the picture, clipped at white or at black; None when nothing is.
    """

    uncertainty: float
    ratio: float
    problem: Problem | None = None

    @property
    def nbytes(self) -> int:
        """Bytes, with what it is kept under."""
        return _KEPT_BYTES


def judge_points(picture: npt.NDArray[np.float32], points: Sequence[tuple[float, float]]) -> tuple[Trackability, ...]:
    """How well points (x, y), raster px, can be tracked from this picture, (H, W, 3) display-referred, 0..1."""
    plate = _Plate(luma(picture) * np.float32(255))
    return tuple(plate.judge(x, y) for x, y in points)


class _Plate:
    """A picture as points are judged in it. grey: (H, W) luma in grey levels."""

    def __init__(self, grey: Grey) -> None:
        self._grey = grey
        self._soft = np.asarray(cv2.GaussianBlur(grey, (0, 0), _SOFTNESS_PX), dtype=np.float32)
        self._across = cv2.Sobel(self._soft, cv2.CV_32F, 1, 0, ksize=1, scale=0.5)
        self._down = cv2.Sobel(self._soft, cv2.CV_32F, 0, 1, ksize=1, scale=0.5)
        self._half = max(3, round(_HALF_PX * math.sqrt(len(grey) / _LINES)))
        steps = np.arange(-self._half, self._half + 1)
        self._weights = np.exp(-(steps[:, None] ** 2 + steps**2) / (2 * (_WINDOW * self._half) ** 2))
        self._grain = self._grain_energy()

    def judge(self, x: float, y: float) -> Trackability:
        row, column = (min(max(int(place), 0), size - 1) for place, size in zip((y, x), self._grey.shape, strict=True))
        least, most, samples = self._texture(row, column)
        uncertainty, best = self._uncertainty(least, samples), self._uncertainty(most, samples)
        ratio = least / most if most > 0 else 0.0
        height, width = self._grey.shape
        problem: Problem | None = None
        if min(x, y, width - x, height - y) < _RIM * self._half:
            problem = "rim"
        elif best > MOST_UNCERTAINTY_PX:
            problem = self._why_bare(row, column)
        elif uncertainty > MOST_UNCERTAINTY_PX or ratio < _STRAIGHT:
            problem = "edge"
        elif self._is_repeated(row, column):
            problem = "repeated"
        return Trackability(uncertainty, ratio, problem)

    def _grain_energy(self) -> float:
        """Mean square slope of the grain, along one direction: that of the flattest places."""
        energy = (self._across**2 + self._down**2) / 2
        height, width = (max(2, size // self._half) for size in energy.shape)
        quarters = cv2.resize(energy, (width, height), interpolation=cv2.INTER_AREA)
        windows = (quarters[1:, 1:] + quarters[:-1, 1:] + quarters[1:, :-1] + quarters[:-1, :-1]) / 4
        flattest = float(np.percentile(windows, _FLATTEST))
        return min(max(flattest, _FINEST_GRAIN), _COARSEST_GRAIN)

    def _texture(self, row: int, column: int) -> tuple[float, float, float]:
        """Eigenvalues of the structure tensor less what grain adds, the smaller first, and what the window is worth."""
        rows, columns, weights = self._window(row, column)
        across, down = self._across[rows, columns], self._down[rows, columns]
        total = weights.sum()
        xx, xy, yy = (float((weights * product).sum() / total) for product in (across**2, across * down, down**2))
        middle, spread = (xx + yy) / 2, math.hypot((xx - yy) / 2, xy)
        least, most = (max(value - self._grain, 0.0) for value in (middle - spread, middle + spread))
        return least, most, float(total**2 / (weights**2).sum())

    def _uncertainty(self, texture: float, samples: float) -> float:
        if texture <= 0:
            return math.inf
        return math.sqrt(2 * _POWER_OF_GRAIN * self._grain / (samples * texture))

    def _window(self, row: int, column: int) -> tuple[slice, slice, Floats]:
        """The part of the window that lies in the picture, as rows and columns, and its weights."""
        places, parts = [], []
        for middle, size in zip((row, column), self._grey.shape, strict=True):
            first, last = max(0, middle - self._half), min(size, middle + self._half + 1)
            places.append(slice(first, last))
            parts.append(slice(first - middle + self._half, last - middle + self._half))
        return places[0], places[1], self._weights[parts[0], parts[1]]

    def _why_bare(self, row: int, column: int) -> Problem:
        rows, columns, _ = self._window(row, column)
        grey = self._grey[rows, columns]
        if (grey >= _WHITE).mean() > _CLIPPED:
            return "burnt out"
        return "black" if (grey <= _BLACK).mean() > _CLIPPED else "bare"

    def _is_repeated(self, row: int, column: int) -> bool:
        """Whether the window is found again nearby, as well as grain allows."""
        rows, columns, _ = self._window(row, column)
        look = self._soft[rows, columns]
        reach = min(round(_SEARCHED * len(self._grey)), _SEARCHED_AT_MOST_PX)
        top, left = max(0, rows.start - reach), max(0, columns.start - reach)
        region = self._soft[top : rows.stop + reach, left : columns.stop + reach]
        likeness = cv2.matchTemplate(region, look, cv2.TM_CCOEFF_NORMED)
        summits = likeness == cv2.dilate(likeness, np.ones((3, 3), dtype=np.uint8))
        down, across = np.indices(likeness.shape)
        apart = np.hypot(down + top - rows.start, across + left - columns.start)
        rivals = np.sort(likeness[summits & (apart > _SAME_SUMMIT_PX)])[::-1] / self._most_alike(look)
        return bool((rivals > _LOOK_ALIKE).any() or (rivals > _LOOK_ALIKES).sum() > 1)

    def _most_alike(self, look: Grey) -> float:
        """The correlation that grain leaves of perfect likeness."""
        power = self._grain * _POWER_OF_GRAIN / (4 * math.pi * _SOFTNESS_PX**2)
        return 1.0 - min(power / max(float(look.var()), power), 0.5)
