# SPDX-License-Identifier: Apache-2.0
"""Scenes of solid bodies in space before a camera that moves: parallax, and points that go round the back.

The world is that of a camera at rest in its origin: x to the right, y down, z forward; lengths are px of the plate at
the distance of the focal length. Rays are cast at exact surfaces, so the truth is exact here too.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional as F

from cotrack.evaluation.plates.motion import Path
from cotrack.evaluation.plates.scene import Floats, rows_of, sample_places
from cotrack.evaluation.plates.solids import Hit, Rays, Surface, rotation

_MARGIN_PX = 4
_NEAREST = 1e-3  # of the focal length: nothing is seen that is nearer
_SAME_DEPTH = 1e-7  # as a share of the depth


@dataclass(frozen=True)
class Lamp:
    """Light from afar: the way towards it (3,) in the world, of length 1, and how much light is everywhere."""

    way: tuple[float, float, float]
    ambient: float = 0.5


@dataclass(frozen=True, eq=False)
class SolidScene:
    """Surfaces before a camera on a plate of `width` x `height` px.

    focal: px. camera: six numbers, as a surface's pose.
    """

    width: int
    height: int
    surfaces: tuple[Surface, ...]
    camera: Path
    focal: float
    lamp: Lamp

    @property
    def repeats(self) -> tuple[bool, ...]:
        """For each surface, whether its texture is the same again and again."""
        return tuple(surface.repeats for surface in self.surfaces)

    def strips(self, time: float, samples: int) -> Iterator[tuple[slice, Tensor]]:
        """As `Scene` has it."""
        places = [self._bounds(surface, time) for surface in self.surfaces]
        return ((rows, self._strip(rows, time, places, samples)) for rows in rows_of(self.height))

    def to_plate(self, surface: int, points: Floats, time: float) -> Floats:
        """As `Scene` has it."""
        one = self.surfaces[surface]
        return self._projected(one, one.place(points), time)[0]

    def on_surface(self, surface: int, xy: Floats, time: float) -> Floats:
        """As `Scene` has it."""
        x, y = _columns(xy)
        met = self._met(self.surfaces[surface], x, y, time)
        return np.stack([met.u.numpy(), met.v.numpy()], axis=-1)

    def hidden(self, surface: int, points: Floats, time: float) -> Floats:
        """As `Scene` has it."""
        one = self.surfaces[surface]
        places = one.place(points)
        eye, _ = self._view(one, time)
        u, v = _columns(points)
        turned_away = one.facing(u, v, _columns(eye - places)).numpy() <= 0
        xy, depth = self._projected(one, places, time)
        x, y = _columns(xy)
        nearest = depth * (1 - _SAME_DEPTH)
        others = (other for number, other in enumerate(self.surfaces) if number != surface)
        covered = [self._met(other, x, y, time).depth.numpy() < nearest for other in others]
        return np.asarray(np.any([turned_away, *covered], axis=0), dtype=np.float64)

    def seen_at(self, xy: Floats, time: float) -> npt.NDArray[np.intp]:
        """As `Scene` has it."""
        x, y = _columns(xy)
        depths = np.stack([self._met(surface, x, y, time).depth.numpy() for surface in self.surfaces])
        return np.where(np.isfinite(depths.min(axis=0)), depths.argmin(axis=0), -1)

    def _view(self, surface: Surface, time: float) -> tuple[Floats, Floats]:
        """The eye (3,) in the space of a surface's body, and what turns the camera's directions (3, 3) into that."""
        camera, body = self.camera.at(time), surface.pose.at(time)
        turned = rotation(*body[3:]).T
        return np.asarray(turned @ (camera[:3] - body[:3])), np.asarray(turned @ rotation(*camera[3:]))

    def _met(self, surface: Surface, x: Tensor, y: Tensor, time: float) -> Hit:
        """Where the rays through raster px meet a surface; depth is along the camera's axis."""
        eye, turned = self._view(surface, time)
        right, down = (x - self.width / 2) / self.focal, (y - self.height / 2) / self.focal
        a, b, c = ((row[0] * right + row[1] * down + row[2]) for row in turned.tolist())
        first, second, third = eye.tolist()
        return surface.meet(Rays((first, second, third), (a, b, c)))

    def _projected(self, surface: Surface, places: Floats, time: float) -> tuple[Floats, Floats]:
        """Raster px (N, 2) and depth (N,) of places (N, 3) in the space of a surface's body."""
        eye, turned = self._view(surface, time)
        seen = (places - eye) @ turned
        middle = np.array([self.width, self.height]) / 2
        return np.asarray(middle + self.focal * seen[:, :2] / seen[:, 2:]), np.asarray(seen[:, 2])

    def _bounds(self, surface: Surface, time: float) -> tuple[int, int, int, int]:
        """Left, top, right, bottom, px of the plate, that hold a whole surface."""
        signs = np.array([(x, y, z) for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)])
        xy, depth = self._projected(surface, signs * surface.half_box, time)
        if depth.min() < _NEAREST * self.focal:
            return 0, 0, self.width, self.height
        low, high = np.floor(xy.min(axis=0)) - _MARGIN_PX, np.ceil(xy.max(axis=0)) + _MARGIN_PX
        return int(low[0]), int(low[1]), int(high[0]), int(high[1])

    def _strip(self, rows: slice, time: float, places: list[tuple[int, int, int, int]], samples: int) -> Tensor:
        size = ((rows.stop - rows.start) * samples, self.width * samples)
        seen, nearest = torch.zeros(3, *size), torch.full(size, math.inf)
        for surface, (left, upper, right, lower) in zip(self.surfaces, places, strict=True):
            down = slice(max(rows.start, upper), min(rows.stop, lower))
            across = slice(max(0, left), min(self.width, right))
            if down.start >= down.stop or across.start >= across.stop:
                continue
            first, last = (down.start - rows.start) * samples, (down.stop - rows.start) * samples
            part = (slice(first, last), slice(across.start * samples, across.stop * samples))
            x, y = sample_places(across, samples), sample_places(down, samples)
            met = self._met(surface, x.expand(len(y), -1), y[:, None].expand(-1, len(x)), time)
            before = met.depth < nearest[part]
            if before.any():
                nearest[part] = torch.where(before, met.depth, nearest[part])
                seen[:, *part] = torch.where(before, self._light(surface, met, time), seen[:, *part])
        return F.avg_pool2d(seen, samples)

    def _light(self, surface: Surface, met: Hit, time: float) -> Tensor:
        """(3, rows, columns) the light that a surface sends where it is met."""
        far, high = surface.reach
        place = torch.stack([met.u / far, met.v / high], dim=-1)[None]
        light = F.grid_sample(surface.texture[None], place, align_corners=False, padding_mode="border")[0]
        lamp = rotation(*surface.pose.at(time)[3:]).T @ self.lamp.way
        lit = surface.facing(met.u, met.v, list(torch.from_numpy(lamp))).clamp(min=0)
        return light * (self.lamp.ambient + (1 - self.lamp.ambient) * lit)


def _columns(rows: Floats) -> list[Tensor]:
    """K tensors (N,) of (N, K)."""
    return list(torch.from_numpy(rows.T.copy()))
