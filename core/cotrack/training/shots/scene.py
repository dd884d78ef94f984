# SPDX-License-Identifier: Apache-2.0
"""What stands before the camera, and where everything is at an instant.

The world is the camera's frame in the middle of the shot: x right, y down, z ahead. Each body has local coordinates in
which it is simple: a card is the square [-1, 1]^2 at z = 0, an ellipsoid the unit sphere, a box and the room the cube
[-1, 1]^3. Bodies are ordered: the room, the cards (lattices last), the ellipsoids, the boxes.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import torch
from torch import Tensor

from cotrack.training.shots.matrices import applied, product, rotation
from cotrack.training.shots.paths import Path


class Kind(Enum):
    """What a body is; its value is how many textures it wears."""

    ROOM = ("room", 3)
    CARD = ("card", 1)
    ELLIPSOID = ("ellipsoid", 1)
    BOX = ("box", 3)

    @property
    def textures(self) -> int:
        """One, or one for each pair of sides."""
        return self.value[1]


@dataclass(frozen=True)
class Cast:
    """How many bodies of each kind the scene has; cards include the lattices, which are the last of them."""

    cards: int
    ellipsoids: int
    boxes: int

    @property
    def kinds(self) -> list[Kind]:
        """The kind of each body."""
        kinds = [Kind.CARD] * self.cards + [Kind.ELLIPSOID] * self.ellipsoids + [Kind.BOX] * self.boxes
        return [Kind.ROOM, *kinds]

    @property
    def textures(self) -> int:
        """How many textures all bodies wear together."""
        return sum(kind.textures for kind in self.kinds)


@dataclass(frozen=True, eq=False)
class Waves:
    """The free-form warp of the cards: material = place + sum of length * sin(2 pi (across . place + phase)).

    across: (B, C, J, 2). length: (B, C, J, 2), in local units. phase: a path (B, C, J). Lengths are kept so short that
    the warp is a contraction away from the identity, so that it has exactly one inverse.
    """

    across: Tensor
    length: Tensor
    phase: Path


@dataclass(frozen=True, eq=False)
class Scene:
    """B scenes of K bodies in groups.

    focal: (B,) px at rest; zoom: path (B, 1, 1) of its logarithm. turn, travel: the camera's rotation vector and place.
    place, facing, size: (B, K, 3) at rest; moves, turns, stretches: their paths. group: (B, K) which of the G groups a
    body rides on; pivot: (B, G, 3), group_moves, group_turns: (B, G, 3) paths. mattes: (B, C, R, R), outlines of cards,
    1 inside and 0 outside.
    """

    cast: Cast
    focal: Tensor
    zoom: Path
    turn: Path
    travel: Path
    place: Tensor
    facing: Tensor
    size: Tensor
    moves: Path
    turns: Path
    stretches: Path
    group: Tensor
    pivot: Tensor
    group_moves: Path
    group_turns: Path
    waves: Waves
    mattes: Tensor

    def at(self, time: Tensor) -> Stage:
        """Where everything is at `time` (B, n), in spans."""
        camera = rotation(self.turn.at(time))
        riding = self.group[..., None, None].expand(-1, -1, time.shape[1], 3)
        carried = rotation(self.group_turns.at(time).gather(1, riding))
        pivot = self.pivot.gather(1, riding[:, :, 0])[:, :, None]
        place = self.place[:, :, None] + self.moves.at(time) - pivot
        place = pivot + self.group_moves.at(time).gather(1, riding) + applied(carried, place)
        facing = product(product(carried, rotation(self.turns.at(time))), rotation(self.facing)[:, :, None])
        size = self.size[:, :, None] * self.stretches.at(time).exp()
        seen = product(camera.mT, facing)
        return Stage(
            focal=self.focal[:, None] * self.zoom.at(time)[:, 0, :, 0].exp(),
            matrix=seen * size[..., None, :],
            offset=applied(camera.mT, place - self.travel.at(time)),
            inverse=seen.mT / size[..., None],
            facing=seen,
            camera=camera[:, 0],
            standpoint=self.travel.at(time)[:, 0],
            phase=self.waves.phase.at(time),
        )


@dataclass(frozen=True, eq=False)
class Stage:
    """A scene at n instants: camera = matrix local + offset, for each of K bodies.

    focal: (B, n) px. matrix, inverse, facing (matrix without its lengths): (B, K, n, 3, 3). offset: (B, K, n, 3).
    camera: (B, n, 3, 3) and standpoint: (B, n, 3) take the camera's coordinates to the world's. phase: (B, C, n, J).
    """

    focal: Tensor
    matrix: Tensor
    offset: Tensor
    inverse: Tensor
    facing: Tensor
    camera: Tensor
    standpoint: Tensor
    phase: Tensor

    def rays(self, body: int) -> tuple[Tensor, Tensor]:
        """A (B, n, 3, 3) and o (B, n, 3): the ray of a pixel is o + depth * A (x, y, 1) in the body's coordinates.

        x, y are px from the picture's centre.
        """
        inverse = self.inverse[:, body]
        start = -applied(inverse, self.offset[:, body])
        inch = torch.stack([1.0 / self.focal, 1.0 / self.focal, torch.ones_like(self.focal)], -1)
        return inverse * inch[..., None, :], start
