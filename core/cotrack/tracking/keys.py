# SPDX-License-Identifier: Apache-2.0
"""Keys are sacred: joins what was followed from each key of a track into one trajectory that honours them all."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from cotrack.tracking.queries import Queries
from cotrack.tracking.tracks import Tracks
from cotrack.tracking.trajectories import Trajectories

_LEAST_CONFIDENCE = 1e-3  # a lost trajectory still counts a little, so that two lost ones blend evenly


def join_keys(trajectories: Trajectories, queries: Queries, frames: npt.NDArray[np.int64]) -> Tracks:
    """Make one trajectory per track out of one per key.

    Before the first and after the last key of a track the nearest key's trajectory stands. Between two keys the
    trajectory that left the earlier one fades into the one that reaches the later one, each weighted by its nearness in
    time and by its confidence, so that the stretch passes through both keys and nothing jumps. At a key the position is
    exactly the artist's.
    """
    shape = (len(queries.names), len(frames))
    xy = np.full((*shape, 2), np.nan)
    visible = np.zeros(shape, dtype=np.bool_)
    confidence = np.zeros(shape, dtype=np.float32)
    keyed = np.zeros(shape, dtype=np.bool_)
    refined = np.zeros(shape, dtype=np.bool_)
    covariance = np.full((*shape, 2, 2), np.nan, dtype=np.float32)
    for track in range(shape[0]):
        rows = np.flatnonzero(queries.track == track)
        weights = _weights(queries.frame[rows], frames) * _followed_confidence(trajectories, rows)
        weights /= np.maximum(weights.sum(axis=0), np.finfo(np.float64).tiny)
        xy[track] = np.einsum("qt,qtc->tc", weights, np.nan_to_num(trajectories.xy[rows]))
        xy[track, weights.sum(axis=0) == 0] = np.nan
        confidence[track] = (weights * trajectories.confidence[rows]).sum(axis=0)
        visible[track] = (weights * trajectories.visible[rows]).sum(axis=0) > 0.5
        refined[track] = ((weights == 0) | trajectories.refined[rows]).all(axis=0) & (weights > 0).any(axis=0)
        covariance[track] = np.einsum("qt,qtij->tij", weights**2, np.nan_to_num(trajectories.covariance[rows]))

        at_key = np.searchsorted(frames, queries.frame[rows])
        xy[track, at_key] = queries.xy[rows]
        visible[track, at_key] = True
        confidence[track, at_key] = 1.0
        keyed[track, at_key] = True
        refined[track, at_key] = False
    covariance[~refined] = np.nan
    return Tracks(queries.names, frames, xy, visible, confidence, keyed, refined, covariance)


def final_samples(
    final: npt.NDArray[np.bool_], queries: Queries, frames: npt.NDArray[np.int64]
) -> npt.NDArray[np.bool_]:
    """(N, T) bool: the samples of `join_keys` to which none but final answers (Q, T) contribute."""
    settled = np.zeros((len(queries.names), len(frames)), dtype=np.bool_)
    for track in range(len(settled)):
        rows = np.flatnonzero(queries.track == track)
        settled[track] = (final[rows] | (_weights(queries.frame[rows], frames) == 0)).all(axis=0)
    return settled


def _weights(keys: npt.NDArray[np.int64], frames: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    """(K, T) nearness in time of each of K ascending keys to each frame: a hat that falls to zero at its neighbours."""
    hats = np.eye(len(keys))
    return np.stack([np.interp(frames, keys, hat) for hat in hats])


def _followed_confidence(trajectories: Trajectories, rows: npt.NDArray[np.intp]) -> npt.NDArray[np.float64]:
    """(K, T) confidence of each key's trajectory, zero where it was not followed."""
    followed = np.isfinite(trajectories.xy[rows]).all(axis=-1)
    return np.where(followed, np.maximum(trajectories.confidence[rows], _LEAST_CONFIDENCE), 0.0)
