# SPDX-License-Identifier: Apache-2.0
"""How the plug-in comes into Nuke: its start-up files and menus, and the menu's own commands."""

from __future__ import annotations

import ast
import logging
import os
import runpy
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from nuke_courtyard import finish, open_script, tracks_of

import cotrack_nuke
import nuke
from cotrack_client.errors import CotrackError
from cotrack_client.formats.nuke.curves import Curve
from cotrack_client.formats.nuke.nodes import read_corner_pin, read_transform
from cotrack_client.formats.nuke.script import parse
from cotrack_nuke import actions, knobs, making, menus, session, worker_setup
from cotrack_nuke.preferences import Preferences, read_preferences, write_preferences

REPOSITORY = Path(__file__).parents[2]
PLUGIN = REPOSITORY / "cotrack_nuke"
OLDEST_THAT_STARTS = (3, 7)

FOUR = {
    "a": {1: (100.0, 100.0), 2: (101.0, 100.0), 4: (103.0, 100.0)},
    "b": {1: (500.0, 120.0), 2: (501.0, 120.0), 4: (503.0, 120.0)},
    "c": {1: (480.0, 420.0), 2: (481.0, 420.0), 4: (483.0, 420.0)},
    "d": {1: (90.0, 400.0), 2: (91.0, 400.0), 4: (93.0, 400.0)},
}


@pytest.fixture
def panels(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """What is registered as a panel, by a module that is loaded for this test alone."""
    registered: list[str] = []
    module = ModuleType("nukescripts")
    module.panels = ModuleType("nukescripts.panels")
    module.panels.registerWidgetAsPanel = lambda _expression, title, _id, **_options: registered.append(title)
    monkeypatch.setitem(sys.modules, "nukescripts", module)
    forget_panel()
    yield registered
    forget_panel()


def forget_panel() -> None:
    sys.modules.pop("cotrack_nuke.panel", None)
    vars(cotrack_nuke).pop("panel", None)


def test_the_menus_hold_everything(panels: list[str]) -> None:
    runpy.run_path(str(PLUGIN / "menu.py"))
    commands = {name.partition("/CoTrack/")[2] for name in nuke.stand_in.commands}
    assert commands - {"Panel"} == {
        "Track with CoTracker3",
        "Re-track from Here",
        "Cancel",
        "CoTracker3",
        "Create/Transform (stabilise)",
        "Create/Transform (match-move)",
        "Create/CornerPin2D",
        "Worker/State",
        "Worker/Install",
        "Worker/Choose Python",
        "Worker/Fetch Weights",
        "Worker/Choose Model",
    }
    assert {name.split("/")[0] for name in nuke.stand_in.commands} == {"Nuke", "Nodes"}
    assert ("Panel" in commands) == bool(panels)
    assert nuke.stand_in.close_callbacks == [session.cancel_all]


def test_whatever_is_wrong_nuke_starts(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    def fail() -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr(menus, "add_menus", fail)
    with caplog.at_level(logging.ERROR):
        runpy.run_path(str(PLUGIN / "menu.py"))
    assert "CoTrack is not loaded" in caplog.text


@pytest.mark.parametrize("name", ["init.py", "menu.py"])
def test_what_nuke_13_reads_is_python_that_it_understands(name: str) -> None:
    ast.parse((PLUGIN / name).read_text(), feature_version=OLDEST_THAT_STARTS)


def test_everything_else_is_python_3_9() -> None:
    for path in sorted(PLUGIN.glob("*.py")):
        ast.parse(path.read_text(), feature_version=(3, 9))


def test_a_session_without_a_window_needs_no_menu_and_no_qt() -> None:
    """In a process of its own, with a Qt that cannot be loaded."""
    script = (
        "import sys; sys.modules['PySide6'] = sys.modules['PySide2'] = None\n"
        "import runpy, nuke; nuke.stand_in.reset(); nuke.GUI = False\n"
        f"runpy.run_path({str(PLUGIN / 'init.py')!r})\n"
        "import cotrack_nuke.jobs, cotrack_nuke.knobs, cotrack_nuke.actions\n"
        "assert not nuke.stand_in.commands\n"
    )
    paths = {"PYTHONPATH": os.pathsep.join([str(REPOSITORY / "tests/nuke/stand_in"), str(REPOSITORY / "core")])}
    command = [sys.executable, "-c", script]
    outcome = subprocess.run(command, env={**os.environ, **paths}, capture_output=True, text=True, check=False)
    assert outcome.returncode == 0, outcome.stderr


def test_the_menu_acts_on_the_one_tracker_that_is_selected() -> None:
    open_script()
    actions.track_selected()
    assert "no Tracker nodes are selected" in nuke.stand_in.messages[-1]


def test_four_tracks_become_a_corner_pin_that_is_keyed_where_they_are_seen() -> None:
    tracker = open_script(placed=FOUR)
    made = making.make(tracker, making.Recipe("corner pin", reference=2))
    pin = read_corner_pin(parse(nuke.stand_in.save()).find(made.name()).node)
    assert [tuple(corner) for corner in pin.origin] == [(101.0, 100.0), (501.0, 120.0), (481.0, 420.0), (91.0, 400.0)]
    assert isinstance(pin.to[0][0], Curve)
    assert [(key.frame, key.value) for key in pin.to[0][0].keys] == [(1, 100.0), (2, 101.0), (4, 103.0)]
    assert pin.to[0][1] == 100.0


def test_a_linked_corner_pin_follows_the_rows_of_the_table() -> None:
    tracker = open_script(placed={"d": FOUR["d"], "c": FOUR["c"], "b": FOUR["b"], "a": FOUR["a"]})
    made = making.make(tracker, making.Recipe("corner pin", reference=1, linked=True))
    assert made["to1"].toScript() == "{parent.Tracker1.tracks.4.track_x} {parent.Tracker1.tracks.4.track_y}"
    assert made["to4"].toScript() == "{parent.Tracker1.tracks.1.track_x} {parent.Tracker1.tracks.1.track_y}"
    assert made["from1"].toScript() == "100 100"


def test_a_stabilise_is_the_opposite_of_a_match_move() -> None:
    tracker = open_script(placed=FOUR)
    steps = nuke.stand_in.steps
    names = [making.make(tracker, making.Recipe(kind, reference=2)).name() for kind in ("match-move", "stabilise")]
    assert len(nuke.stand_in.steps) == len(steps) + 2
    script = parse(nuke.stand_in.save())
    follow, hold = (read_transform(script.find(name).node) for name in names)
    assert [(key.frame, key.value) for key in follow.translate[0].keys] == [(1, -1.0), (2, 0.0), (4, 2.0)]
    assert [(key.frame, key.value) for key in hold.translate[0].keys] == [(1, 1.0), (2, 0.0), (4, -2.0)]
    assert follow.center == hold.center == (293.5, 260.0)
    assert follow.scale == (1.0, 1.0)


def test_a_linked_transform_follows_the_rows_that_are_seen_at_the_reference_frame() -> None:
    tracker = open_script(placed={**FOUR, "later": {2: (5.0, 5.0)}})
    made = making.make(tracker, making.Recipe("match-move", reference=1, linked=True))
    rows = " + ".join(f"parent.Tracker1.tracks.{place}.track_x" for place in range(1, 5))
    assert made["translate"].toScript().startswith(f"{{({rows}) / 4 - 292.5}} {{(parent.Tracker1.tracks.1.track_y")
    assert made["center"].toScript() == "292.5 260"
    with pytest.raises(CotrackError, match="no track is visible at the reference frame 3"):
        making.make(tracker, making.Recipe("stabilise", reference=3, linked=True))


def test_selected_rows_alone_are_used() -> None:
    tracker = open_script(placed={**FOUR, "still": {1: (5.0, 5.0), 4: (5.0, 5.0)}})
    tracker["selected_tracks"].setValue("4")
    made = making.make(tracker, making.Recipe("match-move", reference=1))
    assert made["translate"].toScript() == "{0} {0}"
    assert len(tracks_of(tracker).rows) == 5


def test_a_python_is_chosen_and_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COTRACK_PYTHON", raising=False)
    nuke.stand_in.answers = [f" {sys.executable} "]
    worker_setup.choose_python()
    assert read_preferences().python == sys.executable
    assert session.SESSION.state in ("starting", "ready")
    nuke.stand_in.answers = ["/nowhere/python"]
    worker_setup.choose_python()
    assert "/nowhere/python" in nuke.stand_in.messages[-1]
    assert read_preferences().python == sys.executable
    session.SESSION.stop()


@pytest.mark.xdist_group("nuke worker")
@pytest.mark.usefixtures("worker")
def test_the_menu_tracks_with_the_model_that_is_chosen_and_a_node_does_not() -> None:
    write_preferences(Preferences(python="", model="another"))
    tracker = open_script()
    tracker.setSelected(True)
    actions.track_selected()
    assert session.TASKS[-1].order.settings.model == "another"
    assert "another" in finish()
    nuke.stand_in.answers = [0]
    worker_setup.choose_model()
    assert nuke.stand_in.messages[-1] == "Which one does Track with CoTracker3 use?"
    assert read_preferences() == Preferences(python="", model="lucas-kanade")
    actions.create_node()
    assert knobs.settings_of(nuke.toNode("CoTracker3")).model is None


def test_nothing_is_installed_without_a_yes() -> None:
    nuke.stand_in.answers = [False]
    worker_setup.install()
    assert session.SESSION.installation is None
