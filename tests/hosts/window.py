# SPDX-License-Identifier: Apache-2.0
"""A Blender with a real window, drawn in software on a display that nobody sees, and driven by simulated events.

Blender lives in a Debian of its own (see prepare.py); the checkout, the environment that the tests run in and the
test's own folder are visible in there at their usual places, so that Blender can start the very worker that the tests
use.
"""

import itertools
import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import psutil

from hosts.runs import HostFailedError, Json, RunFolder, in_words

SIZE = (1200, 800)  # every redraw is paid for in software
_HERE = Path(__file__).parent
_REPOSITORY = _HERE.parents[1]
_NAMESPACES = ("unshare", "--mount", "--pid", "--fork", "--kill-child", "--propagation", "private")
_BLENDER = ("/usr/bin/blender", "--factory-startup", "--enable-event-simulate", "--gpu-backend", "opengl")
_DRIVER = ("--python-exit-code", "3", "--python", _HERE / "inside/run_in_window.py", "--")  # else it stays open
_POLL_SECONDS = 0.1


class WindowRun:
    """A script that is running in a Blender window; its stage (window_stage.py) holds everything that it started."""

    def __init__(self, request: Mapping[str, object], files: RunFolder) -> None:
        self._files = files
        self._ended = files.folder / "ended.txt"
        self._stage_output = files.folder / "stage.txt"
        stage = files.folder / "stage.json"
        stage.write_text(json.dumps({**request, "ended": self._ended}, default=os.fspath), "utf-8")
        with self._stage_output.open("wb") as output:
            self._stage = subprocess.Popen(
                [*_NAMESPACES, sys.executable, _HERE / "window_stage.py", stage],
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def result(self, timeout: float = 300) -> Json:
        """Wait for Blender's end, and return what the script returned; fail with the output if there is nothing."""
        end = time.monotonic() + timeout
        while not self._ended.exists():
            if self._stage.poll() is not None:
                raise HostFailedError(f"no window could be opened: {self._stage_output.read_text('utf-8')}")
            if time.monotonic() > end:
                self.close()
                raise self._files.failure(f"was killed after {timeout} s")
            time.sleep(_POLL_SECONDS)
        return self._files.result(ending=in_words(int(self._ended.read_text("utf-8"))))

    def processes(self) -> list[psutil.Process]:
        """Return Blender, while it lives, and everything that it started and that still lives."""
        return self._files.processes()

    def output(self) -> str:
        """Return the end of what Blender wrote to its terminal."""
        return self._files.said()

    def close(self) -> None:
        """Close the display and end everything that was started on it."""
        self._stage.stdin.close()
        try:
            self._stage.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self._stage.kill()  # which kills all of its namespace
            self._stage.wait()


class BlenderWindow:
    """Blender 4.3 with a window, with user folders of its own below `folder`; photographs go to `photographs`."""

    def __init__(self, root: Path, folder: Path, photographs: Path) -> None:
        self._root = root
        self._folder = folder
        self._photographs = photographs
        self._numbers = itertools.count(1)
        self._runs: list[WindowRun] = []
        photographs.mkdir(parents=True, exist_ok=True)

    def run(
        self,
        script: Path,
        *,
        timeout: float = 300,
        environment: Mapping[str, str] | None = None,
        **arguments: object,
    ) -> Json:
        """Play a script file's `play(stage, **arguments)` in a fresh window; return its JSON result, or fail."""
        run = self.start(script, environment=environment, **arguments)
        try:
            return run.result(timeout)
        finally:
            run.close()

    def start(self, script: Path, *, environment: Mapping[str, str] | None = None, **arguments: object) -> WindowRun:
        """Start such a run and return at once, to watch it or to kill it."""
        own = self._folder / "blender"
        files = RunFolder(own / f"run-{next(self._numbers)}", user=own / "user")
        files.ask(script, arguments, photographs=self._photographs)
        request = {
            "root": self._root,
            "folders": visible_folders(self._folder, self._photographs, script.parent, *_weights_folders()),
            "size": SIZE,
            "command": [*_BLENDER, "-p", "0", "0", *map(str, SIZE), *_DRIVER, files.request],
            "environment": files.environment(environment or {}),
            "output": files.output,
            "photographs": self._photographs,
        }
        self._runs.append(WindowRun(request, files))
        return self._runs[-1]

    def screenshot(self, name: str) -> Path:
        """Return the photograph that a script took under that name."""
        return self._photographs / f"{name}.png"

    def close(self) -> None:
        """Close what is still open."""
        for run in self._runs:
            run.close()


def visible_folders(*more: Path) -> list[Path]:
    """Return the folders that Blender and the worker need to see, none of them within another."""
    named = [Path(folder).absolute() for folder in (sys.prefix, sys.base_prefix, _REPOSITORY, *more)]
    wanted = {*named, *(folder.resolve() for folder in named)}
    return sorted(folder for folder in wanted if not any(parent in wanted for parent in folder.parents))


def _weights_folders() -> list[Path]:
    """Return the folders that the worker looks for weights in, as far as they are named by the environment."""
    named = os.environ.get("COTRACK_WEIGHTS", "")
    return [Path(folder) for folder in named.split(os.pathsep) if folder and Path(folder).is_dir()]
