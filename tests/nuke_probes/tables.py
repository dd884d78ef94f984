# SPDX-License-Identifier: Apache-2.0
"""What a Tracker4 does with its table."""

from __future__ import annotations

import time

import nuke
from cotrack_client.formats.nuke.curve_values import ChannelValues
from cotrack_client.formats.nuke.curves import read_channel
from cotrack_client.formats.nuke.table import COLUMNS, Row, Table, name_cell, new_table, read_table
from cotrack_client.formats.nuke.tracker import positions

from .report import Answer, asks

DEFAULTS = {"enable": "{curve K x1 1}", "T": "1", "R": "0", "S": "0", "error_min": "1", "error_max": "0"}
PATTERN = {"pattern_x": "-32", "pattern_y": "-32", "pattern_r": "32", "pattern_t": "32"}
EXACT = 699.123456789012


def row(name: str, x: str, y: str, **cells: str) -> Row:
    """A row; x, y: curves without braces."""
    values = {**DEFAULTS, **PATTERN, "name": name_cell(name), "track_x": f"{{{x}}}", "track_y": f"{{{y}}}", **cells}
    return Row(tuple(values.get(column, "0" if column.startswith("search") else "{}") for column in COLUMNS), " \n ")


def tracker(*rows: Row) -> nuke.Node:
    """A new Tracker4 with these rows."""
    node = nuke.nodes.Tracker4()
    node["tracks"].fromScript(new_table().with_rows(rows).text)
    return node


def index(place: int, column: str) -> int:
    """Of a cell, as Foundry's own scripts count."""
    return len(COLUMNS) * place + COLUMNS.index(column)


def table_of(node: nuke.Node) -> Table:
    """What it holds, by our reader."""
    return read_table(node["tracks"].toScript())


@asks("one fromScript sets the whole table: two rows, with their names and positions")
def whole_table() -> Answer:
    node = tracker(row("a", "curve x1001 1.5 2.5", "curve x1001 3 4"), row("b c", "curve x7 8", "curve x7 9"))
    seen = [(one.name, positions(one)) for one in table_of(node).rows]
    return seen, seen == [("a", {1001: (1.5, 3.0), 1002: (2.5, 4.0)}), ("b c", {7: (8.0, 9.0)})]


@asks("fromScript of the table returns True")
def from_script_returns() -> Answer:
    seen = nuke.nodes.Tracker4()["tracks"].fromScript(new_table().text)
    return seen, seen is True


@asks("the table of a fresh node reads as 31 known columns and no row")
def fresh_table() -> Answer:
    text = nuke.nodes.Tracker4()["tracks"].toScript()
    return text, read_table(text).rows == ()


@asks("numbers keep their doubles through fromScript and toScript")
def doubles() -> Answer:
    found = positions(table_of(tracker(row("a", f"curve x1 {EXACT!r}", "curve x1 0"))).rows[0])[1][0]
    return repr(found), found == EXACT


@asks("how the table is given back: frames left out, empty cells")
def given_back() -> Answer:
    one = table_of(tracker(row("a", "curve x1001 1 x1002 2 x1003 3", "curve x1001 1"))).rows[0]
    return f"track_x {one.cell('track_x')}, offset_x {one.cell('offset_x')}", None


@asks("keys without a frame repeat the last step: x1 a b c x6 d e f is 1 2 3 6 9 12")
def implicit_frames() -> Answer:
    knob = tracker(row("a", "curve x1 1 2 3 x6 4 5 6", "curve x1 0"))["tracks"]
    place = index(0, "track_x")
    seen = [knob.getKeyTime(key, place) for key in range(knob.getNumKeys(place))]
    return seen, seen == [1, 2, 3, 6, 9, 12]


@asks("a cell has the index 31 * row + column")
def cell_index() -> Answer:
    knob = tracker(row("a", "curve x1 5", "curve x1 6"), row("b", "curve x1 7", "curve x1 8"))["tracks"]
    seen = [knob.getValueAt(1, index(place, axis)) for place in range(2) for axis in ("track_x", "track_y")]
    return seen, seen == [5, 6, 7, 8]


@asks("an empty cell is 0 at every frame")
def empty_cell() -> Answer:
    knob = tracker(row("a", "curve x1 5", "curve x1 6", offset_x="{}"))["tracks"]
    seen = knob.getValueAt(3, index(0, "offset_x"))
    return seen, seen == 0


@asks("smooth keys: between, beyond and at the peak of x0 0 x10 10 x20 0 x40 7")
def smooth_values() -> Answer:
    text = "curve x0 0 x10 10 x20 0 x40 7"
    knob, ours = tracker(row("a", text, "curve x0 0"))["tracks"], ChannelValues(read_channel(text))
    frames = (-5, 0, 3, 10, 14, 25, 33, 60)
    seen = [knob.getValueAt(frame, index(0, "track_x")) for frame in frames]
    return seen, all(abs(value - ours.at(frame)) < 1e-3 for frame, value in zip(frames, seen))


@asks("setAnimated of a cell leaves a key at frame 0")
def key_at_zero() -> Answer:
    knob = tracker(row("a", "curve x1 5", "curve x1 6"))["tracks"]
    knob.setAnimated(index(0, "key_track"))
    seen = knob.isKeyAt(0, index(0, "key_track"))
    return seen, bool(seen)


@asks("add_track fails, or adds nothing, while the panel is closed")
def add_track() -> Answer:
    node = nuke.nodes.Tracker4()
    try:
        node["add_track"].execute()
    except RuntimeError as error:
        return error, True
    count = len(table_of(node).rows)
    return f"{count} rows", count == 0


@asks("odd names pass: quotes, brackets, umlauts, a dollar")
def odd_names() -> Answer:
    name = 'a "b" [c] $d \u00fc'
    seen = table_of(tracker(row(name, "curve x1 5", "curve x1 6"))).rows[0].name
    return seen, seen == name


@asks("a table of 200 tracks of 1000 frames: seconds to set, to give back, to validate")
def how_long() -> Answer:
    curve = "curve " + " ".join(f"x{1000 + frame} {frame * 1.2345678:.10g}" for frame in range(1000))
    text = (
        new_table().with_rows([row(f"track {place}", curve, curve, error=f"{{{curve}}}") for place in range(200)]).text
    )
    node = nuke.nodes.Tracker4()
    times = []
    for step in (lambda: node["tracks"].fromScript(text), node["tracks"].toScript, node.forceValidate):
        began = time.perf_counter()
        step()
        times.append(round(time.perf_counter() - began, 2))
    return times, None
