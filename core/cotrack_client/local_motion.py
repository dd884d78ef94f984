# SPDX-License-Identifier: Apache-2.0
"""Where a track goes on without a break, and how far a sample departs from the way that its neighbours take.

A *run* is as many frames in a row as the track is visible in; a *stretch between keys* is a part of a run that no key
divides, the keys at its ends included. Both are ranges of indices into the track's columns.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from cotrack_client.tracks import Track

NEIGHBOURS = 4
"""How many samples a departure is judged by; a stretch with fewer beside the judged one says nothing."""

_LINES = tuple(
    tuple(
        ((later - place) / (later - earlier), (place - earlier) / (later - earlier), earlier - place, later - place)
        for earlier in range(NEIGHBOURS + 1)
        for later in range(earlier + 1, NEIGHBOURS + 1)
        if place not in (earlier, later)
    )
    for place in range(NEIGHBOURS + 1)
)
"""For each place among five samples in a row, the lines through two of the others: their weights and their places."""


def runs(track: Track) -> list[range]:
    """Return the runs of a track, in order."""
    found: list[range] = []
    begin, expected = 0, None
    for index, (frame, visible) in enumerate(zip(track.frames, track.visible)):
        if expected is not None and (not visible or frame != expected):
            found.append(range(begin, index))
            expected = None
        if visible:
            begin = index if expected is None else begin
            expected = frame + 1
    if expected is not None:
        found.append(range(begin, len(track.frames)))
    return found


def stretches(track: Track, run: range) -> list[range]:
    """Return the parts of a run that its keys divide it into; neighbours share the key between them."""
    keys = frozenset(track.keys)
    inner = range(run.start + 1, run.stop - 1)
    ends = [run.start, *(index for index in inner if track.frames[index] in keys), run.stop - 1]
    return [range(first, last + 1) for first, last in zip(ends, ends[1:])]


def departure(x: Sequence[float], y: Sequence[float], index: int, stretch: range) -> float | None:
    """Return how far a sample is from every straight line through two of its four nearest neighbours, in px.

    A spike of one frame, or of two, is near none of them; the samples beside it are near one, and so are those on both
    sides of a jump from which the track does not come back. None where the stretch is too short to tell.
    """
    if len(stretch) <= NEIGHBOURS:
        return None
    first = min(max(index - NEIGHBOURS // 2, stretch.start), stretch.stop - 1 - NEIGHBOURS)
    own_x, own_y = x[index], y[index]
    nearest = min(
        (own_x - a * x[index + i] - b * x[index + j]) ** 2 + (own_y - a * y[index + i] - b * y[index + j]) ** 2
        for a, b, i, j in _LINES[index - first]
    )
    return float(nearest**0.5)


def bends(x: Sequence[float], y: Sequence[float], stretch: range) -> list[float]:
    """Return how far each sample of a stretch, without its ends, is from the middle of the two beside it, in px.

    No departure is larger.
    """
    samples = [(x[index], y[index]) for index in stretch]
    return [
        math.hypot(own_x - (x_before + x_after) / 2, own_y - (y_before + y_after) / 2)
        for (x_before, y_before), (own_x, own_y), (x_after, y_after) in zip(samples, samples[1:], samples[2:])
    ]
