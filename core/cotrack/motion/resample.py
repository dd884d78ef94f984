# SPDX-License-Identifier: Apache-2.0
"""Pictures at places between their pixels, by interpolating cubic B-splines.

The picture is the cubic spline through its pixels (Unser, Aldroubi and Eden 1993): coefficients are found once by a
filter whose response decays by 0.27 per pixel, then each value is a sum over 4 x 4 of them, here as four linear
look-ups (Sigg and Hadwiger 2005), which are exact as the weights of a B-spline are positive. Unlike OpenCV's `remap`,
which rounds places to 1/32 px, places are as exact as float32 has them: 1e-4 px on a 4K plate.
"""

from __future__ import annotations

import math
from typing import Literal

import cv2
import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional as F

Floats = npt.NDArray[np.float64]
Values = npt.NDArray[np.float32]
Outside = Literal["black", "extend"]

_POLE = math.sqrt(3) - 2
_REACH = 11  # px: what is further off weighs less than half a millionth
_TAPS = np.array([math.sqrt(3) * _POLE ** abs(k) for k in range(-_REACH, _REACH + 1)], dtype=np.float32)
_MARGIN = 3  # px around the coefficients, so that every look-up within the picture finds its neighbours
_MOST_CHANNELS = 4  # that OpenCV filters at once


class Resampler:
    """One picture, ready to be looked up."""

    def __init__(self, values: Values) -> None:
        """values: (h, w, C) float32."""
        self.height, self.width, self._count = values.shape
        filtered = np.concatenate(
            [
                _coefficients(values[..., start : start + _MOST_CHANNELS])
                for start in range(0, self._count, _MOST_CHANNELS)
            ],
            axis=-1,
        )
        self._planes = torch.from_numpy(np.ascontiguousarray(filtered.transpose(2, 0, 1)))[None]

    def at(self, x: Floats, y: Floats, outside: Outside) -> tuple[Values, Values]:
        """Values (H, W, C) at places (H, W), and how much of each is picture (H, W).

        Places are px from the picture's outer top-left corner. Beyond the picture lies black, into which its edge
        fades over a pixel, or its edge goes on.
        """
        covered = _cover(x, self.width) * _cover(y, self.height)
        x, y = np.clip(x, 0.5, self.width - 0.5), np.clip(y, 0.5, self.height - 0.5)
        values = self._look_up(x - 0.5, y - 0.5)
        if outside == "black" and (covered < 1).any():
            values *= covered[..., None]
        return values, covered

    def _look_up(self, column: Floats, row: Floats) -> Values:
        across, down = _two_look_ups(column), _two_look_ups(row)
        height, width = self._planes.shape[2:]
        total: Tensor | None = None
        for row_weight, row_place in down:
            for column_weight, column_place in across:
                place = np.stack([_normalised(column_place, width), _normalised(row_place, height)], axis=-1)
                found = F.grid_sample(
                    self._planes, torch.from_numpy(place)[None], padding_mode="border", align_corners=False
                )
                found.mul_(torch.from_numpy((row_weight * column_weight).astype(np.float32)))
                total = found if total is None else total.add_(found)
        assert total is not None  # noqa: S101  there are four look-ups
        return np.ascontiguousarray(total[0].permute(1, 2, 0).numpy())


def _coefficients(values: Values) -> Values:
    filtered = cv2.sepFilter2D(values, cv2.CV_32F, _TAPS, _TAPS, borderType=cv2.BORDER_REFLECT_101)
    filtered = filtered.reshape(values.shape)
    padded = cv2.copyMakeBorder(filtered, _MARGIN, _MARGIN, _MARGIN, _MARGIN, cv2.BORDER_REFLECT_101)
    return np.asarray(padded.reshape(*padded.shape[:2], -1), dtype=np.float32)


def _two_look_ups(place: Floats) -> tuple[tuple[Floats, Floats], tuple[Floats, Floats]]:
    """Along one axis: the weights, and the pixel indices, of two linear look-ups that make a cubic B-spline."""
    whole = np.floor(place)
    part = place - whole
    rest = 1 - part
    first, last = rest**3 / 6, part**3 / 6
    second = (4 - 6 * part**2 + 3 * part**3) / 6
    third = (4 - 6 * rest**2 + 3 * rest**3) / 6
    left, right = first + second, third + last
    return (left, whole - 1 + second / left), (right, whole + 1 + last / right)


def _normalised(place: Floats, length: int) -> Values:
    """Pixel indices of the picture as `grid_sample` counts along a side of the padded coefficients."""
    return ((2 * (place + _MARGIN + 0.5)) / length - 1).astype(np.float32)


def _cover(place: Floats, length: int) -> Values:
    """0..1: how much of a pixel at a place lies within a side of that length."""
    return np.clip(np.minimum(place, length - place) + 0.5, 0, 1).astype(np.float32)
