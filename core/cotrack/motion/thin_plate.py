# SPDX-License-Identifier: Apache-2.0
"""Smooth interpolation of scattered values: thin-plate splines, the surface that bends least (Duchon 1977).

f(p) = sum_i a_i U(|p - p_i|) + b_0 + b_1 x + b_2 y with U(r) = r^2 log r. It need not meet a value exactly: the less a
point weighs, the less the surface bends for it (Wahba 1990, section 2.4).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cotrack.motion.warps import Floats

_STIFFNESS = 1e-5  # of a point that weighs 1, in units in which the points span about -1..1
_LEAST_WEIGHT = 1e-6
_AT_ONCE = 1 << 22  # distances held at a time


@dataclass(frozen=True, eq=False)
class ThinPlate:
    """A surface over the plane.

    points: (N, 2) in its own units. bends: (N, C). plane: (3, C). middle, scale: from given points to its units.
    left_out: (N, C) how far each value is from the surface that all others make.
    """

    points: Floats
    bends: Floats
    plane: Floats
    middle: Floats
    scale: float
    left_out: Floats

    def at(self, points: Floats) -> Floats:
        """(M, C) at points (M, 2)."""
        own = (points - self.middle) * self.scale
        step = max(1, _AT_ONCE // max(len(self.points), 1))
        parts = [self._at(own[start : start + step]) for start in range(0, len(own), step)]
        return np.concatenate(parts) if parts else np.zeros((0, self.plane.shape[1]))

    def _at(self, own: Floats) -> Floats:
        return np.asarray(_kernel(own, self.points) @ self.bends + _flat(own) @ self.plane)


def fit_thin_plate(points: Floats, values: Floats, weights: Floats) -> ThinPlate:
    """Fit values (N, C) at points (N, 2), three at least and not in a line, that weigh (N,) about 1 or less."""
    low, high = points.min(axis=0), points.max(axis=0)
    middle = (low + high) / 2
    scale = 1 / max(float(np.abs(high - middle).max()), 1e-9)
    own = (points - middle) * scale
    count = len(own)
    system = np.zeros((count + 3, count + 3))
    system[:count, :count] = _kernel(own, own) + np.diag(_STIFFNESS / np.maximum(weights, _LEAST_WEIGHT))
    system[:count, count:] = _flat(own)
    system[count:, :count] = _flat(own).T
    back = np.linalg.pinv(system) if np.linalg.matrix_rank(_flat(own)) < 3 else np.linalg.inv(system)
    solved = back[:, :count] @ values
    # the surface without a point misses it by its bend over the diagonal of the inverse (Wahba 1990, section 4.2)
    left_out = solved[:count] / np.diag(back)[:count, None]
    return ThinPlate(own, solved[:count], solved[count:], middle, scale, left_out)


def _kernel(points: Floats, others: Floats) -> Floats:
    """(M, N) U of the distances."""
    squares = np.square(points[:, None] - others).sum(axis=-1)
    return np.asarray(0.5 * squares * np.log(np.maximum(squares, 1e-300)))


def _flat(points: Floats) -> Floats:
    return np.concatenate([np.ones((len(points), 1)), points], axis=1)
