# SPDX-License-Identifier: Apache-2.0
"""Bad input gets one sentence with the cure and exit code 2, and leaves nothing half-written."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from cotrack.media.movie_writer import MovieWriter
from cotrack_client.formats.tracks_json import read_tracks

SIZE = (64, 96)
FRAMES = range(1001, 1007)
LIBRARIES = ("libpng error:",)
"""Libraries that print on their own."""

NOTES = ("note:",)
"""What is said of points before a frame turns out to be at fault."""


@pytest.fixture
def shot(tmp_path: Path) -> Path:
    """A sequence of six small pictures, 1001-1006."""
    folder = tmp_path / "plate"
    folder.mkdir()
    texture = np.random.default_rng(7).integers(0, 255, (*SIZE, 3), dtype=np.uint8)
    for frame in FRAMES:
        cv2.imwrite(str(folder / f"plate.{frame}.png"), np.roll(texture, frame - FRAMES.start, axis=1))
    return folder / "plate.####.png"


@pytest.fixture
def results(tmp_path: Path) -> Path:
    folder = tmp_path / "results"
    folder.mkdir()
    return folder


def cotrack(*arguments: object) -> subprocess.CompletedProcess[str]:
    line = [sys.executable, "-c", "from cotrack.cli.main import main; main()", *map(str, arguments)]
    return subprocess.run(line, capture_output=True, text=True, check=False, timeout=120)


def assert_refused(outcome: subprocess.CompletedProcess[str], results: Path, *said: str) -> None:
    assert outcome.returncode == 2, outcome.stderr
    sentences = [line for line in outcome.stderr.strip().splitlines() if not line.startswith(LIBRARIES + NOTES)]
    assert len(sentences) == 1, outcome.stderr
    for part in said:
        assert part in sentences[0]
    assert outcome.stdout == ""
    assert list(results.iterdir()) == []


def test_good_input_is_tracked(shot: Path, results: Path) -> None:
    outcome = cotrack("track", shot, "--grid", 3, "-o", results / "t.json")
    assert outcome.returncode == 0, outcome.stderr
    assert [path.name for path in results.iterdir()] == ["t.json"]


def test_a_missing_file(results: Path, tmp_path: Path) -> None:
    outcome = cotrack("track", tmp_path / "nowhere.mov", "-o", results / "t.json")
    assert_refused(outcome, results, "nowhere.mov")


def test_an_empty_pattern(results: Path, tmp_path: Path) -> None:
    outcome = cotrack("track", tmp_path / "plate.####.exr", "-o", results / "t.json")
    assert_refused(outcome, results, "plate.####.exr")


def test_a_missing_frame(shot: Path, results: Path) -> None:
    (shot.parent / "plate.1003.png").unlink()
    outcome = cotrack("track", shot, "--grid", 3, "-o", results / "t.json")
    assert_refused(outcome, results, "1003", "--missing skip")


def test_a_truncated_movie(results: Path, tmp_path: Path) -> None:
    movie = tmp_path / "plate.mp4"
    grain = np.random.default_rng(3)
    with MovieWriter(movie, 96, 64, 24) as writer:
        for _ in range(48):
            writer.write(grain.integers(0, 255, (64, 96, 3), dtype=np.uint8))
    content = movie.read_bytes()
    movie.write_bytes(content[: len(content) * 2 // 3])
    outcome = cotrack("track", movie, "--grid", 3, "-o", results / "t.json")
    assert_refused(outcome, results, "plate.mp4")


def test_one_corrupt_frame(shot: Path, results: Path) -> None:
    damaged = shot.parent / "plate.1004.png"
    damaged.write_bytes(damaged.read_bytes()[:200])
    outcome = cotrack("track", shot, "--grid", 3, "-o", results / "t.json")
    assert_refused(outcome, results, "1004")


def test_an_empty_mask(shot: Path, results: Path, tmp_path: Path) -> None:
    mask = tmp_path / "mask.png"
    cv2.imwrite(str(mask), np.zeros(SIZE, dtype=np.uint8))
    outcome = cotrack("track", shot, "--grid", 3, "--mask", mask, "-o", results / "t.json")
    assert_refused(outcome, results, "mask is empty")


@pytest.mark.parametrize(
    ("point", "said"),
    [
        ("nose=2000,10,10", "2000"),
        ("nose=1001,400,10", "outside the picture"),
        ("nose=1001,nan,10", "nose"),
        ("nose=1001,10", "nose=1001,10"),
    ],
)
def test_a_point_that_cannot_be_tracked(shot: Path, results: Path, point: str, said: str) -> None:
    assert_refused(cotrack("track", shot, "--point", point, "-o", results / "t.json"), results, said)


def test_nan_in_a_points_file(shot: Path, results: Path, tmp_path: Path) -> None:
    points = tmp_path / "points.csv"
    points.write_text("name,frame,x,y\nnose,1001,10,10\near,1001,nan,10\n")
    outcome = cotrack("track", shot, "--points", points, "-o", results / "t.json")
    assert_refused(outcome, results, "points.csv", "3")


@pytest.mark.parametrize("frames", ["900-950", "1006-1001", "abc"])
def test_a_wrong_frame_range(shot: Path, results: Path, frames: str) -> None:
    outcome = cotrack("track", shot, "--frames", frames, "--grid", 3, "-o", results / "t.json")
    assert_refused(outcome, results, *frames.split("-"))


@pytest.mark.parametrize(
    "content",
    [
        pytest.param({"updateformer.flow_head.weight": torch.zeros(3, 3)}, id="of another network"),
        pytest.param({"time_emb": torch.zeros(1, 60, 1110), "fnet.conv1.weight": torch.zeros(5)}, id="wrong shapes"),
        pytest.param([1, 2, 3], id="no state dict"),
    ],
)
def test_a_checkpoint_that_does_not_fit(shot: Path, results: Path, tmp_path: Path, content: object) -> None:
    weights = tmp_path / "weights.pth"
    torch.save(content, weights)
    outcome = cotrack("track", shot, "--grid", 3, "--weights", weights, "-o", results / "t.json")
    assert_refused(outcome, results, "weights.pth")


def test_an_unknown_colour_space(shot: Path, results: Path) -> None:
    outcome = cotrack("track", shot, "--grid", 3, "--colorspace", "LogC9", "-o", results / "t.json")
    assert_refused(outcome, results, "LogC9")


def test_a_model_that_is_not_there(shot: Path, results: Path) -> None:
    outcome = cotrack("track", shot, "--grid", 3, "--model", "cotracker9", "-o", results / "t.json")
    assert_refused(outcome, results, "cotracker9", "cotracker3-")


@pytest.mark.parametrize("name", ["nowhere/t.json", "t.xml"])
def test_a_place_that_cannot_be_written_is_refused_before_anything_is_tracked(
    shot: Path, results: Path, name: str
) -> None:
    assert_refused(cotrack("track", shot, "--grid", 3, "-o", results / name), results, name.split("/", maxsplit=1)[0])


@pytest.mark.skipif(not Path("/sys/kernel").is_dir(), reason="needs a place where nobody may write")
def test_a_folder_without_write_right(shot: Path, results: Path) -> None:
    outcome = cotrack("track", shot, "--grid", 3, "-o", "/sys/kernel/t.json")
    assert_refused(outcome, results, "/sys/kernel")


@pytest.fixture
def full_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 16 KB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = os.geteuid() == 0 and subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", str(folder)], capture_output=True, check=False
    ).returncode == 0  # fmt: skip
    if not mounted:
        pytest.skip("only root can mount a small disk")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.parametrize("option", [["-o", "t.json"], ["-o", "t.npz"], ["--overlay", "o.mp4"]])
def test_a_full_disk(shot: Path, full_disk: Path, option: list[str]) -> None:
    flag, name = option
    outcome = cotrack("track", shot, "--grid", 20, flag, full_disk / name)
    assert_refused(outcome, full_disk, "No space left")


def test_tracks_that_cannot_be_written_are_put_aside(shot: Path, full_disk: Path) -> None:
    outcome = cotrack("track", shot, "--grid", 20, "-o", full_disk / "t.json")
    rescued = Path(outcome.stderr.split("safe in ")[1].rstrip(")\n"))
    assert len(read_tracks(rescued).tracks) == 400
    rescued.unlink()
    rescued.parent.rmdir()


def test_a_wrong_option(results: Path) -> None:
    assert_refused(cotrack("track", "plate.mov", "--gird", 3), results, "--gird")
