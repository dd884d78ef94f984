# SPDX-License-Identifier: Apache-2.0
"""Where rays meet the bodies of a scene.

A ray is named by its pixel: x and y in px from the picture's centre, broadcast to (B, n, P, Q). Depth is the camera's z
and is infinite where a ray misses.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from cotrack.training.shots.scene import Kind, Scene, Stage

NEAREST = 0.05


@dataclass(frozen=True, eq=False)
class Meeting:
    """depth, and the material coordinates p, q, r where the ray meets the body, all (B, n, P, Q)."""

    depth: Tensor
    p: Tensor
    q: Tensor
    r: Tensor


@dataclass(frozen=True, eq=False)
class Side:
    """Whether p or r is the largest coordinate where a ray meets a solid, (B, n, P, Q) bool; if neither, q is."""

    on_p: Tensor
    on_r: Tensor

    @classmethod
    def of(cls, meeting: Meeting) -> Side:
        """The side of the cube around the solid on which the meeting lies."""
        p, q, r = meeting.p.abs(), meeting.q.abs(), meeting.r.abs()
        return cls((p >= q) & (p >= r), r > torch.maximum(p, q))


@dataclass(frozen=True, eq=False)
class Bodies:
    """A scene, and its stage at n instants."""

    scene: Scene
    stage: Stage

    def meet(self, x: Tensor, y: Tensor) -> Iterator[Meeting]:
        """The rays' meetings with each body in turn."""
        for body, kind in enumerate(self.scene.cast.kinds):
            rays = _rays(self.stage, body, x, y)
            if kind is Kind.ROOM:
                yield _leave_box(*rays)
                continue
            if kind is Kind.CARD:
                meeting = self._meet_card(body - 1, *rays)
            elif kind is Kind.ELLIPSOID:
                meeting = _meet_sphere(*rays)
            else:
                meeting = _enter_box(*rays)
            absent = ~self.scene.present[:, body, None, None, None]
            yield Meeting(meeting.depth.masked_fill(absent, math.inf), meeting.p, meeting.q, meeting.r)

    def _meet_card(self, card: int, start: list[Tensor], ray: list[Tensor]) -> Meeting:
        depth = -start[2] / ray[2]
        waves = self.scene.waves
        across, length = waves.across[:, card, None, None, None], waves.length[:, card, None, None, None]
        phase = self.stage.phase[:, card, :, None, None]
        u, v = bend(start[0] + depth * ray[0], start[1] + depth * ray[1], across, length, phase)
        grid = torch.stack([u, v], -1).clamp(-2.0, 2.0).flatten(1, 2)
        inside = F.grid_sample(self.scene.mattes[:, card, None], grid, align_corners=False)[:, 0].view_as(depth)
        return Meeting(torch.where((inside > 0.5) & (depth > NEAREST), depth, math.inf), u, v, torch.zeros_like(u))


def bend(u: Tensor, v: Tensor, across: Tensor, length: Tensor, phase: Tensor) -> tuple[Tensor, Tensor]:
    """From a place on a card to the material that is there; the waves' last dimensions are J, 2 and J."""
    p, q = u, v
    for wave in range(phase.shape[-1]):
        k, a = across[..., wave, :], length[..., wave, :]
        swell = (2.0 * math.pi * (k[..., 0] * u + k[..., 1] * v + phase[..., wave])).sin()
        p, q = p + a[..., 0] * swell, q + a[..., 1] * swell
    return p, q


def _rays(stage: Stage, body: int, x: Tensor, y: Tensor) -> tuple[list[Tensor], list[Tensor]]:
    matrix, start = stage.rays(body)
    rows = matrix[..., None, None]
    ray = [rows[:, :, i, 0] * x + (rows[:, :, i, 1] * y + rows[:, :, i, 2]) for i in range(3)]
    return [start[:, :, i, None, None] for i in range(3)], ray


def _meet_sphere(start: list[Tensor], ray: list[Tensor]) -> Meeting:
    a = ray[0].square() + ray[1].square() + ray[2].square()
    b = start[0] * ray[0] + start[1] * ray[1] + start[2] * ray[2]
    c = start[0].square() + start[1].square() + start[2].square() - 1.0
    inner = b.square() - a * c
    depth = -(b + inner.clamp_min(0.0).sqrt()) / a
    return _along(start, ray, depth, (inner > 0.0) & (depth > NEAREST))


def _enter_box(start: list[Tensor], ray: list[Tensor]) -> Meeting:
    near, far = _slabs(start, ray)
    return _along(start, ray, near, (near < far) & (near > NEAREST))


def _leave_box(start: list[Tensor], ray: list[Tensor]) -> Meeting:
    _, far = _slabs(start, ray)
    return _along(start, ray, far, far > NEAREST)


def _slabs(start: list[Tensor], ray: list[Tensor]) -> tuple[Tensor, Tensor]:
    near, far = [], []
    for o, d in zip(start, ray, strict=True):
        inverse = 1.0 / d
        middle, half = -o * inverse, inverse.abs()
        near.append(middle - half)
        far.append(middle + half)
    return near[0].maximum(near[1]).maximum(near[2]), far[0].minimum(far[1]).minimum(far[2])


def _along(start: list[Tensor], ray: list[Tensor], depth: Tensor, hit: Tensor) -> Meeting:
    p, q, r = (o + depth * d for o, d in zip(start, ray, strict=True))
    return Meeting(torch.where(hit, depth, math.inf), p, q, r)
