# SPDX-License-Identifier: Apache-2.0
"""Blender without a window, as the Python module `bpy`, each run in a process of its own."""

import itertools
import subprocess
from collections.abc import Mapping
from pathlib import Path

import psutil

from hosts.prepare import python_of
from hosts.runs import Json, RunFolder, in_words

_DRIVER = Path(__file__).parent / "inside/run_in_background.py"


class BackgroundRun:
    """A script that is running in a Blender."""

    def __init__(self, python: Path, files: RunFolder, environment: Mapping[str, str]) -> None:
        self._files = files
        with files.output.open("wb") as output:
            self.process = subprocess.Popen(
                [python, _DRIVER, files.request],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=files.environment(environment),
                start_new_session=True,
            )

    def result(self, timeout: float = 300) -> Json:
        """Wait for the end, and return what the script's `main` returned; fail with the output if there is nothing."""
        try:
            code = self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.close()
            raise self._files.failure(f"was killed after {timeout} s") from None
        return self._files.result(ending=in_words(code))

    def processes(self) -> list[psutil.Process]:
        """Return this Blender, while it lives, and everything that it started and that still lives."""
        return self._files.processes()

    def output(self) -> str:
        """Return the end of what Blender wrote to its terminal."""
        return self._files.said()

    def close(self) -> None:
        """Kill this Blender and all that it started."""
        self._files.kill_all()
        self.process.wait()


class BackgroundBlender:
    """One release of Blender, with user folders of its own in `folder` that all its runs share."""

    def __init__(self, environment: Path, folder: Path) -> None:
        self._python = python_of(environment)
        self._folder = folder
        self._numbers = itertools.count(1)
        self._runs: list[BackgroundRun] = []

    def run(
        self, script: Path, *, timeout: float = 300, environment: Mapping[str, str] | None = None, **arguments: object
    ) -> Json:
        """Call `main(**arguments)` of a script file in Blender; return its JSON result, or fail showing the output."""
        return self.start(script, environment=environment, **arguments).result(timeout)

    def start(
        self, script: Path, *, environment: Mapping[str, str] | None = None, **arguments: object
    ) -> BackgroundRun:
        """Start such a run and return at once, to watch it or to kill it."""
        files = RunFolder(self._folder / f"run-{next(self._numbers)}", user=self._folder / "user")
        files.ask(script, arguments)
        self._runs.append(BackgroundRun(self._python, files, environment or {}))
        return self._runs[-1]

    def close(self) -> None:
        """Kill what is still running."""
        for run in self._runs:
            run.close()
