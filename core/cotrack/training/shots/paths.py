# SPDX-License-Identifier: Apache-2.0
"""Smooth random motion that is known at any instant: a constant speed and a few swings.

Time is in spans of 24 frames and is 0 in the middle of the shot, where every path is at 0.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from cotrack.training.shots.draw import Draw

FRAMES_PER_SPAN = 24.0
_SWINGS = 3


@dataclass(frozen=True, eq=False)
class Path:
    """speed: (B, K, D) per span. swing: (B, K, J, D), its rate: (B, K, J, 1) turns per span, phase: (B, K, J, D)."""

    speed: Tensor
    swing: Tensor
    rate: Tensor
    phase: Tensor

    def at(self, time: Tensor) -> Tensor:
        """(B, K, n, D) for time (B, n)."""
        clock = time[:, None, :, None]
        angle = 2.0 * math.pi * self.rate[:, :, None] * clock[..., None, :] + self.phase[:, :, None]
        swung = self.swing[:, :, None] * (angle.sin() - self.phase[:, :, None].sin())
        return self.speed[:, :, None] * clock + swung.sum(-2)

    def also(self, other: Path) -> Path:
        """Both motions at once."""
        return Path(
            self.speed + other.speed,
            torch.cat([self.swing, other.swing], 2),
            torch.cat([self.rate, other.rate], 2),
            torch.cat([self.phase, other.phase], 2),
        )

    def scaled(self, factor: Tensor) -> Path:
        """The same path with its lengths multiplied by `factor`, (B, K, D) or broadcast to it."""
        return Path(self.speed * factor, self.swing * factor[..., None, :], self.rate, self.phase)


def draw_path(draw: Draw, *shape: int, drift: float = 0.5, slowest: float = 0.25, fastest: float = 1.3) -> Path:
    """`shape` = B, K, D; about 1 is covered in a span, the slow swings widest. Rates are in turns per span."""
    batch, count, size = shape
    rate = draw.log_uniform(slowest, fastest, batch, count, _SWINGS, 1)
    width = 0.5 * (slowest / rate) ** 0.8
    return Path(
        drift * draw.normal(batch, count, size),
        width * draw.normal(batch, count, _SWINGS, size),
        rate,
        draw.uniform(0.0, 2.0 * math.pi, batch, count, _SWINGS, size),
    )
