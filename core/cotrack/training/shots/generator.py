# SPDX-License-Identifier: Apache-2.0
"""Training shots by seed: pictures, exact tracks, and what hides them."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from cotrack.training.shots.draw import Draw, constant
from cotrack.training.shots.dressing import draw_look
from cotrack.training.shots.finish import finish
from cotrack.training.shots.paths import FRAMES_PER_SPAN
from cotrack.training.shots.points import choose_points, follow, is_seen
from cotrack.training.shots.render import Exposure, Film, look_at, render
from cotrack.training.shots.settings import ShotSettings
from cotrack.training.shots.staging import draw_scene
from cotrack.training.shots.surfaces import NEAREST, Bodies
from cotrack.training.shots.textures import TextureBank

_KNOWN = 4.0


@dataclass(frozen=True, eq=False)
class ShotBatch:
    """B shots of T frames with N points each, on the generator's device.

    video: (B, T, 3, H, W) float32, display-referred, 0..1. xy: (B, N, T, 2) float32, raster px of the video (the first
    pixel's centre is 0.5, 0.5), at the shutter's centre. visible: (B, N, T) bool, whether the point is in the picture
    and nothing is before it. valid: (B, N, T) bool, whether xy is known: in the picture and around
    it, but neither behind the camera nor so close to it that the point is many pictures away.
    Every point is visible in at least one frame.
    """

    video: Tensor
    xy: Tensor
    visible: Tensor
    valid: Tensor


class ShotGenerator:
    """Makes shots of one kind; the same seed gives the same batch on the same kind of device.

    compiled: fuse the arithmetic of a ray with torch.compile. The first batch then takes minutes and the others a
    fraction of the time; pictures differ by rounding.
    """

    def __init__(
        self, settings: ShotSettings, textures: TextureBank, device: torch.device | str, *, compiled: bool = False
    ) -> None:
        self.settings = settings
        self._textures = textures
        self._device = torch.device(device)
        self._film = Film.with_rays(settings.height, settings.width, settings.samples)
        self._looking = torch.compile(look_at, fullgraph=True, dynamic=False) if compiled else look_at
        frames = torch.arange(settings.frames, device=self._device)
        self._time = (frames - 0.5 * (settings.frames - 1)) / FRAMES_PER_SPAN

    @torch.no_grad()
    def make(self, seed: int, batch: int) -> ShotBatch:
        """`batch` shots; nothing in here waits for the device. Autocast does not reach it: tracks need all digits."""
        with torch.autocast(self._device.type, enabled=False):
            return self._made(Draw(seed, self._device), batch)

    def _made(self, draw: Draw, batch: int) -> ShotBatch:
        settings = self.settings
        scene = draw_scene(draw, settings, self._textures, batch)
        look = draw_look(draw, settings, self._textures, scene)
        time = self._time.expand(batch, -1)
        shutter = draw.uniform(0.0, 1.0, batch) * draw.chance(settings.motion_blur, batch) / FRAMES_PER_SPAN
        photograph = render(scene, look, self._film, Exposure(time, shutter), self._looking)
        video = finish(draw, settings, photograph, time)

        stage = scene.at(time)
        points = choose_points(draw, scene, time, (settings.height, settings.width), settings.points)
        sightings = follow(points, scene, stage)
        half = constant(self._device, 0.5 * settings.width, 0.5 * settings.height)
        inside = (sightings.xy.abs() < half).all(-1)
        valid = (sightings.depth > NEAREST) & (sightings.xy.abs() < _KNOWN * half).all(-1)
        seen = is_seen(points, sightings, Bodies(scene, stage))
        return ShotBatch(video, sightings.xy + half, seen & inside & valid, valid)
