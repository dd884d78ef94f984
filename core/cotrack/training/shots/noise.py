# SPDX-License-Identifier: Apache-2.0
"""Random fields: smooth noise at one or many scales."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from cotrack.training.shots.draw import Draw


def smooth_noise(draw: Draw, count: int, size: int, cells: int) -> Tensor:
    """(count, size, size) of mean 0 and about unit variance, with about `cells` bumps along a side."""
    knots = draw.normal(count, 1, cells + 3, cells + 3)
    fine = F.interpolate(knots, size=(size, size), mode="bicubic", align_corners=True)
    return fine[:, 0]


def fractal_noise(draw: Draw, count: int, size: int, *, coarsest: int = 3, fall: float = 0.55) -> Tensor:
    """(count, size, size) in 0..1: octaves of noise, each twice as fine and `fall` times as strong."""
    total, strength, cells = draw.normal(count, 1, 1) * 0.0, 1.0, coarsest
    while cells < size:
        total = total + strength * smooth_noise(draw, count, size, cells)
        strength, cells = strength * fall, cells * 2
    return torch.sigmoid(1.7 * total)
