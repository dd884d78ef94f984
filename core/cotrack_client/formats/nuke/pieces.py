# SPDX-License-Identifier: Apache-2.0
"""The pieces of a script: each is its own text to the byte, and replacing a value leaves every other byte alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Union

from cotrack_client.formats.nuke.words import split


@dataclass(frozen=True)
class Filler:
    """Blanks, line ends, comments."""

    text: str


@dataclass(frozen=True)
class Command:
    """A command that is no node, as written."""

    text: str

    @property
    def words(self) -> tuple[str, ...]:
        """Return its words, what they stand for."""
        return tuple(word.value for word in split(self.text))


@dataclass(frozen=True)
class Knob:
    """A line of a node. gap: the blanks between name and value; value: as written, with its braces or quotes."""

    name: str
    gap: str
    value: str

    @property
    def text(self) -> str:
        """Return the line as written."""
        return self.name + self.gap + self.value


@dataclass(frozen=True)
class Node:
    """A node: everything before its knobs (`Tracker4 {`), the knobs and what is between them, and `}`."""

    head: str
    parts: tuple[Filler | Knob, ...]
    tail: str = "}"

    @property
    def text(self) -> str:
        """Return the node as written."""
        return self.head + "".join(part.text for part in self.parts) + self.tail

    @property
    def class_name(self) -> str:
        """Return the class, empty for a copy that a `clone $NAME {` makes of an earlier node."""
        words = split(self.head[:-1])
        return "" if words[-1].source.startswith("$") else words[-1].value

    @property
    def clone_of(self) -> str | None:
        """Return the name that a `clone $NAME {` refers to, None for other nodes."""
        words = split(self.head[:-1])
        return words[-1].source[1:] if words[-1].source.startswith("$") else None

    @property
    def name(self) -> str:
        """Return the node's name, empty where it has none."""
        return self.text_of("name") or ""

    @property
    def knobs(self) -> tuple[Knob, ...]:
        """Return the lines in their order."""
        return tuple(part for part in self.parts if isinstance(part, Knob))

    def get(self, name: str) -> str | None:
        """Return the value of a knob as written, None where the node does not mention it; the last one counts."""
        values = [knob.value for knob in self.knobs if knob.name == name]
        return values[-1] if values else None

    def text_of(self, name: str) -> str | None:
        """Return what a knob's value stands for when it is one word or several bare ones, without braces or quotes."""
        value = self.get(name)
        if value is None:
            return None
        words = split(value)
        return words[0].value if len(words) == 1 else value

    def with_knob(self, name: str, value: str) -> Node:
        """Return the node with a knob set to a value as written; a new knob comes before the name, or last."""
        places = {part.name: place for place, part in enumerate(self.parts) if isinstance(part, Knob)}
        parts = list(self.parts)
        if name in places:
            parts[places[name]] = Knob(name, " ", value)
        elif not places:
            parts = [Filler("\n"), Knob(name, " ", value), Filler("\n")]
        else:
            place = places.get("name", max(places.values()) + 1)
            line = Filler(self._line_start())
            new = Knob(name, " ", value)
            parts[place:place] = [new, line] if "name" in places else [line, new]
        return replace(self, parts=tuple(parts))

    def _line_start(self) -> str:
        """Return the line end and the indentation that knobs have here."""
        first = self.parts[0].text
        return first if "\n" in first else "\n"


Piece = Union[Filler, Command, Node]


def make_node(class_name: str, knobs: Mapping[str, str], line_start: str = "\n") -> Node:
    """Return a new node, its values as written, in their order. line_start: the line end and the node's indentation."""
    lines = (part for name, value in knobs.items() for part in (Filler(line_start + " "), Knob(name, " ", value)))
    return Node(f"{class_name} {{", (*lines, Filler(line_start)))


def is_end_of_group(piece: Piece) -> bool:
    """Tell whether a piece closes a group."""
    return isinstance(piece, Command) and piece.text.strip() == "end_group"
