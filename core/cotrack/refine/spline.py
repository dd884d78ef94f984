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


def sample(crops: Tensor, places: Tensor) -> Tensor:
    """(R, P) values at `places` (R, 2: x, y, P) of coefficients (R, S, S); outside, the edge goes on."""
    low, high, share = _lookups(places)
    to_unit = 2 / (crops.shape[-1] - 1)
    low, high = low.mul_(to_unit).sub_(1), high.mul_(to_unit).sub_(1)
    count, _, length = places.shape
    four = torch.empty((count, 2, 2, length, 2), dtype=places.dtype, device=places.device)  # y, x: low, high
    four[:, :, 0, :, 0], four[:, :, 1, :, 0] = low[:, :1], high[:, :1]
    four[:, 0, :, :, 1], four[:, 1, :, :, 1] = low[:, 1:], high[:, 1:]
    lines = four.reshape(count, 4, length, 2)
    found = F.grid_sample(crops[:, None], lines, mode="bilinear", padding_mode="border", align_corners=True)
    found = found.reshape(count, 2, 2, length)
    found = torch.lerp(found[:, :, 0], found[:, :, 1], share[:, :1])
    return torch.lerp(found[:, 0], found[:, 1], share[:, 1])


def _lookups(places: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Where the two linear lookups along an axis lie, and how much the second one weighs.

    Of a spline's four weights at t between two pixels, (1 - t)^3 / 6 and 2 / 3 - t^2 + t^3 / 2 are the first lookup's,
    the last one is t^3 / 6. Written in place: this is where much of the time of refining goes.
    """
    whole = places.floor()
    part = places - whole
    square = part * part
    cube = square * part
    share = (part + square).mul_(0.5).add_(cube, alpha=-1 / 3).add_(1 / 6)
    second = (cube * 0.5).sub_(square).add_(2 / 3)
    low = second.div_(1 - share).add_(whole).sub_(1)
    high = cube.mul_(1 / 6).div_(share).add_(whole).add_(1)
    return low, high, share


def _kernel(softness: float) -> npt.NDArray[np.float64]:
    """One axis of the filter: the spline's inverse, and the blur."""
    steps = np.arange(-_REACH, _REACH + 1)
    inverse = -6 * _POLE / (1 - _POLE**2) * _POLE ** np.abs(steps)
    if softness == 0:
        return np.asarray(inverse)
    reach = math.ceil(4 * softness)
    blur = np.exp(-(np.arange(-reach, reach + 1) ** 2) / (2 * softness**2))
    return np.asarray(np.convolve(inverse, blur / blur.sum()))
