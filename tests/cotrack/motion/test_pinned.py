# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import OpenImageIO as oiio  # noqa: N813  as its makers write it
import pytest

from cotrack.cli.main import DONE, INPUT_AT_FAULT, run
from cotrack.motion import ink
from cotrack.motion.cutout import cut_out, straight
from cotrack.motion.pinned import average_path
from cotrack.tracking.track_archive import TrackArchive, write_archive
from cotrack.tracking.tracks import Tracks
from cotrack_client.errors import CotrackError
from cotrack_client.tracks import Shot

WIDTH, HEIGHT, FRAMES = 200, 120, 6


def make_tracks() -> Tracks:
    """Two that go right by 5 px per frame; the second one ends after three frames, and both are gone in the last."""
    times = np.arange(FRAMES)
    xy = np.stack([np.stack([60.25 + 5 * times, np.full(FRAMES, y)], axis=-1) for y in (40.5, 60.5)])
    visible = np.ones((2, FRAMES), dtype=bool)
    visible[1, 3:] = False
    visible[:, 5] = False
    return Tracks(
        ("a", "b"), 1001 + times, xy, visible, np.ones((2, FRAMES), np.float32), np.zeros((2, FRAMES), dtype=bool)
    )


@pytest.fixture
def shot(tmp_path: Path) -> Path:
    for frame in range(1001, 1001 + FRAMES):
        cv2.imwrite(str(tmp_path / f"plate.{frame}.png"), np.full((HEIGHT, WIDTH, 3), 30000, np.uint16))
    size = Shot(str(tmp_path / "plate.####.png"), WIDTH, HEIGHT, 1001, 1000 + FRAMES)
    write_archive(TrackArchive(make_tracks(), size), tmp_path / "tracks.npz")
    return tmp_path


def overlay(folder: Path, name: str, *arguments: str) -> int:
    shot, tracks = str(folder / "plate.####.png"), str(folder / "tracks.npz")
    return run(["overlay", shot, tracks, "-o", str(folder / name), *arguments, "--json"])


def read(path: Path) -> npt.NDArray[np.float32]:
    return oiio.ImageBuf(str(path)).get_pixels(oiio.FLOAT)


def test_the_middle_of_tracks_makes_no_jump_when_one_ends() -> None:
    path, shown = average_path(make_tracks(), ["a", "b"])
    assert path[:5, 0] == pytest.approx(60.25 + 5 * np.arange(5))
    assert path[:5, 1] == pytest.approx([50.5] * 5)
    assert shown.tolist() == [True] * 5 + [False]


def test_one_track_is_met_exactly() -> None:
    path, _ = average_path(make_tracks(), ["a"])
    np.testing.assert_allclose(path[:5], make_tracks().xy[0, :5], atol=1e-9)


def test_tracks_that_are_unknown_or_never_seen_are_told() -> None:
    tracks = make_tracks()
    with pytest.raises(CotrackError, match="no track called 'nose'; it has a, b"):
        average_path(tracks, ["nose"])
    tracks.visible[:] = False
    with pytest.raises(CotrackError, match=r"a: never seen in these frames; pin to others \(--to\)"):
        average_path(tracks, ["a"])


@pytest.mark.parametrize("thing", [["--shape", "circle"], ["--shape", "cross"], ["--shape", "box"]])
def test_a_shape_lies_on_the_track_where_it_is_seen(shot: Path, thing: list[str]) -> None:
    assert overlay(shot, "o.####.png", "--to", "a", "--height", "20", "--offset", "3,-4", *thing) == DONE
    x, y = np.meshgrid(np.arange(WIDTH) + 0.5, np.arange(HEIGHT) + 0.5)
    for frame in (1001, 1004):
        changed = np.abs(read(shot / f"o.{frame}.png") - 30000 / 65535).sum(axis=-1)
        centre = (changed * x).sum() / changed.sum(), (changed * y).sum() / changed.sum()
        assert centre == pytest.approx((60.25 + 5 * (frame - 1001) + 3, 40.5 - 4), abs=0.04)
    np.testing.assert_array_equal(read(shot / "o.1006.png"), read(shot / "plate.1006.png"))


def test_a_picture_keeps_its_size_unless_told(shot: Path) -> None:
    cv2.imwrite(str(shot / "red.png"), np.full((10, 30, 3), (0, 0, 255), np.uint8))
    for name, arguments, area in (("own", [], 300), ("large", ["--height", "20"], 1200)):
        assert overlay(shot, f"{name}.####.png", "--to", "a", "--picture", str(shot / "red.png"), *arguments) == DONE
        reddish = read(shot / f"{name}.1002.png")[..., 0] - 30000 / 65535
        assert reddish.sum() / (1 - 30000 / 65535) == pytest.approx(area, rel=1e-3)


def test_a_label_is_written(shot: Path) -> None:
    assert overlay(shot, "o.####.png", "--to", "a,b", "--label", "HERO") == DONE
    changed = np.argwhere(np.abs(read(shot / "o.1001.png") - 30000 / 65535).max(axis=-1) > 0.05)
    assert changed.mean(axis=0) == pytest.approx((50.5, 60.25), abs=1.5)
    assert np.ptp(changed[:, 1]) > 2 * np.ptp(changed[:, 0])


def test_what_is_drawn_is_cut_out_of_what_it_is_drawn_on() -> None:
    def draw(picture: ink.Picture) -> None:
        ink.disc(picture, np.array([10.0, 10.0]), 6.0, (200, 100, 50))
        ink.blend(picture, np.full((5, 5), 0.5, np.float32), (22, 5), (40, 80, 240))

    values = cut_out(draw, (30, 20))
    assert values[10, 10].tolist() == pytest.approx([200 / 255, 100 / 255, 50 / 255, 1], abs=0.005)
    assert values[0, 0].tolist() == [0, 0, 0, 0]
    assert straight(values)[7, 24].tolist() == pytest.approx([40 / 255, 80 / 255, 240 / 255, 0.5], abs=0.01)
    ground = np.full((20, 30, 3), 90, np.uint8)
    expected = ground.copy()
    draw(expected)
    laid = values[..., :3] * 255 + ground * (1 - values[..., 3:])
    assert np.abs(laid - expected).max() <= 2


def test_trails_come_alone_with_alpha(shot: Path) -> None:
    assert overlay(shot, "t.####.png") == DONE
    assert overlay(shot, "t.####.exr") == DONE
    png, exr = oiio.ImageBuf(str(shot / "t.1003.png")), oiio.ImageBuf(str(shot / "t.1003.exr"))
    assert (str(png.spec().format), str(exr.spec().format)) == ("uint8", "half")
    assert png.spec().channelnames == exr.spec().channelnames == ("R", "G", "B", "A")
    light = exr.get_pixels(oiio.FLOAT)
    assert light[..., 3].max() == pytest.approx(1, abs=0.01)
    assert (light[..., :3] <= light[..., 3:] + 1e-3).all()
    assert light[100:, :, :].max() == 0
    np.testing.assert_allclose(png.get_pixels(oiio.FLOAT)[..., 3], light[..., 3], atol=0.003)


def test_trails_over_the_shot_are_a_movie(shot: Path) -> None:
    assert overlay(shot, "o.mp4") == DONE
    assert (shot / "o.mp4").stat().st_size > 0


@pytest.mark.parametrize(
    ("name", "arguments", "complaint"),
    [
        ("o.####.png", ["--label", "A"], "to pin something takes one of --picture, --label and --shape, and the"),
        ("o.####.png", ["--to", "a"], "to pin something takes one of"),
        ("o.####.png", ["--to", "a", "--label", "A", "--shape", "box"], "to pin something takes one of"),
        ("o.####.png", ["--to", "a", "--label", "A", "--offset", "3"], "--offset '3' is no offset; write it as"),
        ("o.####.tif", [], "o.####.tif does not end in one of .exr, .png; rename it"),
        ("plate.####.png", [], "plate.1001.png belongs to the shot itself"),
    ],
)
def test_what_cannot_be_done_is_told(
    shot: Path, capsys: pytest.CaptureFixture[str], name: str, arguments: list[str], complaint: str
) -> None:
    assert overlay(shot, name, *arguments) == INPUT_AT_FAULT
    assert complaint in capsys.readouterr().err
