# SPDX-License-Identifier: Apache-2.0
"""The shots of the benchmark: what each number shows, made of its seed alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from cotrack.evaluation.plates import textures
from cotrack.evaluation.plates.finish import Finish, Picture, Shadow
from cotrack.evaluation.plates.motion import Floats, Motion, Path, Waves
from cotrack.evaluation.plates.scene import Layer, Scene
from cotrack_client.errors import CotrackError

PlateSize = Literal["1080p", "4k"]
SIZES: dict[PlateSize, tuple[int, int]] = {"1080p": (1920, 1080), "4k": (3840, 2160)}

GRAIN_LEVELS = (3.0, 1.0, 6.0)
"""Grey levels of 255; the bars are stated at the first."""

_OVERSIZE = 1.35  # of the background, so that it covers the plate wherever it moves
_SHUTTER = 0.5  # of a frame, where there is motion blur
_BLURRED_MOMENTS, _BLURRED_SAMPLES, _SAMPLES = 6, 2, 3
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
        return _BLURRED_MOMENTS if self.shutter else 1

    def positions(self, layer: int, points: Floats) -> Floats:
        """(N, T, 2) raster px of points (N, 2) of a layer, layer px, in every frame, as its pictures show them."""
        times = np.arange(len(self.frames), dtype=np.float64)
        return self.scene.positions(layer, points, times, shutter=self.shutter, moments=self.moments)

    def picture(self, frame: int) -> Picture:
        """One frame, as camera and file deliver it."""
        place = self.frames.index(frame)
        samples = _BLURRED_SAMPLES if self.shutter else _SAMPLES
        light = self.scene.expose(place, shutter=self.shutter, moments=self.moments, samples=samples)
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
    stage = _Stage(np.random.default_rng((5, number)), size, frames)
    grain = GRAIN_LEVELS[number // len(_THEMES) % len(GRAIN_LEVELS)]
    layers, finish, shutter = make(stage, grain)
    return PlateShot(theme, number, Scene(*size, layers), finish, tuple(range(first, first + frames)), shutter)


_Made = tuple[tuple[Layer, ...], Finish, float]


@dataclass(frozen=True, eq=False)
class _Stage:
    """Draws the parts of a shot. Lengths are in shares of the plate's height, so that every size shows the same."""

    random: np.random.Generator
    size: tuple[int, int]
    frames: int

    @property
    def unit(self) -> float:
        return float(self.size[1])

    def background(self, motion: Motion, *, bare: int = 0) -> Layer:
        width, height = (side * _OVERSIZE for side in self.size)
        picture = textures.rough(self.random, width, height)
        if bare:
            picture = textures.with_bare_patches(self.random, picture, bare)
        return Layer(textures.sheet(picture), motion)

    def cutout(self, reach: float, motion: Motion, *, period: float | None = None) -> Layer:
        """A shape of about that size before the background; with a period, of a texture that repeats."""
        width, height = reach * self.unit * self.random.uniform(0.8, 1.4), reach * self.unit
        if period is None:
            picture = textures.rough(self.random, width, height, shapes=80)
        else:
            picture = textures.repeated(self.random, width, height, period * self.unit)
        return Layer(textures.sheet(picture, textures.blob(self.random, picture)), motion, repeats=period is not None)

    def motion(
        self,
        *,
        middle: tuple[float, float] = (0.5, 0.5),
        way: tuple[float, float] = (0.0, 0.0),
        sway: float = 0.0,
        turn: float = 0.0,
        zoom: float = 0.0,
        shear: float = 0.0,
        lens: float = 0.0,
        waves: Waves | None = None,
    ) -> Motion:
        """From `middle` (shares of width and height) along `way` over the whole shot, swaying; the rest swings.

        turn: radians. zoom, shear: logarithm and share. lens: how much nearer one edge is than the other.
        """
        swing = np.array(
            [sway * self.unit, sway * self.unit, turn, zoom, zoom / 4, shear, lens / self.unit, lens / self.unit]
        )
        swing *= self.random.uniform(0.6, 1.0, 8) * self.random.choice([-1, 1], 8)
        rest, drift = np.zeros(8), np.zeros(8)
        rest[:2] = np.array(middle) * self.size
        drift[:2] = np.array(way) * self.unit / self.frames
        speed = self.random.uniform(0.6, 1.4, 8) * 2 * np.pi / max(self.frames, 24)
        return Motion(Path(rest, drift, swing, self.random.uniform(0, 2 * np.pi, 8), speed), waves)

    def waves(self, count: int = 3) -> Waves:
        """Free-form motion that no affine warp follows over a tenth of the plate."""
        length = self.unit * self.random.uniform(0.25, 0.6, count)
        angle = self.random.uniform(0, 2 * np.pi, (2, count))
        number = 2 * np.pi / length
        strength = 0.3 / count / number
        return Waves(
            strength=np.stack([np.cos(angle[0]), np.sin(angle[0])], axis=1) * strength[:, None],
            number=np.stack([np.cos(angle[1]), np.sin(angle[1])], axis=1) * number[:, None],
            phase=self.random.uniform(0, 2 * np.pi, count),
            speed=self.random.uniform(0.5, 1.0, count) * 2 * np.pi / max(self.frames, 24),
        )

    def passing(self, reach: float, height: float) -> Layer:
        """A cut-out that crosses the plate in half the shot, and hides what it crosses."""
        way = self.size[0] / self.unit
        return self.cutout(reach, self.motion(middle=(0.1, height), way=(0.9 * way, 0.0), turn=0.1, sway=0.01))


def _cover(stage: _Stage, grain: float) -> _Made:
    ground = stage.background(stage.motion(way=(0.05, 0.03), sway=0.02, turn=0.03, zoom=0.04, lens=0.04), bare=2)
    card = stage.cutout(0.45, stage.motion(middle=(0.7, 0.6), sway=0.05, turn=0.15, zoom=0.1, lens=0.15))
    finish = Finish(grain=grain, exposure=0.6, shadow=Shadow())
    return (ground, card, stage.passing(0.35, 0.35), stage.passing(0.2, 0.75)), finish, 0.0


def _leave(stage: _Stage, grain: float) -> _Made:
    ground = stage.background(stage.motion(sway=0.06, turn=0.03, zoom=0.03))
    card = stage.cutout(0.4, stage.motion(middle=(0.12, 0.45), sway=0.1, turn=0.2, zoom=0.08, shear=0.05))
    return (ground, card), Finish(grain=grain, defocus=0.8), _SHUTTER


def _freeform(stage: _Stage, grain: float) -> _Made:
    ground = stage.background(stage.motion(way=(0.04, -0.02), sway=0.02, waves=stage.waves()), bare=1)
    grid = stage.cutout(0.5, stage.motion(middle=(0.3, 0.4), sway=0.05, turn=0.08, zoom=0.05), period=0.035)
    return (ground, grid), Finish(grain=grain), 0.0


def _movie(stage: _Stage, grain: float) -> _Made:
    ground = stage.background(stage.motion(way=(0.1, 0.0), sway=0.02, turn=0.02, zoom=0.06, lens=0.06))
    card = stage.cutout(0.5, stage.motion(middle=(0.65, 0.5), sway=0.04, turn=0.1, zoom=0.08, lens=0.1))
    return (ground, card), Finish(grain=grain, compression="h264"), 0.0


def _still(stage: _Stage, grain: float) -> _Made:
    ground = stage.background(stage.motion(), bare=1)
    return (ground, stage.passing(0.35, 0.5)), Finish(grain=grain), 0.0


def _soft(stage: _Stage, grain: float) -> _Made:
    ground = stage.background(stage.motion(way=(-0.06, 0.05), sway=0.03, turn=0.05, zoom=0.08, lens=0.05))
    card = stage.cutout(0.45, stage.motion(middle=(0.4, 0.55), sway=0.06, turn=0.2, zoom=0.12, shear=0.08))
    return (ground, card), Finish(grain=grain, defocus=2.0, exposure=-0.8, compression="jpeg"), 0.0


_THEMES: tuple[tuple[str, Callable[[_Stage, float], _Made]], ...] = (
    ("cover", _cover),
    ("leave", _leave),
    ("freeform", _freeform),
    ("movie", _movie),
    ("still", _still),
    ("soft", _soft),
)
