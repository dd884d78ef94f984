# SPDX-License-Identifier: Apache-2.0
"""A Nuke script with a CornerPin2D out of four tracks, and the corners of every CornerPin2D as tracks.

Origin: outer bottom-left corner of the plate, x right, y up. Unit: pixels of the full-resolution format. Frame base:
the frames of the script, taken for the plate's own. Encoding: UTF-8. Gaps: no keys; Nuke draws a line through them.

    to1 .. to4      where the corners go: bottom left, bottom right, top right, top left
    from1 .. from4  where they come from: the same at the reference frame, the first at which all four are visible

So the pin moves what lies under the corners at the reference frame. Which track is which corner, its place says.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from cotrack_client.corner_pinning import CORNERS, common_frame, in_order_of_corners, visible_positions
from cotrack_client.formats.format import Format, written_as
from cotrack_client.formats.names import FixedNames
from cotrack_client.formats.nuke.curves import curve_of, ten_digits
from cotrack_client.formats.nuke.nodes import CornerPin, Pair, corner_pin_node
from cotrack_client.formats.nuke.script import parse
from cotrack_client.formats.nuke_tracker import animated_pair, is_script, size_of
from cotrack_client.formats.nuke_tracker import recognises as has_a_tracker
from cotrack_client.formats.samples import SampleRows, document_of
from cotrack_client.formats.source import Source
from cotrack_client.raster import Point, from_nuke
from cotrack_client.tracks import TrackDocument

_KNOBS = ("to1", "to2", "to3", "to4")
_HEAD = "#! cotrack, for Nuke: paste it, or File > Insert Comp Nodes\nversion 13.0 v1\n"


def recognises(source: Source) -> bool:
    """Tell whether a file is a script with a CornerPin2D, and without a Tracker."""
    has_a_pin = re.search(r"^[ \t]*CornerPin2D \{", source.text, re.MULTILINE) if is_script(source) else None
    return has_a_pin is not None and not has_a_tracker(source)


def read(source: Source) -> TrackDocument:
    """Read the animated corners of a script.

    Raises FormatError where it is damaged, CotrackError without `size` where the script does not say it.
    """
    script = parse(source.text, str(source))
    nodes = [found for found in script.nodes() if found.node.class_name == "CornerPin2D"]
    size = size_of(script, nodes, source)
    tracks = []
    for found in nodes:
        for knob in _KNOBS:
            rows = SampleRows(knob if len(nodes) == 1 else f"{found.full_name} {knob}")
            for frame, x, y in animated_pair(found.node, knob, str(source)):
                rows.add(frame, *from_nuke(x, y, size[1]))
            tracks.append(rows)
    return document_of(tracks, size, str(source), source.first)


def write(document: TrackDocument) -> Iterator[str]:
    """Write a script with a CornerPin2D of four tracks that are in the order of its knobs."""
    height = document.shot.height
    positions = [visible_positions(track, height) for track in document.tracks]
    reference = common_frame(document.tracks)
    to, origin = [_moving(places) for places in positions], [_resting(places[reference]) for places in positions]
    pin = CornerPin((to[0], to[1], to[2], to[3]), (origin[0], origin[1], origin[2], origin[3]))
    yield from (_HEAD, corner_pin_node(pin, "cotrack").text, "\n")


def _moving(places: dict[int, Point]) -> Pair:
    x, y = (curve_of((frame, ten_digits(place[axis])) for frame, place in places.items()) for axis in (0, 1))
    return x, y


def _resting(place: Point) -> Pair:
    return ten_digits(place[0]), ten_digits(place[1])


NUKE_CORNER_PIN = Format(
    name="nuke-corner-pin",
    title="Nuke's CornerPin2D",
    suffixes=(".nk",),
    recognises=recognises,
    read=read,
    write=written_as(write),
    arrange=in_order_of_corners,
    fills_gaps=True,
    names=FixedNames(_KNOBS),
    decimals=5,
    exactly=CORNERS,
    needs_size=True,
    chosen_by_suffix=False,
)
