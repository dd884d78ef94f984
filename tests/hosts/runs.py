# SPDX-License-Identifier: Apache-2.0
"""What all hosts share: a script goes in with arguments, a JSON result comes out, and nothing stays behind."""

import contextlib
import json
import os
import signal
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import TypeAlias

import psutil

Json: TypeAlias = dict[str, "Json"] | list["Json"] | str | float | bool | None  # what json.loads gives

_TAG_VARIABLE = "COTRACK_TEST_RUN"  # inherited by whatever a host starts, however far it detaches itself
_SHOWN_CHARACTERS = 6000


class HostFailedError(AssertionError):
    """A host ended without a result; the message ends with what it said."""


class RunFolder:
    """The files of one run of a host: its request, its result, its output."""

    def __init__(self, folder: Path, user: Path) -> None:
        folder.mkdir(parents=True)
        self.folder = folder
        self.user = user
        self.tag = uuid.uuid4().hex
        self.request = folder / "request.json"
        self.output = folder / "output.txt"
        self._result = folder / "result.json"

    def ask(self, script: Path, arguments: Mapping[str, object], **more: Path) -> None:
        """Write what the host is to run; paths become text."""
        request = {"script": script.absolute(), "arguments": arguments, "result": self._result, **more}
        self.request.write_text(json.dumps(request, default=os.fspath), "utf-8")

    def environment(self, own: Mapping[str, str]) -> dict[str, str]:
        """Return the host's environment: ours less Python's settings, Blender's folders in `user`, and `own`."""
        foreign = ("PYTHON", "BLENDER_", "PYTEST_")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
        folders = {"RESOURCES": ".", "CONFIG": "config", "SCRIPTS": "scripts", "EXTENSIONS": "extensions"}
        for name, place in folders.items():
            (self.user / place).mkdir(parents=True, exist_ok=True)
            kept[f"BLENDER_USER_{name}"] = str(self.user / place)
        return {**kept, **own, _TAG_VARIABLE: self.tag}

    def result(self, ending: str) -> Json:
        """Return what the script returned; raise HostFailedError, saying how the host ended, when there is nothing."""
        if not self._result.exists():
            raise self.failure(f"{ending} without a result")
        return json.loads(self._result.read_text("utf-8"))

    def failure(self, ending: str) -> HostFailedError:
        """Return the error that says how the host ended, and what it said before."""
        return HostFailedError(f"the host {ending}, in {self.folder}; it said:\n{self.said()}")

    def said(self) -> str:
        """Return the end of what the host wrote to its terminal."""
        return self.output.read_text("utf-8", errors="replace")[-_SHOWN_CHARACTERS:]

    def processes(self) -> list[psutil.Process]:
        """Return the host, while it lives, and everything that it started and that still lives."""
        return [process for process in psutil.process_iter() if _tag_of(process) == self.tag]

    def kill_all(self) -> None:
        """Kill the host and all that it started."""
        for process in self.processes():
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()


def in_words(exit_code: int) -> str:
    """Return how a host ended."""
    return f"ended with {exit_code}" if exit_code >= 0 else f"died of {signal.Signals(-exit_code).name}"


def _tag_of(process: psutil.Process) -> str | None:
    try:
        return process.environ().get(_TAG_VARIABLE) if process.status() != psutil.STATUS_ZOMBIE else None
    except psutil.Error:  # it ended meanwhile, or belongs to somebody else
        return None
