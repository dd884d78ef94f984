# SPDX-License-Identifier: Apache-2.0
"""A Nuke script with a Tracker: every Tracker4 and Tracker3 of a .nk file is read, and a single Tracker4 written.

Origin: outer bottom-left corner of the plate, x right, y up. Unit: pixels of the full-resolution format. Frame base:
the frames of the script, taken for the plate's own. Encoding: UTF-8. Gaps: no key on `track_x` and `track_y`, and
`enable` off. `error` is 1 - confidence; a key of the artist is where it is 0. `formats/nuke/` has the grammar.

A script rarely says how high the plate is that a Tracker looks at: it does where a Read feeds it, or the project's
format is written out. A Tracker3 has no names for its four tracks; the first has the node's, the others a number more.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from cotrack_client.errors import CotrackError, FormatError
from cotrack_client.formats.format import Format, written_as
from cotrack_client.formats.names import ANY_NAME
from cotrack_client.formats.nuke.curves import Curve
from cotrack_client.formats.nuke.nodes import pair, read_format
from cotrack_client.formats.nuke.pieces import Node, make_node
from cotrack_client.formats.nuke.placed import chosen_keys
from cotrack_client.formats.nuke.placing import tracker_knobs
from cotrack_client.formats.nuke.plate import plate_of
from cotrack_client.formats.nuke.script import Found, Script, parse
from cotrack_client.formats.nuke.table import Row, new_table, read_table
from cotrack_client.formats.nuke.tracker import RowStyle, new_row, read_track
from cotrack_client.formats.samples import SampleRows, document_of
from cotrack_client.formats.source import Size, Source
from cotrack_client.frames import FrameRange
from cotrack_client.raster import from_nuke
from cotrack_client.tracks import Track, TrackDocument

_PROGRAM = "Nuke"
_NODE = re.compile(r"^[ \t]*Tracker[34] \{", re.MULTILINE)
_TRACKS_OF_TRACKER3 = (1, 2, 3, 4)
_HEAD = "#! cotrack, for Nuke 7 and later: paste it, or File > Insert Comp Nodes\nversion 13.0 v1\n"


def recognises(source: Source) -> bool:
    """Tell whether a file is a script with a Tracker."""
    return is_script(source) and _NODE.search(source.text) is not None


def is_script(source: Source) -> bool:
    """Tell whether a file is a script at all."""
    return re.match(r"#!|set cut_paste_input|version [0-9.]+|[A-Z]\w* \{\s*\n", source.head) is not None


def read(source: Source) -> TrackDocument:
    """Read every Tracker of a script, those in groups as well.

    Raises FormatError where it is damaged, CotrackError without `size` where the script does not say it.
    """
    script = parse(source.text, str(source))
    nodes = [found for found in script.nodes() if found.node.class_name in ("Tracker4", "Tracker3")]
    size = size_of(script, nodes, source)
    tracks: list[Track] = []
    for found in nodes:
        taken = {track.name for track in tracks}
        for track in _read_node(found, size, str(source)):
            name = f"{found.full_name} {track.name}" if track.name in taken else track.name
            tracks.append(replace(track, name=name))
    return document_of(tracks, size, str(source), source.first)


def write(document: TrackDocument) -> Iterator[str]:
    """Write a script with one Tracker4."""
    shot = document.shot
    frames = FrameRange(shot.first, shot.last)
    style = RowStyle.for_width(shot.width)
    table = new_table().with_rows(new_row(track, shot.height, frames, style) for track in document.tracks)
    reference = min((key for track in document.tracks for key in track.keys), default=shot.first)
    node = make_node("Tracker4", {"inputs": "0", **tracker_knobs(table, reference), "name": "cotrack"})
    yield from (_HEAD, node.text, "\n")


def size_of(script: Script, nodes: list[Found], source: Source) -> Size:
    """Return the plate's size, as it is told, or a Read above the nodes or the project says it.

    Raises CotrackError where none of them does.
    """
    if source.size is not None:
        return source.size
    for found in nodes:
        try:
            plate = plate_of(script, found)
        except CotrackError:  # no Read above it, or nothing that can be followed; perhaps the project says it
            continue
        if plate.format is not None:
            return plate.format.width, plate.format.height
    for root in (found.node for found in script.nodes() if found.node.class_name == "Root"):
        if (text := root.text_of("format")) is not None:
            project = read_format(text, "the project")
            return project.width, project.height
    return source.need_size(_PROGRAM)


def _read_node(found: Found, size: Size, name: str) -> Iterator[Track]:
    if found.node.class_name == "Tracker3":
        yield from _read_tracker3(found, size, name)
        return
    table = found.node.get("tracks")
    for row in read_table(table, f"the tracks of {found.full_name}").rows if table else ():
        yield _with_keys(read_track(row, size[1]), row, size[1])


def _with_keys(track: Track, row: Row, height: int) -> Track:
    placed = {key.frame for key in chosen_keys(row, height)}
    return replace(track, keys=tuple(frame for frame in track.frames if frame in placed))


def _read_tracker3(found: Found, size: Size, name: str) -> Iterator[Track]:
    for number in _TRACKS_OF_TRACKER3:
        rows = SampleRows(found.node.name if number == 1 else f"{found.node.name} {number}")
        for frame, x, y in animated_pair(found.node, f"track{number}", name):
            rows.add(frame, *from_nuke(x, y, size[1]))
        yield rows.track()


def animated_pair(node: Node, knob: str, name: str) -> Iterator[tuple[int, float, float]]:
    """Return frame, x and y of a knob of two curves, where both have a key; nothing where it is not animated.

    name: what errors call the file. Raises FormatError where a key lies between frames.
    """
    x, y = pair(node, knob, (0.0, 0.0))
    if not (isinstance(x, Curve) and isinstance(y, Curve)):
        return
    heights = {key.frame: key.value for key in y.keys}
    for key in x.keys:
        if key.frame != int(key.frame):
            raise FormatError(
                f"{name}: {knob} of {node.name!r} has a key at frame {key.frame:g}; move it to a whole one"
            )
        if key.frame in heights:
            yield int(key.frame), key.value, heights[key.frame]


NUKE = Format(
    name="nuke",
    title="Nuke's Tracker",
    suffixes=(".nk",),
    recognises=recognises,
    read=read,
    write=written_as(write),
    keeps=frozenset({"confidence", "keys"}),
    names=ANY_NAME,
    decimals=5,
    needs_size=True,
)
