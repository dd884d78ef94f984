# SPDX-License-Identifier: Apache-2.0
"""Watchers of followers and jobs that tests look over the shoulder of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from cotrack.tracking.tracks import Tracks
from cotrack.tracking.trajectories import Trajectories

COLUMNS = ("xy", "visible", "confidence", "keyed", "refined", "covariance")


class Quiet:
    """Wants everything and remembers nothing."""

    def progress(self, stage: str, done: int, total: int) -> None: ...

    def warn(self, sentence: str) -> None: ...

    def settled(self, trajectories: Trajectories, final: npt.NDArray[np.bool_]) -> None: ...

    def samples(self, tracks: Tracks, final: npt.NDArray[np.bool_]) -> None: ...

    def still_wanted(self) -> None: ...


class Counting(Quiet):
    """Remembers what it was told of progress, as (stage, done, total)."""

    def __init__(self) -> None:
        self.told: list[tuple[str, int, int]] = []

    def progress(self, stage: str, done: int, total: int) -> None:
        self.told.append((stage, done, total))


class Stopping(Quiet):
    """Ends the job when it is asked for the n-th time whether it is still wanted."""

    def __init__(self, error: type[BaseException], after: int = 1) -> None:
        self._error, self._left = error, after

    def still_wanted(self) -> None:
        self._left -= 1
        if self._left <= 0:
            raise self._error


class Settled(Quiet):
    """Holds answers to their word: once final, an answer is there for good."""

    def __init__(self) -> None:
        self.times = 0
        self._before: Trajectories | None = None
        self.final = np.zeros((0, 0), dtype=np.bool_)

    def settled(self, trajectories: Trajectories, final: npt.NDArray[np.bool_]) -> None:
        if self._before is not None:
            assert final[self.final].all()
            assert_same(self._before, trajectories, self.final)
        self._before = Trajectories(*(values.copy() for values in vars(trajectories).values()))
        self.final = final.copy()
        self.times += 1


class Stream(Quiet):
    """Puts a job's samples together as they come."""

    def __init__(self, on_samples: Callable[[], None] = lambda: None) -> None:
        self.times = 0
        self.tracks: Tracks | None = None
        self.told = np.zeros((0, 0), dtype=np.bool_)
        self._on_samples = on_samples

    def samples(self, tracks: Tracks, final: npt.NDArray[np.bool_]) -> None:
        if self.tracks is None:
            nothing = {name: np.zeros_like(getattr(tracks, name)) for name in COLUMNS}
            nothing["xy"] = np.full_like(tracks.xy, np.nan)
            nothing["covariance"] = np.full_like(tracks.covariance, np.nan)
            self.tracks = replace(tracks, **nothing)
            self.told = np.zeros_like(final)
        assert final.any()
        assert not (final & self.told).any(), "a sample was told twice"
        for name in COLUMNS:
            getattr(self.tracks, name)[final] = getattr(tracks, name)[final]
        self.told |= final
        self.times += 1
        self._on_samples()


def assert_same(one: Trajectories, other: Trajectories, where: npt.NDArray[np.bool_]) -> None:
    for name, values in vars(one).items():
        assert np.array_equal(values[where], getattr(other, name)[where], equal_nan=values.dtype.kind == "f"), name
