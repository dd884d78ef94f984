# SPDX-License-Identifier: Apache-2.0
"""`cotrack pseudo-label`: from a shot to a set that `cotrack train` takes."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from cotrack.cli.main import DONE, INPUT_AT_FAULT, run
from cotrack.training.labelled_clips import LabelledSet


@pytest.fixture
def plate(tmp_path: Path) -> Path:
    """Frames 1001-1009 of a texture that moves to the right by two pixels a frame."""
    grain = np.random.default_rng(2).integers(0, 255, (16, 24, 3), dtype=np.uint8)
    texture = cv2.resize(grain, (192, 128), interpolation=cv2.INTER_CUBIC)
    for i in range(9):
        cv2.imwrite(str(tmp_path / f"plate.{1001 + i}.png"), texture[:, 20 - 2 * i : 180 - 2 * i])
    return tmp_path / "plate.%04d.png"


def test_a_shot_becomes_a_set_for_training(
    plate: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    options = ["--frames", "9", "--points", "24", "--size", "32x48", "--teacher", "lucas-kanade", "--json"]
    assert run(["pseudo-label", str(plate), "-o", "labels", *options]) == DONE
    heard = capsys.readouterr()
    assert "nobody confirms what lucas-kanade says" in heard.err
    summary = json.loads(heard.out)
    assert (summary["clips"], summary["clips_left_out"], summary["written"]) == (1, 0, "labels")
    assert 8 <= summary["points_kept"] <= summary["points_asked"] <= 24
    assert summary["teachers"] == ["lucas-kanade (1)"]

    shot = LabelledSet(Path("labels"), (32, 48), 9, torch.device("cpu")).draw(9, np.random.default_rng(0))
    assert shot.video.shape == (1, 9, 3, 32, 48)
    assert shot.xy.shape[1] == summary["points_kept"]


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--teacher", "cotracker3-offline"], "cotracker3-offline may not teach: its licence, CC-BY-NC-4.0"),
        (["--size", "big"], "--size 'big' is not a size; write height x width, as 256x384"),
        (["--frames", "60"], "has 9 frames, fewer than a window of 60; make windows shorter (--frames)"),
    ],
)
def test_what_cannot_be_is_said(
    options: list[str], sentence: str, plate: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["pseudo-label", str(plate), "-o", str(tmp_path / "labels"), *options]) == INPUT_AT_FAULT
    assert sentence in capsys.readouterr().err
    assert not (tmp_path / "labels").exists()
