# SPDX-License-Identifier: Apache-2.0
"""The hosts that the other tests here rely on are what they claim to be, and leave nothing behind."""

import contextlib
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import psutil
import pytest

from hosts.background import BackgroundBlender
from hosts.runs import HostFailedError
from hosts.window import BlenderWindow

TESTS = Path(__file__).parents[1]
SCRIPTS = TESTS / "blender/scripts"
MOVIE = Path(__file__).parents[2] / "core/cotrack/examples/courtyard.mp4"
one_background_host = pytest.mark.parametrize("blender", ["bpy-4.5"], indirect=True)

_A_TEST = """
import sys
import time
from pathlib import Path
from hosts.window import BlenderWindow

root, folder, script, told = map(Path, sys.argv[1:])
BlenderWindow(root, folder, folder / "photographs").start(script, python=sys.executable, told=told)
time.sleep(600)
"""


def wait_until(is_true: Callable[[], bool]) -> None:
    for _ in range(600):
        if is_true():
            return
        time.sleep(0.1)
    pytest.fail("not so within a minute")


def test_a_background_host_is_the_release_it_says(
    blender: BackgroundBlender, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    said = blender.run(SCRIPTS / "say_version.py")
    major, minor, _ = said["version"]
    assert request.node.callspec.params["blender"] == f"bpy-{major}.{minor}"
    assert said["background"] is True
    assert Path(said["extensions"]).is_relative_to(tmp_path)


@one_background_host
def test_a_script_that_fails_shows_what_blender_said(blender: BackgroundBlender) -> None:
    with pytest.raises(HostFailedError, match="the picture fell off the wall"):
        blender.run(SCRIPTS / "fail.py")


@one_background_host
def test_a_host_that_crashes_shows_what_it_said_and_where_it_was(blender: BackgroundBlender) -> None:
    with pytest.raises(HostFailedError) as failure:
        blender.run(SCRIPTS / "crash.py")
    said = str(failure.value)
    assert "died of SIGSEGV without a result" in said
    assert said.index("all is well") < said.index("Fatal Python error: Segmentation fault")
    assert re.search(r"crash\.py\", line \d+ in _do_damage", said)


@one_background_host
def test_what_a_killed_host_had_started_is_found_and_ended(blender: BackgroundBlender, tmp_path: Path) -> None:
    told = tmp_path / "told"
    run = blender.start(SCRIPTS / "start_and_sleep.py", python=sys.executable, told=told)
    wait_until(told.exists)
    run.process.kill()
    run.process.wait()
    assert [process.pid for process in run.processes()] == [int(told.read_text())]
    run.close()
    wait_until(lambda: not run.processes())


def test_a_window_takes_simulated_events_and_is_really_drawn(blender_window: BlenderWindow) -> None:
    seen = blender_window.run(SCRIPTS / "place_marker.py", movie=MOVIE, position=(0.4, 0.6))
    assert seen["last_frame"] == 48  # the button was pressed
    ((x, y),) = seen["markers"]
    assert (x, y) == pytest.approx(seen["aimed_at"], abs=3 * seen["clip_per_pixel"])
    picture = cv2.imread(str(blender_window.screenshot("marker")))
    assert picture.shape == (800, 1200, 3)
    assert picture[250:500, 350:850].std() > 20  # the clip: neither black nor the grey of an empty editor


def test_the_environment_of_the_tests_runs_beside_the_window(blender_window: BlenderWindow) -> None:
    said = blender_window.run(SCRIPTS / "import_in_environment.py", python=sys.executable)
    assert said == "tensor(2.)\n"


def test_a_killed_test_leaves_no_window(window_root: Path, tmp_path: Path) -> None:
    told = tmp_path / "told"
    arguments = (window_root, tmp_path, SCRIPTS / "start_and_sleep.py", told)
    test = subprocess.Popen([sys.executable, "-c", _A_TEST, *arguments], env={**os.environ, "PYTHONPATH": str(TESTS)})
    try:
        wait_until(told.exists)
        assert len(_processes_of(tmp_path)) == 2  # Blender, and what it started
    finally:
        test.kill()
        test.wait()
    wait_until(lambda: not _processes_of(tmp_path))


def _processes_of(folder: Path) -> list[str]:
    """Return the names of the processes that a Blender with its user folders in there consists of, or started."""
    names = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if process.environ().get("BLENDER_USER_RESOURCES", "").startswith(str(folder)):
                names.append(process.name())
    return names
