# SPDX-License-Identifier: Apache-2.0
"""The panel as Nuke opens it: registered, docked, and fed by a real job of a real worker."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator
from types import ModuleType, SimpleNamespace

import pytest
from nuke_courtyard import open_script

import nuke

if not any(importlib.util.find_spec(name) for name in ("PySide6", "PySide2")):
    pytest.skip("there is no Qt", allow_module_level=True)

import qt_window
from cotrack_client.frames import FrameRange
from cotrack_client.qt.binding import QtWidgets
from cotrack_client.qt.job_bar import JobBar
from cotrack_client.qt.log_view import LogView
from cotrack_client.qt.track_model import Column
from cotrack_client.qt.track_table import TrackTable
from cotrack_nuke import jobs, session
from cotrack_nuke.pulse import Pulse
from cotrack_nuke.settings import Settings
from qt_window import LEFT, QTest, seen, show, wait_until

PANEL = "__import__('cotrack_nuke.panel', fromlist=['NukePanel']).NukePanel"
pytestmark = pytest.mark.xdist_group("nuke worker")


@pytest.fixture(scope="module", autouse=True)
def _application() -> Iterator[None]:
    with qt_window.an_application():
        yield


@pytest.fixture(autouse=True)
def _windows(_application: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("COTRACK_PYTHON", sys.executable)
    monkeypatch.setattr(session, "PULSE", Pulse(session.beat))  # its timer goes with the application
    yield
    qt_window.close_windows()


@pytest.fixture
def panes(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """Nuke's panels: an expression is evaluated when a panel is opened, and its value called. [F: its own script]"""
    registered = SimpleNamespace(panels={}, docked=[])

    class Panel:
        def __init__(self, expression: str) -> None:
            self.widget = eval(expression)()  # noqa: S307  as Nuke does

        def addToPane(self, pane: str | None) -> None:  # noqa: N802  Nuke's name
            registered.docked.append((pane, self.widget))

    def register(expression: str, title: str, name: str, create: bool = False) -> Panel | None:
        registered.panels[name] = (title, expression)
        return Panel(expression) if create else None

    module = ModuleType("nukescripts")
    module.panels = SimpleNamespace(registerWidgetAsPanel=register)
    monkeypatch.setitem(sys.modules, "nukescripts", module)
    monkeypatch.setattr(nuke, "getPaneFor", {"DAG.1": "beside the graph"}.get, raising=False)
    monkeypatch.delitem(sys.modules, "cotrack_nuke.panel", raising=False)
    return registered


def test_the_panel_is_registered_and_docked_where_there_is_room(panes: SimpleNamespace) -> None:
    from cotrack_nuke import panel

    panel.register()
    assert panes.panels == {"org.cotrack.tracks": ("CoTrack", PANEL)}
    assert panes.docked == []
    panel.show()
    ((pane, widget),) = panes.docked
    assert pane == "beside the graph"
    show(widget, 600, 300)
    assert widget.findChild(QtWidgets.QLabel).text() == "Nothing is being tracked"


@pytest.mark.usefixtures("panes")
def test_a_job_is_followed_from_its_order_to_its_end() -> None:
    from cotrack_nuke.panel import NukePanel

    tracker = open_script()
    panel = NukePanel()
    show(panel, 760, 300)
    table, log = panel.findChild(TrackTable), panel.findChild(LogView)
    model = table.model()

    jobs.track(tracker, Settings(model="lucas-kanade", frames=FrameRange(1, 14)))
    wait_until(lambda: session.ENDED)
    panel.look()

    assert [model.index(row, Column.COVERAGE).data() for row in range(3)] == ["100 %"] * 3
    assert [model.index(row, Column.NAME).data() for row in range(3)] == ["barrel", "beam", "quoin"]
    assert [model.index(row, Column.KEYS).data() for row in range(3)] == ["1", "1", "1"]
    assert panel.findChild(JobBar).findChild(QtWidgets.QLabel).text() == session.ENDED[-1][1].sentence
    wait_until(lambda: log.toPlainText() or log.read())
    seen(panel, "panel_in_nuke")


@pytest.mark.usefixtures("panes")
def test_frames_and_rows_are_chosen_in_the_script_without_a_trace() -> None:
    from cotrack_nuke.panel import NukeHost, NukePanel

    tracker = open_script()
    task = jobs.track(tracker, Settings(model="lucas-kanade", frames=FrameRange(1, 14)))
    panel = NukePanel()
    show(panel, 760, 300)
    steps, table = list(nuke.stand_in.steps), panel.findChild(TrackTable)
    place = table.visualRect(table.model().index(1, Column.KEYS)).center()
    QTest.mouseClick(table.viewport(), LEFT, pos=place)

    assert nuke.frame() == 12
    assert tracker["selected_tracks"].value() == "2"
    assert nuke.stand_in.steps == steps

    task.cancel()
    nuke.delete(tracker)
    NukeHost().select(task, ["beam"])
