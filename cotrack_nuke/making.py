# SPDX-License-Identifier: Apache-2.0
"""Nodes that use the tracks of a Tracker4: Transforms that stabilise or match-move, CornerPin2Ds.

A Tracker4 averages what its curves say, also where a track is hidden or has no keys. Here only what is seen counts, so
the result is baked into curves. A linked node follows the Tracker4's own curves by expressions, as they are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import nuke
from cotrack_client.corner_pinning import as_corners, visible_positions
from cotrack_client.errors import CotrackError
from cotrack_client.formats.nuke.curves import Curve, curve_of, ten_digits, write_curve
from cotrack_client.formats.nuke.linking import linked_transform, row_link
from cotrack_client.formats.nuke.nodes import Format
from cotrack_client.formats.nuke.table import Row, Table
from cotrack_client.formats.nuke.tracker import read_track
from cotrack_client.frames import FrameRange
from cotrack_client.steadying import Motion, inverse, motion_of
from cotrack_client.tracks import Track

from .reading import format_of, selected_places, source_of, table_of
from .surroundings import group_of, one_undo_step

Kind = Literal["stabilise", "match-move", "corner pin"]

_BESIDE = 110  # px in the graph; a node is 80 wide
_BELOW = 40
_NAMES = {"stabilise": "Transform_Stabilise", "match-move": "Transform_MatchMove"}


@dataclass(frozen=True)
class Recipe:
    """What to make.

    reference: the frame at which nothing moves; None is the Tracker4's own. rotates, scales: what a Transform may do
    beside moving. linked: the node reads the Tracker4 through expressions instead of having curves of its own.
    """

    kind: Kind
    reference: int | None = None
    rotates: bool = False
    scales: bool = False
    linked: bool = False


@dataclass(frozen=True)
class _Subject:
    """What the node is made of. reference: the frame at which nothing moves."""

    tracker: nuke.Node
    table: Table
    size: Format
    reference: int


def make(tracker: nuke.Node, recipe: Recipe) -> nuke.Node:
    """Make a node from the tracks of a Tracker4, to the right of it, fed by nothing, in one step to undo.

    Of the tracks those that are selected in the list count, or all if fewer than needed are selected.
    Raises CotrackError where there are too few, or they cannot be seen at the reference frame.
    """
    size = format_of(source_of(tracker))
    table = table_of(tracker)
    reference = int(tracker["reference_frame"].value()) if recipe.reference is None else recipe.reference
    subject = _Subject(tracker, table, size, reference)
    if recipe.kind == "corner pin":
        return _make_corner_pin(subject, is_linked=recipe.linked)
    rows = _rows(tracker, table, at_least=2 if recipe.rotates or recipe.scales else 1)
    if recipe.linked:
        return _make_linked_transform(subject, rows, recipe)
    tracks = [read_track(row, size.height) for row in rows]
    motion = motion_of(
        tracks,
        _frames(tracks, tracker),
        reference,
        size.height,
        rotates=recipe.rotates,
        scales=recipe.scales,
        pixel_aspect=size.pixel_aspect,
    )
    if recipe.kind == "stabilise":
        motion = inverse(motion, size.pixel_aspect)
    return _make_transform(tracker, motion, _NAMES[recipe.kind], reference)


def _make_transform(tracker: nuke.Node, motion: Motion, name: str, reference: int) -> nuke.Node:
    poses = motion.poses
    knobs = {
        "translate": _pair([{frame: pose.translate[axis] for frame, pose in poses.items()} for axis in range(2)]),
        "rotate": _curve({frame: pose.rotate for frame, pose in poses.items()}),
        "scale": _curve({frame: pose.scale for frame, pose in poses.items()}),
        "center": " ".join(f"{ten_digits(value):.10g}" for value in motion.center),
        "label": f"reference frame {reference}",
    }
    return _make_node(tracker, "Transform", name, knobs)


def _make_linked_transform(subject: _Subject, rows: Sequence[Row], recipe: Recipe) -> nuke.Node:
    """Make a Transform that follows those of the rows that are seen at the reference frame."""
    height, reference = subject.size.height, subject.reference
    places = {row.name: place for place, row in enumerate(subject.table.rows)}
    seen = {places[row.name]: visible_positions(read_track(row, height), height) for row in rows}
    there = {place: positions[reference] for place, positions in seen.items() if reference in positions}
    if not there:
        raise CotrackError(f"no track is visible at the reference frame {reference}; choose another frame")
    knobs = linked_transform(
        subject.tracker.name(),
        there,
        rotates=recipe.rotates,
        scales=recipe.scales,
        pixel_aspect=subject.size.pixel_aspect,
        is_inverse=recipe.kind == "stabilise",
    )
    knobs["label"] = f"reference frame {reference}"
    return _make_node(subject.tracker, "Transform", _NAMES[recipe.kind], knobs)


def _make_corner_pin(subject: _Subject, *, is_linked: bool) -> nuke.Node:
    tracker, height, reference = subject.tracker, subject.size.height, subject.reference
    rows = _rows(tracker, subject.table, at_least=4)
    corners = as_corners([read_track(row, height) for row in rows], reference, height)
    seen = [visible_positions(track, height) for track in corners]
    knobs = {}
    for number, (track, positions) in enumerate(zip(corners, seen), start=1):
        if is_linked:
            place = [row.name for row in subject.table.rows].index(track.name)
            knobs[f"to{number}"] = " ".join(f"{{{link}}}" for link in row_link(tracker.name(), place))
        else:
            knobs[f"to{number}"] = _pair([{frame: at[axis] for frame, at in positions.items()} for axis in range(2)])
        knobs[f"from{number}"] = " ".join(f"{ten_digits(value):.10g}" for value in positions[reference])
    knobs["label"] = f"reference frame {reference}"
    return _make_node(tracker, "CornerPin2D", "CornerPin2D", knobs)


def _make_node(tracker: nuke.Node, kind: str, name: str, knobs: Mapping[str, str]) -> nuke.Node:
    with one_undo_step(f"Create {kind} of {tracker.name()}"):
        with group_of(tracker):
            node: nuke.Node = getattr(nuke.nodes, kind)()
        node.setName(name, uncollide=True)
        node.setXYpos(tracker.xpos() + _BESIDE, tracker.ypos() + _BELOW)
        for knob, text in knobs.items():
            if knob == "label":
                node[knob].setValue(text)
            else:
                node[knob].fromScript(text)
    return node


def _rows(tracker: nuke.Node, table: Table, *, at_least: int) -> Sequence[Row]:
    """The selected rows, or all, of those that have a position. Raises CotrackError where there are too few."""
    selected = selected_places(tracker)
    rows = [row for place, row in enumerate(table.rows) if place in selected]
    if len(rows) < at_least:
        rows = [row for row in table.rows if row.is_on("T")]
    if len(rows) < at_least:
        raise CotrackError(f"{tracker.name()} has {len(rows)} tracks for this, not {at_least}; select more in its list")
    return rows


def _frames(tracks: Sequence[Track], tracker: nuke.Node) -> FrameRange:
    frames = [frame for track in tracks for frame in track.frames]
    if not frames:
        raise CotrackError(f"the tracks of {tracker.name()} have no keys; track them first")
    return FrameRange(min(frames), max(frames))


def _curve(values: Mapping[int, float]) -> str:
    """A knob of one number as a script has it: constant where it never changes."""
    text = _channel(values)
    return f"{{{text}}}" if text.startswith("curve") else text


def _pair(axes: Sequence[Mapping[int, float]]) -> str:
    return " ".join(f"{{{_channel(values)}}}" for values in axes)


def _channel(values: Mapping[int, float]) -> str:
    rounded = {frame: ten_digits(value) for frame, value in values.items()}
    if len(set(rounded.values())) == 1:
        return f"{next(iter(rounded.values())):.10g}"
    curve: Curve = curve_of(sorted(rounded.items()))
    return write_curve(curve, explicit=True)
