# SPDX-License-Identifier: Apache-2.0
"""Tables as Lua writes them, as far as Fusion's files use them: values, nothing that would have to be run.

    value   = number | string | "true" | "false" | name | table
    table   = [constructor] "{" [field ["," | ";"]]... "}"      constructor: Tracker, Input, ordered()
    field   = name "=" value | "[" value "]" "=" value | value

What has no key counts from 1, as in Lua. Nothing is evaluated: a text that is no such value is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Union

from cotrack_client.errors import FormatError

Value = Union[float, str, bool, "Table"]

_TOKEN = re.compile(
    r'\s+|--[^\n]*|(?P<text>"(?:[^"\\\n]|\\.)*"|\'(?:[^\'\\\n]|\\.)*\')'
    r"|(?P<number>-?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?)|(?P<name>[A-Za-z_]\w*)|(?P<mark>[{}\[\]=,;()])"
)
_ESCAPE = re.compile(r"\\(.)")
_DEEPEST = 50


@dataclass
class Table:
    """A table. kind: the constructor before it, empty where there is none."""

    kind: str = ""
    fields: dict[float | str, Value] = field(default_factory=dict)

    def get(self, *keys: str) -> Value | None:
        """Return what stands under keys, one within another; None where it is not there."""
        value: Value | None = self
        for key in keys:
            value = value.fields.get(key) if isinstance(value, Table) else None
        return value


def parse_table(text: str, name: str) -> Table:
    """Read a text that is one table; `name` is what errors call it. Raises FormatError that names the line."""
    reader = _Reader(text, name)
    value = reader.value(0)
    if not isinstance(value, Table) or not reader.is_at_end:
        raise FormatError(f"{name} is not one table of Fusion's; copy the tool again")
    return value


class _Reader:
    def __init__(self, text: str, name: str) -> None:
        self._text = text
        self._name = name
        self._words = self._split()
        self._kind, self._word, self._at = next(self._words)

    @property
    def is_at_end(self) -> bool:
        return self._kind == "end"

    def value(self, depth: int) -> Value:
        """Take a value; `depth` counts the tables around it."""
        if depth > _DEEPEST:
            raise self._error(f"tables in tables, more than {_DEEPEST} deep")
        kind, word = self._kind, self._word
        if kind == "mark":
            self._expect("{")
            return self._table("", depth)
        if kind == "end":
            raise self._error("its end where a value should be")
        self._next()
        if kind == "number":
            return float(word)
        if kind == "text":
            return _ESCAPE.sub(r"\1", word[1:-1])
        if self._is("("):
            self._next()
            self._expect(")")
        if self._is("{"):
            self._next()
            return self._table(word, depth)
        return word == "true" if word in ("true", "false") else word

    def _table(self, kind: str, depth: int) -> Table:
        table = Table(kind)
        places = 0
        while not self._is("}"):
            key: Value = float(places + 1)
            if self._is("["):
                self._next()
                key = self.value(depth + 1)
                self._expect("]")
                self._expect("=")
                value = self.value(depth + 1)
            else:
                value = self.value(depth + 1)
                if self._is("="):
                    self._next()
                    key, value = value, self.value(depth + 1)
                else:
                    places += 1
            if isinstance(key, Table):
                raise self._error("a table for a key")
            table.fields[key] = value
            if self._is(",") or self._is(";"):
                self._next()
        self._next()
        return table

    def _expect(self, mark: str) -> None:
        if not self._is(mark):
            raise self._error(f"{self._word[:40]!r} where {mark} should be")
        self._next()

    def _is(self, mark: str) -> bool:
        return self._kind == "mark" and self._word == mark

    def _next(self) -> None:
        self._kind, self._word, self._at = next(self._words)

    def _split(self) -> Iterator[tuple[str, str, int]]:
        place = 0
        while place < len(self._text):
            match = _TOKEN.match(self._text, place)
            if match is None:
                self._at = place
                raise self._error(f"{self._text[place : place + 20]!r}, which is no Lua value")
            if match.lastgroup is not None:
                yield match.lastgroup, match[0], place
            place = match.end()
        while True:
            yield "end", "", place

    def _error(self, what: str) -> FormatError:
        line = self._text.count("\n", 0, self._at) + 1
        return FormatError(f"{self._name} line {line} has {what}; copy the tool again")
