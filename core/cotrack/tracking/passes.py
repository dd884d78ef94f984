# SPDX-License-Identifier: Apache-2.0
"""Passes: in which order a network walks through a shot, and which of its answers count."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from cotrack.tracking.trajectories import Direction

Sides = Literal["from the query on", "both sides"]


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
    whole_shot: bool = False,
) -> list[Pass]:
    """Plan the passes that cover what `direction` asks for.

    queries: (Q,) int64, the index of each query's frame among `frames`.
    sees_both_sides: one window answers for frames before a query as well (the offline networks).
    whole_shot: walk from end to end even where no query has begun (the reference implementation).
    """
    earliest, latest = (0, frames - 1) if whole_shot else (int(queries.min()), int(queries.max()))
    forward, backward = np.arange(earliest, frames), np.arange(latest, -1, -1)
    if sees_both_sides and direction == "both" and frames <= window:
        return [Pass(np.arange(frames), queries, window, step, "both sides")]
    passes = []
    if direction != "backward" and len(forward) > 1:
        passes.append(Pass(forward, queries - earliest, window, step, "from the query on"))
    if direction != "forward" and len(backward) > 1:
        passes.append(Pass(backward, latest - queries, window, step, "from the query on"))
    return passes
