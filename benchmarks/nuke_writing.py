# SPDX-License-Identifier: Apache-2.0
"""What it costs to write tracks into a Tracker4: rows are put together in slices, and set at the end.

    python benchmarks/nuke_writing.py [--tracks 200] [--frames 1000]

Nuke itself is the stand-in of the tests, so what it takes to set and give text is left out of the figures.
"""

from __future__ import annotations

import argparse
import random
import re
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(REPOSITORY / "tests/nuke/stand_in"), str(REPOSITORY)]

import nuke  # noqa: E402  the stand-in
from cotrack_client.formats.nuke.curves import read_channel, write_curve  # noqa: E402
from cotrack_client.formats.nuke.nodes import Format  # noqa: E402
from cotrack_client.formats.nuke.table import Table, read_table  # noqa: E402
from cotrack_client.frames import FrameRange  # noqa: E402
from cotrack_client.tracks import Track  # noqa: E402
from cotrack_nuke.preparing import MergedRows, NewRows, Plan, Preparation  # noqa: E402
from cotrack_nuke.tables import positions_of  # noqa: E402
from cotrack_nuke.writing import write_into, write_new  # noqa: E402

SIZE = Format(3840, 2160)
SHARE_SEEN = 0.95
SLICE_SECONDS = 0.03


def made_up_tracks(count: int, frames: FrameRange) -> tuple[Track, ...]:
    """Tracks that are all over the place, each with one key and some gaps."""
    numbers = tuple(frames.numbers())
    values = random.Random(1)  # noqa: S311  for a table to be full, nothing else
    tracks = []
    for place in range(count):
        key = numbers[place % len(numbers)]
        x, y = ([values.uniform(0, side) for _ in numbers] for side in (SIZE.width, SIZE.height))
        seen = [frame == key or values.random() < SHARE_SEEN for frame in numbers]
        confidence = [values.random() for _ in numbers]
        columns = (tuple(column) for column in (x, y, seen, confidence))
        tracks.append(Track(f"track {place + 1}", (key,), numbers, *columns))
    return tuple(tracks)


class Scale:
    """Counts CPU seconds, without what the stand-in takes to give and to take a table.

    saves_as_nuke: tables are given with the frames left out that follow from the ones before, so that the text is not
    what was set.
    """

    def __init__(self) -> None:
        self.saves_as_nuke = False
        self._not_ours = 0.0
        kind: Any = type(nuke.toNode("Tracker1")["tracks"])
        give, take = kind.toScript, kind.fromScript
        kind.toScript = lambda knob: self._outside(lambda: self._saved(give(knob)))
        kind.fromScript = lambda knob, text: self._outside(lambda: take(knob, text))

    def seconds_of(self, call: Callable[[], Any]) -> tuple[float, Any]:
        """What a call took, and what it returned."""
        began, before = time.process_time(), self._not_ours
        result = call()
        return time.process_time() - began - (self._not_ours - before), result

    def _outside(self, call: Callable[[], Any]) -> Any:  # noqa: ANN401  whatever the stand-in returns
        began = time.process_time()
        result = call()
        self._not_ours += time.process_time() - began
        return result

    def _saved(self, text: str) -> str:
        if not self.saves_as_nuke:
            return text
        return re.sub(r"\{(curve [^{}]*)\}", lambda cell: f"{{{write_curve(read_channel(cell[1]))}}}", text)


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tracks", type=int, default=200)
    parser.add_argument("--frames", type=int, default=1000)
    asked = parser.parse_args()
    frames = FrameRange(1001, 1000 + asked.frames)
    tracks = made_up_tracks(asked.tracks, frames)
    nuke.stand_in.reset()
    nuke.stand_in.load("Read {\n inputs 0\n name Read1\n}\nTracker4 {\n name Tracker1\n}\n")
    tracker = nuke.toNode("Tracker1")
    scale = Scale()
    print(f"{asked.tracks} tracks of {asked.frames} frames, CPU s    all slices    longest    the end")

    def report(what: str, plan: Plan, write: Callable[[Table], Any]) -> None:
        text = tracker["tracks"].toScript()
        seconds, preparation = scale.seconds_of(lambda: Preparation(plan, text, "tracks"))
        slices, is_over = [seconds], False
        while not is_over:
            seconds, is_over = scale.seconds_of(lambda: preparation.go_on(SLICE_SECONDS))
            slices.append(seconds)
        end, _ = scale.seconds_of(lambda: write(preparation.result(text).table))
        print(f"{what:38}{sum(slices):12.2f}{max(slices):11.3f}{end:11.2f}")

    new = NewRows(lambda: tracks, SIZE, frames)
    report("a new Tracker4", new, lambda table: write_new(tracker, table, tracks, frames))
    empty = tracker["tracks"].toScript()
    write_into(tracker, Preparation(new, empty, "tracks").result(empty).table)
    merged = MergedRows(
        lambda: tracks, SIZE, lambda _name: frames, positions_of(read_table(tracker["tracks"].toScript()))
    )
    report("into one that was tracked before", merged, lambda table: write_into(tracker, table))
    scale.saves_as_nuke = True
    report("the same, read back as Nuke saves it", merged, lambda table: write_into(tracker, table))


if __name__ == "__main__":
    main()
