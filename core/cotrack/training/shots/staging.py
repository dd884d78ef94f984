# SPDX-License-Identifier: Apache-2.0
"""Random scenes: which bodies stand where, and how they and the camera move."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from cotrack.training.shots.draw import Draw
from cotrack.training.shots.paths import Path, draw_path
from cotrack.training.shots.scene import Cast, Kind, Scene, Waves
from cotrack.training.shots.settings import ShotSettings
from cotrack.training.shots.textures import TextureBank

_GROUPS = 3
_WAVES = 3
_BEND = 0.35


def draw_scene(draw: Draw, settings: ShotSettings, textures: TextureBank, batch: int) -> Scene:
    """`batch` scenes with the bodies and the motion that `settings` allow."""
    cast = Cast(settings.cards + settings.lattices, settings.ellipsoids, settings.boxes)
    bodies = len(cast.kinds)
    half_view = draw.uniform(0.22, 0.62, batch).tan()
    depth = draw.log_uniform(2.5, 10.0, batch, bodies)
    ahead = torch.cat(
        [draw.uniform(-1.1, 1.1, batch, bodies, 2) * half_view[:, None, None], depth.new_ones(batch, bodies, 1)], -1
    )
    place = depth[..., None] * ahead
    apparent = draw.log_uniform(0.15, 0.8, batch, bodies) * half_view[:, None] * depth
    size = apparent[..., None] * draw.log_uniform(0.55, 1.6, batch, bodies, 3)
    solid = torch.tensor([kind in (Kind.ELLIPSOID, Kind.BOX) for kind in cast.kinds], device=draw.device)
    flat = torch.tensor([kind is Kind.CARD for kind in cast.kinds], device=draw.device)
    size = torch.where(solid[:, None], 0.6 * size, size)
    size[..., 2] = torch.where(flat, torch.ones_like(depth), size[..., 2])
    facing = draw.normal(batch, bodies, 3) * torch.where(solid, 1.5, 0.4)[:, None]
    place[:, 0] = torch.stack([draw.uniform(-3, 3, batch), draw.uniform(-1, 1, batch), draw.uniform(2, 8, batch)], -1)
    size[:, 0] = torch.stack([draw.uniform(9, 22, batch), draw.uniform(4, 12, batch), draw.uniform(12, 30, batch)], -1)
    facing[:, 0] = draw.normal(batch, 3) * torch.tensor([0.08, 0.25, 0.05], device=draw.device)
    pace = settings.motion * draw.log_uniform(0.03, 1.0, batch, bodies, 1) * (flat | solid)[:, None]
    hand = settings.motion * draw.log_uniform(0.02, 0.4, batch, 1, 1)
    travel = settings.parallax * draw.log_uniform(0.03, 1.2, batch, 1, 1)
    present = draw.chance(0.75, batch, bodies)
    present[:, 0] = True
    return Scene(
        cast=cast,
        focal=0.5 * settings.width / half_view,
        zoom=draw_path(draw, batch, 1, 1).scaled(0.3 * hand),
        turn=draw_path(draw, batch, 1, 3).scaled(hand * torch.tensor([0.7, 1.0, 0.4], device=draw.device)),
        travel=draw_path(draw, batch, 1, 3).scaled(travel),
        place=place,
        facing=facing,
        size=size,
        moves=draw_path(draw, batch, bodies, 3).scaled(pace),
        turns=draw_path(draw, batch, bodies, 3).scaled(pace),
        stretches=draw_path(draw, batch, bodies, 3, drift=0.0).scaled(
            0.2 * settings.deformation * pace * solid[:, None]
        ),
        group=draw.whole(_GROUPS, batch, bodies) * (flat | solid),
        pivot=torch.zeros(batch, _GROUPS, 3, device=draw.device),
        group_moves=draw_path(draw, batch, _GROUPS, 3).scaled(0.0),
        group_turns=draw_path(draw, batch, _GROUPS, 3).scaled(0.0),
        waves=_draw_waves(draw, batch, cast.cards, settings.deformation),
        mattes=_draw_mattes(draw, settings, batch, textures),
        present=present,
    )


def _draw_waves(draw: Draw, batch: int, cards: int, deformation: float) -> Waves:
    """Sum of length * 2 pi * frequency stays below _BEND, which makes the warp invertible."""
    frequency = draw.log_uniform(0.15, 0.9, batch, cards, _WAVES)
    heading = draw.uniform(0.0, 2.0 * math.pi, batch, cards, _WAVES)
    along = draw.uniform(0.0, 2.0 * math.pi, batch, cards, _WAVES)
    strength = deformation * draw.uniform(0.0, _BEND / _WAVES, batch, cards, _WAVES) * draw.chance(0.6, batch, cards, 1)
    length = strength / (2.0 * math.pi * frequency)
    across = frequency[..., None] * torch.stack([heading.cos(), heading.sin()], -1)
    return Waves(across, length[..., None] * torch.stack([along.cos(), along.sin()], -1), _phases(draw, batch, cards))


def _phases(draw: Draw, batch: int, cards: int) -> Path:
    return draw_path(draw, batch, cards, _WAVES).scaled(0.5)


def _draw_mattes(draw: Draw, settings: ShotSettings, batch: int, textures: TextureBank) -> Tensor:
    """The cards' outlines (B, C, S, S): any of `shapes`, and any of `lattices` for the last cards."""
    shapes, lattices = textures.shapes, textures.lattices
    solid = shapes[draw.whole(shapes.shape[0], batch, settings.cards)]
    pierced = lattices[draw.whole(lattices.shape[0], batch, settings.lattices)]
    return torch.cat([solid, pierced], 1)
