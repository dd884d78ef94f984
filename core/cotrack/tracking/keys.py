# SPDX-License-Identifier: Apache-2.0
"""Keys are sacred: joins what was followed from each key of a track into one trajectory that honours them all.

Before the first and after the last key of a track the nearest key's trajectory stands. Between two neighbouring keys
the trajectories of both are bent so that each leads exactly from key to key, and then fade into each other, weighted by
nearness in time and by confidence; the weights leave and reach a key without a corner. So a correction pulls the
stretch around it, nothing jumps, and nothing beyond the neighbouring keys changes.

Bending spreads what a trajectory misses the other key by over the frames in which it went wrong. That is told by the
two trajectories' distance: where it changes evenly, as by drift, the correction grows evenly; where it changes at once,
because one of them has slipped, the whole correction sets in there. (A Brownian bridge whose steps have those sizes.)
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cotrack.tracking.queries import Queries
from cotrack.tracking.tracks import Tracks
from cotrack.tracking.trajectories import Trajectories

_LEAST_CONFIDENCE = 1e-3  # a lost trajectory still counts a little, so that two lost ones blend evenly
_EVEN_STEP_PX = 0.05  # what two trajectories may part by in any frame

Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.intp]


def join_keys(trajectories: Trajectories, queries: Queries, frames: npt.NDArray[np.int64]) -> Tracks:
    """Make one trajectory per track out of one per key, see the module; at a key stands the artist's own position."""
    shape = (len(queries.names), len(frames))
    joined = Tracks(
        names=queries.names,
        frames=frames,
        xy=np.full((*shape, 2), np.nan),
        visible=np.zeros(shape, dtype=np.bool_),
        confidence=np.zeros(shape, dtype=np.float32),
        keyed=np.zeros(shape, dtype=np.bool_),
        refined=np.zeros(shape, dtype=np.bool_),
        covariance=np.full((*shape, 2, 2), np.nan, dtype=np.float32),
    )
    at = np.searchsorted(frames, queries.frame)
    for track in range(shape[0]):
        rows = np.flatnonzero(queries.track == track)
        for span, some in _spans(at[rows], rows, len(frames)):
            _blend(joined, track, trajectories, some, _Stretch(span, at[some], queries.xy[some]))
        joined.xy[track, at[rows]] = queries.xy[rows]
        joined.visible[track, at[rows]] = True
        joined.confidence[track, at[rows]] = 1.0
        joined.keyed[track, at[rows]] = True
        joined.refined[track, at[rows]] = False
    joined.covariance[~joined.refined] = np.nan
    return joined


def final_samples(
    final: npt.NDArray[np.bool_], queries: Queries, frames: npt.NDArray[np.int64]
) -> npt.NDArray[np.bool_]:
    """(N, T) bool: the samples of `join_keys` to which none but final answers (Q, T) contribute."""
    settled = np.zeros((len(queries.names), len(frames)), dtype=np.bool_)
    at = np.searchsorted(frames, queries.frame)
    for track in range(len(settled)):
        rows = np.flatnonzero(queries.track == track)
        for span, some in _spans(at[rows], rows, len(frames)):
            if len(some) == 1:
                settled[track, span] = final[some[0], span]
            else:  # what is bent depends on the whole way from key to key
                settled[track, span] = final[some, span.start : at[some[1]] + 1].all()
        settled[track, at[rows]] = final[rows, at[rows]]
    return settled


def _spans(at: npt.NDArray[np.int64], rows: Rows, frames: int) -> list[tuple[slice, Rows]]:
    """The stretches of a track, each from a key on, with the one or two keys that have a say there."""
    inner = [(slice(one, other), rows[i : i + 2]) for i, (one, other) in enumerate(itertools.pairwise(at.tolist()))]
    return [(slice(0, int(at[0])), rows[:1]), *inner, (slice(int(at[-1]), frames), rows[-1:])]


@dataclass(frozen=True, eq=False)
class _Stretch:
    """Frames of a track that lead from a key on, and the one or two keys that have a say there: at (K,), xy (K, 2)."""

    span: slice
    at: npt.NDArray[np.int64]
    xy: Floats


def _blend(joined: Tracks, track: int, trajectories: Trajectories, rows: Rows, stretch: _Stretch) -> None:
    """Fill in one stretch of a track from the trajectories of its keys."""
    span = stretch.span
    xy = trajectories.xy[rows, span]
    bend = np.zeros_like(xy)
    nearness = np.ones(xy.shape[:2])
    if len(rows) == 2:
        way = slice(span.start, int(stretch.at[1]) + 1)
        bend = _bends(trajectories.xy[rows, way], stretch.xy)[:, :-1]
        share = np.arange(xy.shape[1]) / xy.shape[1]
        eased = share * share * (3 - 2 * share)
        nearness = np.stack([1 - eased, eased])
    followed = np.isfinite(xy).all(axis=-1)
    weights = np.where(followed, nearness * np.maximum(trajectories.confidence[rows, span], _LEAST_CONFIDENCE), 0.0)
    total = weights.sum(axis=0)
    weights /= np.maximum(total, np.finfo(np.float64).tiny)
    joined.xy[track, span] = np.einsum("qt,qtc->tc", weights, np.nan_to_num(xy + bend))
    joined.xy[track, span][total == 0] = np.nan
    joined.confidence[track, span] = (weights * trajectories.confidence[rows, span]).sum(axis=0)
    joined.visible[track, span] = (weights * trajectories.visible[rows, span]).sum(axis=0) > 0.5
    joined.refined[track, span] = ((weights == 0) | trajectories.refined[rows, span]).all(axis=0) & (total > 0)
    spread = np.nan_to_num(trajectories.covariance[rows, span]) + bend[..., :, None] * bend[..., None, :]
    joined.covariance[track, span] = np.einsum("qt,qtij->tij", weights**2, spread)


def _bends(xy: Floats, keys: Floats) -> Floats:
    """(2, L, 2) what is added to the trajectories of two keys (2, 2), so that each leads from the one to the other.

    xy: (2, L, 2), from the frame of the first key to that of the second; NaN where not followed.
    """
    step = np.nan_to_num(np.diff(xy[0] - xy[1], axis=0))
    size = (step**2).sum(axis=1) + _EVEN_STEP_PX**2
    grown = np.concatenate([[0.0], np.cumsum(size)]) / size.sum()
    missed = np.nan_to_num(np.stack([keys[1] - xy[0, -1], keys[0] - xy[1, 0]]))
    return np.asarray(np.stack([grown[:, None] * missed[0], (1 - grown)[:, None] * missed[1]]))
