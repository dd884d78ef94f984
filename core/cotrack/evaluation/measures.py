# SPDX-License-Identifier: Apache-2.0
"""What the benchmarks say of a tracker: pure functions of its positions and the truth.

Arrays are (N, T[, 2]) over N points and T consecutive frames. A sample *counts* unless it is the query itself. Errors
are those of samples that are truly visible and that the tracker calls visible; a *share* is of all truly visible
samples, so that whoever gives a point up too soon does not gain by it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

WITHIN_PX = (0.05, 0.1, 0.25, 0.5, 1.0)
_WRONG_PX = 1.0
_LEAST_SPREAD = 0.05
"""Variance of the phases' sines and cosines, which is a half when all phases are equally common."""
_RESTING_PX = 1e-9
_LEAST_FOR_LOCKING = 12
"""Samples: four times the numbers that are fitted."""


@dataclass(frozen=True, eq=False)
class Judged:
    """The samples of one tracker on one shot beside the truth.

    error:      (N, T, 2) px, found minus true; NaN where the tracker has no position.
    true_xy:    (N, T, 2) raster px.
    query_xy:   (N, 2) raster px.
    query_at:   (N,) where among the T frames.
    seen:       (N, T) truly visible.
    claimed:    (N, T) visible, the tracker says.
    confidence: (N, T) 0..1.
    counts:     (N, T) False at queries, and where the truth is not known.
    refined:    (N, T) registered at the plate's resolution, the tracker says.
    """

    error: Floats
    true_xy: Floats
    query_xy: Floats
    query_at: npt.NDArray[np.intp]
    seen: Flags
    claimed: Flags
    confidence: Floats
    counts: Flags
    refined: Flags

    @property
    def followed(self) -> Flags:
        """(N, T) the tracker has a position."""
        return np.asarray(np.isfinite(self.error).all(axis=-1))

    @property
    def accepted(self) -> Flags:
        """(N, T) the samples whose error is measured."""
        return self.counts & self.seen & self.claimed & self.followed

    @property
    def plain(self) -> Flags:
        """(N, T) the samples that are seen in one stretch with their query."""
        hidden_before = np.cumsum(~self.seen, axis=1)
        at_query = np.take_along_axis(hidden_before, self.query_at[:, None], axis=1)
        return np.asarray(self.seen & (hidden_before == at_query))

    @property
    def known(self) -> Flags:
        """(N, T) whether the point is seen is known there."""
        known = self.counts.copy()
        known[np.arange(len(known)), self.query_at] = True
        return known

    def only(self, points: Flags) -> Judged:
        """The same of some points (N,)."""
        return Judged(*(getattr(self, name)[points] for name in self.__dataclass_fields__))

    def among(self, samples: Flags) -> Judged:
        """The same, but only some samples (N, T) count."""
        return replace(self, counts=self.counts & samples)


def measure(shots: Sequence[Judged]) -> dict[str, float]:
    """The figures over all samples of some shots, by the names of `cotrack evaluate --json`.

    NaN where there is nothing to measure.
    """
    figures = {**errors(shots), **shares(shots)}
    figures["jitter_px"] = root_mean_square(_pooled([second_differences(shot) for shot in shots]))
    figures["still_jitter_px"] = root_mean_square(
        _pooled([second_differences(shot.only(at_rest(shot))) for shot in shots])
    )
    figures["locking_px"] = peak_locking(shots)
    figures["occlusion_precision"], figures["occlusion_recall"] = occlusion(shots)
    figures["gaps_exact"] = gaps_exact(shots)
    figures["confidence_auc"] = confidence_auc(shots)
    refined = [shot.among(shot.refined) for shot in shots]
    figures["refined_share"] = shares(shots, refined)["coverage"]
    figures |= {f"refined_{name}": value for name, value in errors(refined).items()}
    plain = [shot.among(shot.plain) for shot in shots]
    figures["plain_rms_px"] = errors(plain)["rms_px"]
    figures["plain_within_0.5"] = shares(plain)["within_0.5"]
    return figures


def errors(shots: Sequence[Judged]) -> dict[str, float]:
    """Median, root of the mean square and 95th percentile of the error, px."""
    distance = distances(shots)
    return {
        "median_px": _percentile(distance, 50),
        "rms_px": root_mean_square(distance),
        "p95_px": _percentile(distance, 95),
    }


def shares(
    shots: Sequence[Judged], found: Sequence[Judged] | None = None, limits: Sequence[float] = WITHIN_PX
) -> dict[str, float]:
    """Of all visible samples, the shares that are found within `limits` px, and found at all.

    found: the same shots, where only some of what was found counts as such.
    """
    visible = sum(int((shot.counts & shot.seen).sum()) for shot in shots)
    distance = distances(shots if found is None else found)
    return {
        **{f"within_{limit:g}": _ratio(int((distance <= limit).sum()), visible) for limit in limits},
        "coverage": _ratio(len(distance), visible),
    }


def distances(shots: Sequence[Judged]) -> Floats:
    """(S,) px: every error that is measured."""
    return _pooled([np.linalg.norm(shot.error, axis=-1)[shot.accepted] for shot in shots])


def at_rest(shot: Judged) -> Flags:
    """(N,) the points that never move."""
    return np.asarray((np.ptp(shot.true_xy, axis=1) < _RESTING_PX).all(axis=-1))


def gaps_exact(shots: Sequence[Judged]) -> float:
    """The share of gaps whose first and last hidden frames the tracker names to within one frame.

    A gap that reaches the end of the shot has one of them only. Runs of hidden frames are judged in which all frames
    count, and so do those around them.
    """
    exact = total = 0
    for shot in shots:
        for seen, claimed, counts in zip(shot.seen, shot.claimed & shot.followed, shot.known, strict=True):
            for first, last in _gaps(seen, counts):
                total += 1
                exact += _is_named(claimed, first, last)
    return _ratio(exact, total)


def jitter(shots: Sequence[Judged]) -> float:
    """Root of the mean square of the error's second difference, px."""
    return root_mean_square(_pooled([second_differences(shot) for shot in shots]))


def second_differences(shot: Judged) -> Floats:
    """(S,) px: lengths of the error's second difference wherever three samples in a row are measured."""
    error, accepted = shot.error, shot.accepted
    bend = error[:, 2:] - 2 * error[:, 1:-1] + error[:, :-2]
    return np.asarray(np.linalg.norm(bend, axis=-1)[accepted[:, 2:] & accepted[:, 1:-1] & accepted[:, :-2]])


def peak_locking(shots: Sequence[Judged]) -> float:
    """Amplitude, px, of the error's periodic part, with the pixel as its period.

    Templates lock to whole steps from where they were taken, detectors to the middles of pixels: a sine is fitted to
    the error along each axis against the phase of the true displacement and of the true position; the larger counts.
    Samples that are off by more than a pixel are lost, not locked. Where all phases are much alike, it cannot be told.
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
    found = [_amplitude(_pooled(phases), error) for phases in (from_query, on_plate)]
    return max((amplitude for amplitude in found if np.isfinite(amplitude)), default=float("nan"))


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


def _gaps(seen: Flags, known: Flags) -> list[tuple[int, int]]:
    """First and last frame of each run that is hidden, where those and their neighbours are known."""
    hidden = np.concatenate([[False], ~seen, [False]]).astype(np.int8)
    begins, ends = np.flatnonzero(np.diff(hidden) == 1), np.flatnonzero(np.diff(hidden) == -1) - 1
    runs = zip(begins.tolist(), ends.tolist(), strict=True)
    return [(first, last) for first, last in runs if known[max(first - 1, 0) : last + 2].all()]


def _is_named(claimed: Flags, first: int, last: int) -> bool:
    """Whether a tracker's hidden frames begin and end with a gap, or one frame beside."""
    begins = _changes(claimed, to=False)
    ends = _changes(claimed, to=True) - 1
    begun = first == 0 or bool((np.abs(begins - first) <= 1).any())
    ended = last == len(claimed) - 1 or bool((np.abs(ends - last) <= 1).any())
    return begun and ended


def _changes(flags: Flags, *, to: bool) -> npt.NDArray[np.intp]:
    """The frames that are `to` and whose predecessors are not."""
    return np.flatnonzero((flags[1:] == to) & (flags[:-1] != to)) + 1


def _amplitude(place: Floats, error: Floats) -> float:
    turn = 2 * np.pi * place
    waves = np.stack([np.sin(turn), np.cos(turn)], axis=1)
    if np.linalg.eigvalsh(np.cov(waves.T))[0] < _LEAST_SPREAD:
        return float("nan")
    terms = np.concatenate([np.ones((len(turn), 1)), waves], axis=1)
    return float(np.hypot(*np.linalg.lstsq(terms, error, rcond=None)[0][1:]))


def _pooled(parts: Sequence[npt.NDArray[np.generic]]) -> Floats:
    return np.concatenate([np.asarray(part, dtype=np.float64) for part in parts]) if parts else np.zeros(0)


def _percentile(values: Floats, percent: float) -> float:
    return float(np.percentile(values, percent)) if len(values) else float("nan")


def _ratio(part: int, whole: int) -> float:
    return part / whole if whole else float("nan")
