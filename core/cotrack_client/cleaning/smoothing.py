# SPDX-License-Identifier: Apache-2.0
"""Smoothing: each sample becomes what a cubic says that is fitted to the samples around it (Savitzky and Golay 1964).

A window never reaches over a key or a gap. At the end of a run it stays where it is and the sample is read off beside
its middle; next to a key the cubic goes exactly through the key, so that the smoothed track gets there without a step.
"""

from __future__ import annotations

import operator
from collections.abc import Sequence
from dataclasses import replace

from cotrack_client.cleaning.polynomials import smoothing_weights
from cotrack_client.errors import CotrackError
from cotrack_client.local_motion import runs, stretches
from cotrack_client.tracks import Track

DEGREE = 3
LEAST_WINDOW, MOST_WINDOW = 5, 101


def smooth(track: Track, window: int) -> Track:
    """Smooth what is visible, over `window` frames; a motion that is a cubic in time stays as it is.

    A stretch between keys or gaps that is shorter than the window is smoothed as a whole, one of fewer than 5 frames
    not at all. Raises CotrackError unless `window` is odd and from 5 to 101.
    """
    if window % 2 == 0 or not LEAST_WINDOW <= window <= MOST_WINDOW:
        raise CotrackError(
            f"a track cannot be smoothed over {window} frames; "
            f"choose an odd number from {LEAST_WINDOW} to {MOST_WINDOW}"
        )
    x, y = list(track.x), list(track.y)
    keys = frozenset(track.keys)
    for run in runs(track):
        for part in stretches(track, run):
            held = track.frames[part.start] in keys, track.frames[part.stop - 1] in keys
            for smoothed, values in ((x, track.x), (y, track.y)):
                smoothed[part.start + held[0] : part.stop - held[1]] = _smoothed(
                    values[part.start : part.stop], window, held
                )
    return replace(track, x=tuple(x), y=tuple(y))


def _smoothed(values: Sequence[float], window: int, held: tuple[bool, bool]) -> list[float]:
    """Return the values smoothed, without those at the ends that are held."""
    count, first, last = len(values), int(held[0]), len(values) - held[1]
    if count < LEAST_WINDOW:
        return list(values[first:last])
    window = min(window, count)
    half = window // 2
    windows = list(zip(*(values[begin : count - window + 1 + begin] for begin in range(window))))
    smoothed = []
    for index in range(first, last):
        begin = min(max(index - half, 0), count - window)
        is_held = held[0] and begin == 0, held[1] and begin + window == count
        weights = smoothing_weights(window, DEGREE, index - begin, is_held)
        smoothed.append(sum(map(operator.mul, weights, windows[begin])))
    return smoothed
