# SPDX-License-Identifier: Apache-2.0
"""The CoTracker3 node: how it is made, what its knobs mean, what its buttons do."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from nuke_courtyard import PLACED, finish, open_script, tracks_of

import nuke
from cotrack_client.errors import CotrackError
from cotrack_client.formats.nuke.script import parse
from cotrack_client.formats.nuke.tracker import positions
from cotrack_client.frames import FrameRange
from cotrack_nuke import actions, knobs, session
from cotrack_nuke.settings import Settings

pytestmark = [pytest.mark.xdist_group("nuke worker"), pytest.mark.usefixtures("worker")]


def make_node() -> nuke.Node:
    """A node for the script's Tracker4, that tracks a few frames with the classic tracker."""
    tracker = open_script()
    tracker.setSelected(True)
    actions.create_node()
    node = nuke.toNode("CoTracker3")
    node["model"].setValues(["Default", "lucas-kanade"])
    node["model"].setValue("lucas-kanade")
    node["range"].setValue("Custom")
    node["first"].setValue(1)
    node["last"].setValue(14)
    return node


def test_the_node_is_a_group_that_passes_its_plate_through() -> None:
    script = parse(actions.NODE_FILE.read_text())
    nodes = list(script.nodes())
    assert [(found.node.class_name, found.node.name, found.groups) for found in nodes] == [
        ("Group", "CoTracker3", ()),
        ("Input", "mask", ("CoTracker3",)),
        ("Input", "tracker", ("CoTracker3",)),
        ("Input", "plate", ("CoTracker3",)),
        ("Output", "Output1", ("CoTracker3",)),
    ]
    assert script.text == actions.NODE_FILE.read_text()


def test_its_buttons_only_call_the_plug_in() -> None:
    text = actions.NODE_FILE.read_text()
    called = set(re.findall(r"import cotrack_nuke\.knobs; cotrack_nuke\.knobs\.(\w+)\(\)", text))
    assert called == {"track", "retrack", "cancel", "create_points", "set_reference", "create"}
    assert all(callable(getattr(knobs, name)) for name in called)


def test_its_words_are_those_that_are_translated() -> None:
    node = make_node()
    for knob, choices in (
        ("keys", knobs.KEYS),
        ("direction", knobs.DIRECTIONS),
        ("quality", knobs.QUALITIES),
        ("device", knobs.DEVICES),
        ("plate", knobs.PLATES),
        ("output", knobs.OUTPUTS),
        ("points", knobs.POINTS),
        ("mask_from", knobs.MASKS),
        ("kind", knobs.KINDS),
    ):
        assert node[knob].values() == list(choices)


def test_it_is_connected_to_the_selected_tracker_and_its_plate() -> None:
    node = make_node()
    assert node.input(knobs.PLATE) is nuke.toNode("Read1")
    assert node.input(knobs.TRACKER) is nuke.toNode("Tracker1")
    assert nuke.stand_in.steps[-1] != "Create CoTracker3"  # the knobs that were set since
    assert "Create CoTracker3" in nuke.stand_in.steps


def test_its_knobs_make_the_settings() -> None:
    node = make_node()
    node["keys"].setValue("First key")
    node["direction"].setValue("Backward")
    node["quality"].setValue("Each Point Apart")
    node["refine"].setValue(False)
    node["output"].setValue("Into the same Tracker")
    node["plate"].setValue("Always render")
    node["only_selected"].setValue(True)
    assert knobs.settings_of(node) == Settings(
        keys="first",
        only_selected=True,
        frames=FrameRange(1, 14),
        direction="backward",
        model="lucas-kanade",
        quality="apart",
        refine=False,
        output="merge",
        plate="render",
    )


def test_a_fresh_node_has_the_usual_settings() -> None:
    open_script()
    actions.create_node()
    assert knobs.settings_of(nuke.toNode("CoTracker3")) == Settings()


def test_track_writes_a_tracker_and_the_node_knows_it() -> None:
    node = make_node()
    node["track"].execute()
    sentence = finish()
    assert sentence == "3 tracks of Tracker1 tracked with lucas-kanade through 1-14, in Tracker1_ai"
    assert node["status"].value() == sentence
    assert node["result"].value() == "Tracker1_ai"
    assert nuke.stand_in.messages == []


def test_a_node_that_is_renamed_hears_of_its_job_and_one_that_is_deleted_does_not_stop_it() -> None:
    node = make_node()
    node["track"].execute()
    node.setName("Other")
    assert "in Tracker1_ai" in finish()
    assert node["result"].value() == "Tracker1_ai"
    node["track"].execute()
    nuke.delete(node)
    assert "in Tracker1_ai1" in finish()


def test_cancel_ends_the_jobs_of_this_node() -> None:
    node = make_node()
    node["track"].execute()
    node["cancel"].execute()
    assert finish() == "cancelled; nothing was written"
    assert nuke.toNode("Tracker1_ai") is None


def test_retrack_changes_only_what_lies_between_the_keys_around() -> None:
    node = make_node()
    node["output"].setValue("Into the same Tracker")
    node["track"].execute()
    finish()
    tracker = nuke.toNode("Tracker1")
    table = tracks_of(tracker)
    old = {row.name: positions(row) for row in table.rows}
    frame, moved = 6, (old["quoin"][6][0] + 2.0, old["quoin"][6][1])
    row = table.row("quoin")
    text = row.cell("track_x").replace(f"x6 {old['quoin'][6][0]:.10g} ", f"x6 {moved[0]:.10g} ")
    assert text != row.cell("track_x")
    rows = [one.setting({"track_x": text}) if one is row else one for one in table.rows]
    tracker["tracks"].fromScript(table.with_rows(rows).text)
    nuke.frame(frame)
    node["direction"].setValue("Forward")

    node["retrack"].execute()
    finish()

    new = {row.name: positions(row) for row in tracks_of(tracker).rows}
    assert new["quoin"][frame] == pytest.approx(moved, abs=1e-6)
    assert all(new["quoin"][at] == old["quoin"][at] for at in range(1, 6))
    assert new["quoin"][8][0] - old["quoin"][8][0] == pytest.approx(2.0, abs=1.0)
    assert new["beam"][12] == PLACED["beam"][12]


def test_two_jobs_never_work_on_one_tracker() -> None:
    node = make_node()
    node["track"].execute()
    node["track"].execute()
    assert nuke.stand_in.messages == ["CoTrack: Tracker1 is being tracked already; cancel that first"]
    finish()


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda node: node.setInput(knobs.TRACKER, None), "connect the tracker input of CoTracker3 to the Tracker"),
        (lambda node: node["last"].setValue(0), "frame range 1-0 ends before it starts"),
        (lambda node: node["only_selected"].setValue(True), "no track of Tracker1 is selected"),
    ],
)
def test_what_is_missing_is_said_in_a_message(change: object, sentence: str) -> None:
    node = make_node()
    change(node)
    node["track"].execute()
    assert sentence in nuke.stand_in.messages[-1]
    assert not session.TASKS


def test_without_a_window_an_error_is_raised() -> None:
    node = make_node()
    node.setInput(knobs.TRACKER, None)
    nuke.GUI = False
    with pytest.raises(CotrackError, match="connect the tracker input"):
        node["track"].execute()


def test_no_worker_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    session.SESSION.stop()
    monkeypatch.setenv("COTRACK_PYTHON", str(tmp_path / "nothing"))
    node = make_node()
    node["track"].execute()
    assert "COTRACK_PYTHON names" in nuke.stand_in.messages[-1]
    assert not session.TASKS


def test_the_models_and_their_licences_are_shown() -> None:
    node = make_node()
    node["track"].execute()
    finish()
    nuke.stand_in.this_node, nuke.stand_in.this_knob = node, "showPanel"
    knobs.changed()
    names = [model.name for model in session.SESSION.welcome.models]
    assert node["model"].values() == ["Default", *names]
    assert node["model"].value() == "lucas-kanade"
    model = next(model for model in session.SESSION.welcome.models if model.name == "lucas-kanade")
    assert model.licence in node["licence"].value()


@pytest.mark.parametrize("kind", list(knobs.KINDS))
def test_create_uses_the_latest_result(kind: str) -> None:
    node = make_node()
    node["track"].execute()
    finish()
    node["kind"].setValue(kind)
    node["create"].execute()
    if kind == "CornerPin2D":
        assert "3 tracks for this, not 4" in nuke.stand_in.messages[-1]
    else:
        name = {"Transform (stabilise)": "Transform_Stabilise", "Transform (match-move)": "Transform_MatchMove"}[kind]
        assert nuke.toNode(name).xpos() == nuke.toNode("Tracker1_ai").xpos() + 110
