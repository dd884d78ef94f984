# SPDX-License-Identifier: Apache-2.0
"""From a scene to pictures: several rays per pixel, spread over its area and over the shutter's opening, averaged."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce

import torch
from torch import Tensor

from cotrack.training.shots.atlas import Atlas
from cotrack.training.shots.scene import Kind, Scene
from cotrack.training.shots.surfaces import Bodies, Meeting


@dataclass(frozen=True, eq=False)
class Look:
    """How the K bodies are textured.

    tiles: (B, K, 3) texture tiles per local unit along each axis. shift: (B, K, 2) tiles.
    texels: (B, slots) texels per unit of length: times depth / focal px, the texels that a pixel covers.
    """

    atlas: Atlas
    tiles: Tensor
    shift: Tensor
    texels: Tensor


@dataclass(frozen=True)
class Film:
    """The picture's size, and each ray's offset: px right and down of its pixel's centre, and part of the opening.

    Every offset's mean is 0, so that the picture's mass lies where the truth says.
    """

    height: int
    width: int
    rays: tuple[tuple[float, float, float], ...]

    @classmethod
    def with_rays(cls, height: int, width: int, count: int) -> Film:
        """An even spread of `count` rays per pixel: the R2 sequence over the pixel, equal steps over the opening."""
        first, second = 0.7548776662466927, 0.5698402909980532
        rays = [((s * first) % 1.0, (s * second) % 1.0, (s + 0.5) / count) for s in range(count)]
        means = [sum(column) / count for column in zip(*rays, strict=True)]
        return cls(height, width, tuple((a - means[0], b - means[1], c - means[2]) for a, b, c in rays))


def render(scene: Scene, look: Look, film: Film, time: Tensor, shutter: Tensor) -> Tensor:
    """Linear colour (B, T, 3, H, W) at `time` (B, T) in spans; `shutter` (B,) is its opening in spans."""
    x = torch.arange(film.width, device=time.device) + (0.5 - 0.5 * film.width)
    y = (torch.arange(film.height, device=time.device) + (0.5 - 0.5 * film.height))[:, None]
    batch, frames = time.shape
    picture = time.new_zeros(batch, 3, frames * film.height, film.width)
    for number, (right, down, late) in enumerate(film.rays):
        bodies = Bodies(scene, scene.at(time + late * shutter[:, None]))
        picture += _colour(_nearest(bodies, look, x + right, y + down), look, bodies, (number + 0.5) / len(film.rays))
    averaged = picture / len(film.rays)
    return averaged.view(batch, 3, frames, film.height, film.width).transpose(1, 2)


def _nearest(bodies: Bodies, look: Look, x: Tensor, y: Tensor) -> Spot:
    kinds = bodies.scene.cast.kinds
    meetings = enumerate(zip(kinds, bodies.meet(x, y), strict=True))
    slots = [sum(kind.textures for kind in kinds[:body]) for body in range(len(kinds))]
    spots = (_spot(kind, meeting, look, body, slots[body]) for body, (kind, meeting) in meetings)
    return reduce(Spot.nearer, spots)


def _colour(spot: Spot, look: Look, bodies: Bodies, dither: float) -> Tensor:
    texels = look.texels.gather(1, spot.slot.flatten(1).long()).view_as(spot.depth)
    level = (texels * spot.depth / bodies.stage.focal[..., None, None]).clamp(1.0, 64.0).log2_().add_(dither).floor_()
    return look.atlas.read(*(a.flatten(1, 2) for a in (spot.slot, spot.u, spot.v, level)))


@dataclass(frozen=True, eq=False)
class Spot:
    """What a ray sees: depth, texture slot, and tiles in it; (B, n, P, Q) each."""

    depth: Tensor
    slot: Tensor
    u: Tensor
    v: Tensor

    def nearer(self, other: Spot) -> Spot:
        """The nearer of the two, ray by ray."""
        closer = self.depth < other.depth
        return Spot(
            torch.where(closer, self.depth, other.depth),
            torch.where(closer, self.slot, other.slot),
            torch.where(closer, self.u, other.u),
            torch.where(closer, self.v, other.v),
        )


def _spot(kind: Kind, meeting: Meeting, look: Look, body: int, first: int) -> Spot:
    """A card's two coordinates, or the two beside the largest one, as tiles of the texture on that side."""
    p, q, r = (c * look.tiles[:, body, i, None, None, None] for i, c in enumerate((meeting.p, meeting.q, meeting.r)))
    shift_u, shift_v = (look.shift[:, body, i, None, None, None] for i in (0, 1))
    slot = torch.full_like(p, float(first))
    if kind is Kind.CARD:
        return Spot(meeting.depth, slot, p + shift_u, q + shift_v)
    x, y, z = meeting.p.abs(), meeting.q.abs(), meeting.r.abs()
    on_x, on_z = (x >= y) & (x >= z), z > torch.maximum(x, y)
    if kind.textures > 1:
        slot = slot + torch.where(on_x, 0.0, torch.where(on_z, 2.0, 1.0))
    return Spot(meeting.depth, slot, torch.where(on_x, q, p) + shift_u, torch.where(on_z, q, r) + shift_v)
