# SPDX-License-Identifier: Apache-2.0
"""Filling: short gaps are bridged by a curve that leaves and arrives as the track moves on both sides."""

from __future__ import annotations

from cotrack_client.cleaning.polynomials import end_slope_weights
from cotrack_client.cleaning.samples import Filled, filled_in
from cotrack_client.local_motion import runs, stretches
from cotrack_client.tracks import Track

CONFIDENCE_SHARE = 0.5
"""Of the less confident side: how much confidence a filled frame has."""

_SLOPE_SAMPLES, _SLOPE_DEGREE = 4, 2


def fill_gaps(track: Track, longest: int) -> Track:
    """Bridge gaps of up to `longest` frames between visible samples, also where the track has no sample at all.

    The bridge is a cubic Hermite curve. Its slopes are those of a parabola through the last four samples on either
    side, of fewer where a key or another gap is nearer; a key beside the gap is left or reached on the straight way.
    What is filled is visible with half the confidence of the less confident side. Nothing is added before the first or
    after the last visible sample.
    """
    seen = runs(track)
    bridges = [_bridge(track, before, after, longest) for before, after in zip(seen, seen[1:])]
    return filled_in(track, (sample for bridge in bridges for sample in bridge))


def _bridge(track: Track, before: range, after: range, longest: int) -> list[Filled]:
    leaves, arrives = before.stop - 1, after.start
    first, last = track.frames[leaves], track.frames[arrives]
    steps = last - first
    is_across_key = any(first < key < last for key in track.keys)  # one that the file calls invisible
    if steps - 1 > longest or is_across_key:
        return []
    outward = _beside(track, stretches(track, before)[-1], leaves)
    inward = _beside(track, stretches(track, after)[0], arrives)
    confidence = CONFIDENCE_SHARE * min(track.confidence[leaves], track.confidence[arrives])
    curves = []
    for values in (track.x, track.y):
        start, end = values[leaves], values[arrives]
        slopes = _end_slope(values[outward.start : outward.stop]), _end_slope(values[inward.start : inward.stop][::-1])
        straight = (end - start) / steps
        rises = straight if slopes[0] is None else slopes[0], straight if slopes[1] is None else -slopes[1]
        curves.append(
            [_hermite(step / steps, start, end, rises[0] * steps, rises[1] * steps) for step in range(1, steps)]
        )
    return [Filled(first + step, x, y, confidence) for step, (x, y) in enumerate(zip(*curves), start=1)]


def _beside(track: Track, stretch: range, shore: int) -> range:
    """Return what tells how the track moves beside a gap: where a key ends it, nothing but that key."""
    return range(shore, shore + 1) if track.frames[shore] in track.keys else stretch


def _end_slope(values: tuple[float, ...]) -> float | None:
    """Return the slope at the last of these values, per frame; None where there is but one."""
    last = values[-_SLOPE_SAMPLES:]
    if len(last) < 2:
        return None
    weights = end_slope_weights(len(last), min(_SLOPE_DEGREE, len(last) - 1))
    return sum(weight * value for weight, value in zip(weights, last))


def _hermite(t: float, start: float, end: float, leaving: float, arriving: float) -> float:
    """Return the cubic at t in 0..1 that has these values and slopes at 0 and 1."""
    return (
        (1 + 2 * t) * (1 - t) ** 2 * start
        + t * (1 - t) ** 2 * leaving
        + t**2 * (3 - 2 * t) * end
        + t**2 * (t - 1) * arriving
    )
