# SPDX-License-Identifier: Apache-2.0
"""The operations that take samples out of a track: doubtful ones, spikes, what is seen too shortly to be of use."""

from __future__ import annotations

import math

from cotrack_client.cleaning.samples import taken_out
from cotrack_client.local_motion import NEIGHBOURS, bends, departure, runs, stretches
from cotrack_client.tracks import Covariance, Track

SPIKE_PX = 0.5
"""What departs less from its neighbours is no spike."""

SPIKE_TIMES = 4.0
"""A spike departs by so many times more than the track bends around it; of plain noise one in 30,000 does."""

_AROUND = 10  # samples on each side


def take_out_doubtful(track: Track, confidence: float) -> Track:
    """Take out what has less confidence than that, 0..1."""
    doubts = (
        index for index, (seen, own) in enumerate(zip(track.visible, track.confidence)) if seen and own < confidence
    )
    return taken_out(track, doubts)


def take_out_uncertain(track: Track, error: float) -> Track:
    """Take out what is known less exactly than that: px, standard deviation along the worst direction.

    What has no covariance cannot be judged, and stays.
    """
    columns = enumerate(zip(track.visible, track.covariance))
    return taken_out(
        track, (index for index, (seen, own) in columns if seen and own is not None and expected_error(own) > error)
    )


def expected_error(covariance: Covariance) -> float:
    """Return the standard deviation of a position along its worst direction, px."""
    xx, xy, yy = covariance
    largest = (xx + yy) / 2 + math.hypot((xx - yy) / 2, xy)
    return math.sqrt(max(largest, 0.0))


def take_out_spikes(track: Track, least: float = SPIKE_PX, times: float = SPIKE_TIMES) -> Track:
    """Take out what jumps away from the motion of its neighbours and back again within two frames.

    A spike departs (`local_motion.departure`) by more than `least` px, and by more than `times` the median bend
    (`local_motion.bends`) of the ten samples before and after it, so that what shakes throughout stays as it is. What
    is left is looked at again until nothing jumps any more.
    """
    while True:
        parts = [part for run in runs(track) for part in stretches(track, run)]
        spikes = [index for part in parts for index in _spikes(track, part, least, times)]
        cleaned = taken_out(track, spikes)
        if cleaned.visible == track.visible:
            return track
        track = cleaned


def take_out_short(track: Track, frames: int) -> Track:
    """Take out what is visible for fewer frames in a row than that, unless there is a key among them."""
    keys = frozenset(track.keys)
    short = (run for run in runs(track) if len(run) < frames and not any(track.frames[index] in keys for index in run))
    return taken_out(track, (index for run in short for index in run))


def _spikes(track: Track, part: range, least: float, times: float) -> list[int]:
    """Return the indices of the spikes in a stretch between keys."""
    if len(part) <= NEIGHBOURS:
        return []
    bent = bends(track.x, track.y, part)
    found = []
    for place, index in enumerate(part):
        is_inside = 0 < place < len(part) - 1
        if is_inside and bent[place - 1] <= least:
            continue
        around = sorted(bent[max(0, place - 1 - _AROUND) : place + _AROUND])
        limit = max(least, times * around[len(around) // 2])
        if is_inside and bent[place - 1] <= limit:
            continue
        if (departure(track.x, track.y, index, part) or 0.0) > limit:
            found.append(index)
    return found
