# SPDX-License-Identifier: Apache-2.0
"""Tables into a Tracker4: a new one beside the artist's, or the artist's own; one step to undo.

The table is written as text, at once, and read back.
"""

from __future__ import annotations

from collections.abc import Sequence

import nuke
from cotrack_client.errors import CotrackError
from cotrack_client.formats.nuke.table import Row, Table, read_table
from cotrack_client.formats.nuke.tracker import positions
from cotrack_client.frames import FrameRange
from cotrack_client.tracks import Track

from .surroundings import group_of, leaving_no_trace, one_undo_step

STEP = "Track with CoTracker3"
_KEPT = 1e-6  # of a number, at least
_BESIDE = 110  # px in the graph; a node is 80 wide


def write_new(tracker: nuke.Node, table: Table, tracks: Sequence[Track], frames: FrameRange) -> nuke.Node:
    """Make a Tracker4 with a table of these tracks beside another one.

    Selection, connections and everything else stay as they are. Raises CotrackError where Nuke does not take it.
    """
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


def write_beside(
    source: nuke.Node, table: Table, reference: int, step: str, listener: tuple[nuke.Node, int] | None = None
) -> nuke.Node:
    """Make a Tracker4 of a node's picture, to the right of the node. listener: the input of a node that it then feeds.

    Raises CotrackError where Nuke does not take it.
    """
    with one_undo_step(step):
        with group_of(source):
            node: nuke.Node = nuke.nodes.Tracker4()
        node.setName("Tracker1", uncollide=True)
        node.setInput(0, source)
        node.setXYpos(source.xpos() + _BESIDE, source.ypos())
        _fill(node, table)
        node["reference_frame"].setValue(reference)
        node.forceValidate()
        if listener is not None:
            listener[0].setInput(listener[1], node)
    return node


def write_into(tracker: nuke.Node, table: Table, step: str = STEP) -> None:
    """Give a Tracker4 another table. Raises CotrackError where Nuke does not take it."""
    with one_undo_step(step):
        _fill(tracker, table)
        tracker.forceValidate()


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
        abs(found[frame][0] - x) <= _KEPT * max(1.0, abs(x)) and abs(found[frame][1] - y) <= _KEPT * max(1.0, abs(y))
        for frame, (x, y) in wanted.items()
    )


def _reference_frame(tracker: nuke.Node, tracks: Sequence[Track], frames: FrameRange) -> int:
    """The artist's own where it was tracked, else that of the first key."""
    own = int(tracker["reference_frame"].value())
    return own if own in frames else min((key for track in tracks for key in track.keys), default=frames.first)
