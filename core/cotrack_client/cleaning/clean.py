# SPDX-License-Identifier: Apache-2.0
"""All operations on a track, in the order in which they help each other, and what each of them changed.

1. What is doubtful is taken out (too little confidence, too large an error), so that it takes no part in what follows.
2. Spikes are taken out.
3. Short gaps are filled, also those that the first two have made.
4. What is still visible for a short time only is taken out.
5. What is left is smoothed.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Callable, TypeVar

from cotrack_client.cleaning.filling import fill_gaps
from cotrack_client.cleaning.smoothing import smooth
from cotrack_client.cleaning.taking_out import (
    take_out_doubtful,
    take_out_short,
    take_out_spikes,
    take_out_uncertain,
)
from cotrack_client.tracks import Track

_NOTICEABLE_PX = 1e-6

Operation = Callable[[Track], Track]


@dataclass(frozen=True)
class Cleaning:
    """Which operations, and how much of them; by default none.

    confidence: take out what has less, 0..1. error: take out what is known less exactly, px. despike: take out spikes.
    fill: the longest gap to fill, frames. shortest: take out what is visible for fewer frames in a row. smooth: over so
    many frames.
    """

    confidence: float | None = None
    error: float | None = None
    despike: bool = False
    fill: int | None = None
    shortest: int | None = None
    smooth: int | None = None

    def operations(self) -> tuple[tuple[str, Operation], ...]:
        """Return what was asked for, by name and in its order."""
        asked: list[tuple[str, Operation | None]] = [
            ("confidence", _with(take_out_doubtful, self.confidence)),
            ("error", _with(take_out_uncertain, self.error)),
            ("spikes", take_out_spikes if self.despike else None),
            ("filled", _with(fill_gaps, self.fill)),
            ("short", _with(take_out_short, self.shortest)),
            ("smoothed", _with(smooth, self.smooth)),
        ]
        return tuple((name, operation) for name, operation in asked if operation is not None)


@dataclass(frozen=True)
class Change:
    """What one operation did to all tracks.

    tracks, samples: how many of them it changed, by more than rounding. farthest: the longest way that a visible sample
    was moved, px.
    """

    operation: str
    tracks: int = 0
    samples: int = 0
    farthest: float = 0.0

    def with_track(self, before: Track, after: Track) -> Change:
        """Return the same with another track."""
        if before == after:
            return self
        old = _samples(before)
        turned = moved = 0
        farthest = self.farthest
        for frame, (x, y, seen) in _samples(after).items():
            old_x, old_y, was_seen = old.get(frame, (x, y, False))
            way = math.hypot(x - old_x, y - old_y) if seen and was_seen else 0.0
            turned += seen != was_seen
            moved += way > _NOTICEABLE_PX
            farthest = max(farthest, way)
        return Change(self.operation, self.tracks + bool(turned + moved), self.samples + turned + moved, farthest)


def clean(tracks: Iterable[Track], cleaning: Cleaning) -> tuple[tuple[Track, ...], tuple[Change, ...]]:
    """Return the tracks cleaned, and what each operation that was asked for has changed, in their order.

    Raises CotrackError where something is asked for that an operation cannot do.
    """
    changes = {name: Change(name) for name, _ in cleaning.operations()}
    cleaned = []
    for track in tracks:
        steps = [track]
        for name, operation in cleaning.operations():
            steps.append(operation(steps[-1]))
            changes[name] = changes[name].with_track(*steps[-2:])
        cleaned.append(steps[-1])
    return tuple(cleaned), tuple(changes.values())


_Amount = TypeVar("_Amount", int, float)


def _with(operation: Callable[[Track, _Amount], Track], amount: _Amount | None) -> Operation | None:
    return None if amount is None else lambda track: operation(track, amount)


def _samples(track: Track) -> dict[int, tuple[float, float, bool]]:
    return dict(zip(track.frames, zip(track.x, track.y, track.visible)))
