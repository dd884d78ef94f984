# SPDX-License-Identifier: Apache-2.0
"""Tracks into a Tracker4: a new one beside the artist's, or the artist's own; one step to undo.

The table is written as text, at once, and read back. What the artist placed or moved since the job began is a key too.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import nuke
from cotrack_client.errors import CotrackError
from cotrack_client.formats.nuke.curves import Curve, CurveKey
from cotrack_client.formats.nuke.nodes import Format
from cotrack_client.formats.nuke.table import Row, Table, curve_cell, read_table
from cotrack_client.formats.nuke.tracker import RowStyle, merge_row, new_row, positions
from cotrack_client.frames import FrameRange
from cotrack_client.raster import Point, from_nuke
from cotrack_client.tracks import Track

from .reading import Positions, listed, positions_of, table_of
from .surroundings import group_of, leaving_no_trace, one_undo_step

STEP = "Track with CoTracker3"
_KEPT = 1e-6  # of a number, at least
_BESIDE = 110  # px in the graph; a node is 80 wide


def write_new(tracker: nuke.Node, tracks: Sequence[Track], size: Format, frames: FrameRange) -> nuke.Node:
    """Make a Tracker4 with these tracks beside another one, whose rows of the same names lend their looks.

    Selection, connections and everything else stay as they are. Raises CotrackError where Nuke does not take it.
    """
    old = table_of(tracker)
    style = RowStyle.for_width(size.width)
    rows = (new_row(track, size.height, frames, style, old.row(track.name)) for track in tracks)
    table = old.with_rows(row.on_own_line(old.line_end) for row in rows)
    with one_undo_step(STEP):
        with group_of(tracker):
            node: nuke.Node = nuke.nodes.Tracker4()
        node.setName(f"{tracker.name()}_ai", uncollide=True)
        node.setInput(0, tracker.input(0))
        node.setXYpos(tracker.xpos() + _BESIDE, tracker.ypos())
        _fill(node, table)
        node["reference_frame"].setValue(_reference_frame(tracker, tracks, frames))
        node["livelink_transform"].setValue(True)
        node.forceValidate()
    return node


def merge_into(
    tracker: nuke.Node, tracks: Sequence[Track], size: Format, frames: Mapping[str, FrameRange], before: Positions
) -> tuple[str, ...]:
    """Write tracks into the rows of their names; return sentences for the artist.

    frames: by track, those that were tracked; all else of a row stays. before: its positions when the job began.
    A key at which the row had an error, as a sample has, loses it: that is how keys are told from samples.
    Raises CotrackError where Nuke does not take it.
    """
    old = table_of(tracker)
    now = positions_of(old)
    rows = list(old.rows)
    places = {row.name: place for place, row in enumerate(rows)}
    lost = [track.name for track in tracks if track.name not in places]
    for track in tracks:
        if track.name in places:
            place = places[track.name]
            placed = _placed_since(now[track.name], before.get(track.name, {}))
            keyed = _with_keys(track, placed, size)
            merged = merge_row(_without_errors(rows[place], keyed.keys), keyed, size.height, frames[track.name])
            rows[place] = merged.on_own_line(old.line_end)
    if len(lost) == len(tracks):
        raise CotrackError(f"{tracker.name()} has none of the tracks any more ({listed(lost)}); undo, and track again")
    with one_undo_step(STEP):
        _fill(tracker, old.with_rows(rows))
        tracker.forceValidate()
    return (f"deleted or renamed meanwhile, and therefore not written: {listed(lost)}",) if lost else ()


def remember(node: nuke.Node, knob: str, value: str) -> None:
    """Set a knob for the plug-in's own use, outside of the undo history."""
    if knob in node.knobs():
        with leaving_no_trace():
            node[knob].setValue(value)


def _fill(node: nuke.Node, table: Table) -> None:
    """Give a Tracker4 its tracks. Raises CotrackError where it does not hold them afterwards."""
    node["tracks"].fromScript(table.text)
    there = read_table(node["tracks"].toScript(), f"the tracks of {node.name()}")
    if not _hold_the_same(there, table):
        raise CotrackError(f"{node.name()} does not hold the tracks that were written; please report this Nuke")


def _hold_the_same(there: Table, wanted: Table) -> bool:
    """Whether two tables have the same positions, as far as 32 bit numbers tell; text may differ."""
    if [row.name for row in there.rows] != [row.name for row in wanted.rows]:
        return False
    pairs = zip(there.rows, wanted.rows)
    return all(one.cells == other.cells or _are_at_the_same_places(one, other) for one, other in pairs)


def _are_at_the_same_places(one: Row, other: Row) -> bool:
    found, wanted = positions(one), positions(other)
    return found.keys() == wanted.keys() and all(
        math.isclose(value, own, rel_tol=_KEPT, abs_tol=_KEPT)
        for frame, position in wanted.items()
        for value, own in zip(found[frame], position)
    )


def _without_errors(row: Row, frames: Iterable[int]) -> Row:
    """The row with no error at keys, where it knows of errors at all."""
    channel = row.channel("error")
    if not isinstance(channel, Curve) or not channel.keys:
        return row
    errors = {key.frame: key for key in channel.keys}
    errors.update({frame: CurveKey(frame, 0.0) for frame in frames})
    return row.setting({"error": curve_cell(replace(channel, keys=tuple(errors[frame] for frame in sorted(errors))))})


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


def _reference_frame(tracker: nuke.Node, tracks: Sequence[Track], frames: FrameRange) -> int:
    """The artist's own where it was tracked, else that of the first key."""
    own = int(tracker["reference_frame"].value())
    return own if own in frames else min((key for track in tracks for key in track.keys), default=frames.first)
