# SPDX-License-Identifier: Apache-2.0
"""A Blender with a real window, drawn in software on a display that nobody sees, and driven by simulated events.

Blender lives in a Debian of its own (see prepare.py); the checkout, the environment that the tests run in and the test's
own folder are visible in there at their usual places, so that Blender can start the very worker that the tests use.
"""

import itertools
import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import psutil

from hosts.prepare import HostError
from hosts.runs import RunFolder

SIZE = (1200, 800)  # every redraw is paid for in software
_HERE = Path(__file__).parent
_REPOSITORY = _HERE.parents[1]
_POLL_SECONDS = 0.1


class WindowRun:
    """A script that is running in a Blender window."""

    def __init__(self, root: Path, command: list[str], files: RunFolder, environment: dict[str, str], shots: Path) -> None:
        self._files = files
        self._ended = files.folder / "ended.txt"
        shots.mkdir(parents=True, exist_ok=True)
        request = {
            "root": root,
            "folders": visible_folders(files.folder.parent, shots, *_weights_folders()),
            "size": SIZE,
            "command": command,
            "environment": files.environment(environment),
            "output": files.output,
            "photographs": shots,
            "ended": self._ended,
        }
        stage = files.folder / "stage.json"
        stage.write_text(json.dumps(request, default=os.fspath), "utf-8")
        with (files.folder / "stage.txt").open("wb") as output:
            self._stage = subprocess.Popen(
                ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--propagation", "private"]
                + [sys.executable, str(_HERE / "window_stage.py"), str(stage)],
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def result(self, timeout: float = 120) -> Any:
        """Wait for Blender's end, and return what the script returned; fail with the output if there is nothing."""
        end = time.monotonic() + timeout
        while not self._ended.exists():
            if self._stage.poll() is not None:
                said = (self._files.folder / "stage.txt").read_text("utf-8", errors="replace")
                raise HostError(f"the window could not be opened: {said}")
            if time.monotonic() > end:
                self.close()
                raise self._files.failure(f"was killed after {timeout} s")
            time.sleep(_POLL_SECONDS)
        return self._files.result(ending=f"ended with {self._ended.read_text('utf-8')}")

    def processes(self) -> list[psutil.Process]:
        """Return Blender, while it lives, and everything that it started and that still lives."""
        return self._files.processes()

    def output(self) -> str:
        """Return the end of what Blender wrote to its terminal."""
        return self._files.said()

    def close(self) -> None:
        """Close the display and end everything that was started on it."""
        if self._stage.stdin:
            self._stage.stdin.close()
        try:
            self._stage.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self._stage.kill()  # which kills all of its namespace
            self._stage.wait()


class BlenderWindow:
    """Blender 4.3 with a window, with user folders of its own in `folder`; photographs go to `shots`."""

    def __init__(self, root: Path, folder: Path, shots: Path) -> None:
        self._root = root
        self._folder = folder
        self._shots = shots
        self._numbers = itertools.count(1)
        self._runs: list[WindowRun] = []

    def run(self, script: Path, *, timeout: float = 120, environment: Mapping[str, str] | None = None, **arguments: Any) -> Any:
        """Play a script file's `play(stage, **arguments)` in a fresh window; return its JSON result, or fail showing why."""
        run = self.start(script, environment=environment, **arguments)
        try:
            return run.result(timeout)
        finally:
            run.close()

    def start(self, script: Path, *, environment: Mapping[str, str] | None = None, **arguments: Any) -> WindowRun:
        """Start such a run and return at once, to watch it or to kill it."""
        files = RunFolder(self._folder / f"run-{next(self._numbers)}", user=self._folder / "user")
        files.ask(script, arguments, photographs=self._shots)
        options = ["--factory-startup", "--enable-event-simulate", "--gpu-backend", "opengl"]
        place = ["-p", "0", "0", *map(str, SIZE)]
        driver = ["--python", str(_HERE / "inside/run_in_window.py"), "--", str(files.request)]
        command = ["/usr/bin/blender", *options, *place, *driver]
        self._runs.append(WindowRun(self._root, command, files, dict(environment or {}), self._shots))
        return self._runs[-1]

    def screenshot(self, name: str) -> Path:
        """Return the photograph that a script took under that name."""
        return self._shots / f"{name}.png"

    def close(self) -> None:
        """Close what is still open."""
        for run in self._runs:
            run.close()


def visible_folders(*more: Path) -> list[Path]:
    """Return the folders that Blender and the worker need to see, outermost first, none within another."""
    wanted = {Path(folder).resolve() for folder in (sys.prefix, sys.base_prefix, _REPOSITORY, *more)}
    if Path("/usr") in wanted:
        raise HostError("Blender has a /usr of its own; run the tests with a Python that is installed elsewhere")
    return sorted(folder for folder in wanted if not any(parent in wanted for parent in folder.parents))


def _weights_folders() -> list[Path]:
    named = os.environ.get("COTRACK_WEIGHTS", "")
    return [Path(folder) for folder in named.split(os.pathsep) if folder and Path(folder).is_dir()]
