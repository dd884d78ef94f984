# SPDX-License-Identifier: Apache-2.0
"""CornerPin2D, Transform and Read as values.

    CornerPin2D  to1..to4, from1..from4: corners bottom left, bottom right, top right, top left; invert
    Transform    translate, rotate (degrees, counter-clockwise), scale (one number or two), skewX, skewY, center
    Read         file, first, last, origfirst, origlast, frame_mode, frame, colorspace, raw, format, proxy

A knob that a node does not mention has its default. A knob of several numbers is `{x y}` or a single one for all, each
of them a number, an expression in braces, or a curve in braces.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from cotrack_client.errors import FormatError
from cotrack_client.formats.nuke.curves import Channel, Curve, Expression, number, read_channel, write_curve
from cotrack_client.formats.nuke.pieces import Node, make_node
from cotrack_client.formats.nuke.words import braced, split

Pair = tuple[Channel, Channel]

_CORNERS = (1, 2, 3, 4)
_ZERO: Pair = (0.0, 0.0)
_FORMAT = re.compile(r"\s*([0-9]{1,6})\s+([0-9]{1,6})((?:\s+-?[0-9.eE+]+){4})?(?:\s+([0-9.]+))?(?:\s+(\S.*?))?\s*")


@dataclass(frozen=True)
class CornerPin:
    """A CornerPin2D: four corners, in the order of the knobs, where they go and where they come from."""

    to: tuple[Pair, Pair, Pair, Pair]
    origin: tuple[Pair, Pair, Pair, Pair]
    is_inverted: bool = False


@dataclass(frozen=True)
class Transform:
    """What a Transform, or a Tracker4, does to the picture."""

    translate: Pair = _ZERO
    rotate: Channel = 0.0
    scale: Pair = (1.0, 1.0)
    skew: Pair = _ZERO
    center: Pair = _ZERO


@dataclass(frozen=True)
class Format:
    """A format: the size in pixels, the pixel aspect, the name it goes by."""

    width: int
    height: int
    pixel_aspect: float = 1.0
    name: str = ""


@dataclass(frozen=True)
class Read:
    """A Read: its file as written, the frames of it that it shows, and how the script's frames come to be those.

    format: None where the node does not say. colorspace: None for the default of the file's type.
    """

    file: str
    first: int
    last: int
    frame_mode: str = "expression"
    frame: str = ""
    format: Format | None = None
    colorspace: str | None = None
    is_raw: bool = False
    original_first: int = 1
    original_last: int = 1
    proxy: str = ""


def read_corner_pin(node: Node) -> CornerPin:
    """Return a CornerPin2D. Raises FormatError where a knob is damaged."""
    to, origin = (tuple(pair(node, f"{name}{corner}", _ZERO) for corner in _CORNERS) for name in ("to", "from"))
    return CornerPin((to[0], to[1], to[2], to[3]), (origin[0], origin[1], origin[2], origin[3]), flag(node, "invert"))


def read_transform(node: Node) -> Transform:
    """Return what a Transform or a Tracker4 does. Raises FormatError where a knob is damaged."""
    return Transform(
        translate=pair(node, "translate", _ZERO),
        rotate=pair(node, "rotate", _ZERO)[0],
        scale=pair(node, "scale", (1.0, 1.0)),
        skew=(pair(node, "skewX", _ZERO)[0], pair(node, "skewY", _ZERO)[0]),
        center=pair(node, "center", _ZERO),
    )


def read_read(node: Node) -> Read:
    """Return a Read. Raises FormatError where a number of frames is not one."""
    text = node.text_of("format")
    colorspace = node.text_of("colorspace")
    return Read(
        file=node.text_of("file") or "",
        first=_integer(node, "first"),
        last=_integer(node, "last"),
        frame_mode=node.text_of("frame_mode") or "expression",
        frame=(node.text_of("frame") or "").strip("{} "),
        format=None if text is None else read_format(text, node.name),
        colorspace=colorspace or None,
        is_raw=flag(node, "raw"),
        original_first=_integer(node, "origfirst"),
        original_last=_integer(node, "origlast"),
        proxy=node.text_of("proxy") or "",
    )


def read_format(text: str, where: str = "format") -> Format:
    """Read `W H x y r t PIXEL_ASPECT NAME`. Raises FormatError."""
    match = _FORMAT.fullmatch(text)
    if match is None or not int(match[1]) or not int(match[2]):
        raise FormatError(f"the format of {where} is {text!r}, which cotrack does not know; choose it again in Nuke")
    return Format(int(match[1]), int(match[2]), float(match[4] or 1), match[5] or "")


def corner_pin_node(pin: CornerPin, name: str) -> Node:
    """Return a new CornerPin2D."""
    knobs = {f"to{corner}": write_pair(pin.to[corner - 1]) for corner in _CORNERS}
    knobs.update({"invert": "true"} if pin.is_inverted else {})
    knobs.update({f"from{corner}": write_pair(pin.origin[corner - 1]) for corner in _CORNERS})
    return make_node("CornerPin2D", {**knobs, "name": name})


def transform_node(transform: Transform, name: str) -> Node:
    """Return a new Transform, with the knobs that are not at their defaults."""
    default = Transform()
    values: Mapping[str, tuple[Pair, Pair]] = {
        "translate": (transform.translate, default.translate),
        "scale": (transform.scale, default.scale),
        "center": (transform.center, default.center),
    }
    knobs = {knob: write_pair(value) for knob, (value, usual) in values.items() if value != usual}
    singles = {"rotate": transform.rotate, "skewX": transform.skew[0], "skewY": transform.skew[1]}
    knobs.update({knob: _write_single(value) for knob, value in singles.items() if value != 0.0})
    order = ("translate", "rotate", "scale", "skewX", "skewY", "center")
    return make_node("Transform", {**{knob: knobs[knob] for knob in order if knob in knobs}, "name": name})


def pair(node: Node, knob: str, default: Pair) -> Pair:
    """Return a knob of two numbers; one number counts for both. Raises FormatError where it is damaged."""
    value = node.get(knob)
    if value is None:
        return default
    words = split(value)
    if len(words) == 1 and words[0].kind == "braced":
        words = split(words[0].inside)
    where = f"{knob} of {node.name!r}"
    channels = [read_channel(word.inside, where) for word in words]
    if len(channels) not in (1, 2):
        raise FormatError(f"{where} holds {len(channels)} numbers, not one or two; set it anew in Nuke")
    return channels[0], channels[-1]


def flag(node: Node, knob: str) -> bool:
    """Tell whether a switch is on. Raises FormatError when that depends on an expression."""
    value = node.text_of(knob)
    if value in (None, "", "false", "0"):
        return False
    if value in ("true", "1"):
        return True
    raise FormatError(f"{knob} of {node.name!r} is {value!r}, which only Nuke computes; set it to on or off there")


def write_pair(channels: Pair) -> str:
    """Write a knob of two numbers."""
    return braced(map(_write_channel, channels))


def _write_single(channel: Channel) -> str:
    return _write_channel(channel) if isinstance(channel, float) else braced([_write_channel(channel)])


def _write_channel(channel: Channel) -> str:
    if isinstance(channel, Curve):
        return braced([write_curve(channel, explicit=True)])
    return braced([channel.text]) if isinstance(channel, Expression) else number(channel)


def _integer(node: Node, knob: str) -> int:
    value = node.text_of(knob) or "1"
    if not re.fullmatch(r"-?[0-9]{1,9}", value):
        raise FormatError(f"{knob} of {node.name!r} is {value!r}, not a whole number; write one in Nuke")
    return int(value)
