# SPDX-License-Identifier: Apache-2.0
"""Tracks: many trajectories as arrays."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from cotrack.tracking.registered import no_covariance, not_refined
from cotrack_client.tracks import Covariance, Track

_COVARIANCE_DIGITS = 5


@dataclass(frozen=True, eq=False)
class Tracks:
    """N trajectories over the same T frames.

    names:      N track names.
    frames:     (T,) int64, the shot's frame numbers, ascending; frames that are missing from the shot are left out.
    xy:         (N, T, 2) float64, raster px; NaN where the track was not followed (before a forward-only query, say).
    visible:    (N, T) bool; False is a gap.
    confidence: (N, T) float32 in 0..1: how likely the point is seen, and seen where `xy` says.
    keyed:      (N, T) bool; the artist placed this position, it is exactly theirs.
    refined:    (N, T) bool; this position was registered at the plate's resolution. Left out: none was.
    covariance: (N, T, 2, 2) float32, px^2, of a refined position; NaN elsewhere.
    """

    names: tuple[str, ...]
    frames: npt.NDArray[np.int64]
    xy: npt.NDArray[np.float64]
    visible: npt.NDArray[np.bool_]
    confidence: npt.NDArray[np.float32]
    keyed: npt.NDArray[np.bool_]
    refined: npt.NDArray[np.bool_] = field(default_factory=not_refined)
    covariance: npt.NDArray[np.float32] = field(default_factory=no_covariance)

    def __post_init__(self) -> None:
        object.__setattr__(self, "refined", not_refined(self.visible.shape, self.refined))
        object.__setattr__(self, "covariance", no_covariance(self.visible.shape, self.covariance))

    def __len__(self) -> int:
        return len(self.names)

    @property
    def followed(self) -> npt.NDArray[np.bool_]:
        """(N, T) bool: there is a position, seen or not."""
        return np.isfinite(self.xy[..., 0]) & np.isfinite(self.xy[..., 1])

    def as_values(self) -> tuple[Track, ...]:
        """The same as plain values, each track over the frames where it was followed."""
        return tuple(self._track(i) for i in range(len(self)))

    def _track(self, i: int) -> Track:
        followed = self.followed[i]
        frames = self.frames[followed]
        return Track(
            name=self.names[i],
            keys=tuple(self.frames[self.keyed[i]].tolist()),
            frames=tuple(frames.tolist()),
            x=tuple(self.xy[i, followed, 0].tolist()),
            y=tuple(self.xy[i, followed, 1].tolist()),
            visible=tuple(self.visible[i, followed].tolist()),
            confidence=tuple(round(float(value), 4) for value in self.confidence[i, followed]),
            refined=tuple(self.refined[i, followed].tolist()),
            covariance=tuple(_as_value(covariance) for covariance in self.covariance[i, followed].tolist()),
        )


def _as_value(covariance: list[list[float]]) -> Covariance | None:
    (xx, xy), (_, yy) = covariance
    if not math.isfinite(xx):
        return None
    return (_rounded(xx), _rounded(xy), _rounded(yy))


def _rounded(value: float) -> float:
    return float(f"{value:.{_COVARIANCE_DIGITS}g}")
