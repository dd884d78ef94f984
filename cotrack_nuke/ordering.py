# SPDX-License-Identifier: Apache-2.0
"""From a Tracker4 and what the artist chose to an order: which keys, which frames, which pictures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

import nuke
from cotrack_client.errors import CotrackError
from cotrack_client.formats.nuke.nodes import Format
from cotrack_client.formats.nuke.placed import chosen_keys
from cotrack_client.frames import FrameRange
from cotrack_client.merging import Span, span_from
from cotrack_client.raster import from_nuke
from cotrack_client.tracks import Key

from .placing import PlaceOrder
from .plate import direct_request, frames_of, shift_of
from .reading import Reading, chosen_rows, format_of, read_keys, source_of, table_of
from .settings import Points, Settings
from .surroundings import NodeHandle
from .tables import positions_of
from .tracking import Order


def order_track(
    tracker: nuke.Node, settings: Settings, *, source: nuke.Node | None = None, asker: nuke.Node | None = None
) -> Order:
    """Track from every key of a Tracker4. source: the plate, if it is not the Tracker4's own input.

    Raises CotrackError where there is nothing to track, or no plate.
    """
    source = source or source_of(tracker)
    size = format_of(source)
    frames = settings.frames or frames_of(source)
    reading = read_keys(tracker, size, frames, settings)
    return _order(tracker, source, size=size, frames=frames, reading=reading, settings=settings, asker=asker)


def order_retrack(
    tracker: nuke.Node, settings: Settings, *, source: nuke.Node | None = None, asker: nuke.Node | None = None
) -> Order:
    """Track anew from the position at the current frame to the next key either way, in the Tracker4 itself.

    Raises CotrackError where no track has a position there.
    """
    source = source or source_of(tracker)
    size = format_of(source)
    whole = settings.frames or frames_of(source)
    here = nuke.frame()
    table = table_of(tracker)
    before = positions_of(table)
    chosen = chosen_rows(tracker, table, only_selected=settings.only_selected)
    rows = [row for row in chosen if here in before[row.name]]
    if here not in whole or not rows:
        raise CotrackError(f"no track of {tracker.name()} has a position at frame {here}; place one there")
    keys = {row.name: [key for key in chosen_keys(row, size.height) if key.frame in whole] for row in rows}
    spans = {name: span_from(here, [key.frame for key in own], settings.direction) for name, own in keys.items()}
    used = tuple(
        key
        for name, own in keys.items()
        for key in _around(own, Key(name, here, *from_nuke(*before[name][here], size.height)), spans[name])
    )
    frames = _hull(spans.values(), whole, here)
    if len(frames) == 1:
        raise CotrackError(f"there is nothing to track from frame {here}; choose another direction or frame")
    reading = Reading(used, before)
    merging = replace(settings, output="merge")
    return _order(
        tracker, source, size=size, frames=frames, reading=reading, settings=merging, asker=asker, spans=spans
    )


def order_points(
    source: nuke.Node,
    points: Points,
    *,
    mask: nuke.Node | None = None,
    tracker: nuke.Node | None = None,
    asker: nuke.Node | None = None,
    asker_input: int = 0,
) -> PlaceOrder:
    """Create points in the current frame of a node. See `PlaceOrder`.

    Raises CotrackError where the node has no such frame, or the mask another format.
    """
    size, frames, here = format_of(source), frames_of(source), nuke.frame()
    if here not in frames:
        raise CotrackError(f"{source.name()} has the frames {frames}, not {here}; go to one of these")
    if points.count < 1:
        raise CotrackError(f"{points.count} points are asked for; ask for one or more")
    own = size if mask is None else format_of(mask)
    if mask is not None and (own.width, own.height) != (size.width, size.height):
        sizes = f"{own.width} x {own.height} but the plate {size.width} x {size.height}"
        raise CotrackError(f"the mask is {sizes}; put a Reformat between {mask.name()} and the mask input")
    shot = direct_request(source, FrameRange(here, here), size)
    return PlaceOrder(
        source=NodeHandle(source),
        size=size,
        frame=here,
        points=points,
        mask=None if mask is None else NodeHandle(mask),
        tracker=None if tracker is None else NodeHandle(tracker),
        shot=shot,
        shift=0 if shot is None else shift_of(source),
        asker=None if asker is None else NodeHandle(asker),
        asker_input=asker_input,
    )


def _order(
    tracker: nuke.Node,
    source: nuke.Node,
    *,
    size: Format,
    frames: FrameRange,
    reading: Reading,
    settings: Settings,
    asker: nuke.Node | None,
    spans: Mapping[str, Span] | None = None,
) -> Order:
    shot = direct_request(source, frames, size) if settings.plate == "automatic" else None
    return Order(
        tracker=NodeHandle(tracker),
        source=NodeHandle(source),
        size=size,
        frames=frames,
        reading=reading,
        settings=settings,
        shot=shot,
        shift=shift_of(source) if shot is not None else 0,
        spans=spans or {},
        asker=NodeHandle(asker) if asker is not None else None,
    )


def _around(keys: Iterable[Key], here: Key, span: Span) -> list[Key]:
    """The key here, and those at the ends of the span."""
    ends = {None if span.first is None else span.first - 1, None if span.last is None else span.last + 1}
    return sorted([here, *(key for key in keys if key.frame in ends and key.frame != here.frame)], key=_frame)


def _frame(key: Key) -> int:
    return key.frame


def _hull(spans: Iterable[Span], whole: FrameRange, here: int) -> FrameRange:
    """The frames that hold all spans, with the keys at their ends."""
    spans = tuple(spans)
    first = min(whole.first if span.first is None else span.first - 1 for span in spans)
    last = max(whole.last if span.last is None else span.last + 1 for span in spans)
    return FrameRange(max(min(first, here), whole.first), min(max(last, here), whole.last))
