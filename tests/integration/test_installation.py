# SPDX-License-Identifier: Apache-2.0
"""The worker's environment, really made: from a folder of wheels, as on a machine without a network."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from cotrack_client.client import Worker
from cotrack_client.install.finding import find_worker
from cotrack_client.install.installation import Installation, State, Step
from cotrack_client.install.places import is_finished, managed_environment

ROOT = Path(__file__).parents[2]
PATIENCE_SECONDS = 300


@pytest.fixture(autouse=True)
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))


def pip(*words: str) -> None:
    subprocess.run([sys.executable, "-m", "pip", "--quiet", *words], check=True)


def wait(installation: Installation) -> list[Step]:
    """Every step that it shows until it has ended."""
    installation.start()
    steps = [installation.step]
    end = time.monotonic() + PATIENCE_SECONDS
    while steps[-1].state == "working" and time.monotonic() < end:
        installation.go_on()
        if installation.step != steps[-1]:
            steps.append(installation.step)
        time.sleep(0.01)
    return steps


def state_of(installation: Installation) -> State:
    return wait(installation)[-1].state


@pytest.mark.skipif(os.environ.get("COTRACK_REQUIRE_HOSTS") != "1", reason="takes minutes; .ci/run does it")
@pytest.mark.timeout(900)
def test_a_worker_is_installed_from_a_folder_of_wheels_cancelled_and_taken_up_again(tmp_path: Path) -> None:
    wheels = tmp_path / "wheels of the studio"
    pip("wheel", "--no-deps", "-w", str(wheels), str(ROOT))
    pip("download", "-d", str(wheels), "-c", str(ROOT / "constraints.txt"), str(next(wheels.glob("cotrack-*.whl"))))

    first = Installation(wheels=wheels, python=sys.executable)
    first.start()
    while first.step.state == "working" and not first.step.sentence.startswith("Fetching"):
        first.go_on()
        time.sleep(0.01)
    first.cancel()
    end = time.monotonic() + 5
    while first.step.state == "working" and time.monotonic() < end:
        first.go_on()
    assert first.step.state == "cancelled"
    assert find_worker(variables={}) is None

    steps = wait(Installation(wheels=wheels, python=sys.executable))
    assert steps[-1].state == "done", steps[-1].sentence
    shares = [step.share for step in steps]
    assert shares == sorted(shares)
    assert any(step.sentence.startswith("Fetching torch 2.") for step in steps)

    found = find_worker(variables={})
    assert found is not None
    worker = Worker(found.command, host="test")
    worker.start()
    end = time.monotonic() + PATIENCE_SECONDS
    while worker.look() == "starting" and time.monotonic() < end:
        time.sleep(0.05)
    assert worker.state == "ready", worker.trouble
    worker.end_now()


def test_a_folder_that_lacks_a_wheel_is_named_with_what_it_lacks(tmp_path: Path) -> None:
    pip("wheel", "--no-deps", "-w", str(tmp_path / "wheels"), str(ROOT))
    steps = wait(Installation(wheels=tmp_path / "wheels", python=sys.executable))
    assert steps[-1].state == "failed"
    assert steps[-1].sentence.startswith("the folder of wheels lacks ")
    assert not is_finished(managed_environment())


def test_a_folder_without_wheels_is_refused_at_once(tmp_path: Path) -> None:
    installation = Installation(wheels=tmp_path, python=sys.executable)
    assert state_of(installation) == "failed"
    assert f"{tmp_path} holds no wheels" in installation.step.sentence


def test_an_environment_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    installation = Installation(environment=tmp_path / "file" / "worker", wheels=None)
    assert state_of(installation) == "failed"
    assert str(tmp_path / "file" / "worker") in installation.step.sentence
