# SPDX-License-Identifier: Apache-2.0
"""Passes: in which order a network walks through a shot, and which of its answers count."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from cotrack.tracking.trajectories import Direction

Sides = Literal["from the query on", "both sides"]

Start = Literal["earliest query", "fixed window", "end of shot"]
"""Where a pass begins. "fixed window": windows lie where they would if the pass began at the end of the shot, and it
begins with the first of them that holds a query; so where a point's windows lie does not depend on other points."""


@dataclass(frozen=True, eq=False)
class Pass:
    """One walk through the shot.

    order:   (L,) int64, indices of frames in the order the network sees them.
    queries: (Q,) int64, where in that order each query lies.
    window, step: frames that the network sees at once, and by how many it moves on.
    counts:  whether answers count from each query on, or on both sides of it.
    """

    order: npt.NDArray[np.int64]
    queries: npt.NDArray[np.int64]
    window: int
    step: int
    counts: Sides

    def answers(self) -> npt.NDArray[np.bool_]:
        """(Q, L) bool: which answers count."""
        if self.counts == "both sides":
            return np.ones((len(self.queries), len(self.order)), dtype=np.bool_)
        return np.arange(len(self.order)) >= self.queries[:, None]


def plan_passes(
    queries: npt.NDArray[np.int64],
    frames: int,
    direction: Direction,
    window: int,
    step: int,
    *,
    sees_both_sides: bool,
    start: Start = "earliest query",
) -> list[Pass]:
    """Plan the passes that cover what `direction` asks for.

    queries: (Q,) int64, the index of each query's frame among `frames`.
    sees_both_sides: one window answers for frames before a query as well (the offline networks).
    """
    if sees_both_sides and direction == "both" and frames <= window:
        return [Pass(np.arange(frames), queries, window, step, "both sides")]
    last = frames - 1
    forward = _first_frame(int(queries.min()), window, step, start)
    backward = last - _first_frame(last - int(queries.max()), window, step, start)
    passes = []
    if direction != "backward" and queries.min() < last:
        passes.append(Pass(np.arange(forward, frames), queries - forward, window, step, "from the query on"))
    if direction != "forward" and queries.max() > 0:
        passes.append(Pass(np.arange(backward, -1, -1), backward - queries, window, step, "from the query on"))
    return passes


def _first_frame(query: int, window: int, step: int, start: Start) -> int:
    """Where a pass begins whose earliest query comes `query` frames after the end of the shot that it walks from."""
    if start == "earliest query":
        return query
    if start == "end of shot":
        return 0
    return max(0, (query - window) // step + 1) * step
