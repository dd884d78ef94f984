# SPDX-License-Identifier: Apache-2.0
"""What is asked of Nuke itself: its script, its main thread, its windows. `stand_in` is for the tests."""

from __future__ import annotations

import queue
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from cotrack_client.formats.nuke.script import parse

from . import scripts
from .node import CURRENT, Group, Node, root
from .state import STATE, Record, check_thread, on_main_thread
from .undo import Undo

NUKE_VERSION_STRING = "16.0v5"
env = {"nc": False, "indie": False}


class StandIn:
    """What a test sees and decides.

    render: writes the file of one frame: (node above the Write, frame, path, view). cancels_rendering: the user presses
    Cancel in Nuke's bar at the next frame. cancels_bars: likewise in every progress bar.
    """

    def __init__(self) -> None:
        CURRENT.append(Group())  # until the first reset
        self.queue: queue.Queue[Callable[[], None]] = queue.Queue()  # what waits in it outlives a script

    def reset(self) -> None:
        """A new, empty script in a session with a window."""
        for state in (STATE.records, STATE.pieces, STATE.steps, STATE.open_steps):
            state.clear()
        STATE.undo_disabled, STATE.frame = 0, 1
        CURRENT.clear()
        top = Group()
        STATE.records[top] = Record("Root", "root", None)
        CURRENT.append(top)
        STATE.script = parse("")
        STATE.modified = False
        sys.modules["nuke"].GUI = True
        self.this_node: Node | None = None
        self.this_knob = "showPanel"
        self.messages: list[str] = []
        self.answers: list[Any] = []
        self.bars: list[ProgressTask] = []
        self.commands: dict[str, Callable[[], None]] = {}
        self.close_callbacks: list[Callable[[], None]] = []
        self.rendered: list[tuple[str, int, str]] = []
        self.render: Callable[[Node, int, Path, str], None] = lambda _node, _frame, file, _view: file.write_bytes(b"")
        self.busy_times = 0
        self.cancels_rendering = False
        self.cancels_bars = False
        self.views = ["main"]

    def load(self, text: str) -> None:
        """Open a script in the place of the one that is there."""
        STATE.script = parse(text)
        scripts.load(STATE.script)
        STATE.steps.clear()
        STATE.modified = False

    def save(self) -> str:
        """The script as Nuke would save it."""
        return scripts.save()

    def serve(self, until: Callable[[], bool], seconds: float = 60.0) -> None:
        """Be Nuke's idle main thread until something is so: run what other threads asked for."""
        end = time.monotonic() + seconds
        while not until():
            assert time.monotonic() < end, "it took too long"
            try:
                self.queue.get(timeout=0.02)()
            except queue.Empty:
                continue

    @property
    def steps(self) -> list[str]:
        """What Edit > Undo would take back, the latest last."""
        return [name for name, _ in STATE.steps]


class ProgressTask:
    """A progress bar; it goes with the object. [F]"""

    def __init__(self, title: str) -> None:
        check_thread("ProgressTask")
        self.title, self.said, self.done = title, [], 0
        stand_in.bars.append(self)

    def setMessage(self, message: str) -> None:
        check_thread("ProgressTask.setMessage")
        self.said.append(message)

    def setProgress(self, percent: int) -> None:
        check_thread("ProgressTask.setProgress")
        assert isinstance(percent, int)
        self.done = percent

    def isCancelled(self) -> bool:
        check_thread("ProgressTask.isCancelled")
        return stand_in.cancels_bars


def executeInMainThread(call: Callable[..., Any], args: tuple = (), kwargs: dict | None = None) -> None:
    """From another thread; hangs when called from the main one [F]. Returns nothing at once."""
    _assert_other_thread()
    stand_in.queue.put(lambda: call(*args, **(kwargs or {})))


def executeInMainThreadWithResult(call: Callable[..., Any], args: tuple = (), kwargs: dict | None = None) -> Any:
    """Waits; an exception is printed and swallowed, the result is then None. [F: its source]"""
    _assert_other_thread()
    results: queue.Queue[Any] = queue.Queue()

    def run() -> None:
        try:
            results.put(call(*args, **(kwargs or {})))
        except Exception:
            traceback.print_exc()
            results.put(None)

    stand_in.queue.put(run)
    return results.get()


@on_main_thread
def execute(write: Node, first: int, last: int, step: int = 1, views: list[str] | None = None) -> None:
    """Render. RuntimeErrors say what is wrong [K: these words]."""
    if stand_in.busy_times:
        stand_in.busy_times -= 1
        raise RuntimeError("I'm already executing something else")
    if stand_in.cancels_rendering:
        raise RuntimeError("Cancelled")
    source = write.input(0)
    assert source is not None
    assert not root()["proxy"].value(), "it would render proxies"
    for frame_number in range(first, last + 1, step):
        for view in views or stand_in.views:
            stand_in.rendered.append((source.name(), frame_number, view))
            stand_in.render(source, frame_number, Path(write["file"].value()), view)


@on_main_thread
def delete(node: Node) -> None:
    node.check_attached()
    STATE.about_to_change(f"delete {node.name()}")
    for inner in [other for other, record in STATE.records.items() if record.parent is node]:
        delete(inner)
    del STATE.records[node]


@on_main_thread
def filename(node: Node, flags: int = 0) -> str:
    """As the knob has it, expressions resolved; the proxy's in proxy mode. [F]"""
    proxy = node["proxy"].value() if root()["proxy"].value() else ""
    return proxy or node["file"].value()


@on_main_thread
def frame(number: int | None = None) -> int:
    if number is not None:
        STATE.frame = number
    return STATE.frame


@on_main_thread
def nodePaste(path: str) -> Node | None:
    """Reads nodes from a file, connects them to what is selected, and selects them. [R: Lab2Shot]"""
    before = selectedNodes()
    nodes = scripts.load(parse(Path(path).read_text(encoding="utf-8")))
    for node in before:
        node.setSelected(False)
    for node in nodes:
        node.setName(node.name())
        node.setSelected(True)
        if before and node.record.inputs[:1] == [None]:
            node.setInput(0, before[0])
    return nodes[-1] if nodes else None


@on_main_thread
def allNodes(class_name: str = "") -> list[Node]:
    return [
        node
        for node, record in STATE.records.items()
        if record.parent is CURRENT[-1] and class_name in ("", record.class_name)
    ]


@on_main_thread
def scriptSaveAs(path: str, overwrite: int = 0) -> None:
    Path(path).write_text(scripts.save(), encoding="utf-8")


@on_main_thread
def undo() -> None:
    Undo.undo()


@on_main_thread
def selectedNodes(class_name: str = "") -> list[Node]:
    return [
        node
        for node, record in STATE.records.items()
        if record.selected and record.parent is CURRENT[-1] and class_name in ("", record.class_name)
    ]


@on_main_thread
def toNode(path: str) -> Node | None:
    names = path.split(".")
    if names[0] == "root":
        names = names[1:]
    node: Node = root()
    for name in names:
        found = [one for one, record in STATE.records.items() if record.parent is node and record.name == name]
        if not found:
            return None
        node = found[0]
    return node


@on_main_thread
def scriptClear() -> None:
    """Close the script: its callbacks first. [F]"""
    for callback in stand_in.close_callbacks:
        callback()
    for node in [node for node in STATE.records if node is not root()]:
        del STATE.records[node]
    STATE.pieces.clear()
    STATE.script = parse("")


@on_main_thread
def addOnScriptClose(callback: Callable[[], None]) -> None:
    stand_in.close_callbacks.append(callback)


@on_main_thread
def message(sentence: str) -> None:
    assert sys.modules["nuke"].GUI, "there is no window to show a message in"
    stand_in.messages.append(sentence)


@on_main_thread
def ask(question: str) -> bool:
    stand_in.messages.append(question)
    return stand_in.answers.pop(0)


@on_main_thread
def getInput(question: str, default: str = "") -> str | None:
    stand_in.messages.append(question)
    return stand_in.answers.pop(0)


@on_main_thread
def choice(title: str, question: str, choices: list[str]) -> int:
    stand_in.messages.append(question)
    return stand_in.answers.pop(0)


@on_main_thread
def thisNode() -> Node | None:
    return stand_in.this_node


@on_main_thread
def thisKnob() -> Any:
    """In a callback; also a made-up one called showPanel. [F]"""
    name = stand_in.this_knob

    class Changed:
        def name(self) -> str:
            return name

    return Changed()


@on_main_thread
def thisView() -> str:
    return stand_in.views[0]


@on_main_thread
def views() -> list[str]:
    return list(stand_in.views)


@on_main_thread
def activeViewer() -> None:
    """None where there is no viewer. [F]"""


@on_main_thread
def menu(name: str) -> Menu:
    assert sys.modules["nuke"].GUI, "menus are only there in a session with a window"
    return Menu(name)


class Menu:
    def __init__(self, path: str) -> None:
        self._path = path

    def addMenu(self, name: str, icon: str = "") -> Menu:
        assert not icon or Path(icon).is_file(), icon
        return Menu(f"{self._path}/{name}")

    def addCommand(self, name: str, command: Callable[[], None], shortcut: str = "", icon: str = "") -> None:
        assert not icon or Path(icon).is_file(), icon
        stand_in.commands[f"{self._path}/{name}"] = command

    def addSeparator(self) -> None:
        pass


def _assert_other_thread() -> None:
    import threading

    assert threading.current_thread() is not threading.main_thread(), "this hangs in Nuke's main thread"


stand_in = StandIn()
