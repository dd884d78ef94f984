# SPDX-License-Identifier: Apache-2.0
"""A script of Nuke as pieces that, joined, are the text again to the byte.

    script  = piece...
    piece   = filler      blanks, line ends, "# comment" lines, ";"
            | command     words up to the line's end: set N1 [stack 0], push $N1, version 16.0 v5, end_group
            | node        Class "{" knobs "}", also with "clone NAME" before it
    knobs   = line...     of a name and a value: words that may run over several lines
    Group { knobs } nodes... end_group

`Root {...}` is a node like any other; `addUserKnob {...}` is a line like any other, of which a node may have several.
What a value means is the business of others: here it is text. Replacing a value leaves every other byte alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from cotrack_client.errors import FormatError
from cotrack_client.formats.nuke.pieces import Command, Filler, Knob, Node, Piece
from cotrack_client.formats.nuke.words import Marks, Word, closing_brace, skip_space

_COMMANDS = frozenset(
    (
        *("add_layer", "define_window_layout_xml", "end_group", "load", "push", "set", "version"),
        *("foreach", "if", "message", "proc", "while"),
    )
)
"""What takes braces and is no node."""

_SPACE = re.compile(r"[ \t\r\n;]+")
_COMMENT = re.compile(r"#(?:\\.|[^\\\n])*", re.DOTALL)
_BARE = re.compile(r"(?:\\.|\[[^][\r\n]*\]|[^ \t\r\n;\\])+|\\", re.DOTALL)
_QUOTED = re.compile(r'"(?:\\.|[^"\\])*"', re.DOTALL)
_BLANKS = re.compile(r"(?:[ \t]|\\\r?\n)*")


def read_pieces(text: str, name: str) -> Iterator[Piece]:
    """Yield the pieces of a script; `name` is what errors call it. Raises FormatError where a brace is never closed."""
    place = 0
    while place < len(text):
        place, piece = _next_piece(text, place, name)
        yield piece


def _next_piece(text: str, start: int, name: str) -> tuple[int, Piece]:
    for filler in (_SPACE, _COMMENT):
        match = filler.match(text, start)
        if match:
            return match.end(), Filler(match[0])
    words = _command_words(text, start, name)
    end = words[-1].end
    if _is_node(words):
        body = words[-1]
        return end, Node(text[start : body.start + 1], tuple(_read_knobs(body.inside)))
    return end, Command(text[start:end])


def _command_words(text: str, start: int, name: str) -> list[Word]:
    words: list[Word] = []
    place = start
    while place < len(text) and text[place] not in "\r\n;":
        words.append(_command_word(text, place, name))
        place = _end_of(_BLANKS, text, words[-1].end)
    return words


def _command_word(text: str, start: int, name: str) -> Word:
    if text[start] == "{":
        end = closing_brace(text, start)
        if end is None:
            line = text.count("\n", 0, start) + 1
            raise FormatError(f"{name} line {line} opens a brace that nothing closes; the file is cut short or damaged")
        return Word("braced", text[start : end + 1], start, end + 1)
    match = _QUOTED.match(text, start) if text[start] == '"' else None
    if match:
        return Word("quoted", match[0], start, match.end())
    end = max(start + 1, _end_of(_BARE, text, start))
    return Word("bare", text[start:end], start, end)


def _is_node(words: list[Word]) -> bool:
    """Tell whether a command is `Class {`, `clone $NAME {` or `clone NAME Class {`."""
    heads = [word.kind == "bare" for word in words[:-1]]
    if words[-1].kind != "braced" or not heads or not all(heads) or words[0].source in _COMMANDS:
        return False
    return len(words) == 2 or (words[0].source == "clone" and len(words) <= 4)


def _read_knobs(body: str) -> Iterator[Filler | Knob]:
    marks = Marks(body)
    place = 0
    while place < len(body):
        begin = skip_space(body, place)
        if begin > place:
            yield Filler(body[place:begin])
        place = begin
        if begin < len(body):
            name = marks.word(begin)
            value = _end_of(_BLANKS, body, name.end)
            place = _end_of_line(marks, value)
            yield Knob(name.source, body[name.end : value], body[value:place])


def _end_of_line(marks: Marks, start: int) -> int:
    """Return where the last word of a line ends, which may be some lines below; the start where there is no word."""
    end = place = start
    while place < len(marks.text) and marks.text[place] not in "\r\n":
        end = marks.word(place).end
        place = _end_of(_BLANKS, marks.text, end)
    return end


def _end_of(pattern: re.Pattern[str], text: str, start: int) -> int:
    match = pattern.match(text, start)
    return match.end() if match else start
