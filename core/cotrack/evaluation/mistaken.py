# SPDX-License-Identifier: Apache-2.0
"""A follower that makes the gross mistakes of a network, to see whether they are noticed.

Of what networks do on plates, three things: a point jumps to something that looks alike, and stays there; a covered
point is called visible, and carried along by what covers it; visibility sets in or ends some frames too late or too
early. How sure it is of itself says something of that, and not everything.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cotrack.tracking.follower import Follower
from cotrack.tracking.pictures import Pictures
from cotrack.tracking.queries import Queries
from cotrack.tracking.trajectories import Direction, Trajectories
from cotrack.tracking.watcher import Watcher

_JUMPS = 0.15  # of the points
_STICKS = 0.3  # of the gaps
_LATE = 0.35  # of the ends of gaps, by one to three frames
_LATEST = 3
_JUMP_HEIGHTS = (0.01, 0.08)  # of the plate
_CARRIED_HEIGHTS = 0.02  # of the plate, per frame
_SURE_LOGIT, _SPREAD_LOGIT, _MISTAKEN_LOGIT = 2.5, 1.0, 1.5


@dataclass(frozen=True, eq=False)
class Mistaken:
    """Lets another follower make mistakes; every query's are its own, by `seed` and its place among them."""

    follower: Follower
    seed: int = 0

    def error_px(self, width: int, height: int) -> float:
        """See `Follower`: mistakes are not usual."""
        return self.follower.error_px(width, height)

    def record(self) -> Mapping[str, object]:
        """How it goes wrong."""
        return {**self.follower.record(), "mistakes": self.seed}

    def follow(
        self,
        pictures: Pictures,
        queries: Queries,
        frames: npt.NDArray[np.int64],
        direction: Direction,
        watcher: Watcher,
    ) -> Trajectories:
        """What the other one finds, and what comes of it."""
        found = self.follower.follow(pictures, queries, frames, direction, watcher)
        at = np.searchsorted(frames, queries.frame)
        for row, key in enumerate(at.tolist()):
            random = np.random.default_rng((self.seed, row))
            point = _Point(found.xy[row], found.visible[row], random, pictures.height)
            wrong = point.jump(key) | point.blur_gaps(key)
            sure = np.where(point.visible, _SURE_LOGIT, -_SURE_LOGIT) - _MISTAKEN_LOGIT * wrong
            logit = sure + _SPREAD_LOGIT * random.standard_normal(len(frames))
            reached = np.isfinite(found.xy[row, :, 0])
            found.confidence[row] = np.where(reached, 1 / (1 + np.exp(-logit)), 0)
            found.confidence[row, key] = 1.0
        watcher.settled(found, np.ones_like(found.visible))
        return found


@dataclass(frozen=True, eq=False)
class _Point:
    """One trajectory, changed where it lies: xy (T, 2), visible (T,)."""

    xy: npt.NDArray[np.float64]
    visible: npt.NDArray[np.bool_]
    random: np.random.Generator
    height: int

    def jump(self, key: int) -> npt.NDArray[np.bool_]:
        """(T,) the frames from which on, away from the key, it is elsewhere."""
        wrong = np.zeros(len(self.xy), dtype=np.bool_)
        if self.random.uniform() < _JUMPS:
            start = int(self.random.integers(0, len(self.xy)))
            wrong[start:] = start > key
            wrong[: start + 1] |= start < key
            length = self.height * self.random.uniform(*_JUMP_HEIGHTS)
            angle = self.random.uniform(0, 2 * np.pi)
            self.xy[wrong] += length * np.array([np.cos(angle), np.sin(angle)])
        return wrong

    def blur_gaps(self, key: int) -> npt.NDArray[np.bool_]:
        """(T,) the frames in which its visibility is wrong now."""
        before = self.visible.copy()
        edges = np.flatnonzero(np.diff(np.concatenate([[True], before, [True]]).astype(int)))
        for first, end in edges.reshape(-1, 2).tolist():
            if self.random.uniform() < _STICKS:
                self._stick(first, end)
                continue
            start, stop = first + self._late(), end + self._late()
            self.visible[first:end] = True
            self.visible[max(start, 0) : max(stop, 0)] = False
        self.visible[key] = True
        return np.asarray(self.visible != before)

    def _late(self) -> int:
        if self.random.uniform() >= _LATE:
            return 0
        return int(self.random.integers(1, _LATEST + 1) * self.random.choice([-1, 1]))

    def _stick(self, first: int, end: int) -> None:
        way = self.height * _CARRIED_HEIGHTS * self.random.standard_normal(2)
        self.xy[first:end] += way * np.arange(1, end - first + 1)[:, None]
        self.visible[first:end] = True
