# SPDX-License-Identifier: Apache-2.0
"""The table that a Tracker4 is to have, put together in a thread beside Nuke's own: text and numbers, and no node.

Hundreds of tracks of a thousand frames take seconds. What the artist placed or moved since the job began is a key too.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping, Sequence
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

from .tables import Positions, listed, positions_of


@dataclass(frozen=True)
class Prepared:
    """A table, and the names of tracks for which it has no row."""

    table: Table
    lost: tuple[str, ...] = ()


class Plan(Protocol):
    """How the table comes to be of the one that the artist's Tracker4 holds. Raises CotrackError."""

    def __call__(self, old: Table) -> Prepared:
        """Return it."""


@dataclass(frozen=True)
class NewRows:
    """A table of tracks alone; the rows of their names in the old one lend their looks. frames: those tracked."""

    tracks: Callable[[], Sequence[Track]]
    size: Format
    frames: FrameRange

    def __call__(self, old: Table) -> Prepared:
        """See `Plan`."""
        style = RowStyle.for_width(self.size.width)
        rows = (
            new_row(track, self.size.height, self.frames, style, old.row(track.name)).on_own_line(old.line_end)
            for track in self.tracks()
        )
        return Prepared(old.with_rows(rows))


@dataclass(frozen=True)
class MergedRows:
    """The old table with tracks in the rows of their names.

    frames: of a track, those that were tracked; all else of its row stays. before: positions when the job began.
    A key at which the row had an error, as a sample has, loses it: that is how keys are told from samples.
    """

    tracks: Callable[[], Sequence[Track]]
    size: Format
    frames: Callable[[str], FrameRange]
    before: Positions

    def __call__(self, old: Table) -> Prepared:
        """See `Plan`. Raises CotrackError where the old table has none of the rows any more."""
        now, tracks = positions_of(old), self.tracks()
        rows = {row.name: row for row in old.rows}
        lost = tuple(track.name for track in tracks if track.name not in rows)
        if len(lost) == len(tracks):
            raise CotrackError(f"the Tracker has none of the tracks any more ({listed(lost)}); undo, and track again")
        for track in tracks:
            row = rows.get(track.name)
            if row is not None:
                keyed = _with_keys(track, _placed_since(now[row.name], self.before.get(row.name, {})), self.size)
                told = _without_errors(row, keyed.keys)
                merged = merge_row(told, keyed, self.size.height, self.frames(row.name))
                rows[row.name] = merged.on_own_line(old.line_end)
        return Prepared(old.with_rows(rows.values()), lost)


class Preparation:
    """A plan that is carried out in a thread. text: what the Tracker4 holds now; where: what errors call it."""

    def __init__(self, plan: Plan, text: str, where: str) -> None:
        self._plan = plan
        self._text = text
        self._where = where
        self._prepared: Prepared | None = None
        self._error: Exception | None = None
        self._thread = threading.Thread(target=self._run, name="cotrack table", daemon=True)
        self._thread.start()

    @property
    def is_over(self) -> bool:
        """Whether `result` will not wait."""
        return not self._thread.is_alive()

    def result(self, text: str) -> Prepared:
        """Return the table for a Tracker4 that holds this text by now; what the artist changed meanwhile counts.

        Raises CotrackError where the plan cannot be carried out.
        """
        self._thread.join()
        if text != self._text:
            return self._plan(read_table(text, self._where))
        if self._prepared is None:
            raise self._error or RuntimeError("the table was not prepared")
        return self._prepared

    def _run(self) -> None:
        try:
            prepared = self._plan(read_table(self._text, self._where))
            for row in prepared.table.rows:
                positions(row)  # rows remember what was read of them, and Nuke's answer is compared with that
            self._prepared = prepared
        except Exception as error:  # noqa: BLE001  the edge to another thread: it is raised by whoever asks for the result
            self._error = error


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
