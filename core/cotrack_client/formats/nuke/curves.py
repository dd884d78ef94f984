# SPDX-License-Identifier: Apache-2.0
"""Animated numbers: `curve x1001 512.5 513 x1010 520`.

    channel = number                                            the same at every frame
            | expression [flag] key...                          `curve` means the keys themselves
    flag    = "i" | "I"                                         hidden in the curve editor, or drawn only
    key     = [letter] [extrapolation] [x FRAME] VALUE [s SLOPE] [t SLOPE] [u LENGTH] [v LENGTH]
    letter  = "K" constant | "L" linear | "S" smooth | "R" Catmull-Rom | "C" cubic
    extrapolation = "k" constant | "l" linear

Letters hold for the keys that follow, until another one; without any it is smooth and constant. A key without `x`
repeats the last step: the first is at 0, the second one frame after it, each later one as far from its predecessor as
that is from its own. s and t are the slopes before and after the key, u and v how long their handles are, in thirds of
the distance to the next key. Numbers have ten digits. (Foundry's NDK guide, "Curve serialisation format".)
"""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple, Union, cast

from cotrack_client.errors import FormatError
from cotrack_client.formats.nuke.words import Marks, Word, skip_space

Letter = Literal["K", "L", "S", "R", "C"]
Extrapolation = Literal["k", "l"]
Channel = Union[float, "Curve", "Expression"]

_NUMBER = r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?"
_WHOLE_NUMBER = re.compile(_NUMBER)
_TOKEN = re.compile(rf"(?P<letters>[KLSRC][kl]?|[kl])|x(?P<x>{_NUMBER})|(?P<handle>[stuv])(?P<to>{_NUMBER})|{_NUMBER}")
_KEYWORD = "curve"
_NOT_FINITE = re.compile("n")  # as in inf and nan
_MORE_THAN_NUMBERS = re.compile(r"[^0-9eEx.+\- \t\r\n]")


class CurveKey(NamedTuple):
    """A key of a curve; a tuple, as the table of a Tracker4 may hold a million of them.

    letter: how the curve runs from here to the next key. extrapolation: beyond the ends. left, right: slopes per frame
    as the artist set them, None where the letter decides. left_length, right_length: of the handles; None is 1.
    """

    frame: float
    value: float
    letter: Letter = "S"
    extrapolation: Extrapolation = "k"
    left: float | None = None
    right: float | None = None
    left_length: float | None = None
    right_length: float | None = None


_PLAIN = CurveKey(0, 0)[2:]
_NO_HANDLES = CurveKey(0, 0)[4:]
_Columns = tuple["tuple[float, ...]", "tuple[float, ...]"]


class Curve:
    """Keys in ascending order of frames. flag: "i", "I" or nothing. keyword: `curve` as it was spelled.

    A curve that was read holds columns of numbers until somebody asks for its keys: that is a tenth of the work.
    """

    def __init__(self, keys: Iterable[CurveKey] = (), flag: str = "", keyword: str = _KEYWORD) -> None:
        self.flag = flag
        self.keyword = keyword
        self._keys: tuple[CurveKey, ...] | None = tuple(keys)
        self._columns: _Columns | None = None

    @classmethod
    def of_columns(cls, frames: Iterable[float], values: Iterable[float], keyword: str = _KEYWORD) -> Curve:
        """Return a smooth curve without a slope that anybody set."""
        curve = cls(keyword=keyword)
        curve._keys, curve._columns = None, (tuple(frames), tuple(values))
        return curve

    @property
    def keys(self) -> tuple[CurveKey, ...]:
        """Return the keys."""
        if self._keys is None:
            self._keys = tuple(map(CurveKey, self.frames, self.values))
        return self._keys

    @property
    def frames(self) -> tuple[float, ...]:
        """Return the frames of the keys."""
        return self._both_columns()[0]

    @property
    def values(self) -> tuple[float, ...]:
        """Return the values of the keys."""
        return self._both_columns()[1]

    @property
    def is_plain(self) -> bool:
        """Tell whether frames and values are all there is to know."""
        return not self.flag and (self._keys is None or all(key[2:] == _PLAIN for key in self._keys))

    def key_at(self, frame: float) -> CurveKey | None:
        """Return the key at a frame, None where there is none."""
        return next((key for key in self.keys if key.frame == frame), None)

    def _both_columns(self) -> _Columns:
        if self._columns is None:
            self._columns = tuple(key.frame for key in self.keys), tuple(key.value for key in self.keys)
        return self._columns

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Curve) and (self.keys, self.flag) == (other.keys, other.flag)

    def __hash__(self) -> int:
        return hash((self.frames, self.flag))

    def __repr__(self) -> str:
        return f"Curve({self.keys!r}, {self.flag!r})"


@dataclass(frozen=True)
class Expression:
    """What only Nuke can compute, as written."""

    text: str


def read_channel(text: str, where: str = "curve") -> Channel:
    """Read a number, a curve or an expression, without the braces around it; empty text is a curve without keys.

    where: what errors call it. Raises FormatError where a curve does not follow the grammar.
    """
    begin = skip_space(text, 0)
    if begin == len(text):
        return Curve()
    first = Marks(text).word(begin) if text[begin] in '"{' else Word("bare", *_first_bare(text, begin))
    tokens = text[first.end :].split()
    if not tokens and _WHOLE_NUMBER.fullmatch(first.source):
        return _finite(first.source, where)
    if first.value.strip() != _KEYWORD:
        return Expression(text)
    flag = tokens.pop(0) if tokens and tokens[0] in ("i", "I") else ""
    columns = None if _MORE_THAN_NUMBERS.search(text, first.end) else _read_columns(tokens)
    if columns is not None:
        return Curve.of_columns(*columns, keyword=first.source)
    return Curve(_read_keys(tokens, where), flag, first.source)


def write_curve(curve: Curve, *, explicit: bool = False) -> str:
    """Write a curve, without braces, in Nuke's own way; explicit: with the frame of every key, which is as legal.

    Raises FormatError for frames that do not ascend, and for what is not finite.
    """
    tokens = [curve.keyword, *([curve.flag] if curve.flag else [])]
    letter, extrapolation = "S", "k"
    steps = _Steps()
    for key in curve.keys:
        if key.letter != letter:
            letter = key.letter
            tokens.append(letter)
        if key.extrapolation != extrapolation:
            extrapolation = key.extrapolation
            tokens.append(extrapolation)
        if explicit or key.frame != steps.following():
            tokens.append("x" + _written(key.frame, key))
        steps.take(key.frame, "curve")
        tokens.append(_written(key.value, key))
        if key[4:] != _NO_HANDLES:
            tokens += [name + number(value) for name, value in zip("stuv", key[4:]) if value is not None]
    return " ".join(tokens)


def write_numbers(numbers: Mapping[int, str]) -> str:
    """Write a smooth curve of numbers that are written already, by frame in ascending order, without braces.

    Raises FormatError for what is not finite.
    """
    text = " ".join([_KEYWORD, *[f"x{frame} {value}" for frame, value in numbers.items()]])
    if _NOT_FINITE.search(text, len(_KEYWORD)):
        raise FormatError("a curve has a value that is not finite; write finite numbers")
    return text


def curve_of(values: Iterable[tuple[float, float]], letter: Letter = "S") -> Curve:
    """Return the curve of (frame, value) in ascending order of frames."""
    return Curve(tuple(CurveKey(frame, value, letter) for frame, value in values))


def number(value: float) -> str:
    """Write a number as Nuke does, with ten digits, or with as many more as it takes to keep it exactly."""
    short = f"{value:.10g}"
    return short if float(short) == value else repr(float(value))


def ten_digits(value: float) -> float:
    """Return the number that Nuke keeps of one when it saves a script."""
    return float(f"{value:.10g}")


class _Steps:
    """Where a key without a frame of its own lies."""

    def __init__(self) -> None:
        self._before: float | None = None
        self._last: float | None = None

    def following(self) -> float:
        if self._last is None:
            return 0.0
        return self._last + 1 if self._before is None else 2 * self._last - self._before

    def take(self, frame: float | None, where: str) -> float:
        """Go to a frame, or to the one that follows. Raises FormatError when that is a step back."""
        frame = self.following() if frame is None else frame
        if self._last is not None and frame <= self._last:
            order = f"frame {number(frame)} after {number(self._last)}"
            raise FormatError(f"{where} has {order}; let frames ascend, each once")
        self._before, self._last = self._last, frame
        return frame


def _written(value: float, key: CurveKey) -> str:
    if not math.isfinite(value):
        raise FormatError(f"a curve has the value {key.value} at frame {key.frame}; write finite numbers")
    return number(value)


def _first_bare(text: str, start: int) -> tuple[str, int, int]:
    source = text[start:].split(None, 1)[0]
    return source, start, start + len(source)


def _read_columns(tokens: Sequence[str]) -> tuple[Sequence[float], Sequence[float]] | None:
    """Read frames and values of keys without letters and handles, as most are.

    Return None for whatever `_read_keys` has to judge.
    """
    try:
        frames, values = _each_with_its_frame(tokens) or _with_frames_left_out(tokens)
    except ValueError:
        return None
    is_ascending = all(map(operator.lt, frames, frames[1:]))
    is_finite = all(map(math.isfinite, values)) and all(map(math.isfinite, (*frames[:1], *frames[-1:])))
    return (frames, values) if is_ascending and is_finite else None


def _each_with_its_frame(tokens: Sequence[str]) -> tuple[list[float], list[float]] | None:
    """Return frames and values as this project writes them; None where some value lacks its frame."""
    if len(tokens) % 2 or not all(token[0] == "x" for token in tokens[::2]):
        return None
    return [float(token[1:]) for token in tokens[::2]], [float(token) for token in tokens[1::2]]


def _with_frames_left_out(tokens: Sequence[str]) -> tuple[list[float], list[float]]:
    """Return frames and values as Nuke writes them. Raises ValueError for what is no number, or a frame at the end."""
    frames: list[float] = []
    values: list[float] = []
    following = 0.0
    for token in tokens:
        if token[0] == "x":
            following = float(token[1:])
        else:
            values.append(float(token))
            frames.append(following)
            following = 2 * following - frames[-2] if len(frames) > 1 else following + 1
    if tokens and tokens[-1][0] == "x":
        raise ValueError(tokens[-1])
    return frames, values


def _read_keys(tokens: Iterable[str], where: str) -> Iterator[CurveKey]:
    """Read keys one by one; a key is complete when the next one begins."""
    letter: Letter = "S"
    extrapolation: Extrapolation = "k"
    frame: float | None = None
    key: CurveKey | None = None
    steps = _Steps()
    for token in tokens:
        match = _TOKEN.fullmatch(token)
        if match is None:
            raise FormatError(f"{where} holds {token!r}, which is no part of a curve; clear that animation in Nuke")
        if match["handle"]:
            key = _with_handle(key, match["handle"], _finite(match["to"], where), where)
        elif match["letters"]:
            letter, extrapolation = _with_letters(letter, extrapolation, match["letters"])
        elif match["x"]:
            frame = _finite(match["x"], where)
        else:
            if key is not None:
                yield key
            key = CurveKey(steps.take(frame, where), _finite(token, where), letter, extrapolation)
            frame = None
    if key is not None:
        yield key
    if frame is not None:
        raise FormatError(f"{where} ends with frame {number(frame)} but no value for it; the file is damaged")


def _with_letters(letter: Letter, extrapolation: Extrapolation, told: str) -> tuple[Letter, Extrapolation]:
    for character in told:
        if character in "kl":
            extrapolation = cast("Extrapolation", character)
        else:
            letter = cast("Letter", character)
    return letter, extrapolation


def _with_handle(key: CurveKey | None, name: str, value: float, where: str) -> CurveKey:
    if key is None:
        raise FormatError(f"{where} has a slope before its first key; the file is damaged")
    if name in "st":
        return key._replace(left=value) if name == "s" else key._replace(right=value)
    return key._replace(left_length=value) if name == "u" else key._replace(right_length=value)


def _finite(text: str, where: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise FormatError(f"{where} holds {text}, which is too large; clear that animation in Nuke")
    return value
