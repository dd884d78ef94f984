# SPDX-License-Identifier: Apache-2.0
"""Values out of JSON that others wrote: each is what it should be, or an error names where it is not."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Callable, Generic, NoReturn, TypeVar

from cotrack_client.errors import FormatError

_Value = TypeVar("_Value")


@dataclass(frozen=True)
class Kind(Generic[_Value]):
    """What a value may be: in words for the message, as a test, and as the Python value it becomes."""

    words: str
    holds: Callable[[Any], bool]
    make: Callable[[Any], _Value]

    def or_null(self) -> Kind[_Value | None]:
        """The same, or null."""
        make = self.make
        return Kind(
            f"{self.words} or null",
            lambda value: value is None or self.holds(value),
            lambda value: None if value is None else make(value),
        )

    def that(self, condition: Callable[[Any], bool], words: str) -> Kind[_Value]:
        """The same under a further condition."""
        return Kind(words, lambda value: self.holds(value) and condition(value), self.make)


def _is_number(value: object) -> bool:
    """Whether it is a number that a float can hold; true and false are none, NaN and Infinity neither."""
    return isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) <= sys.float_info.max


def _is_integer(value: object) -> bool:
    """Whether it is an integer of 32 bits, more than any frame number or picture needs."""
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**31


TEXT: Kind[str] = Kind("text", lambda value: isinstance(value, str), str)
FLAG: Kind[bool] = Kind("true or false", lambda value: isinstance(value, bool), bool)
NUMBER: Kind[float] = Kind("a finite number", _is_number, float)
INTEGER: Kind[int] = Kind("an integer", _is_integer, int)
LIST: Kind[list[object]] = Kind("a list", lambda value: isinstance(value, list), list)
OBJECT: Kind[dict[str, object]] = Kind("an object", lambda value: isinstance(value, dict), dict)


def parse(text: str, where: str) -> object:
    """Read JSON text. Raises FormatError naming `where` when it is broken, or holds NaN or Infinity."""
    try:
        value: object = json.loads(text, parse_constant=lambda constant: _refuse_constant(constant, where))
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}: {error.msg}"
        raise FormatError(f"{where} is damaged or cut short ({place}); write it anew") from error
    except (ValueError, RecursionError) as error:
        raise FormatError(f"{where} is not JSON that can be read ({error}); write it anew") from error
    return value


def one(value: object, kind: Kind[_Value], where: str) -> _Value:
    """The value itself, if it is of the kind. Raises FormatError naming `where` and the value."""
    if not kind.holds(value):
        raise FormatError(f"{where} is {_shortened(value)}, not {kind.words}; make it that")
    return kind.make(value)


def field(values: Mapping[str, object], name: str, kind: Kind[_Value], where: str) -> _Value:
    """A field of an object. Raises FormatError when it is missing or of another kind."""
    if name not in values:
        raise FormatError(f"{where} lacks {name!r}; add it")
    return one(values[name], kind, below(where, name))


def column(values: Mapping[str, object], name: str, kind: Kind[_Value], where: str) -> tuple[_Value, ...]:
    """A field that is a list of values of one kind. Raises FormatError naming the first that is not."""
    items = field(values, name, LIST, where)
    for index, item in enumerate(items):
        if not kind.holds(item):
            one(item, kind, f"{below(where, name)}[{index}]")
    return tuple(kind.make(item) for item in items)


def below(where: str, name: str) -> str:
    """How messages call a field: "shot.width" in "shot", "clip.json: shot" in the file "clip.json:"."""
    return f"{where} {name}" if where.endswith(":") else f"{where}.{name}"


def _refuse_constant(constant: str, where: str) -> NoReturn:
    raise FormatError(f"{where} holds {constant}, which is no number; write it without")


def _shortened(value: object) -> str:
    """The value as JSON, cut to what fits a message."""
    text = json.dumps(value)
    return text if len(text) <= 40 else f"{text[:40]}…"
