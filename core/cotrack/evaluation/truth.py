# SPDX-License-Identifier: Apache-2.0
"""Tracks against exact truth, in pixels of the plate."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from cotrack.tracking.tracks import Tracks


@dataclass(frozen=True, eq=False)
class Truth:
    """Where points really are.

    names: N; frames: (T,) the shot's numbers; xy: (N, T, 2) raster px; visible: (N, T).
    """

    names: tuple[str, ...]
    frames: npt.NDArray[np.int64]
    xy: npt.NDArray[np.float64]
    visible: npt.NDArray[np.bool_]

    @classmethod
    def load(cls, path: Path) -> Truth:
        """Read an .npz with those four arrays."""
        with np.load(path, allow_pickle=False) as arrays:
            return cls(
                names=tuple(arrays["names"].tolist()),
                frames=arrays["frames"].astype(np.int64),
                xy=arrays["xy"].astype(np.float64),
                visible=arrays["visible"].astype(np.bool_),
            )


@dataclass(frozen=True)
class Accuracy:
    """How far tracks are from the truth.

    median_px, within_1_px: of the error where the point is truly visible, its keys left out; `nan` where there is none.
    visibility: share of samples, visible or not, that the tracks judge right.
    """

    median_px: float
    within_1_px: float
    visibility: float


def measure_accuracy(tracks: Tracks, truth: Truth) -> Accuracy:
    """Compare the tracks that the truth knows by name, at the frames that both have."""
    names = [name for name in tracks.names if name in truth.names]
    ours = np.array([tracks.names.index(name) for name in names], dtype=np.intp)
    theirs = np.array([truth.names.index(name) for name in names], dtype=np.intp)
    _, at, truly_at = np.intersect1d(tracks.frames, truth.frames, return_indices=True)
    found, true = np.ix_(ours, at), np.ix_(theirs, truly_at)
    counts = tracks.followed[found] & ~tracks.keyed[found]
    error = np.linalg.norm(tracks.xy[found] - truth.xy[true], axis=-1)[counts & truth.visible[true]]
    agrees = (tracks.visible[found] == truth.visible[true])[counts]
    if len(error) == 0:
        return Accuracy(float("nan"), float("nan"), float("nan"))
    return Accuracy(float(np.median(error)), float((error < 1).mean()), float(agrees.mean()))
