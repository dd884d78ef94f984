# SPDX-License-Identifier: Apache-2.0
"""From a scene to pictures: several rays per pixel, spread over its area and over the shutter's opening, averaged."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from cotrack.training.shots.atlas import Atlas
from cotrack.training.shots.lighting import Lighting, Lit
from cotrack.training.shots.scene import Kind, Scene
from cotrack.training.shots.surfaces import Bodies, Meeting


@dataclass(frozen=True, eq=False)
class Look:
    """How the K bodies are textured and lit.

    tiles: (B, K, 3) texture tiles per local unit along each axis. shift: (B, K, 3) tiles.
    texels: (B, slots) texels per unit of length: times depth / focal px, the texels that a pixel covers.
    """

    atlas: Atlas
    tiles: Tensor
    shift: Tensor
    texels: Tensor
    lighting: Lighting

    def tiled(self, body: int, axis: int, place: Tensor) -> Tensor:
        """A local coordinate in tiles."""
        shift, tiles = (a[:, body, axis, None, None, None] for a in (self.shift, self.tiles))
        return torch.addcmul(shift, place, tiles)


@dataclass(frozen=True, eq=False)
class Photograph:
    """colour: (B, T, 3, H, W), linear light. nearness: (B, T, H, W), one over the depth."""

    colour: Tensor
    nearness: Tensor


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


@dataclass(frozen=True, eq=False)
class Exposure:
    """When the shutter's opening is at its middle, time (B, T), and how long it is open, shutter (B,); spans."""

    time: Tensor
    shutter: Tensor


@dataclass(frozen=True, eq=False)
class Spot:
    """What a ray sees: depth, texture slot, tiles in it, and the light on it; (B, n, P, Q) or broadcast to it."""

    depth: Tensor
    slot: Tensor
    u: Tensor
    v: Tensor
    light: Tensor

    def behind(self, other: Spot, hidden: Tensor) -> Spot:
        """The other one where this one is `hidden`, ray by ray."""
        return Spot(
            torch.where(hidden, other.depth, self.depth),
            torch.where(hidden, other.slot, self.slot),
            torch.where(hidden, other.u, self.u),
            torch.where(hidden, other.v, self.v),
            torch.where(hidden, other.light, self.light),
        )


@dataclass(frozen=True, eq=False)
class Painter:
    """Colours what rays meet; `slots` holds each body's first texture."""

    bodies: Bodies
    look: Look
    lit: Lit
    slots: list[int]

    @classmethod
    def at(cls, scene: Scene, look: Look, time: Tensor) -> Painter:
        """A painter of the instants `time` (B, n)."""
        stage, kinds = scene.at(time), scene.cast.kinds
        slots = [sum(kind.textures for kind in kinds[:body]) for body in range(len(kinds))]
        return cls(Bodies(scene, stage), look, look.lighting.at(time, stage), slots)

    def paint(self, x: Tensor, y: Tensor, dither: Tensor) -> tuple[Tensor, Tensor]:
        """The colour (B, 3, n P, Q) and the depth (B, n, P, Q) of what the rays of pixels x, y see."""
        spot = self.nearest(x, y)
        light = spot.light * self.lit.shadow(x, y, spot.depth)
        seen = self.albedo(spot, dither) * light.flatten(1, 2)[:, None]
        return self.lit.hazed(seen, spot.depth.flatten(1, 2)), spot.depth

    def nearest(self, x: Tensor, y: Tensor) -> Spot:
        """What the rays of pixels x, y see."""
        meetings = enumerate(self.bodies.meet(x, y))
        nearest = self._spot(*next(meetings))
        for body, meeting in meetings:
            hidden = meeting.hit & (meeting.depth < nearest.depth)
            nearest = nearest.behind(self._spot(body, meeting), hidden)
        return nearest

    def albedo(self, spot: Spot, dither: Tensor) -> Tensor:
        """The textures' colour (B, 3, n P, Q); `dither` of 0..1 is added to the level of detail, to blend levels."""
        texels = self.look.texels.gather(1, spot.slot.flatten(1).long()).view_as(spot.depth)
        covered = (texels * spot.depth / self.bodies.stage.focal[..., None, None]).clamp(1.0, 64.0)
        level = covered.log2_().add_(dither).floor_()
        return self.look.atlas.read(*(a.flatten(1, 2) for a in (spot.slot, spot.u, spot.v, level)))

    def _spot(self, body: int, meeting: Meeting) -> Spot:
        """Tiles of a card's texture, or of that on a solid's side: the two coordinates beside the largest one."""
        kind = self.bodies.scene.cast.kinds[body]
        slot = meeting.depth.new_full((), self.slots[body])
        if kind is Kind.CARD:
            u, v = (self.look.tiled(body, axis, c) for axis, c in enumerate((meeting.p, meeting.q)))
            return Spot(meeting.depth, slot, u, v, self.lit.on_card(body))
        p, q, r = (self.look.tiled(body, axis, c) for axis, c in enumerate((meeting.p, meeting.q, meeting.r)))
        u, v = torch.where(meeting.on_p, q, p), torch.where(meeting.on_r, q, r)
        if kind is Kind.ELLIPSOID:
            return Spot(meeting.depth, slot, u, v, self.lit.on_ellipsoid(body, meeting))
        light = self.lit.on_box(body, meeting) if kind is Kind.BOX else self.lit.on_room(body, meeting)
        sided = slot + torch.where(meeting.on_p, 0.0, torch.where(meeting.on_r, 2.0, 1.0))
        return Spot(meeting.depth, sided, u, v, light)


@dataclass(frozen=True, eq=False)
class Glance:
    """One ray per pixel: x (W,) and y (H, 1), px from the picture's centre; time (B, T) in spans; dither (), 0..1."""

    x: Tensor
    y: Tensor
    time: Tensor
    dither: Tensor


def look_at(scene: Scene, look: Look, glance: Glance) -> tuple[Tensor, Tensor]:
    """The colour (B, 3, T H, W) and the depth (B, T, H, W) of what the rays of a glance see."""
    return Painter.at(scene, look, glance.time).paint(glance.x, glance.y, glance.dither)


Looking = Callable[[Scene, Look, Glance], tuple[Tensor, Tensor]]


def render(scene: Scene, look: Look, film: Film, exposure: Exposure, looking: Looking = look_at) -> Photograph:
    """The average of several glances per pixel."""
    time, shutter = exposure.time, exposure.shutter[:, None]
    x = torch.arange(film.width, device=time.device) + (0.5 - 0.5 * film.width)
    y = (torch.arange(film.height, device=time.device) + (0.5 - 0.5 * film.height))[:, None]
    (batch, frames), rays = time.shape, len(film.rays)
    colour = time.new_zeros(batch, 3, frames * film.height, film.width)
    nearness = time.new_zeros(batch, frames, film.height, film.width)
    for number, (right, down, late) in enumerate(film.rays):
        dither = time.new_full((), (number + 0.5) / rays)
        seen, depth = looking(scene, look, Glance(x + right, y + down, time + late * shutter, dither))
        colour += seen
        nearness += 1.0 / depth
    colour = (colour / rays).view(batch, 3, frames, film.height, film.width)
    return Photograph(colour.transpose(1, 2), nearness / rays)
