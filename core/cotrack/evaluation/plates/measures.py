# SPDX-License-Identifier: Apache-2.0
"""What the plates benchmark says of a tracker: pure functions of its positions and the truth.

Arrays are (N, T[, 2]) over N points and T consecutive frames. A sample *counts* unless it is the query itself. Errors
are those of samples that are truly visible and that the tracker calls visible; a *share* is of all truly visible
samples, so that whoever gives a point up too soon does not gain by it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

WITHIN_PX = (0.05, 0.1, 0.25, 0.5, 1.0)
_WRONG_PX = 1.0
_LEAST_FOR_LOCKING = 12
"""Samples: four times the numbers that are fitted."""


@dataclass(frozen=True, eq=False)
class Judged:
    """The samples of one tracker on one shot beside the truth.

    error:      (N, T, 2) px, found minus true; NaN where the tracker has no position.
    true_xy:    (N, T, 2) raster px.
    query_xy:   (N, 2) raster px.
    seen:       (N, T) truly visible.
    claimed:    (N, T) visible, the tracker says.
    confidence: (N, T) 0..1.
    counts:     (N, T) False at queries.
    """

    error: Floats
    true_xy: Floats
    query_xy: Floats
    seen: Flags
    claimed: Flags
    confidence: Floats
    counts: Flags

    @property
    def followed(self) -> Flags:
        """(N, T) the tracker has a position."""
        return np.asarray(np.isfinite(self.error).all(axis=-1))

    @property
    def accepted(self) -> Flags:
        """(N, T) the samples whose error is measured."""
        return self.counts & self.seen & self.claimed & self.followed

    def only(self, points: Flags) -> Judged:
        """The same of some points (N,)."""
        return Judged(*(getattr(self, name)[points] for name in self.__dataclass_fields__))


def measure(shots: Sequence[Judged]) -> dict[str, float]:
    """The figures over all samples of some shots, by the names of `cotrack evaluate plates --json`.

    NaN where there is nothing to measure.
    """
    distance = _pooled([np.linalg.norm(shot.error, axis=-1)[shot.accepted] for shot in shots])
    visible = sum(int((shot.counts & shot.seen).sum()) for shot in shots)
    figures = {
        "median_px": _percentile(distance, 50),
        "rms_px": root_mean_square(distance),
        "p95_px": _percentile(distance, 95),
    }
    figures |= {f"within_{limit:g}": _ratio(int((distance <= limit).sum()), visible) for limit in WITHIN_PX}
    figures["jitter_px"] = root_mean_square(_pooled([second_differences(shot) for shot in shots]))
    figures["locking_px"] = peak_locking(shots)
    figures["coverage"] = _ratio(len(distance), visible)
    figures["occlusion_precision"], figures["occlusion_recall"] = occlusion(shots)
    figures["confidence_auc"] = confidence_auc(shots)
    return figures


def second_differences(shot: Judged) -> Floats:
    """(S,) px: lengths of the error's second difference wherever three samples in a row are measured."""
    error, accepted = shot.error, shot.accepted
    bend = error[:, 2:] - 2 * error[:, 1:-1] + error[:, :-2]
    return np.asarray(np.linalg.norm(bend, axis=-1)[accepted[:, 2:] & accepted[:, 1:-1] & accepted[:, :-2]])


def peak_locking(shots: Sequence[Judged]) -> float:
    """Amplitude, px, of the error's periodic part, with the pixel as its period.

    Templates lock to whole steps from where they were taken, detectors to the middles of pixels: a sine is fitted to
    the error along each axis against the phase of the true displacement and of the true position; the larger counts.
    Samples that are off by more than a pixel are lost, not locked.
    """
    from_query, on_plate, errors = [], [], []
    for shot in shots:
        near = shot.accepted & (np.linalg.norm(shot.error, axis=-1) <= _WRONG_PX)
        from_query.append((shot.true_xy - shot.query_xy[:, None])[near].ravel())
        on_plate.append(shot.true_xy[near].ravel())
        errors.append(shot.error[near].ravel())
    error = _pooled(errors)
    if len(error) < _LEAST_FOR_LOCKING:
        return float("nan")
    return max(_amplitude(_pooled(phases), error) for phases in (from_query, on_plate))


def occlusion(shots: Sequence[Judged]) -> tuple[float, float]:
    """Precision and recall of "this point is hidden", over all samples that were followed or called hidden."""
    hidden = _pooled([~shot.seen[shot.counts] for shot in shots]).astype(np.bool_)
    said = _pooled([~shot.claimed[shot.counts] for shot in shots]).astype(np.bool_)
    right = int((hidden & said).sum())
    return _ratio(right, int(said.sum())), _ratio(right, int(hidden.sum()))


def confidence_auc(shots: Sequence[Judged]) -> float:
    """How often a visible sample off by at most a pixel has more confidence than one off by more; ties count half."""
    judged = [shot.counts & shot.seen & shot.followed for shot in shots]
    confidence = _pooled([shot.confidence[some] for shot, some in zip(shots, judged, strict=True)])
    distance = _pooled([np.linalg.norm(shot.error, axis=-1)[some] for shot, some in zip(shots, judged, strict=True)])
    wrong = distance > _WRONG_PX
    good, bad = np.sort(confidence[~wrong]), confidence[wrong]
    if len(good) == 0 or len(bad) == 0:
        return float("nan")
    above = len(good) - np.searchsorted(good, bad, side="right")
    equal = np.searchsorted(good, bad, side="right") - np.searchsorted(good, bad, side="left")
    return float((above + equal / 2).mean() / len(good))


def root_mean_square(values: Floats) -> float:
    """NaN of nothing."""
    return float(np.sqrt(np.square(values).mean())) if len(values) else float("nan")


def _amplitude(place: Floats, error: Floats) -> float:
    turn = 2 * np.pi * place
    terms = np.stack([np.ones_like(turn), np.sin(turn), np.cos(turn)], axis=1)
    return float(np.hypot(*np.linalg.lstsq(terms, error, rcond=None)[0][1:]))


def _pooled(parts: Sequence[npt.NDArray[np.generic]]) -> Floats:
    return np.concatenate([np.asarray(part, dtype=np.float64) for part in parts]) if parts else np.zeros(0)


def _percentile(values: Floats, percent: float) -> float:
    return float(np.percentile(values, percent)) if len(values) else float("nan")


def _ratio(part: int, whole: int) -> float:
    return part / whole if whole else float("nan")
