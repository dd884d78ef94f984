# SPDX-License-Identifier: Apache-2.0
"""Light that falls on the bodies: a lamp that moves, shadows cast by things out of the picture, and haze.

None of it moves with the surfaces, as in a real shot; it is what a tracker has to look through.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from cotrack.training.shots.draw import Draw, constant
from cotrack.training.shots.matrices import applied, product, rotation
from cotrack.training.shots.paths import Path, draw_path
from cotrack.training.shots.scene import Stage
from cotrack.training.shots.surfaces import Meeting

_SHADOWED = 0.6
_HAZY = 0.25
_GLOSS_POWER = 12.0


@dataclass(frozen=True, eq=False)
class Lighting:
    """lamp: (B, 3) towards the light, in the world; swing: its rotation vector's path (B, 1, 3).

    diffuse: (B, 1, 1, 1), how much of the light is the lamp's. gloss: (B, K). cookie: (B, 1, S, S), what stands before
    the lamp; its projection (B, 2, 3) from the world and drift (B, 1, 2); shade: (B, 1, 1, 1), its darkness.
    haze: (B, 3, 1, 1) colour and (B, 1, 1) density.
    """

    lamp: Tensor
    swing: Path
    diffuse: Tensor
    gloss: Tensor
    cookie: Tensor
    projection: Tensor
    drift: Path
    shade: Tensor
    haze: Tensor
    density: Tensor

    def at(self, time: Tensor, stage: Stage) -> Lit:
        """The light at the stage's instants `time` (B, n)."""
        lamp = applied(rotation(self.swing.at(time))[:, 0], self.lamp[:, None])
        towards = applied(stage.camera.mT, lamp)[:, None]
        return Lit(
            self,
            lamp=applied(stage.facing.mT, towards),
            rows=product(self.projection[:, None], stage.camera),
            start=applied(self.projection[:, None], stage.standpoint) + self.drift.at(time)[:, 0],
            inverse_focal=1.0 / stage.focal,
        )


@dataclass(frozen=True, eq=False)
class Lit:
    """A lighting at n instants.

    lamp: (B, K, n, 3), towards the light in each body's turned coordinates. rows: (B, n, 2, 3) and start: (B, n, 2)
    take the camera's coordinates to the cookie's. inverse_focal: (B, n) per px.
    """

    lighting: Lighting
    lamp: Tensor
    rows: Tensor
    start: Tensor
    inverse_focal: Tensor

    def on_card(self, body: int) -> Tensor:
        """The light that a card sends back, (B, n, 1, 1); both of its sides do."""
        return self._reflected(self._towards(body)[2].abs())

    def on_ellipsoid(self, body: int, meeting: Meeting) -> Tensor:
        """The light (B, n, P, Q) that an ellipsoid sends back, with a highlight that stays with the lamp."""
        x, y, z = self._towards(body)
        facing = torch.addcmul(torch.addcmul(x * meeting.p, y, meeting.q), z, meeting.r).clamp_min_(0.0)
        shine = self.lighting.gloss[:, body, None, None, None]
        return torch.addcmul(self._reflected(facing), shine, facing.pow(_GLOSS_POWER))

    def on_box(self, body: int, meeting: Meeting) -> Tensor:
        """The light (B, n, P, Q) that a box's sides send back."""
        x, y, z = (a * c for a, c in zip(self._towards(body), (meeting.p, meeting.q, meeting.r), strict=True))
        return self._reflected(torch.where(meeting.on_p, x, torch.where(meeting.on_r, z, y)).clamp_min_(0.0))

    def on_room(self, body: int, meeting: Meeting) -> Tensor:
        """The light (B, n, P, Q) that a room's walls send back, from wherever it comes."""
        x, y, z = (self._reflected(a.abs()) for a in self._towards(body))
        return torch.where(meeting.on_p, x, torch.where(meeting.on_r, z, y))

    def _towards(self, body: int) -> tuple[Tensor, ...]:
        return self.lamp[:, body, :, :, None, None].unbind(2)

    def _reflected(self, facing: Tensor) -> Tensor:
        return torch.addcmul(1.0 - self.lighting.diffuse, 1.6 * self.lighting.diffuse, facing)

    def shadow(self, x: Tensor, y: Tensor, depth: Tensor) -> Tensor:
        """The share of light (B, n, P, Q) that the cookie lets through to what is seen at pixels x, y."""
        across, down = x * self.inverse_focal[..., None, None], y * self.inverse_focal[..., None, None]
        u, v = (
            depth * (row[..., 0] * across + (row[..., 1] * down + row[..., 2])) + start
            for row, start in zip(
                self.rows[..., None, None, :].unbind(2), self.start[..., None, None].unbind(2), strict=True
            )
        )
        grid = torch.stack([_folded(u), _folded(v)], -1).flatten(1, 2)
        cover = F.grid_sample(self.lighting.cookie, grid, align_corners=False)[:, 0].view_as(depth)
        return 1.0 - self.lighting.shade * cover

    def hazed(self, colour: Tensor, depth: Tensor) -> Tensor:
        """Colours (B, 3, P, Q) seen through the haze of this depth (B, P, Q)."""
        clear = torch.exp(-self.lighting.density * depth)[:, None]
        return torch.lerp(self.lighting.haze, colour, clear)


def draw_lighting(draw: Draw, shapes: Tensor, share: float, batch: int, bodies: int) -> Lighting:
    """Lighting for `batch` scenes, `share` of which have a lamp, shadows or haze; `shapes` (Q, S, S) cast shadows."""
    lamp = F.normalize(
        draw.normal(batch, 3) * constant(draw.device, 1.0, 0.6, 0.6) + constant(draw.device, 0.0, -0.7, -0.6),
        dim=-1,
    )
    aside = F.normalize(torch.linalg.cross(lamp, F.normalize(draw.normal(batch, 3), dim=-1)), dim=-1)
    wide = draw.log_uniform(0.1, 0.6, batch, 1, 1)
    cookie = shapes[draw.whole(shapes.shape[0], batch)][:, None]
    soft = F.avg_pool2d(cookie, 9, stride=2, padding=4, count_include_pad=False)
    lit = draw.chance(share, batch, 1, 1, 1)
    return Lighting(
        lamp=lamp,
        swing=draw_path(draw, batch, 1, 3).scaled(draw.log_uniform(0.02, 1.0, batch, 1, 1)),
        diffuse=lit * draw.uniform(0.2, 0.8, batch, 1, 1, 1),
        gloss=lit[:, :, 0, 0] * draw.uniform(0.0, 3.0, batch, bodies) * draw.chance(0.4, batch, bodies),
        cookie=soft,
        projection=wide * torch.stack([aside, torch.linalg.cross(lamp, aside)], 1),
        drift=draw_path(draw, batch, 1, 2).scaled(draw.log_uniform(0.05, 1.0, batch, 1, 1)),
        shade=lit * draw.uniform(0.2, 0.75, batch, 1, 1, 1) * draw.chance(_SHADOWED, batch, 1, 1, 1),
        haze=draw.uniform(0.1, 0.6, batch, 1, 1, 1) + draw.uniform(-0.08, 0.08, batch, 3, 1, 1),
        density=(lit * draw.log_uniform(0.01, 0.12, batch, 1, 1, 1) * draw.chance(_HAZY, batch, 1, 1, 1))[:, 0],
    )


def _folded(place: Tensor) -> Tensor:
    """Any number to -1..1, back and forth."""
    return 2.0 * (place - 2.0 * (0.5 * place).round()).abs() - 1.0
