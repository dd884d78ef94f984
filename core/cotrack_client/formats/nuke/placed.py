# SPDX-License-Identifier: Apache-2.0
"""Which positions of a row an artist placed, and which a tracker found.

Nuke has one kind of key for both, so the row's other columns have to tell. Nuke's own tracker notes in `key_track_x`
where a pattern was set by hand, or taken anew; its `error` is 0 there, and where something was tracked it is more
(so in all of 50 rows that Nuke saved). Rows that cotrack wrote have an error of 0 at their keys and nowhere else. A row
without a word of errors was never tracked: all that it holds was placed.
"""

from __future__ import annotations

from typing import Literal

from cotrack_client.formats.nuke.curves import Curve
from cotrack_client.formats.nuke.table import Row
from cotrack_client.formats.nuke.tracker import placed_keys
from cotrack_client.tracks import Key

KeyChoice = Literal["placed", "all", "first", "current", "reference"]
"""Which positions count as keys: the placed ones, all, the first, or the one at a frame that is told."""


def chosen_keys(row: Row, height: int, choice: KeyChoice = "placed", frame: int | None = None) -> tuple[Key, ...]:
    """Return the keys of a row in the raster. height: of the format, px. frame: the current, or the reference frame.

    Raises FormatError for positions that an expression makes, or between frames.
    """
    keys = placed_keys(row, height)
    if choice == "all":
        return keys
    if choice == "first":
        return keys[:1]
    if choice in ("current", "reference"):
        return tuple(key for key in keys if key.frame == frame)
    marked = _frames_placed(row)
    return keys if marked is None else tuple(key for key in keys if key.frame in marked)


def _frames_placed(row: Row) -> frozenset[float] | None:
    """Return the frames at which a row says that something was placed, None where it says nothing of that."""
    patterns, errors = row.channel("key_track_x"), row.channel("error")
    set_anew = frozenset(patterns.frames) if isinstance(patterns, Curve) else frozenset()
    if isinstance(errors, Curve) and errors.frames:
        return set_anew | {frame for frame, error in zip(errors.frames, errors.values) if error == 0.0}
    return set_anew or None
