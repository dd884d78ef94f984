# SPDX-License-Identifier: Apache-2.0
"""Starts a process that would outlive Blender, says its id, and sleeps."""

import subprocess
import time
from collections.abc import Iterator
from pathlib import Path


def main(python: str, told: str) -> None:
    _start(python, Path(told))
    time.sleep(600)


def play(stage: object, python: str, told: str) -> Iterator[float]:  # noqa: ARG001  what every window script takes
    _start(python, Path(told))
    yield 600


def _start(python: str, told: Path) -> None:
    survivor = subprocess.Popen([python, "-c", "import time; time.sleep(600)"], start_new_session=True)
    part = told.with_suffix(".part")
    part.write_text(str(survivor.pid), "utf-8")
    part.rename(told)
