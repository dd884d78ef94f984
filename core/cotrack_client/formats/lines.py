# SPDX-License-Identifier: Apache-2.0
"""A text line by line, and errors that name the line."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import NoReturn

from cotrack_client.errors import FormatError

_INTEGER = re.compile(r"[+-]?[0-9]{1,9}")
_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
_LONGEST_SHOWN = 40


class Lines:
    r"""The lines of a text, ended by \n, each without blanks behind it."""

    def __init__(self, text: str, name: str, before: int = 0) -> None:
        """Take a text; `name` is what errors call it, `before` how many lines of the file stand before it."""
        self._lines = text.split("\n")
        self._next = 0
        self._name = name
        self._before = before

    @property
    def where(self) -> str:
        """Return what errors call the line that was taken last."""
        return f"{self._name} line {self._before + self._next}"

    def __iter__(self) -> Iterator[str]:
        """Take line by line up to the end."""
        while self._next < len(self._lines):
            self._next += 1
            yield self._lines[self._next - 1].rstrip()

    def filled(self) -> Iterator[str]:
        """Take every line that is not blank, up to the end."""
        return (line for line in self if line)

    def take(self, what: str) -> str:
        """Take the next line that is not blank. Raises FormatError, saying what should be there, at the end."""
        for line in self.filled():
            return line
        raise FormatError(f"{self.where} is the last one, where {what} should follow; export it again")

    def paragraphs(self) -> Iterator[Lines]:
        """Return what stands together between blank lines, from the first line on."""
        first = 0
        for place, line in enumerate([*self._lines, ""]):
            if line.strip():
                continue
            if place > first:
                yield Lines("\n".join(self._lines[first:place]), self._name, self._before + first)
            first = place + 1

    def peek(self) -> str | None:
        """Return the next line that is not blank without taking it, None at the end."""
        while self._next < len(self._lines) and not self._lines[self._next].strip():
            self._next += 1
        return self._lines[self._next].rstrip() if self._next < len(self._lines) else None

    def integer(self, text: str, what: str) -> int:
        """Return a whole number. Raises FormatError."""
        return integer_of(text, what, self.where)

    def count(self, text: str, what: str) -> int:
        """Return a whole number that is not negative. Raises FormatError."""
        number = self.integer(text, what)
        if number < 0:
            self.refuse(text, what)
        return number

    def number(self, text: str, what: str) -> float:
        """Return a finite number, with a decimal point. Raises FormatError."""
        return number_of(text, what, self.where)

    def refuse(self, text: str, what: str) -> NoReturn:
        """Raise the FormatError for a text that is not what it should be."""
        raise not_what(text, what, self.where)


def integer_of(text: str, what: str, where: str) -> int:
    """Return a whole number. Raises FormatError."""
    if not _INTEGER.fullmatch(text.strip()):
        raise not_what(text, what, where)
    return int(text)


def number_of(text: str, what: str, where: str) -> float:
    """Return a finite number, with a decimal point. Raises FormatError."""
    if not _NUMBER.fullmatch(text) or not math.isfinite(float(text)):
        raise not_what(text, what, where)
    return float(text)


def not_what(text: str, what: str, where: str) -> FormatError:
    """Return the error for a text that is not what it should be."""
    shown = text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…"
    return FormatError(f"{where} has {shown!r} where {what} should be; export it again")
