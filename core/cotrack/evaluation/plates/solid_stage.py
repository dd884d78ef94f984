# SPDX-License-Identifier: Apache-2.0
"""The parts that shots of solid bodies are made of, drawn at random."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from cotrack.evaluation.plates import textures
from cotrack.evaluation.plates.motion import Path
from cotrack.evaluation.plates.solid_scene import Lamp, SolidScene
from cotrack.evaluation.plates.solids import Ball, Panel, Surface, Tube, rotation

_FOCAL = 1.1  # of the plate's width: about 49 degrees from side to side
_FULL_SWING_FRAMES = 24  # or more: shorter shots show a part of a swing, not a faster one
_LAMP = Lamp(way=(-0.48, -0.64, -0.6), ambient=0.55)
_QUARTER = math.pi / 2
_SIDES = ((0, 0), (_QUARTER, 0), (-_QUARTER, 0), (math.pi, 0), (0, _QUARTER), (0, -_QUARTER))  # yaw and pitch

Triple = tuple[float, float, float]


@dataclass(frozen=True, eq=False)
class SolidStage:
    """Draws bodies. Lengths are in shares of the plate's height, depths in shares of the focal length."""

    random: np.random.Generator
    size: tuple[int, int]
    frames: int

    @property
    def unit(self) -> float:
        """The plate's height, px."""
        return float(self.size[1])

    @property
    def focal(self) -> float:
        """Of the camera, px."""
        return _FOCAL * self.size[0]

    def scene(self, camera: Path, *parts: tuple[Surface, ...]) -> SolidScene:
        """All parts before a camera."""
        surfaces = tuple(surface for part in parts for surface in part)
        return SolidScene(*self.size, surfaces, camera, self.focal, _LAMP)

    def pose(
        self,
        middle: Triple = (0.0, 0.0, 0.0),
        *,
        tilt: Triple = (0.0, 0.0, 0.0),
        way: Triple = (0.0, 0.0, 0.0),
        sway: Triple = (0.0, 0.0, 0.0),
        spin: float = 0.0,
        swing: float = 0.0,
    ) -> Path:
        """A body at `middle` whose turns are `tilt` at first, moving along `way` over the whole shot, swaying.

        middle, way, sway: x, y and depth. tilt: radians, about y, x and z. spin, swing: about its own y axis, radians
        over the whole shot, and to and fro.
        """
        scale = np.array([self.unit, self.unit, self.focal])
        rest = np.concatenate([np.array(middle) * scale, [tilt[0], tilt[1], tilt[2]]])
        drift = np.concatenate([np.array(way) * scale, [spin, 0, 0]]) / self.frames
        amount = np.concatenate([np.array(sway) * scale, [swing, 0, 0]])
        speed = self.random.uniform(0.7, 1.1, 6) * 2 * math.pi / max(self.frames, _FULL_SWING_FRAMES)
        return Path(rest, drift, amount, self.random.uniform(0, 2 * math.pi, 6), speed)

    def wall(self, depth: float, half: tuple[float, float], tilt: Triple = (0.0, 0.0, 0.0), bare: int = 0) -> Panel:
        """A flat face that stands still at a depth, its texture as fine as what is seen of it."""
        width, height = (2 * side * self.unit for side in half)
        picture = textures.rough(self.random, width / depth, height / depth)
        if bare:
            picture = textures.with_bare_patches(self.random, picture, bare)
        return Panel(_skin(picture), self.pose((0.0, 0.0, depth), tilt=tilt), (width / 2, height / 2))

    def box(self, half: Triple, pose: Path) -> tuple[Surface, ...]:
        """Six faces."""
        return tuple(self._side(np.array(half) * self.unit, yaw, pitch, pose) for yaw, pitch in _SIDES)

    def ball(self, radius: float, pose: Path) -> tuple[Surface, ...]:
        """A sphere."""
        length = radius * self.unit
        picture = textures.rough(self.random, 2 * math.pi * length, math.pi * length, shapes=200)
        return (Ball(_skin(textures.round_the_poles(textures.closed(picture))), pose, length),)

    def tube(self, radius: float, half_length: float, pose: Path) -> tuple[Surface, ...]:
        """A cylinder with both its ends."""
        across, along = radius * self.unit, half_length * self.unit
        picture = textures.rough(self.random, 2 * math.pi * across, 2 * along, shapes=150)
        side = Tube(_skin(textures.closed(picture)), pose, across, along)
        return (side, *(self._lid(across, along, pitch, pose) for pitch in (_QUARTER, -_QUARTER)))

    def _side(self, half: np.ndarray[tuple[int], np.dtype[np.float64]], yaw: float, pitch: float, pose: Path) -> Panel:
        side = rotation(yaw, pitch, 0.0)
        width, height, before = np.abs(side.T @ half).tolist()
        picture = textures.rough(self.random, 2 * width, 2 * height, shapes=80)
        return Panel(_skin(picture), pose, (width, height), before, side)

    def _lid(self, radius: float, before: float, pitch: float, pose: Path) -> Panel:
        picture = textures.rough(self.random, 2 * radius, 2 * radius, shapes=30)
        return Panel(_skin(picture), pose, (radius, radius), before, rotation(0.0, pitch, 0.0), round=True)


def _skin(picture: textures.Pixels) -> Tensor:
    return torch.from_numpy(picture).permute(2, 0, 1).contiguous()
