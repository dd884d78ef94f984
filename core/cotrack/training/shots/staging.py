# SPDX-License-Identifier: Apache-2.0
"""Random scenes: which bodies stand where, and what they look like from outside."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from cotrack.training.shots import camera
from cotrack.training.shots.draw import Draw, constant
from cotrack.training.shots.paths import Path, draw_path
from cotrack.training.shots.scene import Cast, Scene, Waves
from cotrack.training.shots.settings import ShotSettings
from cotrack.training.shots.textures import TextureBank

GROUPS = 3
_WAVES = 2
_STEEPEST_WAVES = 0.4
_LEFT_OUT = 0.2
_OUT_OF_SIGHT = 1e4
_RIDING = 0.55


@dataclass(frozen=True, eq=False)
class Layout:
    """Where bodies stand at rest: place, facing, size (B, K, 3); group (B, K); pivot (B, G, 3); pace (B, K, 1)."""

    place: Tensor
    facing: Tensor
    size: Tensor
    group: Tensor
    pivot: Tensor
    pace: Tensor


@dataclass(frozen=True, eq=False)
class Roles:
    """Which of the K bodies are what, each (K,) bool."""

    card: Tensor
    solid: Tensor
    lattice: Tensor
    passing: Tensor

    @classmethod
    def of(cls, cast: Cast, lattices: int, device: torch.device) -> Roles:
        """The first card and the first lattice may pass before all others."""
        number = torch.arange(len(cast.kinds), device=device)
        card = (number >= 1) & (number <= cast.cards)
        lattice = card & (number > cast.cards - lattices)
        first = (number == 1) | (number == cast.cards - lattices + 1)
        return cls(card, number > cast.cards, lattice, card & first)


def draw_scene(draw: Draw, settings: ShotSettings, textures: TextureBank, batch: int) -> Scene:
    """`batch` scenes with the bodies and the motion that `settings` allow."""
    cast = Cast(settings.cards + settings.lattices, settings.ellipsoids, settings.boxes)
    bodies = len(cast.kinds)
    roles = Roles.of(cast, settings.lattices, draw.device)
    half_view = draw.uniform(0.2, 0.6, batch, 1).tan()
    view = half_view[..., None] * constant(draw.device, 1.0, settings.height / settings.width)
    passing = roles.passing & draw.chance(settings.occlusion, batch, bodies)
    layout = _with_room(draw, _layout(draw, roles, view, passing))
    left_out = draw.chance(_LEFT_OUT, batch, bodies) & (roles.card | roles.solid) & ~passing
    pace = settings.motion * layout.pace
    turning = torch.where(roles.solid[:, None], 1.2, 0.35) * pace
    turning = turning * draw.log_uniform(0.3, 3.0, batch, bodies, 1)
    riders = settings.motion * draw.log_uniform(0.05, 1.0, batch, GROUPS, 1)
    riders[:, 0].zero_()
    flexing = 0.15 * settings.deformation * (roles.solid[:, None] & draw.chance(0.4, batch, bodies, 1))
    return Scene(
        cast=cast,
        focal=0.5 * settings.width / half_view[:, 0],
        zoom=camera.draw_zoom(draw, settings, batch),
        turn=camera.draw_turn(draw, settings, half_view),
        travel=camera.draw_travel(draw, settings, batch),
        place=torch.where(left_out[..., None], constant(draw.device, 0.0, 0.0, -_OUT_OF_SIGHT), layout.place),
        facing=layout.facing,
        size=layout.size,
        moves=draw_path(draw, batch, bodies, 3).scaled(pace),
        turns=draw_path(draw, batch, bodies, 3).scaled(turning),
        stretches=draw_path(draw, batch, bodies, 3, drift=0.0).scaled(flexing),
        group=layout.group,
        pivot=layout.pivot,
        group_moves=draw_path(draw, batch, GROUPS, 3).scaled(riders),
        group_turns=draw_path(draw, batch, GROUPS, 3).scaled(0.5 * riders),
        waves=_draw_waves(draw, batch, cast.cards, settings.deformation),
        mattes=_draw_mattes(draw, settings, batch, textures),
    )


def _layout(draw: Draw, roles: Roles, view: Tensor, passing: Tensor) -> Layout:
    """Bodies by depth and by how large they look; some in clusters around a pivot, where they move together.

    view: (B, 1, 2), tangents of half the field of view, across and down.
    """
    batch, bodies = view.shape[0], roles.card.shape[0]
    pivot = _before_camera(draw, view, draw.log_uniform(2.5, 7.0, batch, GROUPS), 0.7)
    depth = torch.where(passing, draw.uniform(0.9, 2.0, batch, bodies), draw.log_uniform(2.2, 11.0, batch, bodies))
    group = draw.whole(GROUPS - 1, batch, bodies) + 1
    group = group * (draw.chance(_RIDING, batch, bodies) & (roles.card | roles.solid) & ~passing)
    riding = (group > 0)[..., None]
    centre = pivot.gather(1, group[..., None].expand(-1, -1, 3))
    depth = torch.where(riding[..., 0], centre[..., 2], depth)
    looks = draw.log_uniform(0.15, 0.85, batch, bodies)
    looks = torch.where(passing, draw.log_uniform(0.35, 1.0, batch, bodies), looks)
    looks = torch.where(roles.lattice, draw.log_uniform(0.4, 1.6, batch, bodies), looks)
    looks = looks * torch.where(roles.solid, 0.65, 1.0)
    size = (looks * view.mean(-1) * depth)[..., None] * draw.log_uniform(0.6, 1.6, batch, bodies, 3)
    near = centre + 0.9 * draw.normal(batch, bodies, 3) * size.mean(-1, keepdim=True)
    place = torch.where(riding, near, _before_camera(draw, view, depth, 1.1))
    size = torch.cat([size[..., :2], torch.where(roles.card[:, None], 1.0, size[..., 2:])], -1)
    facing = draw.normal(batch, bodies, 3) * torch.where(roles.solid, 1.5, 0.45)[:, None]
    pace = draw.log_uniform(0.03, 1.2, batch, bodies, 1) * torch.where(riding, 0.15, 1.0)
    pace = torch.where(passing[..., None], draw.uniform(0.2, 1.0, batch, bodies, 1), pace)
    still = draw.chance(0.25, batch, bodies, 1) & ~passing[..., None]
    return Layout(place, facing, size, group, pivot, pace * ~still)


def _before_camera(draw: Draw, view: Tensor, depth: Tensor, reach: float) -> Tensor:
    """Places (B, K, 3) at these depths, up to `reach` times as far aside as the picture's edge."""
    aside = draw.uniform(-reach, reach, *depth.shape, 2) * view * depth[..., None]
    return torch.cat([aside, depth[..., None]], -1)


def _with_room(draw: Draw, layout: Layout) -> Layout:
    """The room takes the first body's place: wide or narrow, the camera inside it, in nobody's group, at rest."""
    batch = layout.place.shape[0]
    large = draw.log_uniform(0.8, 2.0, batch, 1)
    half = torch.stack([draw.uniform(7, 20, batch), draw.uniform(4, 12, batch), draw.uniform(9, 20, batch)], -1) * large
    middle = torch.stack(
        [draw.uniform(-0.4, 0.4, batch), draw.uniform(-0.4, 0.4, batch), draw.uniform(0.1, 0.7, batch)], -1
    )
    layout.place[:, 0], layout.size[:, 0] = middle * half, half
    layout.facing[:, 0] = draw.normal(batch, 3) * constant(draw.device, 0.08, 0.3, 0.05)
    layout.group[:, 0].zero_()
    layout.pace[:, 0].zero_()
    return layout


def _draw_waves(draw: Draw, batch: int, cards: int, deformation: float) -> Waves:
    """The slopes of all waves together stay below _STEEPEST_WAVES, which makes the warp invertible."""
    frequency = draw.log_uniform(0.15, 0.9, batch, cards, _WAVES)
    heading = draw.uniform(0.0, 2.0 * math.pi, batch, cards, _WAVES)
    along = draw.uniform(0.0, 2.0 * math.pi, batch, cards, _WAVES)
    bending = min(deformation, 1.0) * draw.chance(0.6, batch, cards, 1)
    slope = bending * draw.uniform(0.2, 1.0, batch, cards, _WAVES) * _STEEPEST_WAVES / _WAVES
    length = slope / (2.0 * math.pi * frequency)
    across = frequency[..., None] * torch.stack([heading.cos(), heading.sin()], -1)
    return Waves(across, length[..., None] * torch.stack([along.cos(), along.sin()], -1), _phases(draw, batch, cards))


def _phases(draw: Draw, batch: int, cards: int) -> Path:
    return draw_path(draw, batch, cards, _WAVES).scaled(draw.log_uniform(0.2, 1.5, batch, cards, 1))


def _draw_mattes(draw: Draw, settings: ShotSettings, batch: int, textures: TextureBank) -> Tensor:
    """The cards' outlines (B, C, S, S): any of the closed shapes, and any of the lattices for the last cards."""
    shapes, lattices = textures.shapes, textures.lattices
    solid = shapes[draw.whole(shapes.shape[0], batch, settings.cards)]
    pierced = lattices[draw.whole(lattices.shape[0], batch, settings.lattices)]
    return torch.cat([solid, pierced], 1)
