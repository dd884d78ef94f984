# SPDX-License-Identifier: Apache-2.0
"""The table that a Tracker4 is to have, put together row by row between two beats: text and numbers, and no node.

Hundreds of tracks of a thousand frames take seconds. What the artist placed or moved since the job began is a key too.
"""

from __future__ import annotations

import math
import time
from collections.abc import Generator, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Callable, Protocol

from cotrack_client.errors import CotrackError
from cotrack_client.formats.nuke.curves import Curve, curve_of
from cotrack_client.formats.nuke.nodes import Format
from cotrack_client.formats.nuke.table import Row, Table, curve_cell, read_table
from cotrack_client.formats.nuke.tracker import RowStyle, merge_row, new_row, positions
from cotrack_client.frames import FrameRange
from cotrack_client.raster import Point, from_nuke
from cotrack_client.tracks import Track

from .tables import Positions, listed


@dataclass(frozen=True)
class Prepared:
    """A table, and the names of tracks for which it has no row."""

    table: Table
    lost: tuple[str, ...] = ()


Steps = Generator[None, None, Prepared]
"""Yields after every row, and returns what came of all."""


class Plan(Protocol):
    """How the table comes to be of the one that the artist's Tracker4 holds."""

    def steps(self, old: Table) -> Steps:
        """Go on row by row. Raises CotrackError."""


@dataclass(frozen=True)
class NewRows:
    """A table of tracks alone; the rows of their names in the old one lend their looks. frames: those tracked."""

    tracks: Callable[[], Iterable[Track]]
    size: Format
    frames: FrameRange

    def steps(self, old: Table) -> Steps:
        """See `Plan`."""
        style = RowStyle.for_width(self.size.width)
        rows = []
        for track in self.tracks():
            row = new_row(track, self.size.height, self.frames, style, old.row(track.name))
            rows.append(_ready(row, old))
            yield
        return Prepared(old.with_rows(rows))


@dataclass(frozen=True)
class MergedRows:
    """The old table with tracks in the rows of their names.

    frames: of a track, those that were tracked; all else of its row stays. before: positions when the job began.
    A key at which the row had an error, as a sample has, loses it: that is how keys are told from samples.
    """

    tracks: Callable[[], Iterable[Track]]
    size: Format
    frames: Callable[[str], FrameRange]
    before: Positions

    def steps(self, old: Table) -> Steps:
        """See `Plan`. Raises CotrackError where the old table has none of the rows any more."""
        rows = {row.name: row for row in old.rows if old.row(row.name)}
        lost, count = [], 0
        for track in self.tracks():
            count += 1
            row = rows.get(track.name)
            if row is None:
                lost.append(track.name)
                continue
            placed = _placed_since(positions(row), self.before.get(row.name, {}))
            keyed = _with_keys(track, placed, self.size)
            told = _without_errors(row, keyed.keys)
            rows[row.name] = _ready(merge_row(told, keyed, self.size.height, self.frames(row.name)), old)
            yield
        if len(lost) == count:
            raise CotrackError(f"the Tracker has none of the tracks any more ({listed(lost)}); undo, and track again")
        return Prepared(old.with_rows(rows.values()), tuple(lost))


class Preparation:
    """A plan on its way. text: what the Tracker4 holds now; where: what errors call it. Raises CotrackError."""

    _text: str
    _steps: Steps
    _prepared: Prepared | None

    def __init__(self, plan: Plan, text: str, where: str) -> None:
        self._plan = plan
        self._where = where
        self._begin(text)

    def go_on(self, seconds: float) -> bool:
        """Go on for about so long, a row at least; whether all is done. Raises CotrackError."""
        end = time.monotonic() + seconds
        while self._prepared is None:
            try:
                next(self._steps)
            except StopIteration as over:
                self._prepared = over.value
            if time.monotonic() >= end:
                break
        return self._prepared is not None

    def result(self, text: str) -> Prepared:
        """Return the table for a Tracker4 that holds this text by now; what the artist changed meanwhile counts.

        Raises CotrackError where the plan cannot be carried out.
        """
        if text != self._text:
            self._begin(text)
        while self._prepared is None:
            self.go_on(math.inf)
        return self._prepared

    def _begin(self, text: str) -> None:
        self._text = text
        self._prepared = None
        self._steps = self._plan.steps(read_table(text, self._where))


def _ready(row: Row, old: Table) -> Row:
    """The row on a line of its own, which remembers its positions: Nuke's answer is compared with them."""
    row = row.on_own_line(old.line_end)
    positions(row)
    return row


def _without_errors(row: Row, frames: Iterable[int]) -> Row:
    """The row with no error at keys, where it knows of errors at all."""
    channel = row.channel("error")
    if not isinstance(channel, Curve) or not channel.frames:
        return row
    errors = dict(zip(channel.frames, channel.values))
    if all(errors.get(frame) == 0.0 for frame in frames):
        return row
    errors.update({float(frame): 0.0 for frame in frames})
    return row.setting({"error": curve_cell(curve_of(sorted(errors.items())))})


def _placed_since(now: Mapping[int, Point], before: Mapping[int, Point]) -> dict[int, Point]:
    return {frame: position for frame, position in now.items() if before.get(frame) != position}


def _with_keys(track: Track, placed: Mapping[int, Point], size: Format) -> Track:
    """The track with keys at these positions, Nuke's pixels, instead of what it has there."""
    if not placed:
        return track
    samples = {
        frame: (track.x[index], track.y[index], track.visible[index], track.confidence[index])
        for index, frame in enumerate(track.frames)
    }
    samples.update({frame: (*from_nuke(*position, size.height), True, 1.0) for frame, position in placed.items()})
    frames = tuple(sorted(samples))
    return replace(
        track,
        keys=tuple(sorted({*track.keys, *placed})),
        frames=frames,
        x=tuple(samples[frame][0] for frame in frames),
        y=tuple(samples[frame][1] for frame in frames),
        visible=tuple(samples[frame][2] for frame in frames),
        confidence=tuple(samples[frame][3] for frame in frames),
    )
