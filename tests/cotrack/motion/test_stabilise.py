# SPDX-License-Identifier: Apache-2.0
"""Shaky plates, tracked by our own tracker, rendered steady, and measured by someone else's registration."""

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
from cotrack.motion.warps import MotionKind
from shaky_shot import FRAMES, SIZE, shaky_shot, true_motion

Floats = npt.NDArray[np.float64]

WIDTH, HEIGHT = SIZE
CORNERS = np.array([(0, 0), (WIDTH, 0), (WIDTH, HEIGHT), (0, HEIGHT)], dtype=np.float64)
MIDDLE = np.array([(WIDTH / 2, HEIGHT / 2)])
MARGIN = 32
"""px: further than that the shot never moves away from its borders."""


@pytest.fixture(scope="module", params=["translation", "perspective"])
def tracked(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[MotionKind, Path]:
    """A kind of motion, and a folder with a plate that shakes so: with its mover, its tracks, and without its mover."""
    kind: MotionKind = request.param
    folder = tmp_path_factory.mktemp(kind)
    (folder / "still").mkdir()
    pattern = write_shot(shaky_shot(kind), folder, "exr")
    write_shot(shaky_shot(kind, has_mover=False), folder / "still", "exr")
    assert run(["track", str(pattern), "-o", str(folder / "tracks.json"), "--json"]) == DONE
    return kind, folder


def rms(errors: Floats) -> float:
    return float(np.sqrt(np.square(errors).sum(axis=-1).mean()))


def test_what_is_left_of_the_motion(tracked: tuple[MotionKind, Path], tmp_path: Path) -> None:
    kind, folder = tracked
    arguments = ["--motion", kind, "--curves", str(tmp_path / "c.json"), "--json"]
    assert run(["stabilise", str(folder / "shaky.####.exr"), str(folder / "tracks.json"), *arguments]) == DONE
    matrices = np.array(json.loads((tmp_path / "c.json").read_text())["matrices"])
    points = CORNERS if kind == "perspective" else MIDDLE
    left = warps.mapped(matrices @ true_motion(shaky_shot(kind)), points[None]) - points
    assert rms(left) < (0.1 if kind == "perspective" else 0.05)
    before = warps.mapped(true_motion(shaky_shot(kind)), points[None]) - points
    assert rms(before) > 3


def test_what_is_left_of_it_in_pictures_by_ecc(tracked: tuple[MotionKind, Path], tmp_path: Path) -> None:
    """The tracks are those of the shot with its mover; OpenCV registers pictures of the ground alone."""
    kind, folder = tracked
    shot, tracks = folder / "still" / "shaky.####.exr", folder / "tracks.json"
    output = ["-o", str(tmp_path / "steady.####.exr"), "--motion", kind, "--json"]
    assert run(["stabilise", str(shot), str(tracks), *output]) == DONE
    points = CORNERS if kind == "perspective" else MIDDLE
    with open_clip(tmp_path / "steady.####.exr") as clip:
        assert len(clip.frames) == FRAMES
        grey = [clip.read(frame).mean(axis=-1) for frame in clip.frames]
    assert rms(np.stack([registered(grey[0], other, kind, points) for other in grey[1:]])) < (
        0.1 if kind == "perspective" else 0.05
    )


def registered(
    one: npt.NDArray[np.float32], other: npt.NDArray[np.float32], kind: MotionKind, points: Floats
) -> Floats:
    """How far points move from one picture to the other, px, by ECC (Evangelidis and Psarakis 2008)."""
    inner = np.zeros(one.shape, np.uint8)
    inner[MARGIN:-MARGIN, MARGIN:-MARGIN] = 255
    model, rows = (cv2.MOTION_HOMOGRAPHY, 3) if kind == "perspective" else (cv2.MOTION_TRANSLATION, 2)
    found = np.eye(rows, 3, dtype=np.float32)
    found = cv2.findTransformECC(one, other, found, model, (3, 100, 1e-7), inner, 5)[1]
    matrix = np.eye(3)
    matrix[:rows] = found
    return np.asarray(warps.mapped(matrix, points - 0.5) - (points - 0.5))


def test_a_match_move_gives_the_motion_back(tracked: tuple[MotionKind, Path], tmp_path: Path) -> None:
    """The first frame, moved as the shot moves, lies on every frame of the shot."""
    kind, folder = tracked
    shot, tracks = folder / "still" / "shaky.####.exr", str(folder / "tracks.json")
    (tmp_path / "first.exr").write_bytes((folder / "still" / "shaky.1001.exr").read_bytes())
    arguments = ["-o", str(tmp_path / "moved.####.exr"), "--match-move", "--motion", kind, "--json"]
    assert run(["stabilise", str(tmp_path / "first.exr"), tracks, *arguments]) == DONE
    with open_clip(tmp_path / "moved.####.exr") as moved, open_clip(shot) as plate:
        assert moved.frames == plate.frames
        inner = (slice(MARGIN, -MARGIN), slice(MARGIN, -MARGIN))
        apart = [np.abs(moved.read(f)[inner] - plate.read(f)[inner]).mean() for f in plate.frames]
        unmoved = np.abs(plate.read(plate.frames[0])[inner] - plate.read(plate.frames[5])[inner]).mean()
    assert max(apart) < 0.02 < 3 * 0.02 < unmoved


def test_the_reference_frame_stays_as_it_is_and_the_others_keep_their_depth(
    tracked: tuple[MotionKind, Path], tmp_path: Path
) -> None:
    kind, folder = tracked
    shot, tracks = folder / "shaky.####.exr", folder / "tracks.json"
    arguments = ["-o", str(tmp_path / "o.####.exr"), "--motion", kind, "--reference", "1010", "--json"]
    assert run(["stabilise", str(shot), str(tracks), *arguments]) == DONE
    for frame in (1001, 1010):
        old, new = (oiio.ImageBuf(str(path)) for path in (folder / f"shaky.{frame}.exr", tmp_path / f"o.{frame}.exr"))
        assert str(new.spec().format) == "half"
        assert new.spec().get_string_attribute("oiio:ColorSpace") == "lin_rec709_scene"
        assert (old.get_pixels(oiio.HALF) == new.get_pixels(oiio.HALF)).all() == (frame == 1010)


def test_a_crop_leaves_no_border(tracked: tuple[MotionKind, Path], tmp_path: Path) -> None:
    kind, folder = tracked
    shot, tracks = folder / "shaky.####.exr", str(folder / "tracks.json")
    for fill in ("crop", "black"):
        arguments = ["-o", str(tmp_path / f"{fill}.####.exr"), "--motion", kind, "--fill", fill, "--json"]
        assert run(["stabilise", str(shot), tracks, *arguments]) == DONE
    darkest = {
        fill: min(oiio.ImageBuf(str(path)).get_pixels(oiio.FLOAT).min() for path in tmp_path.glob(f"{fill}.*.exr"))
        for fill in ("crop", "black")
    }
    assert darkest["black"] == 0
    assert darkest["crop"] > 0.001


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ([], "nothing is to be written; name a shot (-o), or curves (--curves)"),
        (["--curves", "c.txt"], "c.txt: cannot tell which curves to write; end it in .nk or .json"),
        (["--curves", "c.nk", "--match-move", "--fill", "crop"], "--fill crop enlarges, which would misplace"),
        (["--curves", "c.nk", "--reference", "3"], "the tracks have no frame 3 (they have 1001-1024)"),
    ],
)
def test_what_cannot_be_done_is_told(
    tracked: tuple[MotionKind, Path], capsys: pytest.CaptureFixture[str], arguments: list[str], complaint: str
) -> None:
    _, folder = tracked
    command = ["stabilise", str(folder / "shaky.####.exr"), str(folder / "tracks.json"), *arguments]
    assert run(command) == INPUT_AT_FAULT
    assert complaint in capsys.readouterr().err


def test_tracks_of_another_size_are_told(
    tracked: tuple[MotionKind, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, folder = tracked
    cv2.imwrite(str(tmp_path / "a.1001.png"), np.zeros((20, 30, 3), np.uint8))
    command = ["stabilise", str(tmp_path / "a.1001.png"), str(folder / "tracks.json"), "--curves", "c.nk"]
    assert run(command) == INPUT_AT_FAULT
    assert "the tracks are of a shot of 480 x 270, but" in capsys.readouterr().err
