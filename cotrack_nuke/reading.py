# SPDX-License-Identifier: Apache-2.0
"""What is in a Tracker4: its tracks, which of their positions the artist placed, and on what size of picture.

The table of tracks is read as text, at once; Nuke has no calls for its names, and thousands for its numbers.
"""

from __future__ import annotations

from dataclasses import dataclass

import nuke
from cotrack_client.errors import CotrackError
from cotrack_client.formats.nuke.nodes import Format
from cotrack_client.formats.nuke.placed import chosen_keys
from cotrack_client.formats.nuke.table import Row, Table, read_table
from cotrack_client.frames import FrameRange
from cotrack_client.tracks import Key

from .settings import Settings
from .surroundings import full_resolution
from .tables import Positions, listed, positions_of


@dataclass(frozen=True)
class Reading:
    """The keys of a Tracker4, raster px.

    before: all its positions as they were, to tell what was placed later. remarks: sentences for the artist.
    """

    keys: tuple[Key, ...]
    before: Positions
    remarks: tuple[str, ...] = ()


def table_of(tracker: nuke.Node) -> Table:
    """The tracks of a Tracker4. Raises FormatError for a layout that is not known."""
    return read_table(tracker["tracks"].toScript(), f"the tracks of {tracker.name()}")


def format_of(source: nuke.Node) -> Format:
    """The format of a picture, at full resolution. Tracks count from the bottom left of it."""
    with full_resolution():
        there = source.format()
        return Format(there.width(), there.height(), there.pixelAspect(), there.name() or "")


def source_of(tracker: nuke.Node) -> nuke.Node:
    """What a Tracker4 looks at: its input, not itself, for it may be stabilising. Raises CotrackError."""
    source = tracker.input(0)
    if source is None:
        raise CotrackError(f"{tracker.name()} has no input; connect it to the plate")
    return source


def chosen_rows(tracker: nuke.Node, table: Table, *, only_selected: bool) -> tuple[Row, ...]:
    """The tracks that are wanted. Raises CotrackError where there are none."""
    if not table.rows:
        raise CotrackError(f"{tracker.name()} has no tracks; add one and place it on the plate")
    if not only_selected:
        return table.rows
    selected = selected_places(tracker)
    rows = tuple(row for place, row in enumerate(table.rows) if place in selected)
    if not rows:
        raise CotrackError(f"no track of {tracker.name()} is selected; select some in its list, or track all")
    return rows


def selected_places(tracker: nuke.Node) -> frozenset[int]:
    """Which rows of a Tracker4's list are selected, counted from 0."""
    knob = tracker.knobs().get("selected_tracks")
    text = "" if knob is None else str(knob.value())
    return frozenset(int(word) for word in text.split(",") if word.strip().isdigit())


def read_keys(tracker: nuke.Node, size: Format, frames: FrameRange, settings: Settings) -> Reading:
    """Read the keys within these frames.

    Raises CotrackError where none is left, or they leave nothing to track.
    """
    table = table_of(tracker)
    before = positions_of(table)
    frame = _frame_of_choice(tracker, settings)
    found = {
        row.name: chosen_keys(row, size.height, settings.keys, frame)
        for row in chosen_rows(tracker, table, only_selected=settings.only_selected)
    }
    keys = {name: tuple(key for key in keys if key.frame in frames) for name, keys in found.items()}
    inside = {name: tuple(key for key in own if _is_inside(key, size)) for name, own in keys.items()}
    beyond = [name for name, own in keys.items() if len(inside[name]) < len(own)]
    idle = [name for name, own in inside.items() if not own and name not in beyond]
    remarks = [f"keys outside of the picture are left out, of {listed(beyond)}"] if beyond else []
    remarks += [f"no key within the frames {frames} has {listed(idle)}"] if idle else []
    chosen = tuple(key for own in inside.values() for key in own)
    _check(tracker.name(), chosen, frames, remarks, settings)
    return Reading(chosen, before, tuple(remarks))


def _frame_of_choice(tracker: nuke.Node, settings: Settings) -> int | None:
    if settings.keys == "reference":
        return int(tracker["reference_frame"].value())
    return int(nuke.frame()) if settings.keys == "current" else None


def _is_inside(key: Key, size: Format) -> bool:
    return 0 <= key.x <= size.width and 0 <= key.y <= size.height


def _check(name: str, keys: tuple[Key, ...], frames: FrameRange, remarks: list[str], settings: Settings) -> None:
    if not keys:
        reason = "; ".join(remarks) or f"{name} has no key"
        raise CotrackError(f"{reason}; place one there, or choose other frames or keys")
    if len(frames) > 1 and len(keys) == len(frames) * len({key.track for key in keys}):
        cure = "choose another frame range" if settings.keys != "all" else "choose fewer keys to start from"
        raise CotrackError(f"{name} has keys at all of the frames {frames} already; {cure}")
