# SPDX-License-Identifier: Apache-2.0
"""How a layer moves: translation, affine, perspective, and free-form on top.

Layer coordinates are plate pixels from the layer's middle; plate coordinates are raster px. A motion is stated from
the plate to the layer, the way a renderer asks; the way back, which the truth takes, is found by iteration to the last
digit.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from cotrack.evaluation.plates.scene import Floats

_ITERATIONS = 80
"""Each at least halves the distance to the solution, as waves are gentler than one half."""


@dataclass(frozen=True, eq=False)
class Waves:
    """A free-form displacement: the sum of K waves that run through the layer.

    strength: (K, 2) px; number: (K, 2) radians per px; phase, speed: (K,) radians, and radians per frame.
    The sum over waves of |strength| |number| must stay under one half, so that the layer never folds.
    """

    strength: Floats
    number: Floats
    phase: Floats
    speed: Floats

    def at(self, x: Tensor, y: Tensor, time: float) -> tuple[Tensor, Tensor]:
        """The displacement at layer px."""
        right, down = torch.zeros_like(x), torch.zeros_like(y)
        for (along, across), (kx, ky), phase, speed in zip(
            self.strength.tolist(), self.number.tolist(), self.phase.tolist(), self.speed.tolist(), strict=True
        ):
            wave = torch.sin(kx * x + ky * y + (phase + speed * time))
            right, down = right + along * wave, down + across * wave
        return right, down


@dataclass(frozen=True, eq=False)
class Path:
    """Numbers that change smoothly with time: `rest + drift * t + swing * sin(phase + speed * t)`, each (P,)."""

    rest: Floats
    drift: Floats
    swing: Floats
    phase: Floats
    speed: Floats

    @classmethod
    def at_rest(cls, values: Floats) -> Path:
        """Numbers that never change."""
        nothing = np.zeros_like(values)
        return cls(values, nothing, nothing, nothing, nothing)

    def at(self, time: float) -> Floats:
        """(P,) at a time in frames."""
        return np.asarray(self.rest + self.drift * time + self.swing * np.sin(self.phase + self.speed * time))


@dataclass(frozen=True, eq=False)
class Motion:
    """Where a layer is at any time.

    path: eight numbers: x, y of the middle (raster px), rotation (radians), logarithm of the scale, of the aspect,
    shear, and two of perspective (per px).
    """

    path: Path
    waves: Waves | None = None

    def homography(self, time: float) -> Floats:
        """(3, 3) from the layer without its waves to the plate."""
        x, y, turn, scale, aspect, shear, px, py = self.path.at(time)
        cos, sin = math.cos(turn), math.sin(turn)
        shape = np.array([[cos, -sin], [sin, cos]]) @ np.array([[math.exp(aspect), shear], [0, math.exp(-aspect)]])
        flat = np.eye(3)
        flat[:2, :2] = shape * math.exp(scale)
        lens, place = np.eye(3), np.eye(3)
        lens[2, :2] = px, py
        place[:2, 2] = x, y
        return np.asarray(place @ lens @ flat)

    def to_layer(self, x: Tensor, y: Tensor, time: float) -> tuple[Tensor, Tensor]:
        """Plate raster px to layer px, in the precision of what is given."""
        x, y = _mapped(np.asarray(np.linalg.inv(self.homography(time)), dtype=np.float64), x, y)
        if self.waves is None:
            return x, y
        right, down = self.waves.at(x, y, time)
        return x + right, y + down

    def to_plate(self, points: Floats, time: float) -> Floats:
        """(N, 2) layer px to plate raster px, the inverse of `to_layer`."""
        x, y = torch.from_numpy(points.T.copy())
        if self.waves is not None:
            goal_x, goal_y = x, y
            for _ in range(_ITERATIONS):
                right, down = self.waves.at(x, y, time)
                x, y = goal_x - right, goal_y - down
        return np.stack([axis.numpy() for axis in _mapped(self.homography(time), x, y)], axis=-1)


def _mapped(matrix: Floats, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    (a, b, c), (d, e, f), (g, h, i) = matrix.tolist()
    depth = g * x + h * y + i
    return (a * x + b * y + c) / depth, (d * x + e * y + f) / depth
