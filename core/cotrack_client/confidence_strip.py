# SPDX-License-Identifier: Apache-2.0
"""A track as a strip of columns over the frames of its shot: how confident, where there are gaps, where its keys are.

A strip may be narrower than its shot is long. A column then tells the worst of its frames, so that a gap of one frame
in a thousand is not lost. Columns are device pixels, counted from the left edge.
"""

from __future__ import annotations

from dataclasses import dataclass

from cotrack_client.frames import FrameRange
from cotrack_client.tracks import Track

LEVELS = 32
"""Steps of confidence that a strip tells apart: level 0 is none, level LEVELS is certainty."""

GAP = -1
"""The level of columns with a frame in which the track is not visible."""

UNTRACKED = LEVELS + 1
"""The level of columns of which nothing is known; above all others, as what is known counts."""


@dataclass(frozen=True)
class Run:
    """Columns from `start` up to, and without, `stop` that look alike. level: 0..LEVELS, GAP or UNTRACKED."""

    start: int
    stop: int
    level: int


def runs(track: Track, shot: FrameRange, columns: int) -> list[Run]:
    """Return a strip of so many columns from left to right, without holes."""
    levels, frames = _levels(track, shot), len(shot)
    found: list[Run] = []
    begin, looks = 0, UNTRACKED
    for column in range(columns):
        first = column * frames // columns
        last = max(first, ((column + 1) * frames - 1) // columns)
        level = levels[first] if first == last else min(levels[first : last + 1])
        if level != looks:
            if column > begin:
                found.append(Run(begin, column, looks))
            begin, looks = column, level
    if columns > begin:
        found.append(Run(begin, columns, looks))
    return found


def left_of(frame: int, shot: FrameRange, width: float) -> float:
    """Return where a frame begins in a strip so wide; the frame after the last begins at `width`."""
    return (frame - shot.first) * width / len(shot)


def frame_at(x: float, shot: FrameRange, width: float) -> int:
    """Return the frame below a place of a strip so wide; the nearest one beyond its ends."""
    index = int(x * len(shot) // max(width, 1.0))
    return shot.first + min(max(index, 0), len(shot) - 1)


def ruler(shot: FrameRange, width: float, apart: float) -> list[int]:
    """Return the frames to write above a strip so wide: round numbers, at least `apart` from each other."""
    step, factors = 1, (2, 5, 10)
    while step * width / len(shot) < apart and step < len(shot):
        decade = 10 ** (len(str(step)) - 1)
        step = next(decade * factor for factor in factors if decade * factor > step)
    begin = -(-shot.first // step) * step
    return list(range(begin, shot.last + 1, step))


def _levels(track: Track, shot: FrameRange) -> list[int]:
    levels = [UNTRACKED] * len(shot)
    for frame, visible, confidence in zip(track.frames, track.visible, track.confidence):
        if shot.first <= frame <= shot.last:
            levels[frame - shot.first] = round(min(max(confidence, 0.0), 1.0) * LEVELS) if visible else GAP
    return levels
