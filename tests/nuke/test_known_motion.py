# SPDX-License-Identifier: Apache-2.0
"""From a script with a Read of real files to a script with keys, on plates whose motion is known, to 0.01 px.

What is asked for and what is found are positions as Nuke counts them, from the bottom left of the format. A plate that
grows and turns tells what a plate that only moves would hide: an origin that is half a pixel, or a line, off.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from nuke_courtyard import finish, row_of

import nuke
from cotrack.cli.main import DONE, run
from cotrack_client.formats.nuke.pieces import make_node
from cotrack_client.formats.nuke.script import parse
from cotrack_client.formats.nuke.table import new_table, read_table
from cotrack_client.formats.nuke.tracker import positions
from cotrack_client.frames import FrameRange
from cotrack_client.raster import from_nuke
from cotrack_nuke import jobs, session
from cotrack_nuke.settings import Settings
from known_motion import MovingTexture, shifts, similarities, write_exr, write_png

FIRST, COUNT = 1001, 12
FRAMES = FrameRange(FIRST, FIRST + COUNT - 1)
WIDTH, HEIGHT = SIZE = 320, 200
OVERSCAN = 24
ACCURACY = 0.01  # px; half of what is asked for
MIDDLE = 6
"""The place of the frame at which the points are, among the frames."""

POINTS = {"a": (120.3, 119.3), "b": (160.25, 99.5), "c": (150.0, 80.0), "d": (200.0, 109.1), "e": (130.4, 60.2)}
"""Nuke's pixels."""

TIME = np.arange(COUNT)
DRIFT = shifts(np.stack([1.37 * TIME + 3 * np.sin(TIME / 3), 2 * np.cos(TIME / 4) - 0.61 * TIME], axis=1))
STEPS = shifts(np.stack([3.0 * TIME, -1.0 * TIME], axis=1))
GROWTH = similarities((100, 120), zoom=1 + 0.015 * TIME, degrees=0.5 * TIME)

pytestmark = [pytest.mark.xdist_group("nuke worker"), pytest.mark.usefixtures("worker")]


@dataclass(frozen=True)
class Plate:
    """Files of a moving texture. write: one of them. margin: what they have beyond the display window."""

    moves: np.ndarray
    write: Callable[[Path, np.ndarray], None]
    ending: str
    margin: int = 0
    pixel_aspect: float = 1.0

    @property
    def texture(self) -> MovingTexture:
        return MovingTexture(SIZE, self.moves)

    def write_to(self, folder: Path) -> Path:
        for place in range(COUNT):
            self.write(folder / f"plate.{FIRST + place}.{self.ending}", self.texture.picture(place, self.margin))
        return folder / f"plate.%04d.{self.ending}"

    def script(self, files: Path, between: str = "") -> str:
        """With a Read of the files, and a Tracker4 that has the points at the middle frame."""
        table = new_table().with_rows([row_of(name, {FIRST + MIDDLE: at}, HEIGHT) for name, at in POINTS.items()])
        tracker = make_node("Tracker4", {"tracks": table.text, "name": "Tracker1"})
        area = f"{WIDTH} {HEIGHT} 0 0 {WIDTH} {HEIGHT} {self.pixel_aspect:g} "
        knobs = {"inputs": "0", "file": str(files), "format": f'"{area}"', "first": str(FIRST), "name": "Read1"}
        read = make_node("Read", {**knobs, "last": str(FIRST + COUNT - 1)})
        return f"#! Nuke\nversion 16.0 v5\nRoot {{\n inputs 0\n}}\n{read.text}\n{between}{tracker.text}\n"

    def check(self, text: str) -> None:
        """Make sure that a script has a Tracker4 whose keys are where the texture has gone, and where points are."""
        table = read_table(parse(text).find("Tracker1_ai").node.get("tracks"))
        assert [row.name for row in table.rows] == list(POINTS)
        for row in table.rows:
            at = positions(row)
            assert sorted(at) == list(FRAMES.numbers())
            assert at[FIRST + MIDDLE] == POINTS[row.name]
            errors = [math.dist(at[FIRST + place], self.truth(row.name, place)) for place in range(COUNT)]
            assert max(errors) < ACCURACY, (row.name, errors)

    def truth(self, name: str, place: int) -> tuple[float, float]:
        x, y = self.texture.place(from_nuke(*POINTS[name], HEIGHT), MIDDLE, place)
        return x, HEIGHT - y


PLATES = {
    "png-steps": Plate(STEPS, write_png, "png"),
    "png": Plate(DRIFT, write_png, "png"),
    "exr": Plate(GROWTH, write_exr, "exr"),
    "exr-overscan-anamorphic": Plate(
        GROWTH, partial(write_exr, margin=OVERSCAN, pixel_aspect=2.0), "exr", OVERSCAN, pixel_aspect=2.0
    ),
}


@pytest.fixture(params=PLATES.values(), ids=PLATES)
def plate(request: pytest.FixtureRequest) -> Plate:
    return request.param


def test_the_command_finds_where_things_have_gone(plate: Plate, tmp_path: Path) -> None:
    script = tmp_path / "comp.nk"
    script.write_text(plate.script(plate.write_to(tmp_path)))
    assert run(["nuke", str(script), "--node", "Tracker1"]) == DONE
    plate.check((tmp_path / "comp_ai.nk").read_text())


def test_the_plug_in_reads_the_files_and_finds_the_same(plate: Plate, tmp_path: Path) -> None:
    nuke.stand_in.load(plate.script(plate.write_to(tmp_path)))
    jobs.track(nuke.toNode("Tracker1"))
    assert finish() == f"5 tracks of Tracker1 tracked with lucas-kanade through {FRAMES}, in Tracker1_ai"
    assert nuke.stand_in.rendered == []
    plate.check(nuke.stand_in.save())


def test_the_plug_in_renders_what_it_cannot_read_and_finds_the_same(tmp_path: Path) -> None:
    """What Nuke writes has the overscan, and the pixel aspect, of the plate."""
    plate = PLATES["exr-overscan-anamorphic"]

    def render(_node: nuke.Node, frame: int, file: Path, _view: str) -> None:
        plate.write(file, plate.texture.picture(frame - FIRST, plate.margin))

    nuke.stand_in.load(plate.script(tmp_path / "plate.%04d.exr", between="Grade {\n name Grade1\n}\n"))
    nuke.stand_in.render = render
    jobs.track(nuke.toNode("Tracker1"), Settings())
    assert "5 tracks of Tracker1 tracked" in finish()
    assert len(nuke.stand_in.rendered) == COUNT
    assert session.ENDED[-1][1].level == "info"
    plate.check(nuke.stand_in.save())
