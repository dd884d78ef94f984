# SPDX-License-Identifier: Apache-2.0
"""`cotrack evaluate` says how near trackers are, in a table or as JSON."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from cotrack.cli.main import DONE, INPUT_AT_FAULT, run
from cotrack.evaluation.plates.shots import SIZES

PROMISED = ("median_px", "rms_px", "p95_px", "within_0.1", "within_0.5", "jitter_px", "locking_px", "coverage")


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    """A texture that moves to the right by two pixels a frame, and a point on it."""
    grain = np.random.default_rng(2).integers(0, 255, (16, 24, 3), dtype=np.uint8)
    texture = cv2.resize(grain, (192, 96), interpolation=cv2.INTER_CUBIC)
    frames = tmp_path / "frames"
    frames.mkdir()
    for i in range(4):
        cv2.imwrite(str(frames / f"{1 + i}.png"), texture[:, 20 - 2 * i : 148 - 2 * i])
    xy = np.array([[[60.0 + 2 * i, 45.0] for i in range(4)]])
    np.savez(
        tmp_path / "truth.npz", names=np.array(["a"]), frames=np.arange(1, 5), xy=xy, visible=np.ones((1, 4), bool)
    )
    return tmp_path


@pytest.fixture(autouse=True)
def no_blender(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever this machine has, only those take part that are named."""
    monkeypatch.setenv("COTRACK_BLENDER", "none")


@pytest.fixture
def small_plates(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same shots at a size that a test can wait for."""
    monkeypatch.setitem(SIZES, "1080p", (320, 180))


@pytest.mark.usefixtures("small_plates")
def test_plates_tell_every_figure_of_every_tracker_ours_first(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["evaluate", "plates", "--shots", "1", "--frames", "4", "--json"]) == DONE
    document = json.loads(capsys.readouterr().out)
    assert (document["size"], document["shots"], document["frames"]) == ("1080p", 1, 4)
    assert [tracker["name"] for tracker in document["trackers"]] == ["lucas-kanade", "opencv-lk"]
    for tracker in document["trackers"]:
        assert all(isinstance(tracker[key], float) for key in PROMISED), tracker
        assert "confidence_auc" in tracker
        assert list(tracker["by_shot"]) == ["0 cover"]


@pytest.mark.usefixtures("small_plates")
def test_both_sizes_are_told_in_one_document_and_kept_plates_are_used_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(SIZES, "4k", (400, 225))
    command = ["evaluate", "plates", "--shots", "1", "--frames", "4", "--size", "both", "--keep", str(tmp_path)]
    assert run([*command, "--disturbed", "--json"]) == DONE
    document = json.loads(capsys.readouterr().out)
    assert [(tracker["size"], tracker["name"]) for tracker in document["trackers"]] == [
        (size, name) for size in ("1080p", "4k") for name in ("lucas-kanade", "opencv-lk", "disturbed-truth")
    ]
    assert set(document["warned"]) == {"1080p", "4k"}
    assert len(list(tmp_path.iterdir())) == 2


def test_who_is_left_out_is_said(
    clip: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("COTRACK_BLENDER")
    monkeypatch.setenv("PATH", str(clip))
    assert run(["evaluate", "clips", str(clip)]) == DONE
    assert "Blender's tracker is left out, as no Blender was found" in " ".join(capsys.readouterr().err.split())


@pytest.mark.usefixtures("small_plates")
def test_plates_are_shown_as_a_table(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["evaluate", "plates", "--shots", "1", "--frames", "4"]) == DONE
    head, ours, theirs = capsys.readouterr().out.splitlines()
    assert head.split()[:3] == ["median", "RMS", "95"]
    assert ours.startswith("1080p  lucas-kanade ")
    assert theirs.startswith("1080p  opencv-lk ")
    assert len(head) == len(ours) == len(theirs)


@pytest.mark.usefixtures("small_plates")
def test_corrections_are_told_of_every_tracker(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = ["evaluate", "corrections", "--frames", "12", "--keep", str(tmp_path)]
    assert run([*command, "--json"]) == DONE
    document = json.loads(capsys.readouterr().out)
    assert [tracker["name"] for tracker in document["trackers"]] == ["lucas-kanade", "opencv-lk"]
    for tracker in document["trackers"]:
        assert tracker["keys_exact"] is True
        assert 0 <= tracker["drifted"] <= tracker["tracks"]
        assert (tracker["ratio"] is None) == (tracker["drifted"] == 0)
    assert run(command) == DONE
    head, ours, _ = capsys.readouterr().out.splitlines()
    assert head.split() == ["tracks", "drifted", "before", "after", "ratio", "keys"]
    assert ours.startswith("lucas-kanade ")
    assert ours.endswith("exact")


def test_clips_are_judged_with_both_trackers(clip: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["evaluate", "clips", str(clip), "--json"]) == DONE
    results = json.loads(capsys.readouterr().out)["results"]
    assert [result["name"] for result in results] == ["lucas-kanade", "opencv-lk"]
    assert all(result["within_1"] == 1.0 and result["occlusion_accuracy"] == 1.0 for result in results)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["plates", "--model", "lukas-kanade"], "no model is named 'lukas-kanade'; did you mean lucas-kanade"),
        (["plates", "--model", "cotracker3-online"], "the weights of cotracker3-online are not here"),
        (["clips", "/nowhere"], "/nowhere is no folder"),
        (["clips", "/nowhere", "--blender", "/no/blender"], "there is no program /no/blender; name a Blender"),
    ],
)
def test_what_cannot_be_is_said(
    options: list[str],
    sentence: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("COTRACK_WEIGHTS", str(tmp_path))
    assert run(["evaluate", *options]) == INPUT_AT_FAULT
    assert sentence in capsys.readouterr().err
