# SPDX-License-Identifier: Apache-2.0
"""What programs run of what we write, in interpreters that are not ours: Tcl (Nuke), Lua (Fusion), node (AE)."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from example_tracks import CORNERS_AND_GAP, FIRST, HEIGHT, ONE_FRAME, WIDTH

DATA = Path(__file__).parents[2] / "data/formats"
COLUMNS = 31
RATE = 24


def run_in_after_effects(width: int = 1920, height: int = 1080) -> Any:  # noqa: ANN401
    node = shutil.which("node")
    if node is None:
        pytest.skip("this machine has no node")
    script, stand_in = DATA / "golden/after-effects-nulls.jsx", DATA / "after_effects_stand_in.js"
    command = [node, str(stand_in), str(script), str(width), str(height), str(RATE)]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def test_nulls_go_where_the_tracks_are() -> None:
    result = run_in_after_effects()
    assert (result["said"], result["undo"]) == (None, 0)
    assert [layer["name"] for layer in result["layers"]] == ["trackA", "trackB"]
    for layer, places in zip(result["layers"], (CORNERS_AND_GAP, ONE_FRAME)):
        keys = {FIRST + round(key["time"] * RATE): tuple(key["value"]) for key in layer["position"]}
        assert keys.keys() == places.keys()
        for frame, place in places.items():
            assert keys[frame] == pytest.approx(place)


def test_nulls_hold_and_hide_in_gaps() -> None:
    first, second = run_in_after_effects()["layers"]
    assert [FIRST + round(key["time"] * RATE) for key in first["position"] if key["hold"]] == [1002, 1007]
    opacity = [(FIRST + round(key["time"] * RATE), key["value"], key["hold"]) for key in first["opacity"]]
    assert opacity == [(1001, 100, True), (1003, 0, True), (1006, 100, True), (1008, 0, True)]
    opacity = [(FIRST + round(key["time"] * RATE), key["value"]) for key in second["opacity"]]
    assert opacity == [(1001, 0), (1004, 100), (1005, 0)]


def test_a_composition_of_another_size_stays_as_it_is() -> None:
    result = run_in_after_effects(width=1280)
    assert result["layers"] == []
    assert result["said"] == "The composition is 1280 x 1080, the plate 1920 x 1080."


def test_tcl_finds_a_script_for_nuke_sound() -> None:
    """A script is Tcl: its lists are split by an interpreter of that language, and rows have their cells."""
    tkinter = pytest.importorskip("tkinter", reason="this Python has no Tcl")
    tcl = tkinter.Tcl()
    tcl.eval("proc unknown {class args} { set ::nodes($class) [lindex $args 0] }; proc version args {}")
    tcl.eval((DATA / "golden/nuke.nk").read_text("utf-8"))
    knobs = tcl.splitlist(tcl.eval("set nodes(Tracker4)"))
    table = tcl.splitlist(dict(zip(knobs[::2], knobs[1::2]))["tracks"])
    head, columns, rows = (tcl.splitlist(part) for part in table)
    assert head == ("1", str(COLUMNS), "2")
    assert len(columns) == COLUMNS
    for row, name, places in zip(rows, ("trackA", "trackB"), (CORNERS_AND_GAP, ONE_FRAME)):
        cells = tcl.splitlist(row)
        assert (len(cells), cells[1]) == (COLUMNS, name)
        for cell, values in zip(
            cells[2:4], ([x for x, _ in places.values()], [HEIGHT - y for _, y in places.values()])
        ):
            tokens = tcl.splitlist(cell)
            assert tokens[0] == "curve"
            assert [int(token[1:]) for token in tokens[1::2]] == list(places)
            assert [float(token) for token in tokens[2::2]] == values


def test_tcl_finds_the_corners_of_a_pin() -> None:
    tkinter = pytest.importorskip("tkinter", reason="this Python has no Tcl")
    tcl = tkinter.Tcl()
    tcl.eval("proc unknown {class args} { set ::nodes($class) [lindex $args 0] }; proc version args {}")
    tcl.eval((DATA / "golden/nuke-corner-pin.nk").read_text("utf-8"))
    knobs = tcl.splitlist(tcl.eval("set nodes(CornerPin2D)"))
    pin = dict(zip(knobs[::2], knobs[1::2]))
    from_corners = [tuple(map(float, tcl.splitlist(pin[f"from{corner}"]))) for corner in (1, 2, 3, 4)]
    assert from_corners == [(221.5, 179.0), (1501.0, 198.25), (1601.5, 930.0), (201.25, 978.5)]
    x, y = tcl.splitlist(pin["to4"])
    assert tcl.splitlist(x) == ("curve", "x1001", "200.25", "x1002", "201.25", "x1004", "203.25")
    assert tcl.splitlist(y) == ("curve", "x1001", "979.5", "x1002", "978.5", "x1004", "976.5")


LUA = """
setmetatable(_G, {__index = function() return function(fields) return fields end end})
ordered = function() return function(fields) return fields end end
local file = io.open(arg[1]); local tools = load("return " .. file:read("a"))().Tools
local inputs = tools.Tracker1.Inputs
for n = 1, 2 do
    local path = tools[inputs["TrackedCenter" .. n].SourceOp].Inputs
    local xs, ys = tools[path.X.SourceOp].KeyFrames, tools[path.Y.SourceOp].KeyFrames
    for frame, key in pairs(xs) do
        print(inputs["Name" .. n].Value, frame, key[1], ys[frame][1])
    end
end
"""


@pytest.mark.parametrize(("name", "begins"), [("fusion", 1001), ("resolve", 0)])
def test_lua_finds_the_tracks_of_a_setting_for_fusion(name: str, begins: int, tmp_path: Path) -> None:
    lua = next(filter(None, map(shutil.which, ("lua5.4", "lua"))), None)
    if lua is None:
        pytest.skip("this machine has no Lua")
    (tmp_path / "look.lua").write_text(LUA)
    command = [lua, str(tmp_path / "look.lua"), str(DATA / f"golden/{name}.setting")]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    rows = [line.split() for line in said.splitlines()]
    for track, places in (("trackA", CORNERS_AND_GAP), ("trackB", ONE_FRAME)):
        found = {
            int(frame) + FIRST - begins: (float(u) * WIDTH, (1 - float(v)) * HEIGHT)
            for of_track, frame, u, v in rows
            if of_track == track
        }
        assert found.keys() == places.keys()
        for frame, place in places.items():
            assert found[frame] == pytest.approx(place, abs=1e-3)
