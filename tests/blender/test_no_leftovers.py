# SPDX-License-Identifier: Apache-2.0
"""However Blender ends, and whatever happens to the extension, no worker stays behind."""

import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from cotrack.examples import example_shot
from hosts.background import BackgroundBlender
from hosts.window import BlenderWindow

SCRIPTS = Path(__file__).parent / "scripts"


def wait_until(is_so: Callable[[], bool], seconds: float) -> None:
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end, f"not so within {seconds} s"
        time.sleep(0.05)


@pytest.mark.parametrize("blender", ["bpy-4.2", "bpy-5.2"], indirect=True)
def test_a_killed_blender_leaves_no_worker(blender: BackgroundBlender, zip_file: Path, tmp_path: Path) -> None:
    told = tmp_path / "told"
    run = blender.start(
        SCRIPTS / "round_trip_endless.py", zip_file=zip_file, python=sys.executable, movie=example_shot(), told=told
    )
    wait_until(lambda: told.exists() or run.process.poll() is not None, 200)
    assert run.process.poll() is None, run.output()
    assert int(told.read_text("utf-8")) in [process.pid for process in run.processes()]
    run.process.kill()
    run.process.wait()
    wait_until(lambda: not run.processes(), 30)


def test_no_worker_outlives_the_extension_or_an_ordinary_quit(blender_window: BlenderWindow, zip_file: Path) -> None:
    run = blender_window.start(
        SCRIPTS / "round_trip_quit.py", zip_file=zip_file, python=sys.executable, movie=example_shot()
    )
    told = run.result(timeout=400)
    wait_until(lambda: not run.processes(), 30)
    assert told["started"] != told["at_quit"]
    assert "Traceback" not in run.output()
