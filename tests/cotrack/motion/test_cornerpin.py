# SPDX-License-Identifier: Apache-2.0
"""A board pinned to a plate whose ground shakes in perspective while something passes before it."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import OpenImageIO as oiio  # noqa: N813  as its makers write it
import pytest

from cotrack.cli.main import DONE, INPUT_AT_FAULT, run
from cotrack.evaluation.plates.files import write_shot
from cotrack.media.clip import open_clip
from cotrack.motion import warps
from cotrack_client.formats.nuke.curve_values import ChannelValues
from cotrack_client.formats.nuke.nodes import read_corner_pin
from cotrack_client.formats.nuke.script import read_script
from shaky_shot import SIZE, shaky_shot, true_motion

Floats = npt.NDArray[np.float64]

QUAD = np.array([(90.0, 230.0), (400.0, 220.0), (380.0, 50.0), (100.0, 40.0)])
CORNERS = ",".join(str(number) for number in QUAD.ravel())
CELL, ROWS, COLUMNS = 40, 6, 8


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The plate, its tracks, and a board with a white rim."""
    folder = tmp_path_factory.mktemp("pin")
    pattern = write_shot(shaky_shot("perspective"), folder, "exr")
    assert run(["track", str(pattern), "-o", str(folder / "tracks.json"), "--json"]) == DONE
    cells = np.kron(np.indices((ROWS, COLUMNS)).sum(axis=0) % 2, np.ones((CELL, CELL)))
    board = np.pad(cells * 255, CELL, constant_values=255).astype(np.uint8)
    cv2.imwrite(str(folder / "board.png"), board)
    return folder


def pin(folder: Path, *arguments: str) -> int:
    shot, tracks = str(folder / "shaky.####.exr"), str(folder / "tracks.json")
    return run(["cornerpin", shot, tracks, "--corners", CORNERS, *arguments, "--json"])


def test_corners_stay_where_they_truly_are(folder: Path, tmp_path: Path) -> None:
    assert pin(folder, "--curves", str(tmp_path / "c.json")) == DONE
    document = json.loads((tmp_path / "c.json").read_text())
    truth = warps.mapped(true_motion(shaky_shot("perspective")), QUAD[None])
    error = np.linalg.norm(np.array(document["corners"]) - truth, axis=-1)
    assert error.max() < 0.1
    assert max(document["error"]) < 0.1
    assert all(document["solved"])


def test_a_picture_stays_where_it_truly_is(folder: Path, tmp_path: Path) -> None:
    """The crossings of the board, found by OpenCV in the rendered plate."""
    output = tmp_path / "o.####.exr"
    assert pin(folder, "--insert", str(folder / "board.png"), "-o", str(output)) == DONE
    width, height = (COLUMNS + 2) * CELL, (ROWS + 2) * CELL
    box = np.array([(0, height), (width, height), (width, 0), (0, 0)], dtype=np.float64)
    across, down = np.meshgrid(np.arange(2, COLUMNS + 1), np.arange(2, ROWS + 1))
    crossings = np.stack([across, down], axis=-1).reshape(-1, 2) * float(CELL)
    errors = []
    with open_clip(output) as clip:
        for matrix, frame in zip(true_motion(shaky_shot("perspective")), clip.frames, strict=True):
            expected = warps.mapped(matrix @ warps.homography(box, QUAD), crossings)
            errors.append(crossings_near(clip.read(frame), expected) - expected)
    assert float(np.sqrt(np.square(np.stack(errors)).sum(axis=-1).mean())) < 0.1


def crossings_near(picture: npt.NDArray[np.float32], expected: Floats) -> Floats:
    grey = np.rint(picture.mean(axis=-1) * 255).astype(np.uint8)
    begin = (expected - 0.5).astype(np.float32).reshape(-1, 1, 2)
    until = (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_COUNT, 100, 1e-4)
    found = cv2.cornerSubPix(grey, begin, (5, 5), (-1, -1), until)
    return np.asarray(found.reshape(-1, 2) + 0.5, dtype=np.float64)


def test_what_passes_before_it_needs_a_matte(folder: Path, tmp_path: Path) -> None:
    shot = shaky_shot("perspective")
    x, y = np.meshgrid(np.arange(SIZE[0]) + 0.5, np.arange(SIZE[1]) + 0.5)
    places = np.stack([x, y], axis=-1).reshape(-1, 2)
    for index, frame in enumerate(shot.frames):
        ground = shot.scene.on_surface(0, places, float(index))
        front = shot.scene.hidden(0, ground, float(index)).reshape(SIZE[::-1])
        cv2.imwrite(str(tmp_path / f"matte.{frame}.png"), np.rint(front * 255).astype(np.uint8))
    arguments = ["--insert", str(folder / "board.png"), "-o", str(tmp_path / "o.####.exr")]
    assert pin(folder, *arguments, "--matte", str(tmp_path / "matte.####.png")) == DONE
    before, after = (
        oiio.ImageBuf(str(path)).get_pixels(oiio.HALF) for path in (folder / "shaky.1012.exr", tmp_path / "o.1012.exr")
    )
    matte = cv2.imread(str(tmp_path / "matte.1012.png"), cv2.IMREAD_GRAYSCALE)
    assert (matte == 255).sum() > 1000
    np.testing.assert_array_equal(after[matte == 255], before[matte == 255])
    assert (after[matte == 0] != before[matte == 0]).any()


def test_white_is_white_in_a_linear_plate(folder: Path, tmp_path: Path) -> None:
    grey = np.full((20, 20, 4), 128, np.uint8)
    grey[..., 3] = 255
    cv2.imwrite(str(tmp_path / "grey.png"), grey)
    output = ["-o", str(tmp_path / "o.####.exr"), "--insert", str(tmp_path / "grey.png")]
    assert pin(folder, *output) == DONE
    light = oiio.ImageBuf(str(tmp_path / "o.1001.exr")).get_pixels(oiio.FLOAT)[130, 240]
    assert light.tolist() == pytest.approx([((128 / 255 + 0.055) / 1.055) ** 2.4] * 3, rel=0.003)


def test_nuke_gets_a_corner_pin(folder: Path, tmp_path: Path) -> None:
    names = ["--curves", str(tmp_path / "c.nk"), "--curves", str(tmp_path / "c.json")]
    assert pin(folder, *names) == DONE
    (found,) = read_script(tmp_path / "c.nk").nodes()
    node = read_corner_pin(found.node)
    corners = np.array(json.loads((tmp_path / "c.json").read_text())["corners"])
    for number in range(4):
        at = [ChannelValues(channel).at(1010) for channel in node.to[number]]
        assert at == pytest.approx([corners[9, number, 0], SIZE[1] - corners[9, number, 1]], abs=1e-6)
        assert node.origin[number] == pytest.approx((QUAD[number, 0], SIZE[1] - QUAD[number, 1]), abs=1e-6)


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ([], "nothing is to be written; name a shot (-o), or curves (--curves)"),
        (["-o", "o.####.exr"], "there is nothing to lay into the shot; name a picture or a shot (--insert)"),
        (["--curves", "c.nk", "--shutter", "2"], "a shutter is open for 0 to 1 frames, not 2"),
        (["--curves", "c.nk", "--corners", "a,b,c"], "--corners 'a,b,c' is neither four tracks nor four positions"),
    ],
)
def test_what_cannot_be_done_is_told(
    folder: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], complaint: str
) -> None:
    assert pin(folder, *arguments) == INPUT_AT_FAULT
    assert complaint in capsys.readouterr().err
