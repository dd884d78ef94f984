# SPDX-License-Identifier: Apache-2.0
"""What is asked of a Tracker4's table in several places, of its text alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from cotrack_client.formats.nuke.table import Table
from cotrack_client.formats.nuke.tracker import positions
from cotrack_client.raster import Point

Positions = Mapping[str, Mapping[int, Point]]
"""By track and frame, in Nuke's pixels."""

_MOST_NAMED = 5


def positions_of(table: Table) -> Positions:
    """Every position of every track. Raises FormatError where an expression makes one, or two tracks have one name."""
    return {row.name: positions(row) for row in table.rows if table.row(row.name)}


def listed(names: Iterable[str]) -> str:
    """The first few names, and how many more there are."""
    names = list(names)
    more = len(names) - _MOST_NAMED
    return ", ".join(names[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
