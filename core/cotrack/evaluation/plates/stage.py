# SPDX-License-Identifier: Apache-2.0
"""The parts that layered shots are made of, drawn at random."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cotrack.evaluation.plates import textures
from cotrack.evaluation.plates.layers import Layer, LayeredScene
from cotrack.evaluation.plates.motion import Motion, Path, Waves

_OVERSIZE = 1.35  # of the background, so that it covers the plate wherever it moves
_FULL_SWING_FRAMES = 24  # or more: shorter shots show a part of a swing, not a faster one


@dataclass(frozen=True, eq=False)
class Stage:
    """Draws the parts of a shot. Lengths are in shares of the plate's height, so that every size shows the same."""

    random: np.random.Generator
    size: tuple[int, int]
    frames: int

    @property
    def unit(self) -> float:
        """The plate's height, px."""
        return float(self.size[1])

    def scene(self, *layers: Layer) -> LayeredScene:
        """Layers, the rearmost first, on the plate."""
        return LayeredScene(*self.size, layers)

    def background(self, motion: Motion, *, bare: int = 0) -> Layer:
        """A sheet larger than the plate, with so many bare patches."""
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
        speed = self.random.uniform(0.6, 1.4, 8) * 2 * np.pi / max(self.frames, _FULL_SWING_FRAMES)
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
            speed=self.random.uniform(0.5, 1.0, count) * 2 * np.pi / max(self.frames, _FULL_SWING_FRAMES),
        )

    def passing(self, reach: float, height: float) -> Layer:
        """A cut-out that crosses the plate in half the shot, and hides what it crosses."""
        way = self.size[0] / self.unit
        return self.cutout(reach, self.motion(middle=(0.1, height), way=(0.9 * way, 0.0), turn=0.1, sway=0.01))
