# SPDX-License-Identifier: GPL-3.0-or-later
"""Words in sentences for the artist."""

from __future__ import annotations

from collections.abc import Iterable

_MOST_NAMED = 5


def listed(names: Iterable[str]) -> str:
    """The first few names, and how many more there are."""
    names = list(names)
    more = len(names) - _MOST_NAMED
    return ", ".join(names[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
