# SPDX-License-Identifier: Apache-2.0
"""Ctrl-C, or a farm that ends the job: exit code 130, one sentence, and nothing half-written."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import cv2
import numpy as np
import pytest

FRAMES = 60


@pytest.fixture(scope="module")
def shot(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("plate")
    grain = np.random.default_rng(4).integers(0, 255, (540, 960, 3), dtype=np.uint8)
    for i in range(FRAMES):
        cv2.imwrite(str(folder / f"plate.{1001 + i}.png"), np.roll(grain, i, axis=1))
    return folder / "plate.####.png"


@pytest.mark.skipif(sys.platform == "win32", reason="signals are POSIX")
@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_job_leaves_nothing_half_written(shot: Path, tmp_path: Path, sign: signal.Signals) -> None:
    overlay = tmp_path / "overlay.mp4"
    program = "from cotrack.cli.main import main; main()"
    arguments = ["track", str(shot), "--point", "a=1001,400,300", "--overlay", str(overlay)]
    job = subprocess.Popen([sys.executable, "-c", program, *arguments], stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 100
    while not list(tmp_path.iterdir()) and job.poll() is None and time.monotonic() < deadline:
        time.sleep(0.01)  # until the movie has been begun under its temporary name
    job.send_signal(sign)
    _, said = job.communicate(timeout=60)
    assert job.returncode == 130, said
    assert said.strip() == "cotrack: interrupted; no result was left half-written"
    assert list(tmp_path.iterdir()) == []
