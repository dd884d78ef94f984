# SPDX-License-Identifier: Apache-2.0
"""The surfaces of solid bodies: panels, balls and tubes, where a ray meets them, and which way they face.

Each stands in a space of its body: x to the right, y down, z away from whoever looks at its front. Lengths there are
px of the plate at the distance of the camera's focal length. All are convex and seen from outside only, so that a ray
meets each of them once. A box is six panels.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np
import torch
from torch import Tensor

from cotrack.evaluation.plates.motion import Path
from cotrack.evaluation.plates.scene import Floats

_NOWHERE = math.inf


class Rays(NamedTuple):
    """Rays through one point, in the space of a body: at depth t they are at `origin + t * direction`.

    origin: (3,); direction: three tensors of one shape.
    """

    origin: tuple[float, float, float]
    direction: tuple[Tensor, Tensor, Tensor]


class Hit(NamedTuple):
    """Where rays meet a surface: depth, infinite where they miss it, and the surface's coordinates there."""

    depth: Tensor
    u: Tensor
    v: Tensor


class Surface(Protocol):
    """A part of a body's skin.

    texture: (3, h, w) float32, scene-linear light, over all of the surface. repeats: it is the same again and again.
    pose: six numbers: x, y, z of the body's middle in the world; yaw, pitch and roll as `rotation` has them.
    """

    @property
    def texture(self) -> Tensor:
        """What it shows."""

    @property
    def pose(self) -> Path:
        """Where its body is."""

    @property
    def repeats(self) -> bool:
        """Whether it shows the same again and again."""

    @property
    def reach(self) -> tuple[float, float]:
        """The largest of both coordinates; they go as far below zero."""

    @property
    def half_box(self) -> tuple[float, float, float]:
        """Half the sides of a box about the body's middle that holds the surface."""

    def meet(self, rays: Rays) -> Hit:
        """Where rays meet its front."""

    def place(self, points: Floats) -> Floats:
        """(N, 3) in the body's space, of coordinates (N, 2)."""

    def facing(self, u: Tensor, v: Tensor, way: Sequence[Tensor]) -> Tensor:
        """How much it faces a way (3) of the body's space at its coordinates: cosine times the way's length."""


@dataclass(frozen=True, eq=False)
class Panel:
    """A flat face, `side` (3, 3) turned and `before` px before the middle of its body; coordinates x and y.

    half: half its width and height. round: an ellipse of that size.
    """

    texture: Tensor
    pose: Path
    half: tuple[float, float]
    before: float = 0.0
    side: Floats | None = None
    round: bool = False
    repeats: bool = False

    @property
    def reach(self) -> tuple[float, float]:
        """As `Surface` has it."""
        return self.half

    @property
    def half_box(self) -> tuple[float, float, float]:
        """As `Surface` has it."""
        longest = np.abs(self._side) @ (*self.half, self.before)
        return (float(longest[0]), float(longest[1]), float(longest[2]))

    def meet(self, rays: Rays) -> Hit:
        """As `Surface` has it; a homography, so that its numbers stay small."""
        turned = self._side.T
        x, y, z = (turned @ rays.origin).tolist()
        z += self.before
        toward = _mixed(turned[2].tolist(), rays.direction)
        along = _mixed((x * turned[2] - z * turned[0]).tolist(), rays.direction)
        down = _mixed((y * turned[2] - z * turned[1]).tolist(), rays.direction)
        u, v = along / toward, down / toward
        if self.round:
            on_it = (u / self.half[0]) ** 2 + (v / self.half[1]) ** 2 <= 1
        else:
            on_it = (u.abs() <= self.half[0]) & (v.abs() <= self.half[1])
        seen = on_it & (toward > 0) if z < 0 else torch.zeros_like(on_it)
        return Hit(torch.where(seen, -z / toward, _NOWHERE), u, v)

    def place(self, points: Floats) -> Floats:
        """As `Surface` has it."""
        flat = np.concatenate([points, np.full((len(points), 1), -self.before)], axis=1)
        return np.asarray(flat @ self._side.T)

    def facing(self, u: Tensor, v: Tensor, way: Sequence[Tensor]) -> Tensor:  # noqa: ARG002  it is flat
        """As `Surface` has it."""
        first, second, third = way
        return _mixed((-self._side[:, 2]).tolist(), (first, second, third)).expand(u.shape)

    @property
    def _side(self) -> Floats:
        return np.eye(3) if self.side is None else self.side


@dataclass(frozen=True, eq=False)
class Ball:
    """A sphere; coordinates are longitude about its y axis, 0 in front, and latitude, radians."""

    texture: Tensor
    pose: Path
    radius: float
    repeats: bool = False

    @property
    def reach(self) -> tuple[float, float]:
        """As `Surface` has it."""
        return math.pi, math.pi / 2

    @property
    def half_box(self) -> tuple[float, float, float]:
        """As `Surface` has it."""
        return self.radius, self.radius, self.radius

    def meet(self, rays: Rays) -> Hit:
        """As `Surface` has it."""
        depth = _nearest(rays.origin, rays.direction, self.radius)
        x, y, z = _at(rays, depth)
        return Hit(depth, torch.atan2(x, -z), torch.asin((y / self.radius).clamp(-1, 1)))

    def place(self, points: Floats) -> Floats:
        """As `Surface` has it."""
        longitude, latitude = points.T
        flat = np.cos(latitude)
        directions = [flat * np.sin(longitude), np.sin(latitude), -flat * np.cos(longitude)]
        return np.asarray(self.radius * np.stack(directions, axis=-1))

    def facing(self, u: Tensor, v: Tensor, way: Sequence[Tensor]) -> Tensor:
        """As `Surface` has it."""
        x, y, z = way
        return torch.cos(v) * (x * torch.sin(u) - z * torch.cos(u)) + y * torch.sin(v)


@dataclass(frozen=True, eq=False)
class Tube:
    """The side of a cylinder about its y axis; coordinates are longitude, 0 in front, radians, and y."""

    texture: Tensor
    pose: Path
    radius: float
    half_length: float
    repeats: bool = False

    @property
    def reach(self) -> tuple[float, float]:
        """As `Surface` has it."""
        return math.pi, self.half_length

    @property
    def half_box(self) -> tuple[float, float, float]:
        """As `Surface` has it."""
        return self.radius, self.half_length, self.radius

    def meet(self, rays: Rays) -> Hit:
        """As `Surface` has it."""
        (x, _, z), (right, _, forward) = rays
        depth = _nearest((x, z), (right, forward), self.radius)
        across, down, away = _at(rays, depth)
        depth = torch.where(down.abs() <= self.half_length, depth, _NOWHERE)
        return Hit(depth, torch.atan2(across, -away), down)

    def place(self, points: Floats) -> Floats:
        """As `Surface` has it."""
        longitude, down = points.T
        return np.stack([self.radius * np.sin(longitude), down, -self.radius * np.cos(longitude)], axis=-1)

    def facing(self, u: Tensor, v: Tensor, way: Sequence[Tensor]) -> Tensor:  # noqa: ARG002  the same all along it
        """As `Surface` has it."""
        return way[0] * torch.sin(u) - way[2] * torch.cos(u)


def rotation(yaw: float, pitch: float, roll: float) -> Floats:
    """(3, 3) that turns about y, then about z (roll), then about x (pitch), radians."""
    return _turn(0, pitch) @ _turn(2, roll) @ _turn(1, yaw)


def _turn(axis: int, angle: float) -> Floats:
    turned = np.eye(3)
    one, other = (axis + 1) % 3, (axis + 2) % 3
    turned[one, one] = turned[other, other] = math.cos(angle)
    turned[one, other], turned[other, one] = -math.sin(angle), math.sin(angle)
    return turned


def _mixed(weights: list[float], parts: tuple[Tensor, Tensor, Tensor]) -> Tensor:
    return weights[0] * parts[0] + weights[1] * parts[1] + weights[2] * parts[2]


def _nearest(origin: tuple[float, ...], direction: tuple[Tensor, ...], radius: float) -> Tensor:
    """Depth at which rays enter a sphere or circle about zero; infinite where they pass by.

    Reckoned from where each ray is nearest to the middle: from the camera, far away, digits would be lost.
    """
    none = torch.zeros_like(direction[0])
    square = sum((part * part for part in direction), none)
    middle = -sum((start * part for start, part in zip(origin, direction, strict=True)), none) / square
    missed = sum(((start + middle * part) ** 2 for start, part in zip(origin, direction, strict=True)), none)
    within = radius**2 - missed
    entered = middle - torch.sqrt(within.clamp(min=0) / square)
    return torch.where((within > 0) & (entered > 0), entered, _NOWHERE)


def _at(rays: Rays, depth: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """The points of rays at a depth; those of rays that miss lie nowhere in particular."""
    finite = torch.where(torch.isfinite(depth), depth, 0.0)
    x, y, z = (start + finite * part for start, part in zip(rays.origin, rays.direction, strict=True))
    return x, y, z
