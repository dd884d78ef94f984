# SPDX-License-Identifier: Apache-2.0
"""A plate that shakes by known matrices, with an object of its own motion before it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import cast

import numpy as np
import numpy.typing as npt

from cotrack.evaluation.plates import textures
from cotrack.evaluation.plates.finish import Finish
from cotrack.evaluation.plates.layers import Layer, LayeredScene
from cotrack.evaluation.plates.motion import Motion, Path
from cotrack.evaluation.plates.shots import PlateShot
from cotrack.motion.warps import MotionKind

Floats = npt.NDArray[np.float64]

SIZE = (480, 270)
FRAMES = 24


@dataclass(frozen=True, eq=False)
class Table(Path):
    """Numbers that are given for each frame."""

    values: Floats = field(default_factory=lambda: np.zeros((1, 8)))

    def at(self, time: float) -> Floats:
        return cast("Floats", self.values[round(time)])


def shaking(kind: MotionKind, size: tuple[int, int] = SIZE, frames: int = FRAMES) -> Motion:
    """Another place in every frame: 1.2 % of the height, 0.7 degrees, 1 %, and perspective that shows."""
    random = np.random.default_rng(3)
    height = size[1]
    values = np.zeros((frames, 8))
    values[:, :2] = np.array(size) / 2 + random.normal(0, 0.012 * height, (frames, 2))
    if kind != "translation":
        values[:, 2] = random.normal(0, 0.012, frames)
    if kind in ("similarity", "perspective"):
        values[:, 3] = random.normal(0, 0.01, frames)
    if kind == "perspective":
        values[:, 4:6] = random.normal(0, 0.004, (frames, 2))
        values[:, 6:] = random.normal(0, 0.02 / height, (frames, 2))
    nothing = np.zeros(8)
    return Motion(Table(nothing, nothing, nothing, nothing, nothing, values))


def shaky_shot(kind: MotionKind, *, has_mover: bool = True, size: tuple[int, int] = SIZE) -> PlateShot:
    """The plate; without its mover for whoever measures in pictures what is left of the shaking."""
    random = np.random.default_rng(11)
    width, height = size
    layers = [Layer(textures.sheet(textures.rough(random, width * 1.35, height * 1.35)), shaking(kind, size))]
    if has_mover:
        picture = textures.rough(random, height * 0.3, height * 0.3, shapes=80)
        rest, drift, nothing = np.zeros(8), np.zeros(8), np.zeros(8)
        rest[:2] = (width * 0.2, height * 0.5)
        drift[0] = width * 0.6 / FRAMES
        motion = Motion(Path(rest, drift, nothing, nothing, nothing))
        layers.append(Layer(textures.sheet(picture, textures.blob(random, picture)), motion))
    return PlateShot(
        "shaky", 5, LayeredScene(width, height, tuple(layers)), Finish(grain=1.0), tuple(range(1001, 1001 + FRAMES))
    )


def true_motion(shot: PlateShot) -> Floats:
    """(T, 3, 3) from the first frame to each, raster px."""
    motion = shot.scene.layers[0].motion
    places = np.stack([motion.homography(time) for time in range(len(shot.frames))])
    matrices = places @ np.linalg.inv(places[0])
    return cast("Floats", matrices / matrices[:, 2:, 2:])
