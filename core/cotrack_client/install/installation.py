# SPDX-License-Identifier: Apache-2.0
"""Makes the worker's environment with pip, off the host's thread: watched, cancelled and taken up again.

A cancelled or broken installation stays where it is without its mark of being finished; the next one takes it up, and
pip's cache has what was downloaded.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from cotrack_client import __version__
from cotrack_client.errors import CotrackError
from cotrack_client.install.interpreters import choose_interpreter
from cotrack_client.install.pip_output import Fetching, packages_in, reason
from cotrack_client.install.places import (
    data_folder,
    managed_environment,
    mark_finished,
    mark_unfinished,
    packages_of,
    python_of,
)
from cotrack_client.launch.environment import child_environment
from cotrack_client.launch.processes import kill_group, start_group

CURRENT_RELEASE = f"cotrack=={__version__}"

SIZE_AND_LICENCE = (
    "This installs cotrack and PyTorch into a folder of its own: about 1.5 GB on disk, and on Linux several GB more "
    "for the CUDA libraries that PyTorch brings. cotrack is Apache-2.0 and PyTorch BSD; CoTracker3's own weights are "
    "not part of it and are for non-commercial use only."
)

_LEAST_FREE_BYTES = 2 * 10**9
_PLAN, _FETCH, _INSTALL = 0.05, 0.65, 0.95
_LINES_KEPT = 60

State = Literal["working", "done", "cancelled", "failed"]


@dataclass(frozen=True)
class Step:
    """How far it is. sentence: what is being done or, at the end, how it ended. share: 0..1."""

    state: State
    sentence: str
    share: float


class _Stopped(Exception):  # noqa: N818  no error: somebody asked for it
    pass


class Installation:
    """One installation of the worker; `step` tells how far it is, from any thread, without waiting."""

    def __init__(
        self,
        requirement: str = CURRENT_RELEASE,
        *,
        wheels: Path | None = None,
        python: str = "",
        environment: Path | None = None,
    ) -> None:
        """Prepare it; `start` begins.

        requirement: what pip is to install, a name with a version or the path of a wheel. wheels: a folder to take
        every package from, without any network; None is the package index that pip is configured for. python: the
        interpreter to make the environment with; empty chooses one. environment: its folder, None the managed one.
        """
        self._requirement = requirement
        self._wheels = wheels
        self._python = python
        self._environment = environment or managed_environment()
        self._step = Step("working", "Looking for a Python", 0.0)
        self._to_unpack = self._unpacked = 0
        self._child: subprocess.Popen[str] | None = None
        self._lock = threading.Lock()
        self._is_cancelled = False
        self._thread = threading.Thread(target=self._run, name="cotrack installation", daemon=True)

    @property
    def step(self) -> Step:
        """How far it is now."""
        step = self._step
        if step.state != "working" or not self._to_unpack:
            return step
        there = min(self._to_unpack, packages_of(self._environment))
        self._unpacked = max(self._unpacked, there)  # one that is replaced is gone for a moment
        share = _FETCH + (_INSTALL - _FETCH) * self._unpacked / self._to_unpack
        return Step("working", f"Unpacking ({self._unpacked} of {self._to_unpack})", share)

    @property
    def log(self) -> Path:
        """Everything that pip said."""
        return data_folder() / "install.log"

    def start(self) -> None:
        """Begin, and return at once."""
        self._thread.start()

    def cancel(self) -> None:
        """End it soon; what was downloaded is kept for the next time."""
        with self._lock:
            self._is_cancelled = True
            child = self._child
        if child is not None:
            kill_group(child)

    def join(self, seconds: float | None = None) -> None:
        """Wait until it has ended."""
        self._thread.join(seconds)

    def _run(self) -> None:
        try:
            self._install()
            self._step = Step("done", f"cotrack {__version__} is installed", 1.0)
        except _Stopped:
            self._step = Step("cancelled", "Cancelled; install again to go on from here", self._step.share)
        except CotrackError as error:
            self._step = Step("failed", str(error), self._step.share)
        except OSError as error:
            sentence = f"{self._environment} cannot be made ({error.strerror or error}); make room or choose another"
            self._step = Step("failed", sentence, self._step.share)

    def _install(self) -> None:
        self._check_folders()
        python = self._make_environment()
        mark_unfinished(self._environment)
        pip = (str(python), "-m", "pip")
        if self._wheels is None:
            self._say("Bringing pip up to date", 0.02)
            self._call((*pip, "install", "--upgrade", "pip"))
        self._say("Finding out what is needed", 0.03)
        plan = self._environment / "plan.json"
        self._call((*pip, "install", "--dry-run", "--report", str(plan), *self._what()))
        wanted = packages_in(plan.read_text(encoding="utf-8"))
        self._fetch(
            (*pip, "install", "--progress-bar", "raw" if self._wheels is None else "off", *self._what()), wanted
        )
        self._to_unpack = 0
        self._say("Trying it", _INSTALL)
        versions = self._call((str(python), "-c", "import cotrack.worker, torch; print(torch.__version__)")).strip()
        mark_finished(self._environment, {"cotrack": __version__, "torch": versions})

    def _check_folders(self) -> None:
        if self._wheels is not None and not any(self._wheels.glob("*.whl")):
            raise CotrackError(f"{self._wheels} holds no wheels; choose the folder with the .whl files")
        self._environment.parent.mkdir(parents=True, exist_ok=True)
        self.log.parent.mkdir(parents=True, exist_ok=True)
        self.log.write_bytes(b"")
        free = shutil.disk_usage(self._environment.parent).free
        if free < _LEAST_FREE_BYTES:
            room = f"{free / 1e9:.1f} GB are free below {self._environment.parent}"
            raise CotrackError(f"only {room}, and at least {_LEAST_FREE_BYTES / 1e9:.0f} GB are needed; make room")

    def _make_environment(self) -> Path:
        """The interpreter of the environment, made if there is none that runs."""
        python = python_of(self._environment)
        if python.exists():
            try:
                self._call((str(python), "-m", "pip", "--version"))
            except CotrackError:
                shutil.rmtree(self._environment)
            else:
                return python
        base = choose_interpreter(self._python)
        self._say(f"Making an environment with Python {base.version[0]}.{base.version[1]}", 0.01)
        self._call((str(base.python), "-I", "-m", "venv", str(self._environment)))
        return python

    def _what(self) -> tuple[str, ...]:
        if self._wheels is None:
            return (self._requirement,)
        return ("--no-index", "--find-links", str(self._wheels), self._requirement)

    def _fetch(self, command: Sequence[str], wanted: int) -> None:
        fetching = Fetching()
        for line in self._lines(command):
            fetching = fetching.after(line)
            if fetching.is_installing:
                self._to_unpack = wanted
            elif fetching.fetched:
                share = min(1.0, (fetching.fetched - 1 + fetching.share) / max(1, wanted))
                size = f", {fetching.size}" if fetching.size else ""
                done = f"{fetching.fetched} of {max(wanted, fetching.fetched)}"
                self._say(f"Fetching {fetching.name} ({done}{size})", _PLAN + share * (_FETCH - _PLAN))

    def _say(self, sentence: str, share: float) -> None:
        if self._is_cancelled:
            raise _Stopped
        self._step = Step("working", sentence, share)

    def _call(self, command: Sequence[str]) -> str:
        return "".join(self._lines(command))

    def _lines(self, command: Sequence[str]) -> Iterator[str]:
        """Every line that a child says, kept in the log too. Raises CotrackError with the reason when it fails."""
        with self._lock:
            if self._is_cancelled:
                raise _Stopped
            child = self._child = start_group(command, child_environment(os.environ))
        last: deque[str] = deque(maxlen=_LINES_KEPT)
        with child, self.log.open("a", encoding="utf-8") as log:
            assert child.stdout is not None  # noqa: S101  it is a pipe
            for line in child.stdout:
                if not line.startswith("Progress "):
                    last.append(line.rstrip())
                    log.write(line)
                yield line
        if self._is_cancelled:
            raise _Stopped
        if child.returncode:
            raise CotrackError(f"{reason(last, from_folder=self._wheels is not None)} ({self.log})")
