# SPDX-License-Identifier: Apache-2.0
"""Points on the bodies of a scene: chosen where they are seen, followed exactly, tested for what hides them."""

from __future__ import annotations

from dataclasses import dataclass, fields

import torch
from torch import Tensor

from cotrack.training.shots.draw import Draw
from cotrack.training.shots.matrices import applied
from cotrack.training.shots.scene import Scene, Stage
from cotrack.training.shots.surfaces import NEAREST, Bodies, Meeting, bend

_CANDIDATES = 4
_FOREGROUND_FAVOUR = 4.0
_UNBEND_STEPS = 16
_SAME_DEPTH = 2e-3


@dataclass(frozen=True, eq=False)
class Points:
    """body: (B, N) which one each point is on. material: (B, N, 3), where on it."""

    body: Tensor
    material: Tensor


@dataclass(frozen=True, eq=False)
class Sightings:
    """xy: (B, N, T, 2), px from the picture's centre. depth: (B, N, T), the camera's z."""

    xy: Tensor
    depth: Tensor


def choose_points(draw: Draw, scene: Scene, time: Tensor, size: tuple[int, int], count: int) -> Points:
    """`count` points per scene, each seen in the picture of `size` (height, width) at one of the instants (B, T).

    Bodies before the room are favoured, since the trade tracks things, not walls.
    """
    batch, wanted = time.shape[0], count * _CANDIDATES
    when = time.gather(1, draw.whole(time.shape[1], batch, wanted))
    x = draw.uniform(-0.5, 0.5, batch, wanted, 1, 1) * size[1]
    y = draw.uniform(-0.5, 0.5, batch, wanted, 1, 1) * size[0]
    body, meeting = nearest(Bodies(scene, scene.at(when)), x, y)
    body, material = body[..., 0, 0], torch.stack([meeting.p, meeting.q, meeting.r], -1)[:, :, 0, 0]
    favour = 1.0 + (_FOREGROUND_FAVOUR - 1.0) * (body > 0)
    lots = draw.uniform(1e-6, 1.0, batch, wanted).log() / favour
    chosen = lots.topk(count, dim=1).indices
    return Points(body.gather(1, chosen), material.gather(1, chosen[..., None].expand(-1, -1, 3)))


def follow(points: Points, scene: Scene, stage: Stage) -> Sightings:
    """Where the points are at the stage's instants."""
    place = _unbend(points, scene, stage)
    far = stage.offset.shape[2]
    body = points.body[..., None, None].expand(-1, -1, far, 3)
    matrix = stage.matrix.gather(1, body[..., None].expand(-1, -1, -1, -1, 3))
    at = applied(matrix, place) + stage.offset.gather(1, body)
    depth = at[..., 2]
    return Sightings(stage.focal[:, None, :, None] * at[..., :2] / depth.clamp_min(NEAREST)[..., None], depth)


def is_seen(points: Points, sightings: Sightings, bodies: Bodies) -> Tensor:
    """Whether nothing is nearer on the ray to each point, (B, N, T) bool: other bodies or its own front."""
    x, y = (a.mT[:, :, None] for a in sightings.xy.unbind(-1))
    body, meeting = nearest(bodies, x, y)
    body, depth = body[:, :, 0].mT, meeting.depth[:, :, 0].mT
    return (body == points.body[..., None]) & ((depth - sightings.depth).abs() < _SAME_DEPTH * sightings.depth)


def nearest(bodies: Bodies, x: Tensor, y: Tensor) -> tuple[Tensor, Meeting]:
    """Which body each ray meets first (B, n, P, Q), and where."""
    meetings = iter(bodies.meet(x, y))
    best = next(meetings)
    body = torch.zeros_like(best.depth, dtype=torch.int64)
    for number, meeting in enumerate(meetings, start=1):
        closer = meeting.hit & (meeting.depth < best.depth)
        body = torch.where(closer, number, body)
        names = [field.name for field in fields(Meeting)]
        best = Meeting(*(torch.where(closer, getattr(meeting, name), getattr(best, name)) for name in names))
    return body, best


def _unbend(points: Points, scene: Scene, stage: Stage) -> Tensor:
    """From the points' material to their places in the body's coordinates, (B, N, T, 3), by fixed-point iteration."""
    card = (points.body - 1).clamp(0, scene.cast.cards - 1)
    on_card = (points.body >= 1) & (points.body <= scene.cast.cards)
    across, length = (
        a.gather(1, card[..., None, None].expand(-1, -1, *a.shape[2:]))[:, :, None]
        for a in (scene.waves.across, scene.waves.length)
    )
    length = length * on_card[..., None, None, None]
    phase = stage.phase.gather(1, card[..., None, None].expand(-1, -1, *stage.phase.shape[2:]))
    material_u, material_v = (points.material[..., i, None].expand(*phase.shape[:-1]) for i in (0, 1))
    u, v = material_u, material_v
    for _ in range(_UNBEND_STEPS):
        p, q = bend(u, v, across, length, phase)
        u, v = u + material_u - p, v + material_v - q
    return torch.stack([u, v, points.material[..., 2, None].expand_as(u)], -1)
