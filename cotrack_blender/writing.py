# SPDX-License-Identifier: GPL-3.0-or-later
"""Samples as they stream in, written as markers in slices so short that the window stays responsive."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable
from functools import partial

import bpy

from cotrack_client.messages import Stretch

from .clip_frames import ClipFrames
from .markers import Reading
from .track_run import TrackRun
from .words import listed

PIECE = 250
"""Samples that are written without looking at the clock: a few milliseconds."""

Action = Callable[[bpy.types.MovieClip, bpy.types.MovieTrackingTrack], None]


class Writer:
    """Writes the samples of one job: a little at every tick, until `write` says that nothing is left."""

    def __init__(self, reading: Reading, frames: ClipFrames, size: tuple[int, int], *, weights: bool = False) -> None:
        """frames: all of the clip's. weights: animate the tracks' weights with the confidence of their samples."""
        self._place = reading.place
        self._runs = {track.name: TrackRun(track, frames, size, weights=weights) for track in reading.tracks}
        self._pieces: deque[tuple[str, int, Action]] = deque()
        self._left = 0
        self._lost: dict[str, None] = {}

    def add(self, stretches: Iterable[Stretch]) -> None:
        """Take samples to be written. Tracks that were not read are ignored."""
        for stretch in stretches:
            if (run := self._runs.get(stretch.name)) is not None:
                count = len(stretch.frames)
                for start in range(0, count, PIECE):
                    part = range(start, min(start + PIECE, count))
                    self._push(stretch.name, len(part), partial(run.write, stretch=stretch, part=part))

    def end(self) -> None:
        """No more samples will come, however the job ended: each track is to be closed."""
        for name, run in self._runs.items():
            self._push(name, 1, run.close)

    def write(self, seconds: float) -> int:
        """Write for about so long; how many samples and tracks to be closed are left, 0 when all is done."""
        end = time.perf_counter() + seconds
        while self._pieces:
            name, count, action = self._pieces.popleft()
            self._left -= count
            self._do(name, action)
            if time.perf_counter() >= end:
                break
        return self._left

    def remarks(self) -> tuple[str, ...]:
        """What the artist should hear, a sentence each."""
        if not self._lost:
            return ()
        return (f"deleted or renamed meanwhile, and therefore not written: {listed(self._lost)}",)

    def _push(self, name: str, count: int, action: Action) -> None:
        self._pieces.append((name, count, action))
        self._left += count

    def _do(self, name: str, action: Action) -> None:
        """Find the track anew each time: undo and loading a file leave dangling whatever was held."""
        clip, tracks = self._place.clip(), self._place.tracks()
        track = tracks.get(name) if tracks else None
        if clip is None or track is None:
            self._lost[name] = None
        else:
            action(clip, track)
