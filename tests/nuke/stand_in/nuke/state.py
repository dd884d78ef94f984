# SPDX-License-Identifier: Apache-2.0
"""What the stand-in holds: the nodes of the script, and who may ask for them."""

from __future__ import annotations

import copy
import functools
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .node import Node

MAIN_THREAD = threading.main_thread()


@dataclass
class Record:
    """A node as plain values. texts: knob to value as a script has it, of knobs that are not at their default."""

    class_name: str
    name: str
    parent: Node | None
    texts: dict[str, str] = field(default_factory=dict)
    inputs: list[Node | None] = field(default_factory=list)
    x: int = 0
    y: int = 0
    selected: bool = False
    user_knobs: dict[str, Any] = field(default_factory=dict)


class State:
    """The script, and everything that a session remembers."""

    def __init__(self) -> None:
        self.records: dict[Node, Record] = {}
        self.steps: list[tuple[str, dict[Node, Record]]] = []
        self.open_steps: list[tuple[str, dict[Node, Record]]] = []
        self.undo_disabled = 0
        self.modified = False
        self.frame = 1
        self.pieces: dict[Node, Any] = {}
        self.script: Any = None

    def snapshot(self) -> dict[Node, Record]:
        return {node: copy.copy(_with_own_lists(record)) for node, record in self.records.items()}

    def about_to_change(self, what: str) -> None:
        """Remember the script as it is, as a step of its own where no step is open."""
        self.modified = True
        if not self.undo_disabled and not self.open_steps:
            self.steps.append((what, self.snapshot()))


STATE = State()


def _with_own_lists(record: Record) -> Record:
    record = copy.copy(record)
    record.texts, record.inputs = dict(record.texts), list(record.inputs)
    return record


def check_thread(what: str) -> None:
    if threading.current_thread() is not MAIN_THREAD:
        raise AssertionError(f"{what} was called from thread {threading.current_thread().name!r}")


def on_main_thread(function: Callable[..., Any]) -> Callable[..., Any]:
    """Every call of Nuke's: from the main thread alone."""

    @functools.wraps(function)
    def checked(*arguments: Any, **named: Any) -> Any:
        check_thread(function.__qualname__)
        return function(*arguments, **named)

    return checked
