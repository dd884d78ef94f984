# SPDX-License-Identifier: Apache-2.0
"""Pictures of a continuous texture under a known motion, in memory: waves, so that every position is exact."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator

import numpy as np
import numpy.typing as npt

from cotrack.evaluation.disturbed import DisturbedTruth
from cotrack.tracking.queries import Queries
from cotrack_client.tracks import Key

Floats = npt.NDArray[np.float64]
WIDTH, HEIGHT, FIRST = 240, 200, 1001

Motion = Callable[[int], Floats]
"""(3, 3), from raster px of the first frame to those of a later one, by how many frames it is later."""


def moving(x: float, y: float) -> Motion:
    return lambda frame: np.array([[1, 0, x * frame], [0, 1, y * frame], [0, 0, 1.0]])


def turning(degrees: float, zoom: float = 1.0) -> Motion:
    """About the middle of the picture, per frame."""

    def motion(frame: int) -> Floats:
        angle = np.radians(degrees * frame)
        turn = zoom**frame * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        middle = np.array([WIDTH / 2, HEIGHT / 2])
        matrix = np.eye(3)
        matrix[:2, :2], matrix[:2, 2] = turn, middle - turn @ middle
        return matrix

    return motion


def carried(matrix: Floats, xy: Floats) -> Floats:
    return np.asarray(xy @ matrix[:2, :2].T + matrix[:2, 2])


class Waves:
    """`Pictures` of a sum of waves that no pixel grid is part of.

    grain: standard deviation, grey levels of 255. change: what becomes of a frame's picture (H, W) at last.
    """

    def __init__(
        self,
        motion: Motion,
        frames: int = 6,
        *,
        grain: float = 0.0,
        change: Callable[[int, Floats], Floats] = lambda _frame, grey: grey,
    ) -> None:
        self.motion, self.frames = motion, tuple(range(FIRST, FIRST + frames))
        self.width, self.height = WIDTH, HEIGHT
        self.reads: list[int] = []
        self._grain, self._change = grain, change
        random = np.random.default_rng(4)
        length = random.uniform(6, 30, 40)
        angle, self._phase = random.uniform(0, 2 * np.pi, (2, 40))
        self._number = np.stack([np.cos(angle), np.sin(angle)], axis=1) * (2 * np.pi / length)[:, None]
        self._strength = length / length.sum()

    def read(self, frame: int) -> npt.NDArray[np.float32]:
        self.reads.append(frame)
        later = frame - FIRST
        y, x = np.mgrid[:HEIGHT, :WIDTH] + 0.5
        places = carried(np.linalg.inv(self.motion(later)), np.stack([x, y], axis=-1).reshape(-1, 2))
        grey = 0.5 + 1.5 * (np.sin(places @ self._number.T + self._phase) @ self._strength)
        grey = self._change(later, grey.reshape(HEIGHT, WIDTH))
        grey = grey + self._grain / 255 * np.random.default_rng((9, later)).standard_normal(grey.shape)
        return np.repeat(grey[..., None], 3, axis=-1).astype(np.float32)

    def iterate(self, frames: Iterable[int]) -> Iterator[tuple[int, npt.NDArray[np.float32]]]:
        return ((frame, self.read(frame)) for frame in frames)

    def identity(self, frame: int) -> Hashable:
        return (id(self), frame)

    def truth(self, points: Floats) -> Floats:
        """(N, T, 2) of points (N, 2) of the first frame."""
        return np.stack([carried(self.motion(later), points) for later in range(len(self.frames))], axis=1)


def follower_of(scene: Waves, points: Floats, sigma_px: float, seed: int = 1) -> DisturbedTruth:
    """Knows these points (N, 2) of the first frame, and misses them by so much."""
    xy = scene.truth(points)
    names = tuple(f"p{i}" for i in range(len(points)))
    return DisturbedTruth(names, np.array(scene.frames), xy, np.ones(xy.shape[:2], dtype=bool), sigma_px, seed)


def queries_of(scene: Waves, points: Floats, frame: int = 0) -> Queries:
    """These points (N, 2) of the first frame as keys in another one."""
    places = scene.truth(points)[:, frame].tolist()
    return Queries.from_keys([Key(f"p{i}", scene.frames[frame], x, y) for i, (x, y) in enumerate(places)])
