# SPDX-License-Identifier: Apache-2.0
"""Names of tracks as other programs allow them, each still told from the others."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


@dataclass(frozen=True)
class NameRule:
    """What a program allows in a name.

    words: for messages, "letters and digits". legal: makes of any name one that is allowed, perhaps an empty one.
    joint: what stands between a name and the number that tells it from an equal one. longest: in bytes of UTF-8.
    """

    words: str
    legal: Callable[[str], str]
    joint: str = "_"
    longest: int = 200

    def fit(self, name: str, ending: str = "") -> str:
        """Return a name that is allowed, with an ending, no longer than it may be."""
        allowed = self.legal(name) or "track"
        room = self.longest - len(ending)
        return allowed.encode("utf-8")[:room].decode("utf-8", errors="ignore").rstrip() + ending

    def fit_all(self, names: Sequence[str]) -> list[str]:
        """Return a name for each, none twice; those that are allowed as they are stay so."""
        taken = {name for name in names if self.fit(name) == name}
        numbers: dict[str, int] = {}
        return [name if name in taken else self._free(name, taken, numbers) for name in names]

    def _free(self, name: str, taken: set[str], numbers: dict[str, int]) -> str:
        base = candidate = self.fit(name)
        while candidate in taken:
            numbers[base] = numbers.get(base, 1) + 1
            candidate = self.fit(name, f"{self.joint}{numbers[base]}")
        taken.add(candidate)
        return candidate


@dataclass(frozen=True)
class NumberedNames:
    """For a program that has no names: tracks are known by their place. pattern: "tracker{}", counted from 1."""

    pattern: str
    words: str = "numbers instead of names"

    def fit_all(self, names: Sequence[str]) -> list[str]:
        """Return a numbered name for each."""
        return [self.pattern.format(place) for place, _ in enumerate(names, start=1)]


@dataclass(frozen=True)
class FixedNames:
    """For a program that has a fixed set of tracks, corners say, in the order in which they are written."""

    names: tuple[str, ...]
    words: str = "the names of corners"

    def fit_all(self, names: Sequence[str]) -> list[str]:
        """Return the fixed names."""
        return list(self.names[: len(names)])


def printable(name: str) -> str:
    """Return a name without control characters and without blanks around it."""
    return _CONTROL.sub(" ", name).strip()


def ascii_text(name: str) -> str:
    """Return a name in printable ASCII: accents dropped, what has no letter there as an underscore."""
    plain = unicodedata.normalize("NFKD", printable(name))
    plain = "".join(character for character in plain if not unicodedata.combining(character))
    return re.sub(r"[^ -~]", "_", plain).strip()


def ascii_word(name: str) -> str:
    """Return a name of ASCII letters, digits and underscores that begins with none of the digits."""
    word = re.sub(r"[^A-Za-z0-9_]", "_", ascii_text(name))
    return f"_{word}" if word[:1].isdigit() else word


def camel_case(name: str) -> str:
    """Return a name of ASCII letters and digits, each part beginning with a capital."""
    parts = re.split(r"[^A-Za-z0-9]+", ascii_text(name))
    return parts[0] + "".join(part[:1].upper() + part[1:] for part in parts[1:])


ANY_NAME = NameRule("any text without line ends", printable)
ASCII_NAME = NameRule("ASCII", ascii_text)
ASCII_WORD = NameRule("ASCII letters, digits and underscores", ascii_word)
LETTERS_AND_DIGITS = NameRule("ASCII letters and digits", camel_case, joint="")
AS_IT_IS = NameRule("any text", str, longest=10**9)
