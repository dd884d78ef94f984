# SPDX-License-Identifier: Apache-2.0
"""Which answers are certain, while several passes and overlapping windows write into the same shot."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from cotrack.tracking.passes import Pass


class Settling:
    """Counts, per query and frame, the passes that may still change the answer."""

    def __init__(
        self, queries: int, frames: int, passes: Iterable[Pass], before: npt.NDArray[np.bool_] | None = None
    ) -> None:
        """before: (Q, T), what is final already, from an earlier attempt, and stays so whatever these passes say."""
        self._before = np.zeros((queries, frames), dtype=np.bool_) if before is None else before
        self._open = np.zeros((queries, frames), dtype=np.int8)
        for one in passes:
            self._open[:, one.order] += one.answers()

    @property
    def final(self) -> npt.NDArray[np.bool_]:
        """(Q, T) bool: no pass will change this answer any more, or ever give one."""
        return np.asarray((self._open == 0) | self._before)

    def close(self, one: Pass, queries: npt.NDArray[np.intp], places: range) -> None:
        """A pass will not come back to these places of its order for these queries."""
        span = slice(places.start, places.stop)
        self._open[queries[:, None], one.order[None, span]] -= one.answers()[queries, span]
