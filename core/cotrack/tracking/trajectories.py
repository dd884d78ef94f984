# SPDX-License-Identifier: Apache-2.0
"""Trajectories: what a tracker found for each query on its own, before the keys of a track are joined."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import numpy.typing as npt

from cotrack.tracking.registered import no_covariance, not_refined

Direction = Literal["both", "forward", "backward"]


@dataclass(frozen=True, eq=False)
class Trajectories:
    """Q trajectories, one per query and in their order, over the same T frames.

    xy:         (Q, T, 2) float64, raster px; NaN where the query was not followed (before it, going forward only).
    visible:    (Q, T) bool; False is a gap, in which `xy` is a guess.
    confidence: (Q, T) float32 in 0..1: how likely the point is seen, and seen where `xy` says; 0 where not followed.
    refined:    (Q, T) bool; `xy` was registered at the plate's resolution. Left out: none was.
    covariance: (Q, T, 2, 2) float32, px^2, of a refined `xy`; NaN elsewhere.
    """

    xy: npt.NDArray[np.float64]
    visible: npt.NDArray[np.bool_]
    confidence: npt.NDArray[np.float32]
    refined: npt.NDArray[np.bool_] = field(default_factory=not_refined)
    covariance: npt.NDArray[np.float32] = field(default_factory=no_covariance)

    def __post_init__(self) -> None:
        object.__setattr__(self, "refined", not_refined(self.visible.shape, self.refined))
        object.__setattr__(self, "covariance", no_covariance(self.visible.shape, self.covariance))

    @classmethod
    def nothing(cls, queries: int, frames: int) -> Trajectories:
        """Trajectories that were not followed anywhere, to be filled in."""
        return cls(
            xy=np.full((queries, frames, 2), np.nan),
            visible=np.zeros((queries, frames), dtype=np.bool_),
            confidence=np.zeros((queries, frames), dtype=np.float32),
        )

    def copy(self) -> Trajectories:
        """The same in arrays of its own."""
        return Trajectories(*(values.copy() for values in vars(self).values()))
