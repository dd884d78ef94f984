# SPDX-License-Identifier: Apache-2.0
"""The two columns that refinement adds to trajectories and tracks, for those that were never refined."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

_NO_SAMPLES = (0, 0)


def not_refined(
    samples: tuple[int, ...] = _NO_SAMPLES, given: npt.NDArray[np.bool_] | None = None
) -> npt.NDArray[np.bool_]:
    """What is `given`, or where that is empty False for each of `samples` (N, T)."""
    return np.zeros(samples, dtype=np.bool_) if given is None or given.size == 0 else given


def no_covariance(
    samples: tuple[int, ...] = _NO_SAMPLES, given: npt.NDArray[np.float32] | None = None
) -> npt.NDArray[np.float32]:
    """What is `given`, or where that is empty (N, T, 2, 2) NaN for `samples` (N, T)."""
    return np.full((*samples, 2, 2), np.nan, dtype=np.float32) if given is None or given.size == 0 else given
