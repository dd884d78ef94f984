# SPDX-License-Identifier: Apache-2.0
"""Which knobs the classes of nodes have, with their defaults. [F: the reference guide's, those that are used here]"""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from .knobs import (
    Boolean_Knob,
    Enumeration_Knob,
    Format_Knob,
    Int_Knob,
    Knob,
    Number_Knob,
    Script_Knob,
    String_Knob,
    Table_Knob,
    Text_Knob,
)
from .state import Record

if TYPE_CHECKING:
    from .node import Node

Maker = Callable[["Node", str], Knob]


def _plain(kind: type[Knob], default: str) -> Maker:
    return lambda node, name: kind(node, name, default)


def _choice(default: str, *choices: str) -> Maker:
    return lambda node, name: Enumeration_Knob(node, name, default, [default, *choices])


def _add_track(node: Node, name: str) -> Knob:
    return Script_Knob(node, name, partial(_fail_without_panel, node))


def _fail_without_panel(node: Node) -> None:
    """It depends on the panel of the node being open. [R: two plug-ins say so]"""
    raise RuntimeError(f"add_track of {node.name()} does nothing while its panel is closed")


_text = _plain(String_Knob, "")
_off, _on = _plain(Boolean_Knob, "false"), _plain(Boolean_Knob, "true")
_EVERY: dict[str, Maker] = {"label": _text, "disable": _off, "tile_color": _plain(Int_Knob, "0")}
_RANGE: dict[str, Maker] = {name: _plain(Int_Knob, "1") for name in ("first", "last", "origfirst", "origlast")}
_PAIR = _plain(Knob, "{0 0}")

CLASSES: dict[str, dict[str, Maker]] = {
    "Root": {
        "first_frame": _plain(Int_Knob, "1"),
        "last_frame": _plain(Int_Knob, "100"),
        "proxy": _off,
        "format": _plain(Format_Knob, '"2048 1556 0 0 2048 1556 1 2K_Super_35(full-ap)"'),
        "colorManagement": _choice("Nuke", "OCIO"),
        "name": _text,
        "project_directory": _text,
    },
    "Read": {
        **_RANGE,
        "file": _text,
        "proxy": _text,
        "format": _plain(Format_Knob, '"2048 1556 0 0 2048 1556 1 2K_Super_35(full-ap)"'),
        "frame_mode": _choice("expression", "start at", "offset"),
        "frame": _text,
        "colorspace": _plain(Knob, '"default (sRGB)"'),
        "raw": _off,
    },
    "Write": {
        "file": _text,
        "file_type": _plain(Knob, "{ }"),
        "channels": _plain(Knob, "rgb"),
        "datatype": _choice("16 bit half", "32 bit float"),
        "compression": _plain(Knob, '"Zip (1 scanline)"'),
        "raw": _off,
        "autocrop": _off,
    },
    "Tracker4": {
        "tracks": Table_Knob,
        "add_track": _add_track,
        "selected_tracks": _text,
        "transform": _choice(
            "none", "stabilize", "stabilize 1-pt", "match-move", "match-move 1-pt", "remove jitter", "add jitter"
        ),
        "reference_frame": _plain(Number_Knob, "1"),
        "livelink_transform": _off,
        "translate": _PAIR,
        "rotate": _plain(Knob, "0"),
        "scale": _plain(Knob, "1"),
        "center": _PAIR,
    },
    "Transform": {
        "translate": _PAIR,
        "rotate": _plain(Knob, "0"),
        "scale": _plain(Knob, "1"),
        "skewX": _plain(Knob, "0"),
        "skewY": _plain(Knob, "0"),
        "center": _PAIR,
        "filter": _choice("Cubic", "Impulse"),
    },
    "CornerPin2D": {
        **{f"{end}{corner}": _PAIR for end in ("to", "from") for corner in range(1, 5)},
        "invert": _off,
    },
    "Group": {"knobChanged": _text},
    "Input": {"number": _plain(Int_Knob, "0")},
    "TimeOffset": {"time_offset": _plain(Int_Knob, "0")},
    "Roto": {"format": _plain(Format_Knob, '"2048 1556 0 0 2048 1556 1 2K_Super_35(full-ap)"')},
    "Reformat": {"format": _plain(Format_Knob, '"2048 1556 0 0 2048 1556 1 2K_Super_35(full-ap)"')},
}


def names_of_knobs(record: Record) -> list[str]:
    return [*CLASSES.get(record.class_name, {}), *_EVERY, *record.user_knobs]


def make_knob(node: Node, name: str) -> Any:
    record = node.record
    if name in record.user_knobs:
        return record.user_knobs[name](node, name)
    return {**_EVERY, **CLASSES.get(record.class_name, {})}[name](node, name)


def user_knob(number: int, default: str, choices: list[str], button: str) -> Maker:
    """A knob of `addUserKnob {NUMBER ...}`. [S: the numbers are those of gizmos that Nuke saved]"""
    plain = {1: String_Knob, 3: Int_Knob, 6: Boolean_Knob, 26: Text_Knob}
    if number == 4:
        return lambda node, name: Enumeration_Knob(node, name, choices[0] if choices else "", choices)
    if number == 22:
        return lambda node, name: Script_Knob(node, name, partial(_press, node, button))
    kind = plain[number]
    defaults = {3: "0", 6: "false"}
    return lambda node, name: kind(node, name, default or defaults.get(number, ""))


def _press(node: Node, script: str) -> None:
    """Run what is written on a button; `thisNode` is the node. [F]"""
    from .node import as_this

    with as_this(node):
        exec(script, {"nuke": sys.modules["nuke"]})  # noqa: S102  what a button of Nuke's does
