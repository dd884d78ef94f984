# SPDX-License-Identifier: Apache-2.0
"""Points that rest: where grain explains all by which a point's places differ, it has been in one place.

Registration is as uncertain as grain makes it, anew in every frame, so a point that does not move still jitters. Around
each sample the longest stretch of frames is sought in which a single place fits every sample as well as their
covariances promise (the intersection of confidence intervals: Goldenshluger and Nemirovski, "On spatially adaptive
estimation of nonparametric regression", 1997); their weighted mean then is the place. A motion that can be told from
grain, be it a slow creep, leaves no such stretch, and every sample as it was found.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

REACH = 12
"""How many frames before and after a sample can have a say."""

_REACHES = (2, 4, 8, REACH)
_FEWEST = 3  # samples that can agree
_INTERVAL = 2.0  # standard deviations
_LARGEST_MISFIT = 3.0  # mean square of what is left over, in units of the covariances
_LASTING_SHARE = 0.5  # of a covariance: the grain of the look itself is the same in every frame

Floats = npt.NDArray[np.float64]


def settle(xy: Floats, covariance: Floats, refined: npt.NDArray[np.bool_], places: range) -> tuple[Floats, Floats]:
    """Where points are at some places of a walk, and how certain that is, once time has had its say.

    xy:         (Q, L, 2) px, as registered, L frames in a row.
    covariance: (Q, L, 2, 2) px^2.
    refined:    (Q, L) which samples are registered, all of them against the look of one key.
    places:     B of the L, with all the frames around them that can have a say.

    Gives (Q, B, 2) and (Q, B, 2, 2); a sample that is not refined is passed on as it is.
    """
    at = np.arange(places.start, places.stop)
    best, certainty = xy[:, at].copy(), covariance[:, at].copy()
    weights = np.where(refined, 2 / np.where(refined, np.trace(covariance, axis1=-2, axis2=-1), 1.0), 0.0)
    resting = refined[:, at]
    reach = _INTERVAL / np.sqrt(np.where(resting, weights[:, at], 1.0))[..., None]
    low, high = best - reach, best + reach
    for reach_in_frames in _REACHES:
        mean, total, misfit, count = _one_place(xy, weights, at, reach_in_frames)
        reach = _INTERVAL / np.sqrt(np.maximum(total, np.finfo(np.float64).tiny))[..., None]
        low, high = np.maximum(low, mean - reach), np.minimum(high, mean + reach)
        resting &= (count >= _FEWEST) & (misfit <= _LARGEST_MISFIT) & (low <= high).all(axis=-1)
        best[resting] = mean[resting]
        anew = weights[:, at][resting] / total[resting]
        share = _LASTING_SHARE + (1 - _LASTING_SHARE) * anew
        certainty[resting] = covariance[:, at][resting] * share[:, None, None]
    return best, certainty


def _one_place(
    xy: Floats, weights: Floats, at: npt.NDArray[np.int64], reach: int
) -> tuple[Floats, Floats, Floats, npt.NDArray[np.int64]]:
    """Of the samples within `reach` frames of each place: mean (Q, B, 2), total weight, misfit, and count (Q, B)."""
    near = at[:, None] + np.arange(-reach, reach + 1)
    there = (near >= 0) & (near < xy.shape[1])
    near = near.clip(0, xy.shape[1] - 1)
    weight = np.where(there, weights[:, near], 0.0)
    total = weight.sum(axis=-1)
    off = np.where(weight[..., None] > 0, xy[:, near] - xy[:, at, None], 0.0)
    shift = (weight[..., None] * off).sum(axis=2) / np.maximum(total, np.finfo(np.float64).tiny)[..., None]
    count = (weight > 0).sum(axis=-1)
    left = (weight * ((off - shift[:, :, None]) ** 2).sum(axis=-1)).sum(axis=-1)
    return xy[:, at] + shift, total, left / np.maximum(2 * (count - 1), 1), count
