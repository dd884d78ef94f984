# SPDX-License-Identifier: Apache-2.0
"""`cotrack nuke`: from a saved script with markers to a script with a Tracker4 that is keyed through the plate."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from typer.core import TyperGroup
from typer.main import get_command

from cotrack.cli.main import DONE, INPUT_AT_FAULT, app, run
from cotrack_client.formats.nuke.curves import curve_of
from cotrack_client.formats.nuke.pieces import make_node
from cotrack_client.formats.nuke.placing import tracker_knobs
from cotrack_client.formats.nuke.script import Script, parse, read_script
from cotrack_client.formats.nuke.table import Row, Table, curve_cell, name_cell, new_table, read_table
from cotrack_client.formats.nuke.tracker import RowStyle, new_row, positions
from cotrack_client.formats.nuke.wiring import connections
from cotrack_client.frames import FrameRange
from cotrack_client.tracks import Track

WIDTH, HEIGHT, MOVE = 160, 120, 2
"""Of the plate, px; it moves to the right by so much per frame."""

X, Y = 80.12345678901234, 60.98765432109876
"""Where the marker is in Nuke's pixels, at frame 1004 of the files."""


@pytest.fixture(scope="module")
def plate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Frames 1001-1008 of a texture that moves to the right."""
    folder = tmp_path_factory.mktemp("plate")
    grain = np.random.default_rng(2).integers(0, 255, (HEIGHT // 6, WIDTH // 6 + 4, 3), dtype=np.uint8)
    texture = cv2.resize(grain, None, fx=6, fy=6, interpolation=cv2.INTER_CUBIC)
    for i in range(8):
        left = 20 - MOVE * i
        cv2.imwrite(str(folder / f"plate.{1001 + i}.png"), texture[:HEIGHT, left : left + WIDTH])
    return folder / "plate.%04d.png"


def marker(name: str, keys: dict[int, tuple[float, float]]) -> Row:
    """A track as it is when an artist has placed it at some frames."""
    only = Track(name, (), (min(keys),), (0.0,), (0.0,), (True,), (1.0,))
    row = new_row(only, HEIGHT, FrameRange(min(keys), min(keys)), RowStyle.for_width(WIDTH))
    cells = {
        axis: curve_cell(curve_of([(f, xy[i]) for f, xy in keys.items()]))
        for i, axis in enumerate(("track_x", "track_y"))
    }
    return row.setting({**cells, "name": name_cell(name)})


def script_of(plate: Path, *rows: Row, read: str = "", between: str = "") -> str:
    knobs = tracker_knobs(new_table().with_rows(rows), 1004)
    tracker = make_node("Tracker4", {**knobs, "name": "Tracker1", "xpos": "40", "ypos": "-7"})
    return (
        f"#! Nuke\nversion 15.1 v2\nRoot {{\n inputs 0\n name a.nk\n}}\nRead {{\n inputs 0\n file {plate}\n"
        f' format "{WIDTH} {HEIGHT} 0 0 {WIDTH} {HEIGHT} 1 "\n first 1001\n last 1008\n{read} name Read1\n}}\n'
        f"{between}{tracker.text}\nViewer {{\n name Viewer1\n}}\n"
    )


def save(folder: Path, text: str) -> Path:
    path = folder / "comp.nk"
    path.write_text(text)
    return path


def table_of(script: Script, name: str) -> Table:
    return read_table(script.find(name).node.get("tracks") or "")


def test_markers_become_a_tracker_beside_the_old_one(
    plate: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    text = script_of(
        plate, marker("nose", {1004: (X, Y)}), marker('left "ear"', {1001: (40.0, 30.0), 1008: (54.0, 30.0)})
    )
    path = save(tmp_path, text)
    assert run(["nuke", str(path), "--node", "Tracker1", "--json"]) == DONE
    assert path.read_text() == text
    assert json.loads(capfd.readouterr().out)["written"] == [str(tmp_path / "comp_ai.nk")]
    script = read_script(tmp_path / "comp_ai.nk")
    table = table_of(script, "Tracker1_ai")
    assert [row.name for row in table.rows] == ["nose", 'left "ear"']
    nose, ear = (positions(row) for row in table.rows)
    assert nose[1004] == (X, Y)
    assert (ear[1001], ear[1008]) == ((40.0, 30.0), (54.0, 30.0))
    for frame in range(1001, 1009):
        assert nose[frame] == pytest.approx((X + MOVE * (frame - 1004), Y), abs=0.02)
        assert ear[frame] == pytest.approx((40 + MOVE * (frame - 1001), 30), abs=0.02)
    assert table.rows[0].cell("error").startswith("{curve x1001 ")


def test_the_new_tracker_is_connected_and_placed_like_the_old_one(plate: Path, tmp_path: Path) -> None:
    text = script_of(plate, marker("nose", {1004: (X, Y)}))
    assert run(["nuke", str(save(tmp_path, text)), "--node", "Tracker1", "-o", str(tmp_path / "new.nk")]) == DONE
    script = read_script(tmp_path / "new.nk")
    old, new = script.find("Tracker1"), script.find("Tracker1_ai")
    wires = connections(script)
    assert wires[new.place] == wires[old.place] == (script.find("Read1").place,)
    assert wires[script.find("Viewer1").place] == (old.place,)
    assert (new.node.get("xpos"), new.node.get("ypos")) == ("150", "-7")
    assert new.node.get("reference_frame") == "1004"
    assert old.node.text == parse(text).find("Tracker1").node.text


def test_frames_are_those_of_the_script(plate: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    read = ' frame_mode "start at"\n frame 1\n'
    path = save(tmp_path, script_of(plate, marker("nose", {4: (X, Y)}), read=read))
    assert run(["nuke", str(path), "--node", "Tracker1", "--frames", "2-6", "--json"]) == DONE
    assert json.loads(capfd.readouterr().out)["frames"] == "2-6"
    found = positions(table_of(read_script(tmp_path / "comp_ai.nk"), "Tracker1_ai").rows[0])
    assert list(found) == [2, 3, 4, 5, 6]
    assert found[6] == pytest.approx((X + 2 * MOVE, Y), abs=0.02)


def test_tracking_forward_leaves_a_gap_before_the_marker(plate: Path, tmp_path: Path) -> None:
    path = save(tmp_path, script_of(plate, marker("nose", {1004: (X, Y)})))
    assert run(["nuke", str(path), "--node", "Tracker1", "--direction", "forward"]) == DONE
    (row,) = table_of(read_script(tmp_path / "comp_ai.nk"), "Tracker1_ai").rows
    assert list(positions(row)) == [1004, 1005, 1006, 1007, 1008]
    assert row.cell("enable") == "{curve K x1001 0 x1004 1}"


@pytest.mark.parametrize(("choice", "kept"), [("all", [1003, 1004, 1006]), ("first", [1003]), ("reference", [1004])])
def test_the_keys_to_track_from_can_be_chosen(choice: str, kept: list[int], plate: Path, tmp_path: Path) -> None:
    keys = {frame: (X + MOVE * (frame - 1004) + 0.25, Y) for frame in (1003, 1004, 1006)}
    path = save(tmp_path, script_of(plate, marker("nose", keys)))
    assert run(["nuke", str(path), "--node", "Tracker1", "--keys", choice]) == DONE
    found = positions(table_of(read_script(tmp_path / "comp_ai.nk"), "Tracker1_ai").rows[0])
    assert [frame for frame in keys if found[frame] == keys[frame]] == kept


def test_the_script_itself_is_written_over_only_when_asked(plate: Path, tmp_path: Path) -> None:
    text = script_of(plate, marker("nose", {1004: (X, Y)}))
    path = save(tmp_path, text)
    asked = ["nuke", str(path), "--node", "Tracker1", "-o", str(path)]
    assert run(asked) == INPUT_AT_FAULT
    assert path.read_text() == text
    assert run([*asked, "--overwrite"]) == DONE
    assert [found.node.name for found in read_script(path).nodes() if found.node.class_name == "Tracker4"] == [
        "Tracker1",
        "Tracker1_ai",
    ]


EVERY = dict.fromkeys(range(1001, 1009), (X, Y))


@pytest.mark.parametrize(
    ("rows", "changes", "arguments", "sentence"),
    [
        ([{1004: (X, Y)}], {}, ["--node", "Tracker2"], "no node called 'Tracker2'"),
        ([{1004: (X, Y)}], {}, ["--node", "Read1"], "Read1 is a Read, not a Tracker4"),
        ([{1004: (X, Y)}], {}, ["--frames", "900-1002"], "Read1 shows the frames 1001-1008, not all of 900-1002"),
        ([{1004: (X, Y)}], {}, ["--frames", "1005-1008"], "Tracker1 has no marker in the frames that are tracked"),
        ([{1003: (X, Y)}], {}, ["--keys", "reference"], "Tracker1 has no marker"),
        ([EVERY], {}, [], "has keys at every frame already; pass --keys reference"),
        ([], {}, [], "Tracker1 has no marker"),
        ([{1004: (X, Y)}], {"between": "Grade {\n name G\n}\n"}, [], "G (Grade) before Tracker1 changes the picture"),
        ([{1004: (X, Y)}, {1004: (X, Y)}], {}, [], "2 tracks are called 'track'; rename all but one"),
        ([{1004: (X, Y)}], {"read": ' format "80 60 0 0 80 60 1 "\n'}, [], "has the format 80 x 60, but its files are"),
        ([{1004: (X, Y)}], {"read": " colorspace Nonsense\n"}, [], "Read1 is in the colour space 'Nonsense', which"),
        ([{1004: (X, Y)}], {"read": " file /nowhere/a.####.png\n"}, [], "/nowhere"),
    ],
)
def test_what_cannot_be_tracked_is_said_in_one_sentence(  # noqa: PLR0917  four of them are a line of the table above
    rows: list[dict[int, tuple[float, float]]],
    changes: dict[str, str],
    arguments: list[str],
    sentence: str,
    plate: Path,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
) -> None:
    path = save(tmp_path, script_of(plate, *(marker("track", keys) for keys in rows), **changes))
    node = [] if "--node" in arguments else ["--node", "Tracker1"]
    assert run(["nuke", str(path), *node, *arguments]) == INPUT_AT_FAULT
    message = capfd.readouterr().err
    assert message.startswith("cotrack: ")
    assert sentence in message
    assert list(tmp_path.iterdir()) == [path]


def test_the_readers_colour_space_is_the_plates(plate: Path, tmp_path: Path) -> None:
    path = save(tmp_path, script_of(plate, marker("nose", {1004: (X, Y)}), read=' colorspace "ACES - ACEScg"\n'))
    assert run(["nuke", str(path), "--node", "Tracker1", "--colorspace", "sRGB"]) == DONE


def test_every_option_is_documented() -> None:
    page = (Path(__file__).parents[3] / "docs/nuke_scripts.md").read_text("utf-8")
    group = get_command(app)
    assert isinstance(group, TyperGroup)
    options = [name for parameter in group.commands["nuke"].params for name in parameter.opts if name.startswith("--")]
    assert len(options) > 10
    assert [name for name in options if f"`{name}`" not in page] == []
