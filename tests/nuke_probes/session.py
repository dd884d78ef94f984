# SPDX-License-Identifier: Apache-2.0
"""Undo, threads, the script's state, scripts on disk."""

from __future__ import annotations

import sys
import threading

import nuke
from cotrack_client.formats.nuke.script import read_script
from cotrack_client.formats.nuke.table import read_table
from cotrack_nuke.surroundings import NodeHandle, leaving_no_trace, one_undo_step

from .report import Answer, CannotAskError, asks, folder, needs_a_window
from .tables import row, table_of, tracker


@asks("Python is 3.9 or later")
def python_version() -> Answer:
    return sys.version.split()[0], sys.version_info >= (3, 9)


@asks("kind of licence, as nuke.env tells it")
def licence() -> Answer:
    return {name: nuke.env.get(name) for name in ("nc", "indie", "assist", "studio", "interactive")}, None


@asks("whatever is asked of a deleted node raises ValueError")
def deleted_node() -> Answer:
    node = nuke.nodes.Dot()
    handle = NodeHandle(node)
    nuke.delete(node)
    try:
        node.fullName()
    except Exception as error:  # noqa: BLE001  which one is the question
        return f"{type(error).__name__}: {error}", handle.node() is None
    return "no error", False


@asks("a whole table, a name and a knob are one step to undo")
def one_step() -> Answer:
    needs_a_window()
    node = tracker(row("a", "curve x1 1", "curve x1 1"))
    before = nuke.Undo.undoSize()
    with one_undo_step("probe"):
        node["tracks"].fromScript(table_of(node).with_rows([]).text)
        node["reference_frame"].setValue(7)
    steps = nuke.Undo.undoSize() - before
    nuke.undo()
    rows = len(table_of(node).rows)
    return f"{steps} steps, {rows} rows after one undo", steps == 1 and rows == 1


@asks("a step that is cancelled takes the table back")
def cancelled_step() -> Answer:
    node = tracker(row("a", "curve x1 1", "curve x1 1"))
    try:
        with one_undo_step("probe"):
            node["tracks"].fromScript(table_of(node).with_rows([]).text)
            raise CannotAskError
    except CannotAskError:
        rows = len(table_of(node).rows)
    if not nuke.GUI and rows == 0:
        raise CannotAskError("nothing is taken back, but -t may keep no undo at all; ask with a window")
    return f"{rows} rows", rows == 1


@asks("what is done while undo is disabled leaves the steps before it whole, and the script unmodified")
def no_trace() -> Answer:
    needs_a_window()
    node = nuke.nodes.Dot()
    with one_undo_step("rename"):
        node.setName("ProbedDot")
    nuke.root().setModified(False)
    with leaving_no_trace():
        nuke.delete(nuke.nodes.Write())
    modified = nuke.root().modified()
    nuke.undo()
    return f"{node.name()}, modified {modified}", node.name() != "ProbedDot" and not modified


@asks("undoSize stays 0 in -t")
def no_undo_in_terminal() -> Answer:
    if nuke.GUI:
        raise CannotAskError("only in -t")
    nuke.nodes.Dot().setName("Another")
    seen = nuke.Undo.undoSize()
    return seen, seen == 0


@asks("executeInMainThread from a thread runs in the main thread, later")
def main_thread() -> Answer:
    needs_a_window()
    from cotrack_client.qt.binding import QtCore

    seen: list[str] = []
    note = lambda: seen.append(threading.current_thread().name)  # noqa: E731
    threading.Thread(target=lambda: nuke.executeInMainThread(note)).start()
    loop = QtCore.QEventLoop()
    QtCore.QTimer.singleShot(500, loop.quit)
    loop.exec() if hasattr(loop, "exec") else loop.exec_()
    return seen, seen == [threading.main_thread().name]


@asks("a saved script holds the table as it was set, by our reader")
def saved_script() -> Answer:
    node = tracker(row("a", "curve x1001 1.5 2.5 x1010 3", "curve x1001 3 4 x1010 5"))
    path = folder() / "probe.nk"
    nuke.scriptSaveAs(str(path), overwrite=1)
    script = read_script(path)
    found = read_table(script.find(node.name()).node.get("tracks") or "")
    same = [one.channel("track_x") for one in found.rows] == [one.channel("track_x") for one in table_of(node).rows]
    return f"byte for byte {script.text == path.read_bytes().decode()}, same rows {same}", same


@asks("the project's colour management is called Nuke or OCIO")
def colour_management() -> Answer:
    seen = str(nuke.root()["colorManagement"].value())
    return seen, seen in ("Nuke", "OCIO")


@asks("a script of one view says so")
def views() -> Answer:
    return nuke.views(), len(nuke.views()) == 1


@asks("thisView is a view, also without a viewer")
def this_view() -> Answer:
    return nuke.thisView(), nuke.thisView() in nuke.views()
