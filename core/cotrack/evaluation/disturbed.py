# SPDX-License-Identifier: Apache-2.0
"""A follower that knows the truth and misses it as a network does, to see what refinement makes of that."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cotrack.tracking.pictures import Pictures
from cotrack.tracking.queries import Queries
from cotrack.tracking.trajectories import Direction, Trajectories
from cotrack.tracking.watcher import Watcher

NETWORK_WIDTH = 512
SIGMA_NETWORK_PX = 2.0

_LASTING_SHARE = 0.75  # of the variance; the rest is anew in every frame
_LASTS = 0.9  # of the lasting part, from frame to frame
_SURE, _UNSURE = 0.9, 0.1


@dataclass(frozen=True, eq=False)
class DisturbedTruth:
    """Follows every query by its track's truth, off by normal noise along each axis.

    names: N tracks; frames: (T,); xy: (N, T, 2) raster px and visible: (N, T), both of the truth.
    sigma_px: of the noise, px of the plate: a part that lasts for some ten frames, and a part of each frame's own.
    """

    names: tuple[str, ...]
    frames: npt.NDArray[np.int64]
    xy: npt.NDArray[np.float64]
    visible: npt.NDArray[np.bool_]
    sigma_px: float
    seed: int = 0

    def error_px(self, width: int, height: int) -> float:  # noqa: ARG002  it is the same on every plate
        """See `Follower`."""
        return self.sigma_px

    def record(self) -> Mapping[str, object]:
        """How the truth was disturbed."""
        return {"disturbed_px": self.sigma_px, "seed": self.seed}

    def follow(
        self,
        pictures: Pictures,  # noqa: ARG002  it need not look
        queries: Queries,
        frames: npt.NDArray[np.int64],
        direction: Direction,
        watcher: Watcher,
    ) -> Trajectories:
        """One trajectory per query; the query itself is exact."""
        rows = [self.names.index(queries.names[track]) for track in queries.track]
        at = np.searchsorted(self.frames, frames)
        found = Trajectories.nothing(len(queries), len(frames))
        steps, from_ = np.arange(len(frames)), np.searchsorted(frames, queries.frame)[:, None]
        reached = {"both": steps >= 0, "forward": steps >= from_, "backward": steps <= from_}[direction]
        seen = self.visible[rows][:, at]
        found.xy[:] = self.xy[rows][:, at] + self._noise(rows, len(frames))
        found.xy[np.arange(len(queries)), from_[:, 0]] = queries.xy
        found.xy[~np.broadcast_to(reached, seen.shape)] = np.nan
        found.visible[:] = seen & reached
        found.confidence[:] = np.where(reached, np.where(seen, _SURE, _UNSURE), 0)
        watcher.settled(found, np.ones_like(seen))
        return found

    def _noise(self, rows: list[int], frames: int) -> npt.NDArray[np.float64]:
        """(Q, T, 2) px; a track's noise is its own, whatever else is asked for."""
        return np.stack([self._noise_of(row, frames) for row in rows])

    def _noise_of(self, row: int, frames: int) -> npt.NDArray[np.float64]:
        random = np.random.default_rng((self.seed, row))
        own, fresh = random.standard_normal((2, frames, 2))
        lasting = own.copy()
        for frame in range(1, frames):
            lasting[frame] = _LASTS * lasting[frame - 1] + np.sqrt(1 - _LASTS**2) * own[frame]
        noise = np.sqrt(_LASTING_SHARE) * lasting + np.sqrt(1 - _LASTING_SHARE) * fresh
        return np.asarray(self.sigma_px * noise)
