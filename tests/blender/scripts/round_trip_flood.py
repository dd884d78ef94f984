# SPDX-License-Identifier: Apache-2.0
"""Has 100 tracks of 1,000 frames written at once, and looks how long the window has to wait meanwhile."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator

import extension

_TRACKS = 100
_REST_SECONDS = 2.0


def play(stage: object, zip_file: str, movie: str, python: str) -> Iterator[float]:
    clip = yield from extension.begin(stage, zip_file, movie, python)
    for index in range(_TRACKS):
        track = clip.tracking.tracks.new(name=f"track {index}", frame=500)
        track.markers[0].co = 0.1 + 0.8 * (index % 10) / 9, 0.1 + 0.8 * (index // 10) / 9
        track.select = True
    yield from stage.go_to(500)
    rest = time.monotonic() + _REST_SECONDS
    told = {"pauses_before": (yield from _pauses(lambda: time.monotonic() < rest))}
    writes = _watch_writing()
    yield from extension.start_task(stage, "cotrack.track", across=0.5)
    told["pauses"] = yield from _pauses(extension.tasks)
    told["writes"] = writes
    told["markers"] = [len(track.markers) for track in clip.tracking.tracks]
    told["keys"] = [[marker.frame for marker in track.markers if marker.is_keyed] for track in clip.tracking.tracks]
    yield from stage.screenshot("written")
    return told


def _pauses(is_going_on: Callable[[], object]) -> Iterator[float]:
    """How long the window's loop takes for a turn, in seconds, while something goes on."""
    turns = []
    last = time.perf_counter()
    while is_going_on():
        yield 0.0
        now = time.perf_counter()
        turns.append(now - last)
        last = now
    return {"longest": max(turns), "median": statistics.median(turns), "turns": len(turns)}


def _watch_writing() -> list[dict[str, object]]:
    """Note of every tick what it may take and takes, s, and of its pieces how many samples they have and how long."""
    writer = extension.module("writing").Writer
    write, do = writer.write, writer._do
    writes: list[dict[str, object]] = []

    def watched_write(self: object, seconds: float) -> int:
        if not self._pieces:
            return write(self, seconds)
        begun = time.perf_counter()
        writes.append({"allowed": seconds, "seconds": [], "samples": []})
        left = write(self, seconds)
        writes[-1]["took"] = time.perf_counter() - begun
        return left

    def watched_do(self: object, name: str, action: object) -> None:
        part = getattr(action, "keywords", {}).get("part", ())
        begun = time.perf_counter()
        do(self, name, action)
        writes[-1]["seconds"].append(time.perf_counter() - begun)
        writes[-1]["samples"].append(len(part))

    writer.write, writer._do = watched_write, watched_do
    return writes
