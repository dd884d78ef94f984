# SPDX-License-Identifier: Apache-2.0
"""Pictures between their pixels: cubic B-splines, which leave no trace of where the pixels are.

Unser, "Splines: a perfect fit for signal and image processing", 1999. A picture is first turned into coefficients, by a
filter that is cut off where it has fallen below a millionth; then four bilinear lookups at shifted places make one
cubic one (Sigg and Hadwiger, "Fast third-order texture filtering", GPU Gems 2, 2005, chapter 20).

Positions are pixel indices, in which the centre of the first pixel is (0, 0).
"""

from __future__ import annotations

import math

import cv2
import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional as F

_POLE = math.sqrt(3) - 2
_REACH = 11  # |_POLE| ** 11 is half a millionth


def coefficients(grey: npt.NDArray[np.float32], softness: float) -> npt.NDArray[np.float32]:
    """(H, W) spline coefficients of a picture, blurred by a Gaussian of `softness` px."""
    kernel = _kernel(softness)
    return np.asarray(cv2.sepFilter2D(grey, cv2.CV_32F, kernel, kernel, borderType=cv2.BORDER_REFLECT_101))


def sample(crops: Tensor, x: Tensor, y: Tensor) -> Tensor:
    """(R, P) values at x and y (R, P) of coefficients (R, S, S); outside, the edge goes on."""
    low_x, high_x, share_x = _lookups(x)
    low_y, high_y, share_y = _lookups(y)
    columns = torch.stack([low_x, high_x, low_x, high_x], dim=1)
    lines = torch.stack([low_y, low_y, high_y, high_y], dim=1)
    places = torch.stack([columns, lines], dim=-1) * (2 / (crops.shape[-1] - 1)) - 1
    found = F.grid_sample(crops[:, None], places, mode="bilinear", padding_mode="border", align_corners=True)[:, 0]
    above = found[:, 0] + (found[:, 1] - found[:, 0]) * share_x
    below = found[:, 2] + (found[:, 3] - found[:, 2]) * share_x
    return above + (below - above) * share_y


def _lookups(place: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Where the two linear lookups along an axis lie, and how much the second one weighs."""
    whole = place.floor()
    part = place - whole
    rest = 1 - part
    first = rest * rest * rest / 6
    last = part * part * part / 6
    second = 2 / 3 - part * part * (2 - part) / 2
    low, high = first + second, 1 - (first + second)
    return whole - 1 + second / low, whole + 1 + last / high, high


def _kernel(softness: float) -> npt.NDArray[np.float64]:
    """One axis of the filter: the spline's inverse, and the blur."""
    steps = np.arange(-_REACH, _REACH + 1)
    inverse = -6 * _POLE / (1 - _POLE**2) * _POLE ** np.abs(steps)
    if softness == 0:
        return np.asarray(inverse)
    reach = math.ceil(4 * softness)
    blur = np.exp(-(np.arange(-reach, reach + 1) ** 2) / (2 * softness**2))
    return np.asarray(np.convolve(inverse, blur / blur.sum()))
