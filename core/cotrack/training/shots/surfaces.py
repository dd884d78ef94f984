# SPDX-License-Identifier: Apache-2.0
"""Where rays meet the bodies of a scene.

A ray is named by its pixel: x and y in px from the picture's centre, broadcast to (B, n, P, Q). Depth is the camera's
z. Every operation here runs once per ray and body, and waits for memory; so there are as few of them as will do.
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
_CAP = 0.7


@dataclass(frozen=True, eq=False)
class Meeting:
    """Whether rays meet a body (bool), at what depth, and at which material coordinates p, q, r; all (B, n, P, Q).

    on_p, on_r: whether that is on the sides where p, or r, is +-1; if on neither, q is (bool, not used for cards).
    Where a ray misses, everything else is meaningless.
    """

    hit: Tensor
    depth: Tensor
    p: Tensor
    q: Tensor
    r: Tensor
    on_p: Tensor
    on_r: Tensor


@dataclass(frozen=True, eq=False)
class Rays:
    """Rays in a body's coordinates: start + depth * ray, three tensors each; (B, n, 1, 1) and (B, n, P, Q)."""

    start: list[Tensor]
    ray: list[Tensor]

    @classmethod
    def into(cls, stage: Stage, body: int, x: Tensor, y: Tensor) -> Rays:
        """The rays of pixels x, y as a body sees them."""
        matrix, start = (a[..., None, None] for a in stage.rays(body))
        ray = [matrix[:, :, i, 0] * x + (matrix[:, :, i, 1] * y + matrix[:, :, i, 2]) for i in range(3)]
        return cls([start[:, :, i] for i in range(3)], ray)

    def reach(self, depth: Tensor) -> list[Tensor]:
        """The three coordinates at this depth."""
        return [torch.addcmul(o, depth, d) for o, d in zip(self.start, self.ray, strict=True)]


@dataclass(frozen=True, eq=False)
class Bodies:
    """A scene, and its stage at n instants."""

    scene: Scene
    stage: Stage

    def meet(self, x: Tensor, y: Tensor) -> Iterator[Meeting]:
        """The rays' meetings with each body in turn."""
        for body, kind in enumerate(self.scene.cast.kinds):
            rays = Rays.into(self.stage, body, x, y)
            if kind is Kind.CARD:
                yield self._meet_card(body - 1, rays)
            elif kind is Kind.ELLIPSOID:
                yield _meet_sphere(rays)
            else:
                yield _meet_box(rays, leaving=kind is Kind.ROOM)

    def _meet_card(self, card: int, rays: Rays) -> Meeting:
        depth = -rays.start[2] / rays.ray[2]
        waves = self.scene.waves
        across, length = waves.across[:, card, None, None, None], waves.length[:, card, None, None, None]
        p, q = (torch.addcmul(rays.start[i], depth, rays.ray[i]) for i in (0, 1))
        p, q = bend(p, q, across, length, self.stage.phase[:, card, :, None, None])
        grid = torch.stack([p, q], -1).flatten(1, 2)
        inside = F.grid_sample(self.scene.mattes[:, card, None], grid, align_corners=False)[:, 0].view_as(depth)
        none = p.new_zeros(())
        return Meeting((inside > 0.5) & (depth > NEAREST), depth, p, q, none, none > 0.0, none > 0.0)


def bend(u: Tensor, v: Tensor, across: Tensor, length: Tensor, phase: Tensor) -> tuple[Tensor, Tensor]:
    """From a place on a card to the material that is there; the waves' last dimensions are J, 2 and J."""
    p, q = u, v
    turn = 2.0 * math.pi
    for wave in range(phase.shape[-1]):
        k, a = turn * across[..., wave, :], length[..., wave, :]
        swell = torch.addcmul(torch.addcmul(turn * phase[..., wave], k[..., 0], u), k[..., 1], v).sin_()
        p, q = torch.addcmul(p, a[..., 0], swell), torch.addcmul(q, a[..., 1], swell)
    return p, q


def _meet_sphere(rays: Rays) -> Meeting:
    """A root of a negative number is not a number, and not greater than anything: a ray that misses."""
    a, b = _dot(rays.ray, rays.ray), _dot(rays.ray, rays.start)
    outside = _dot(rays.start, rays.start) - 1.0
    root = torch.addcmul(b.square(), a, outside, value=-1.0).sqrt_()
    depth = root.add_(b).div_(a).neg_()
    p, q, r = rays.reach(depth)
    on_r = r.abs() > _CAP
    return Meeting(depth > NEAREST, depth, p, q, r, (p.abs() > q.abs()) & ~on_r, on_r)


def _meet_box(rays: Rays, *, leaving: bool) -> Meeting:
    """Where rays enter the cube, or leave it; its sides are told by which of the six planes is met there."""
    inverse = [d.reciprocal() for d in rays.ray]
    middle = [o * i for o, i in zip(rays.start, inverse, strict=True)]
    half = [i.abs_() for i in inverse]
    far = [h - m for m, h in zip(middle, half, strict=True)]
    last = far[0].minimum(far[1]).minimum(far[2])
    if leaving:
        depth = last.clamp_min(NEAREST)
        p, q, r = rays.reach(depth)
        return Meeting(depth > 0.0, depth, p, q, r, last == far[0], last == far[2])
    near = [h.add_(m).neg_() for m, h in zip(middle, half, strict=True)]
    first = near[0].maximum(near[1]).maximum(near[2])
    p, q, r = rays.reach(first)
    return Meeting((first < last) & (first > NEAREST), first, p, q, r, first == near[0], first == near[2])


def _dot(a: list[Tensor], b: list[Tensor]) -> Tensor:
    return torch.addcmul(torch.addcmul(a[0] * b[0], a[1], b[1]), a[2], b[2])
