# SPDX-License-Identifier: GPL-3.0-or-later
"""Words in sentences for the artist."""

from __future__ import annotations

import re
from collections.abc import Iterable

_MOST_NAMED = 5
_WORD = re.compile(r"[a-z]+[ ;,:]")


def listed(names: Iterable[str]) -> str:
    """The first few names, and how many more there are."""
    names = list(names)
    more = len(names) - _MOST_NAMED
    return ", ".join(names[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else "")


def sentence(text: str) -> str:
    """With a capital where it begins with a word; the name of a file or track is left as it is."""
    return text[:1].upper() + text[1:] if _WORD.match(text) else text
