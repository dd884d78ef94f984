# SPDX-License-Identifier: Apache-2.0
r"""The words that Nuke's text is made of, as Tcl has them.

    text   = [space] word [space word]... [space]
    word   = "{" text with balanced braces "}"     as it stands; a backslash keeps the next character from counting
           | '"' characters '"'                    with escapes: \n \t \" \\ \[ \{ ...
           | characters without a space            with the same escapes; [a b] in it keeps its blanks

Reading never fails and takes linear time: a brace or quote that nothing closes is a character like any other.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

WordKind = Literal["bare", "braced", "quoted"]

_BRACES = re.compile(r"\\.|[{}]", re.DOTALL)
_MARKS = re.compile(r'\\.|[{}"]', re.DOTALL)
_SPACE = re.compile(r"[ \t\r\n]*")
_BARE = re.compile(r"(?:\\.|\[[^][\r\n]*\]|[^ \t\r\n\\])*", re.DOTALL)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_SPECIAL = re.compile(r'[\\"\[\]{}$\n\t\r]')
_NAMED = {"n": "\n", "t": "\t", "r": "\r"}
_NAMES = {character: "\\" + name for name, character in _NAMED.items()}


@dataclass(frozen=True)
class Word:
    """A word of a text.

    start, end: where it stands in the text, marks included. source: as written, marks included.
    """

    kind: WordKind
    source: str
    start: int
    end: int

    @property
    def inside(self) -> str:
        """Return what the marks enclose, escapes as they are."""
        return self.source if self.kind == "bare" else self.source[1:-1]

    @property
    def value(self) -> str:
        """Return what it stands for: braces as they are, escapes undone elsewhere."""
        return self.inside if self.kind == "braced" else unescape(self.inside)


class Marks:
    """Where the braces and quotes of a text close."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._braces = _match_braces(text)

    @cached_property
    def _quotes(self) -> list[int]:
        return _places(self.text, '"')

    def word(self, start: int) -> Word:
        """Return the word that begins at `start`, where there is no space."""
        mark = self.text[start]
        if mark == "{" and start in self._braces:
            return self._cut("braced", start, self._braces[start] + 1)
        if mark == '"':
            later = bisect_left(self._quotes, start + 1)
            if later < len(self._quotes):
                return self._cut("quoted", start, self._quotes[later] + 1)
        match = _BARE.match(self.text, start)
        return self._cut("bare", start, max(start + 1, match.end() if match else 0))

    def _cut(self, kind: WordKind, start: int, end: int) -> Word:
        return Word(kind, self.text[start:end], start, end)


def split(text: str) -> list[Word]:
    """Return the words of a list: a cell's, a row's, a knob's value."""
    marks = Marks(text)
    words = []
    place = skip_space(text, 0)
    while place < len(text):
        words.append(marks.word(place))
        place = skip_space(text, words[-1].end)
    return words


def skip_space(text: str, start: int) -> int:
    """Return where the next word begins, or the end of the text."""
    match = _SPACE.match(text, start)
    return match.end() if match else start


def closing_brace(text: str, start: int) -> int | None:
    """Return where the brace that opens at `start` closes, None when it does not."""
    depth = 0
    for match in _BRACES.finditer(text, start):
        depth += {"{": 1, "}": -1}.get(match[0], 0)
        if depth == 0:
            return match.start()
    return None


def unescape(text: str) -> str:
    """Return the text that escapes stand for."""
    if "\\" not in text:
        return text
    return _ESCAPE.sub(lambda match: _NAMED.get(match[1], match[1]), text)


def quote(text: str) -> str:
    """Return any text as one quoted word; braces are escaped as well, so that it can stand within braces."""
    return f'"{_SPECIAL.sub(lambda match: _NAMES.get(match[0], chr(92) + match[0]), text)}"'


def braced(words: Iterable[str]) -> str:
    """Return words as one braced word."""
    return "{" + " ".join(words) + "}"


def _match_braces(text: str) -> dict[int, int]:
    closing: dict[int, int] = {}
    still_open: list[int] = []
    for place in sorted(_places(text, "{") + _places(text, "}")):
        if text[place] == "{":
            still_open.append(place)
        elif still_open:
            closing[still_open.pop()] = place
    return closing


def _places(text: str, mark: str) -> list[int]:
    """Return where a mark stands that no backslash keeps from counting."""
    if "\\" in text:
        return [match.start() for match in _MARKS.finditer(text) if match[0] == mark]
    places = []
    place = text.find(mark)
    while place >= 0:  # many times as quick as an expression, where marks are few in a long text
        places.append(place)
        place = text.find(mark, place + 1)
    return places
