# SPDX-License-Identifier: Apache-2.0
"""Knobs: each is the text that a script has for it, and a way to read it.

The table of a Tracker4 is that text alone [S: what Nuke saved is what it holds]; it can be read as text, as a whole,
and number by number. What `fromScript` brings keeps its digits, other than what Nuke's own tracker wrote [S].
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from cotrack_client.formats.nuke.curve_values import ChannelValues
from cotrack_client.formats.nuke.curves import Curve, CurveKey, Expression, read_channel
from cotrack_client.formats.nuke.table import COLUMNS, curve_cell, new_table, read_table
from cotrack_client.formats.nuke.words import quote, split

from .expressions import value_of
from .state import STATE, check_thread

if TYPE_CHECKING:
    from .node import Node


_NUMBER = re.compile(r"[-+.0-9e]+")


class Knob:
    """A knob of a node. default: its text where the node does not mention it."""

    def __init__(self, node: Node, name: str, default: str = "") -> None:
        self._node = node
        self._name = name
        self._default = default

    def name(self) -> str:
        return self._name

    def toScript(self, quote: bool = False, context: object = None) -> str:
        self._check("toScript")
        return self.text

    def fromScript(self, text: str) -> bool:
        self._check("fromScript")
        self.text = text
        return True

    def value(self) -> Any:
        self._check("value")
        words = split(self.text)
        return words[0].value if len(words) == 1 else self.text

    def setValue(self, value: Any, *_indices: int) -> bool:
        self._check("setValue")
        self.text = self._written(value)
        return True

    def getValueAt(self, frame: float, index: int = 0) -> float:
        self._check("getValueAt")
        words = split(self.text)
        inner = split(words[0].inside) if len(words) == 1 else []
        is_pair = len(inner) > 1 and all(word.kind == "braced" or _NUMBER.fullmatch(word.source) for word in inner)
        words = inner if is_pair else words  # {0 0}, or {{a.x} {a.y}}
        return value_of(words[min(index, len(words) - 1)].inside, frame)

    def isAnimated(self, *_index: int) -> bool:
        self._check("isAnimated")
        return "curve" in self.text

    def hasExpression(self, *_index: int) -> bool:
        self._check("hasExpression")
        return self.text.startswith("{{") and "curve" not in self.text

    @property
    def text(self) -> str:
        return self._node.record.texts.get(self._name, self._default)

    @text.setter
    def text(self, text: str) -> None:
        STATE.about_to_change(f"set {self._node.record.name}.{self._name}")
        self._node.record.texts[self._name] = text

    def _written(self, value: Any) -> str:
        return quote(str(value)) if split(str(value))[1:] or not str(value) else str(value)

    def _check(self, what: str) -> None:
        check_thread(f"{self._name}.{what}")
        self._node.check_attached()


class String_Knob(Knob):
    pass


class Text_Knob(Knob):
    pass


class Boolean_Knob(Knob):
    def value(self) -> bool:
        self._check("value")
        return self.text in ("true", "1")

    def _written(self, value: Any) -> str:
        return "true" if value else "false"


class Number_Knob(Knob):
    def value(self) -> float:
        self._check("value")
        channel = read_channel(split(self.text)[0].inside)
        return ChannelValues(channel).at(STATE.frame)


class Int_Knob(Number_Knob):
    def value(self) -> int:
        return int(super().value())


class Enumeration_Knob(Knob):
    def __init__(self, node: Node, name: str, default: str, choices: list[str]) -> None:
        super().__init__(node, name, default)
        self._choices = choices

    def values(self) -> list[str]:
        self._check("values")
        return list(self._choices)

    def setValues(self, choices: list[str]) -> None:
        self._check("setValues")
        self._choices[:] = choices

    def setValue(self, value: Any, *_indices: int) -> bool:
        self._check("setValue")
        chosen = self._choices[value] if isinstance(value, int) else str(value)
        if chosen in self._choices:
            self.text = self._written(chosen)
        return chosen in self._choices


class Format_Knob(Knob):
    pass


class Script_Knob(Knob):
    """A button. action: what it runs."""

    def __init__(self, node: Node, name: str, action: Callable[[], None]) -> None:
        super().__init__(node, name)
        self._action = action

    def execute(self) -> None:
        self._check("execute")
        self._action()


class Table_Knob(Knob):
    """`tracks`. Column c of row r has the index 31 r + c. [F: Foundry's own scripts count so]"""

    def __init__(self, node: Node, name: str) -> None:
        super().__init__(node, name, new_table().text[1:-1].strip())

    def toScript(self, quote: bool = False, context: object = None) -> str:
        self._check("toScript")
        text = self.text
        words = split(text)
        return words[0].inside if len(words) == 1 else text

    def fromScript(self, text: str) -> bool:
        self._check("fromScript")
        table = read_table(text)
        self.text = table.text if table.text.startswith("{ {") else "{" + table.text + "}"
        return True

    def getValueAt(self, frame: float, index: int) -> float:
        """[K: 0 where a cell has no keys]"""
        self._check("getValueAt")
        return ChannelValues(self._channel(index)).at(frame)

    def isKeyAt(self, frame: float, index: int) -> bool:
        self._check("isKeyAt")
        return frame in self._frames(index)

    def getNumKeys(self, index: int) -> int:
        self._check("getNumKeys")
        return len(self._frames(index))

    def getKeyTime(self, place: int, index: int) -> float:
        self._check("getKeyTime")
        return self._frames(index)[place]

    def setAnimated(self, index: int) -> bool:
        """Makes a key at frame 0, wanted or not. [F: a comment in nukescripts.cameratracker, 15.0v1]"""
        self._check("setAnimated")
        if not self._frames(index):
            self._set_keys(index, {0.0: 0.0})
        return True

    def setValueAt(self, value: float, frame: float, index: int) -> bool:
        self._check("setValueAt")
        channel = self._channel(index)
        keys = {key.frame: key.value for key in channel.keys} if isinstance(channel, Curve) else {}
        self._set_keys(index, {**keys, float(frame): float(value)})
        return True

    def removeKeyAt(self, frame: float, index: int) -> bool:
        self._check("removeKeyAt")
        channel = self._channel(index)
        assert isinstance(channel, Curve)
        self._set_keys(index, {key.frame: key.value for key in channel.keys if key.frame != frame})
        return True

    def _channel(self, index: int) -> Any:
        row, column = divmod(index, len(COLUMNS))
        return read_table(self.text).rows[row].channel(COLUMNS[column])

    def _frames(self, index: int) -> tuple[float, ...]:
        channel = self._channel(index)
        return channel.frames if isinstance(channel, Curve) and not isinstance(channel, Expression) else ()

    def _set_keys(self, index: int, keys: dict[float, float]) -> None:
        row, column = divmod(index, len(COLUMNS))
        table = read_table(self.text)
        curve = Curve(tuple(CurveKey(frame, keys[frame]) for frame in sorted(keys)))
        rows = list(table.rows)
        rows[row] = rows[row].setting({COLUMNS[column]: curve_cell(curve)})
        self.text = table.with_rows(rows).text
