# SPDX-License-Identifier: Apache-2.0
"""Tracks: many trajectories as arrays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cotrack_client.tracks import Track


@dataclass(frozen=True, eq=False)
class Tracks:
    """N trajectories over the same T frames.

    names:      N track names.
    frames:     (T,) int64, the shot's frame numbers, ascending; frames that are missing from the shot are left out.
    xy:         (N, T, 2) float64, raster px; NaN where the track was not followed (before a forward-only query, say).
    visible:    (N, T) bool; False is a gap.
    confidence: (N, T) float32 in 0..1: how likely the point is seen, and seen where `xy` says.
    keyed:      (N, T) bool; the artist placed this position, it is exactly theirs.
    """

    names: tuple[str, ...]
    frames: npt.NDArray[np.int64]
    xy: npt.NDArray[np.float64]
    visible: npt.NDArray[np.bool_]
    confidence: npt.NDArray[np.float32]
    keyed: npt.NDArray[np.bool_]

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
        )
