# SPDX-License-Identifier: Apache-2.0
"""The shots of the benchmark: what each number shows, made of its seed alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from cotrack.evaluation.plates.finish import Finish, Picture, Shadow
from cotrack.evaluation.plates.scene import Floats, Scene, expose, positions
from cotrack.evaluation.plates.solid_stage import SolidStage
from cotrack.evaluation.plates.stage import Stage
from cotrack_client.errors import CotrackError

PlateSize = Literal["1080p", "4k"]
SIZES: dict[PlateSize, tuple[int, int]] = {"1080p": (1920, 1080), "4k": (3840, 2160)}

GRAIN_LEVELS = (3.0, 1.0, 6.0)
"""Grey levels of 255; the bars are stated at the first."""

_SHUTTER = 0.5  # of a frame, where there is motion blur
_BLURRED_SAMPLES, _SAMPLES = 2, 3
_ROWS_PER_MOMENT = 180  # of an exposure: on a larger plate the same blur is wider
_FEWEST_FRAMES = 4  # the query, and three that have a second difference


@dataclass(frozen=True, eq=False)
class PlateShot:
    """A shot whose pictures are made when asked for, each time the same.

    theme: what it shows, in a word. shutter: in frames.
    """

    theme: str
    seed: int
    scene: Scene
    finish: Finish
    frames: tuple[int, ...]
    shutter: float = 0.0

    @property
    def moments(self) -> int:
        """How many instants of an exposure are averaged."""
        return max(6, self.scene.height // _ROWS_PER_MOMENT) if self.shutter else 1

    def positions(self, surface: int, points: Floats) -> Floats:
        """(N, T, 2) raster px of points (N, 2) of a surface in every frame, as its pictures show them."""
        times = np.arange(len(self.frames), dtype=np.float64)
        return positions(self.scene, surface, points, times, shutter=self.shutter, moments=self.moments)

    def picture(self, frame: int) -> Picture:
        """One frame, as camera and file deliver it."""
        place = self.frames.index(frame)
        samples = _BLURRED_SAMPLES if self.shutter else _SAMPLES
        light = expose(self.scene, place, shutter=self.shutter, moments=self.moments, samples=samples)
        progress = place / max(len(self.frames) - 1, 1)
        return self.finish.picture(light, progress, np.random.default_rng((self.seed, frame)))


def make_shot(number: int, size: tuple[int, int] = SIZES["1080p"], frames: int = 24, first: int = 1001) -> PlateShot:
    """Shot `number` at `size` (width, height), px.

    Numbers go through the themes in turn, at the first level of grain; then again, at the next.
    Raises CotrackError when there are too few frames to judge.
    """
    if frames < _FEWEST_FRAMES:
        raise CotrackError(f"a shot of {frames} frames cannot be judged; ask for {_FEWEST_FRAMES} or more (--frames)")
    theme, make = _THEMES[number % len(_THEMES)]
    grain = GRAIN_LEVELS[number // len(_THEMES) % len(GRAIN_LEVELS)]
    scene, finish, shutter = make(Stage(np.random.default_rng((5, number)), size, frames))
    return PlateShot(theme, number, scene, replace(finish, grain=grain), tuple(range(first, first + frames)), shutter)


_Made = tuple[Scene, Finish, float]
"""A scene, all of its finish but the grain, and the shutter."""


def _cover(stage: Stage) -> _Made:
    ground = stage.background(stage.motion(way=(0.05, 0.03), sway=0.02, turn=0.03, zoom=0.04, lens=0.04), bare=2)
    card = stage.cutout(0.45, stage.motion(middle=(0.7, 0.6), sway=0.05, turn=0.15, zoom=0.1, lens=0.15))
    finish = Finish(exposure=0.6, shadow=Shadow())
    return stage.scene(ground, card, stage.passing(0.35, 0.35), stage.passing(0.2, 0.75)), finish, 0.0


def _leave(stage: Stage) -> _Made:
    ground = stage.background(stage.motion(sway=0.06, turn=0.03, zoom=0.03))
    card = stage.cutout(0.4, stage.motion(middle=(0.12, 0.45), sway=0.1, turn=0.2, zoom=0.08, shear=0.05))
    return stage.scene(ground, card), Finish(defocus=0.8), _SHUTTER


def _freeform(stage: Stage) -> _Made:
    ground = stage.background(stage.motion(way=(0.04, -0.02), sway=0.02, waves=stage.waves()), bare=1)
    grid = stage.cutout(0.5, stage.motion(middle=(0.3, 0.4), sway=0.05, turn=0.08, zoom=0.05), period=0.035)
    return stage.scene(ground, grid), Finish(), 0.0


def _movie(stage: Stage) -> _Made:
    ground = stage.background(stage.motion(way=(0.1, 0.0), sway=0.02, turn=0.02, zoom=0.06, lens=0.06))
    card = stage.cutout(0.5, stage.motion(middle=(0.65, 0.5), sway=0.04, turn=0.1, zoom=0.08, lens=0.1))
    return stage.scene(ground, card), Finish(compression="h264"), 0.0


def _still(stage: Stage) -> _Made:
    ground = stage.background(stage.motion(), bare=1)
    return stage.scene(ground, stage.passing(0.35, 0.5)), Finish(), 0.0


def _soft(stage: Stage) -> _Made:
    ground = stage.background(stage.motion(way=(-0.06, 0.05), sway=0.03, turn=0.05, zoom=0.08, lens=0.05))
    card = stage.cutout(0.45, stage.motion(middle=(0.4, 0.55), sway=0.06, turn=0.2, zoom=0.12, shear=0.08))
    return stage.scene(ground, card), Finish(defocus=2.0, exposure=-0.8, compression="jpeg"), 0.0


def _solids(stage: Stage) -> _Made:
    bodies = SolidStage(stage.random, stage.size, stage.frames)
    crate = bodies.pose((-0.42, 0.12, 1.1), tilt=(0.5, -0.35, 0.1), spin=0.9)
    globe = bodies.pose((0.5, -0.12, 1.25), tilt=(0.0, 0.15, 0.2), swing=1.0)
    roll = bodies.pose((0.12, 0.2, 0.95), tilt=(0.0, 0.3, -0.3), sway=(0.02, 0.02, 0.02), spin=1.1)
    passing = bodies.pose((-0.7, -0.15, 0.75), tilt=(0.3, 0.2, 0.3), way=(1.3, 0.1, 0.0), spin=0.8)
    scene = bodies.scene(
        bodies.pose(way=(0.28, 0.06, 0.04), sway=(0.03, 0.02, 0.02), swing=0.03),
        (bodies.wall(1.7, (2.4, 1.5), bare=2),),
        bodies.box((0.19, 0.15, 0.19), crate),
        bodies.ball(0.24, globe),
        bodies.tube(0.1, 0.28, roll),
        bodies.box((0.06, 0.1, 0.06), passing),
    )
    return scene, Finish(exposure=0.3), 0.0


_THEMES: tuple[tuple[str, Callable[[Stage], _Made]], ...] = (
    ("cover", _cover),
    ("leave", _leave),
    ("freeform", _freeform),
    ("movie", _movie),
    ("still", _still),
    ("soft", _soft),
    ("solids", _solids),
)
