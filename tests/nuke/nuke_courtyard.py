# SPDX-License-Identifier: Apache-2.0
"""A script with a Read of the bundled example and a Tracker4, some points placed on it as an artist would."""

from __future__ import annotations

from pathlib import Path

import nuke
from cotrack_client.formats.nuke.curves import curve_of
from cotrack_client.formats.nuke.table import Row, Table, curve_cell, new_table, read_table
from cotrack_client.formats.nuke.tracker import RowStyle, new_row
from cotrack_client.frames import FrameRange
from cotrack_client.raster import from_nuke
from cotrack_client.tracks import Track

MOVIE = Path(__file__).parents[2] / "core/cotrack/examples/courtyard.mp4"
WIDTH, HEIGHT, LAST = 1280, 720, 48
PLACED = {"quoin": {1: (448.5, 420.5)}, "barrel": {1: (566.5, 170.5)}, "beam": {12: (259.503, 610.502)}}
"""By track and frame, Nuke's pixels."""

AXES = ("track_x", "track_y")

READ = """Read {
 inputs 0
 file "%s"
 format "1280 720 0 0 1280 720 1 "
 last 48
 origlast 48
 origset true
 name Read1
 xpos 10
 ypos 20
}
"""


def open_script(*between: str, placed: dict[str, dict[int, tuple[float, float]]] | None = None) -> nuke.Node:
    """Open the script; return the Tracker4. between: text of nodes between Read and Tracker4."""
    tracker = f"Tracker4 {{\n tracks {table_of(placed or PLACED).text}\n name Tracker1\n xpos 10\n ypos 120\n}}\n"
    root = "Root {\n inputs 0\n name comp.nk\n first_frame 1001\n last_frame 1100\n}\n"
    nuke.stand_in.load(root + READ % MOVIE.as_posix() + "".join(between) + tracker)
    return nuke.toNode("Tracker1")


def table_of(placed: dict[str, dict[int, tuple[float, float]]]) -> Table:
    """A table of rows that were never tracked."""
    return new_table().with_rows(row_of(name, keys, HEIGHT) for name, keys in placed.items())


def row_of(name: str, keys: dict[int, tuple[float, float]], height: int) -> Row:
    """A row as it is when an artist has placed it: keys, and nothing else. keys: by frame, Nuke's pixels."""
    raster = [from_nuke(*at, height) for at in keys.values()]
    x, y = (tuple(place[axis] for place in raster) for axis in range(2))
    seen = len(keys)
    track = Track(name, tuple(keys), tuple(keys), x, y, (True,) * seen, (1.0,) * seen)
    row = new_row(track, height, FrameRange(min(keys), max(keys)), RowStyle.for_width(WIDTH))
    cells = {axis: curve_cell(curve_of([(f, at[i]) for f, at in keys.items()])) for i, axis in enumerate(AXES)}
    return row.setting({**cells, "enable": "{curve K x1 1}", "error": "{}"}).on_own_line("\n")


def tracks_of(node: nuke.Node) -> Table:
    """What a Tracker4 holds."""
    return read_table(node["tracks"].toScript())


def finish(seconds: float = 40.0) -> str:
    """Be Nuke until all jobs have ended; return how the last one did."""
    from cotrack_nuke import session

    if session.TASKS and not session.PULSE.is_beating:
        session.PULSE.start()
    nuke.stand_in.serve(lambda: not session.TASKS, seconds)
    return session.ENDED[-1][1].sentence
