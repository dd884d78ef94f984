# SPDX-License-Identifier: Apache-2.0
"""`cotrack train` as a user runs it: it learns, and what it writes tracks at once."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

COTRACK = Path(sys.executable).parent / "cotrack"


def cotrack(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run([COTRACK, *map(str, arguments)], capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def smoke(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("smoke")
    done = cotrack("train", "--smoke", "--device", "cpu", "-o", folder)
    assert done.returncode == 0, done.stderr
    return folder


def test_the_smoke_run_learns(smoke: Path) -> None:
    lines = [json.loads(line) for line in (smoke / "log.jsonl").read_text("utf-8").splitlines()]
    losses = [line["loss"] for line in lines if line["event"] == "step"]
    assert sum(losses[-4:]) < 0.7 * sum(losses[:4])


@pytest.mark.parametrize("manner", ["offline", "online"])
def test_the_smoke_run_tracks_shots_it_has_not_seen(smoke: Path, manner: str) -> None:
    record = json.loads((smoke / "record.json").read_text("utf-8"))
    before, after = (record[when][f"held-out {manner}"] for when in ("before", "after"))
    assert after["mean_px"] < 0.92 * before["mean_px"]
    assert after["jaccard"] > 0.15 > before["jaccard"]
    assert after["occlusion"] > 0.7 > before["occlusion"]


def test_what_was_trained_tracks_at_once(smoke: Path, tmp_path: Path) -> None:
    from cotrack.examples import example_shot

    output, weights = tmp_path / "tracks.json", smoke / "network.safetensors"
    done = cotrack("track", example_shot(), "--frames", "1-8", "--grid", 3, "--weights", weights, "-o", output)
    assert done.returncode == 0, done.stderr
    document = json.loads(output.read_text("utf-8"))
    assert len(document["tracks"]) == 9
    assert document["model"]["name"] == "network.safetensors"
    assert document["model"]["commercial_use"] is False  # nobody has said whose it is


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ([], "pass a configuration"),
        (["mine.toml", "--smoke"], "pass a configuration"),
        (["none.toml"], "there is no configuration at none.toml"),
        (["--smoke", "--resume", "nowhere"], "nowhere holds no state to go on from"),
    ],
)
def test_what_cannot_be_trained_is_said_in_a_sentence(arguments: list[str], sentence: str, tmp_path: Path) -> None:
    done = cotrack("train", *arguments, "-o", tmp_path / "run")
    assert done.returncode == 2
    assert sentence in " ".join(done.stderr.split())
