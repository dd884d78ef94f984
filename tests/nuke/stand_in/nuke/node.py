# SPDX-License-Identifier: Apache-2.0
"""Nodes: handles to records, dead as soon as the record is gone."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from cotrack_client.formats.nuke.words import split

from .catalogue import make_knob, names_of_knobs
from .state import STATE, Record, check_thread

_HAVE_A_FORMAT = ("Read", "Reformat", "Constant", "CheckerBoard2", "Roto")
_GONE = "A PythonObject is not attached to a node"


class Format:
    def __init__(self, width: int, height: int, pixel_aspect: float = 1.0, name: str = "") -> None:
        self._values = width, height, pixel_aspect, name

    def width(self) -> int:
        return self._values[0]

    def height(self) -> int:
        return self._values[1]

    def pixelAspect(self) -> float:
        return self._values[2]

    def name(self) -> str:
        return self._values[3]


class Node:
    """A node of the script."""

    @property
    def record(self) -> Record:
        return STATE.records[self]

    def check_attached(self) -> None:
        """[R: griptape; the words K]"""
        if self not in STATE.records:
            raise ValueError(_GONE)

    def Class(self) -> str:
        return self._ask("Class").class_name

    def name(self) -> str:
        return self._ask("name").name

    def fullName(self) -> str:
        record = self._ask("fullName")
        above = record.parent.fullName() if record.parent is not None and record.parent is not root() else ""
        return f"{above}.{record.name}" if above else record.name

    def setName(self, name: str, uncollide: bool = True, updateExpressions: bool = False) -> None:
        record = self._ask("setName")
        if uncollide:
            name = free_name(name, record.parent, but=self)
        STATE.about_to_change(f"rename {record.name}")
        record.name = name

    def input(self, number: int) -> Node | None:
        inputs = self._ask("input").inputs
        return inputs[number] if number < len(inputs) and inputs[number] in STATE.records else None

    def inputs(self) -> int:
        return len(self._ask("inputs").inputs)

    def setInput(self, number: int, node: Node | None) -> bool:
        record = self._ask("setInput")
        STATE.about_to_change(f"connect {record.name}")
        record.inputs += [None] * (number + 1 - len(record.inputs))
        record.inputs[number] = node
        return True

    def knobs(self) -> dict[str, Any]:
        record = self._ask("knobs")
        return {name: make_knob(self, name) for name in names_of_knobs(record)}

    def knob(self, name: str) -> Any:
        return self.knobs().get(name)

    def __getitem__(self, name: str) -> Any:
        record = self._ask("knob")
        if name not in names_of_knobs(record):
            raise NameError(f"knob {name} does not exist")
        return make_knob(self, name)

    def xpos(self) -> int:
        return self._ask("xpos").x

    def ypos(self) -> int:
        return self._ask("ypos").y

    def setXYpos(self, x: int, y: int) -> None:
        record = self._ask("setXYpos")
        STATE.about_to_change(f"move {record.name}")
        record.x, record.y = x, y

    def isSelected(self) -> bool:
        return self._ask("isSelected").selected

    def setSelected(self, selected: bool) -> None:
        self._ask("setSelected").selected = selected

    def forceValidate(self) -> None:
        self._ask("forceValidate")

    def format(self) -> Format:
        """Of the picture that comes out. Smaller in proxy mode. [K]"""
        self._ask("format")
        above = self
        while above.Class() not in _HAVE_A_FORMAT and above.input(0) is not None:
            above = above.input(0)
        holder = above if "format" in above.knobs() else root()
        numbers = re.findall(r"-?[0-9.]+", split(holder["format"].text)[0].value)
        width, height = int(numbers[0]), int(numbers[1])
        pixel_aspect = float(numbers[6]) if len(numbers) > 6 else 1.0
        part = 2 if root()["proxy"].value() else 1
        return Format(width // part, height // part, pixel_aspect)

    def firstFrame(self) -> int:
        return self._range()[0]

    def lastFrame(self) -> int:
        return self._range()[1]

    def _range(self) -> tuple[int, int]:
        """Of a Read as its frame mode has it [R: Lab2Shot, 17.0v2]; others have their input's, or the script's."""
        record = self._ask("frameRange")
        if record.class_name == "Read":
            first, last = self["first"].value(), self["last"].value()
            mode, amount = self["frame_mode"].value(), str(self["frame"].value())
            shift = {"start at": lambda: int(amount) - first, "offset": lambda: -int(amount)}.get(mode, lambda: 0)()
            return first + shift, last + shift
        if self.input(0) is not None:
            later = self["time_offset"].value() if record.class_name == "TimeOffset" else 0
            first, last = self.input(0)._range()
            return first + later, last + later
        return root()["first_frame"].value(), root()["last_frame"].value()

    def _ask(self, what: str) -> Record:
        check_thread(f"Node.{what}")
        self.check_attached()
        return self.record


class Group(Node):
    """A node with nodes inside; the script's root is one."""

    def begin(self) -> Group:
        self._ask("begin")
        CURRENT.append(self)
        return self

    def end(self) -> None:
        check_thread("Group.end")
        CURRENT.remove(self)

    def __enter__(self) -> Group:
        return self.begin()

    def __exit__(self, *_error: object) -> None:
        self.end()

    def modified(self) -> bool:
        self._ask("modified")
        return STATE.modified

    def setModified(self, modified: bool) -> None:
        self._ask("setModified")
        STATE.modified = modified


CURRENT: list[Group] = []
"""The groups that new nodes go into, the innermost last; the first is the root."""


def root() -> Group:
    return CURRENT[0]


def add_node(class_name: str, name: str = "") -> Node:
    """A new node in the current group, unselected, unconnected, with no panel. [F: what `nuke.nodes` does]"""
    check_thread(f"nodes.{class_name}")
    STATE.about_to_change(f"create {class_name}")
    node = Group() if class_name == "Group" else Node()
    parent = CURRENT[-1] if CURRENT else None
    STATE.records[node] = Record(class_name, "", parent)
    node.record.name = name or free_name(f"{class_name}1", parent, but=node)
    return node


def free_name(name: str, parent: Node | None, but: Node) -> str:
    taken = {record.name for node, record in STATE.records.items() if record.parent is parent and node is not but}
    base = name.rstrip("0123456789")
    number = int(name[len(base) :] or 0)
    while name in taken:
        number += 1
        name = f"{base}{number}"
    return name


@contextmanager
def as_this(node: Node) -> Iterator[None]:
    """What a callback sees: `thisNode` is the node, and new nodes go beside it."""
    nuke = sys.modules["nuke"]
    before = nuke.stand_in.this_node
    nuke.stand_in.this_node = node
    try:
        yield
    finally:
        nuke.stand_in.this_node = before
