# SPDX-License-Identifier: Apache-2.0
"""Which of a teacher's samples are kept as labels: those that a witness confirms and that lead back to their query.

Distances are px of a picture scaled to 256 x 256, as in the benchmarks, so that they mean the same on every shot.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cotrack.tracking.trajectories import Trajectories

BENCHMARK_PX = 256.0
CLOSES_PX = 1.0
"""A track is followed back from its end; it must come within this of where it began."""

AGREES_PX = 2.0
"""Two teachers must be this close, and must both see the point, or both not."""

Mask = npt.NDArray[np.bool_]
Asked = tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]
"""Queries: the index of each one's frame (Q,), and its position (Q, 2), raster px."""


@dataclass(frozen=True, eq=False)
class Ends:
    """Where tracks are followed back from, one row each: the query's number, the index of the frame, raster px."""

    query: npt.NDArray[np.int64]
    frame: npt.NDArray[np.int64]
    xy: npt.NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.query)

    def those(self, which: Mask) -> Ends:
        """Some of them, `which` (E,)."""
        return Ends(self.query[which], self.frame[which], self.xy[which])


def distance_px(
    a: npt.NDArray[np.float64], b: npt.NDArray[np.float64], size: tuple[int, int]
) -> npt.NDArray[np.float64]:
    """Between positions (..., 2) on a raster of `size` (width, height), in px of the benchmark."""
    distance: npt.NDArray[np.float64] = np.linalg.norm((a - b) * (BENCHMARK_PX / np.array(size)), axis=-1)
    return distance


def agreement(teacher: Trajectories, witness: Trajectories, size: tuple[int, int]) -> Mask:
    """(Q, T): both teachers mean the same."""
    near: Mask = distance_px(teacher.xy, witness.xy, size) < AGREES_PX
    same: Mask = teacher.visible == witness.visible
    return near & same


def sides(query_frames: npt.NDArray[np.int64], count: int) -> tuple[Mask, Mask]:
    """(Q, T) each: the frames after each query, and those before it; `query_frames` (Q,) are indices."""
    frame = np.arange(count)
    return frame > query_frames[:, None], frame < query_frames[:, None]


def ends_of(seen: Mask, xy: npt.NDArray[np.float64], side: Mask) -> Ends:
    """The farthest seen sample of each query on one side; queries without one have no row."""
    usable = seen & side
    rows = np.flatnonzero(usable.any(1))
    count = seen.shape[1]
    is_after = side[rows, -1]
    last = count - 1 - usable[rows, ::-1].argmax(1)
    frame = np.where(is_after, last, usable[rows].argmax(1))
    return Ends(rows, frame, xy[rows, frame])


def closes(returned: Trajectories, ends: Ends, asked: Asked, size: tuple[int, int]) -> Mask:
    """(E,): which tracks that were followed back from their `ends` come to their query again."""
    frame, xy = asked[0][ends.query], asked[1][ends.query]
    found = returned.xy[np.arange(len(ends)), frame]
    return distance_px(found, xy, size) < CLOSES_PX


def up_to_ends(ends: Ends, query_frames: npt.NDArray[np.int64], shape: tuple[int, int]) -> Mask:
    """(Q, T): the samples between each query and its end, both included."""
    kept = np.zeros(shape, dtype=np.bool_)
    frame = np.arange(shape[1])
    first = np.minimum(ends.frame, query_frames[ends.query])[:, None]
    last = np.maximum(ends.frame, query_frames[ends.query])[:, None]
    kept[ends.query] = (frame >= first) & (frame <= last)
    return kept
