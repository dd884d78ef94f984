# SPDX-License-Identifier: Apache-2.0
"""Makes the worker's environment with pip, while the host goes on: watched, cancelled and taken up again.

The work is done by child processes, one after the other. Nothing here runs by itself, nor waits for them: the host
calls `go_on` several times a second (why there are no threads: `launch/pipes.py`).

A cancelled or broken installation stays where it is without its mark of being finished; the next one takes it up, and
pip's cache has what was downloaded.
"""

from __future__ import annotations

import logging
import os
import shutil
import subprocess
from collections import deque
from collections.abc import Generator, Iterator, Sequence
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
from cotrack_client.launch.lines import Lines
from cotrack_client.launch.pipes import Ear
from cotrack_client.launch.processes import kill_group, start_listening

CURRENT_RELEASE = f"cotrack=={__version__}"

SIZE_AND_LICENCE = (
    "This installs cotrack and PyTorch into a folder of its own: about 1.5 GB on disk, and on Linux several GB more "
    "for the CUDA libraries that PyTorch brings. cotrack is Apache-2.0 and PyTorch BSD; CoTracker3's own weights are "
    "not part of it and are for non-commercial use only."
)

_LEAST_FREE_BYTES = 2 * 10**9
_PLAN, _FETCH, _INSTALL = 0.05, 0.65, 0.95
_LINES_KEPT = 60
_LONGEST_LINE = 10_000
_log = logging.getLogger(__name__)

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
    """One installation of the worker; `step` tells how far it is."""

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
        self._child: subprocess.Popen[bytes] | None = None
        self._is_cancelled = False
        self._work: Iterator[None] = iter(())  # yields whenever there is nothing to do but wait

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
        """Begin; `go_on` does the work."""
        self._work = self._run()

    def go_on(self) -> None:
        """Do what can be done now without waiting; nothing once it has ended."""
        next(self._work, None)

    def cancel(self) -> None:
        """End it soon; what was downloaded is kept for the next time."""
        self._is_cancelled = True
        if self._child is not None:
            kill_group(self._child)

    def _run(self) -> Iterator[None]:
        try:
            yield from self._install()
            self._step = Step("done", f"cotrack {__version__} is installed", 1.0)
        except _Stopped:
            self._step = Step("cancelled", "Cancelled; install again to go on from here", self._step.share)
        except CotrackError as error:
            self._step = Step("failed", str(error), self._step.share)
        except OSError as error:
            sentence = f"{self._environment} cannot be made ({error.strerror or error}); make room or choose another"
            self._step = Step("failed", sentence, self._step.share)

    def _install(self) -> Iterator[None]:
        self._check_folders()
        python = yield from self._make_environment()
        mark_unfinished(self._environment)
        pip = (str(python), "-m", "pip")
        if self._wheels is None:
            self._say("Bringing pip up to date", 0.02)
            yield from self._call((*pip, "install", "--upgrade", "pip"))
        self._say("Finding out what is needed", 0.03)
        plan = self._environment / "plan.json"
        yield from self._call((*pip, "install", "--dry-run", "--report", str(plan), *self._what()))
        wanted = packages_in(plan.read_text(encoding="utf-8"))
        bar = "raw" if self._wheels is None else "off"
        yield from self._fetch((*pip, "install", "--progress-bar", bar, *self._what()), wanted)
        self._to_unpack = 0
        self._say("Trying it", _INSTALL)
        said = yield from self._call((str(python), "-c", "import cotrack.worker, torch; print(torch.__version__)"))
        mark_finished(self._environment, {"cotrack": __version__, "torch": said.strip()})

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

    def _make_environment(self) -> Generator[None, None, Path]:
        """The interpreter of the environment, made if there is none that runs."""
        python = python_of(self._environment)
        if python.exists():
            try:
                yield from self._call((str(python), "-m", "pip", "--version"))
            except CotrackError as error:
                _log.info("%s is made anew: %s", self._environment, error)
            else:
                return python
        base = choose_interpreter(self._python)
        self._say(f"Making an environment with Python {base.version[0]}.{base.version[1]}", 0.01)
        yield from self._call((str(base.python), "-I", "-m", "venv", "--clear", str(self._environment)))
        return python

    def _what(self) -> tuple[str, ...]:
        if self._wheels is None:
            return (self._requirement,)
        return ("--no-index", "--find-links", str(self._wheels), self._requirement)

    def _fetch(self, command: Sequence[str], wanted: int) -> Iterator[None]:
        fetching = Fetching()
        for line in self._lines(command):
            if line is None:
                yield
                continue
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

    def _call(self, command: Sequence[str]) -> Generator[None, None, str]:
        said = []
        for line in self._lines(command):
            if line is None:
                yield
            else:
                said.append(line)
        return "\n".join(said)

    def _lines(self, command: Sequence[str]) -> Iterator[str | None]:
        """Every line that a child says, kept in the log too; None whenever it is time to wait for the next ones.

        Raises CotrackError with the reason when the child fails.
        """
        if self._is_cancelled:
            raise _Stopped
        child = self._child = start_listening(command, child_environment(os.environ))
        ear = Ear(child.stdout, Lines(_LONGEST_LINE, cut=True))
        last: deque[str] = deque(maxlen=_LINES_KEPT)
        with self.log.open("a", encoding="utf-8") as log:
            while not ear.is_at_end:
                ear.listen()
                while ear.lines:
                    line = (ear.lines.popleft() or b"").decode("utf-8", "replace")
                    if not line.startswith("Progress "):
                        last.append(line)
                        log.write(f"{line}\n")
                    yield line
                yield None
        while child.poll() is None:
            yield None
        if self._is_cancelled:
            raise _Stopped
        if child.returncode:
            raise CotrackError(f"{reason(last, from_folder=self._wheels is not None)} ({self.log})")
