# SPDX-License-Identifier: Apache-2.0
"""Creating points: where the mask lets them, as tracks of the Tracker that is connected, or of a new one."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import OpenImageIO as oiio  # noqa: N813  as its makers write it
import pytest
from nuke_courtyard import HEIGHT, WIDTH, finish, open_script, tracks_of

import nuke
from cotrack_client.errors import CotrackError
from cotrack_client.formats.nuke.placed import chosen_keys
from cotrack_client.formats.nuke.tracker import positions
from cotrack_nuke import actions, jobs, knobs, session
from cotrack_nuke.settings import Points

ROTO = f'Roto {{\n inputs 0\n format "{WIDTH} {HEIGHT} 0 0 {WIDTH} {HEIGHT} 1 "\n name Roto1\n}}\n'
LEFT, RIGHT, BOTTOM, TOP = 300, 700, 200, 500
"""What the mask selects, Nuke's pixels."""

pytestmark = [pytest.mark.xdist_group("nuke worker"), pytest.mark.usefixtures("worker")]


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A place for rendered masks that no other test uses."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))


def render_mask(_node: nuke.Node, _frame: int, file: Path, _view: str) -> None:
    """An EXR of the channel that the Write names."""
    assert nuke.toNode("Write1")["channels"].value() == "alpha"
    spec = oiio.ImageSpec(WIDTH, HEIGHT, 1, "half")
    spec.channelnames = ("A",)
    pixels = np.zeros((HEIGHT, WIDTH, 1), np.float32)
    pixels[HEIGHT - TOP : HEIGHT - BOTTOM, LEFT:RIGHT] = 1
    output = oiio.ImageOutput.create(str(file))
    assert output.open(str(file), spec)
    output.write_image(pixels)
    output.close()


def make_node(*, tracker: bool, mask: bool = True) -> nuke.Node:
    """A node with the example as its plate."""
    open_script()
    nuke.stand_in.load(nuke.stand_in.save() + ROTO)
    nuke.stand_in.render = render_mask
    nuke.toNode("Tracker1" if tracker else "Read1").setSelected(True)
    actions.create_node()
    node = nuke.toNode("CoTracker3")
    node.setInput(knobs.MASK, nuke.toNode("Roto1") if mask else None)
    nuke.frame(12)
    return node


def is_inside(at: tuple[float, float]) -> bool:
    return LEFT <= at[0] <= RIGHT and BOTTOM <= at[1] <= TOP


def test_features_in_the_mask_become_a_new_tracker_that_is_connected() -> None:
    node = make_node(tracker=False)
    node["features"].setValue(20)
    before, steps = nuke.stand_in.save(), nuke.stand_in.steps
    node["create_points"].execute()
    assert finish() == "20 points at frame 12, in Tracker2"
    made = node.input(knobs.TRACKER)
    assert (made.name(), made.input(0).name()) == ("Tracker2", "Read1")
    assert made["reference_frame"].value() == 12
    rows = tracks_of(made).rows
    assert [row.name for row in rows] == [f"point_{number:03d}" for number in range(1, 21)]
    assert all(list(positions(row)) == [12] and is_inside(positions(row)[12]) for row in rows)
    assert all(chosen_keys(row, HEIGHT) for row in rows)
    assert node["status"].value() == "20 points at frame 12, in Tracker2"
    assert nuke.stand_in.steps == [*steps, "Create Points"]
    assert nuke.toNode("Write1") is None
    assert list(Path(tempfile.gettempdir()).glob("cotrack-plate-*")) == []
    nuke.Undo.undo()
    node["status"].setValue("")
    assert nuke.stand_in.save().count("Tracker4") == before.count("Tracker4")
    assert node.input(knobs.TRACKER) is None


def test_a_grid_is_added_to_the_tracks_that_are_there() -> None:
    node = make_node(tracker=True)
    tracker = nuke.toNode("Tracker1")
    table = tracks_of(tracker)
    row = table.rows[0].setting({"name": '"point_002"'})
    tracker["tracks"].fromScript(table.with_rows([row, *table.rows[1:]]).text)
    before = tracks_of(tracker).rows
    node["points"].setValue("Grid")
    node["grid"].setValue(2)
    node["create_points"].execute()
    assert finish() == "4 points at frame 12, in Tracker1"
    rows = tracks_of(tracker).rows
    assert rows[: len(before)] == before
    assert [row.name for row in rows[len(before) :]] == ["point_001", "point_003", "point_004", "point_005"]
    found = [positions(row)[12] for row in rows[len(before) :]]
    assert found == [(400.0, 425.0), (600.0, 425.0), (400.0, 275.0), (600.0, 275.0)]


def test_an_inverted_mask_keeps_points_out() -> None:
    node = make_node(tracker=True)
    node["mask_invert"].setValue(True)
    node["create_points"].execute()
    assert finish() == "50 points at frame 12, in Tracker1"
    assert not any(is_inside(positions(row)[12]) for row in tracks_of(nuke.toNode("Tracker1")).rows[3:])


def test_without_a_mask_points_lie_anywhere_and_nothing_is_rendered() -> None:
    node = make_node(tracker=True, mask=False)
    node["create_points"].execute()
    assert finish() == "50 points at frame 12, in Tracker1"
    assert nuke.stand_in.rendered == []


def test_where_the_plate_cannot_be_read_its_frame_is_rendered_too() -> None:
    node = make_node(tracker=True)
    grade = nuke.nodes.Grade()
    grade.setInput(0, nuke.toNode("Read1"))
    node.setInput(knobs.PLATE, grade)

    def render(source: nuke.Node, frame: int, file: Path, view: str) -> None:
        if source.Class() == "Roto":
            render_mask(source, frame, file, view)
            return
        noise = np.random.default_rng(3).uniform(0, 1, (HEIGHT, WIDTH, 3)).astype(np.float32)
        output = oiio.ImageOutput.create(str(file))
        assert output.open(str(file), oiio.ImageSpec(WIDTH, HEIGHT, 3, "half"))
        output.write_image(noise)
        output.close()

    nuke.stand_in.render = render
    node["create_points"].execute()
    assert finish() == "50 points at frame 12, in Tracker1"
    assert [(name, frame) for name, frame, _ in nuke.stand_in.rendered] == [("Roto1", 12), (grade.name(), 12)]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda _node: nuke.frame(60), "Read1 has the frames 1-48, not 60; go to one of these"),
        (lambda node: node["features"].setValue(0), "0 points are asked for"),
        (lambda node: node.setInput(knobs.TRACKER, nuke.toNode("Roto1")), "connect the tracker input of CoTracker3"),
        (
            lambda _node: nuke.toNode("Roto1")["format"].fromScript('"64 48 0 0 64 48 1 "'),
            "the mask is 64 x 48 but the plate 1280 x 720; put a Reformat between Roto1 and the mask input",
        ),
    ],
)
def test_what_is_wrong_is_said_in_a_message(change: object, sentence: str) -> None:
    node = make_node(tracker=True)
    change(node)
    node["create_points"].execute()
    assert sentence in nuke.stand_in.messages[-1]
    assert not session.TASKS


def test_an_empty_mask_is_said_and_nothing_changes() -> None:
    node = make_node(tracker=True)
    node["mask_from"].setValue("Colour")
    nuke.stand_in.render = lambda _node, _frame, file, _view: write_black(file)
    before = tracks_of(nuke.toNode("Tracker1"))
    node["create_points"].execute()
    assert "the mask leaves no pixel" in finish()
    assert tracks_of(nuke.toNode("Tracker1")) == before
    assert list(Path(tempfile.gettempdir()).glob("cotrack-plate-*")) == []


def write_black(file: Path) -> None:
    assert nuke.toNode("Write1")["channels"].value() == "rgb"
    output = oiio.ImageOutput.create(str(file))
    assert output.open(str(file), oiio.ImageSpec(WIDTH, HEIGHT, 3, "half"))
    output.write_image(np.zeros((HEIGHT, WIDTH, 3), np.float32))
    output.close()


def test_a_cancel_ends_it() -> None:
    node = make_node(tracker=True)
    before = nuke.stand_in.save()
    node["create_points"].execute()
    node["cancel"].execute()
    assert finish().startswith("cancelled")
    node["status"].setValue("")
    assert tracks_of(nuke.toNode("Tracker1")).text in before


def test_points_and_tracks_never_work_on_one_tracker_at_once() -> None:
    tracker = open_script()
    jobs.create_points(nuke.toNode("Read1"), Points("grid", 3), tracker=tracker)
    with pytest.raises(CotrackError, match="Tracker1 is being tracked already"):
        jobs.track(tracker)
    finish()


def test_in_a_session_without_a_window_the_call_waits() -> None:
    tracker = open_script()
    nuke.GUI = False
    jobs.create_points(nuke.toNode("Read1"), Points("grid", 3), tracker=tracker)
    assert len(tracks_of(tracker).rows) == 3 + 9
