# SPDX-License-Identifier: Apache-2.0
"""A Blender of the user's, run as a process of its own: its binary, or a Python that has `bpy`."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cotrack_client.errors import CotrackError
from cotrack_client.launch.environment import child_environment

VARIABLE = "COTRACK_BLENDER"
NONE = "none"

_SCRIPT = Path(__file__).with_name("inside_blender.py")
_TOLD_CHARACTERS = 400


@dataclass(frozen=True)
class Answer:
    """What `inside_blender.py` answers: how long and large the clip is, and [frame, u, v] wherever a marker is."""

    frames: int
    size: list[int]
    samples: list[list[tuple[int, float, float]]]


@dataclass(frozen=True)
class Program:
    """A Blender that can be run: its binary, or a Python that has `bpy`."""

    path: Path

    def run(self, request: Mapping[str, object], timeout: float) -> Answer:
        """What `inside_blender.py` answers to a request.

        timeout: seconds. Raises CotrackError when the program does not run, or fails.
        """
        with tempfile.TemporaryDirectory(prefix="cotrack-blender-") as folder:
            asked, answer = Path(folder) / "request.json", Path(folder) / "answer.json"
            asked.write_text(json.dumps(request), "utf-8")
            said = self._ended([*self._command(), "--", str(asked), str(answer)], Path(folder), timeout)
            if not answer.exists():
                raise CotrackError(
                    f"{self.path} did not track: {_last_line(said)}; name a Blender, or a Python with bpy (--blender)"
                )
            return Answer(**json.loads(answer.read_text("utf-8")))

    def _command(self) -> list[str]:
        if self.path.name.lower().startswith("python"):
            return [str(self.path), str(_SCRIPT)]
        return [str(self.path), "--background", "--factory-startup", "--python", str(_SCRIPT)]

    def _ended(self, command: list[str], folder: Path, timeout: float) -> str:
        """Run a command to its end, and return what it said."""
        try:
            return subprocess.run(  # noqa: S603  the program is the user's choice
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
                env={**child_environment(os.environ), "BLENDER_USER_RESOURCES": str(folder)},
                timeout=timeout,
                check=False,
            ).stdout
        except OSError as error:
            raise CotrackError(
                f"{self.path} cannot be run ({error.strerror or error}); "
                "name a Blender, or a Python with bpy (--blender)"
            ) from error
        except subprocess.TimeoutExpired as error:
            raise CotrackError(
                f"{self.path} did not finish within {timeout:.0f} s; try again, or leave it out (--blender none)"
            ) from error


def _last_line(said: str) -> str:
    """Where Python puts the reason."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    return lines[-1][:_TOLD_CHARACTERS] if lines else "it said nothing"


def find_blender(named: str | None = None) -> Program | None:
    """The Blender that is named, or that of $COTRACK_BLENDER, or the one on PATH; None where there is none of these.

    named: a program, or "none" for none. Raises CotrackError when there is no such program.
    """
    wanted = named or os.environ.get(VARIABLE)
    program = None if wanted == NONE else shutil.which(wanted or "blender")
    if wanted not in {None, "", NONE} and program is None:
        raise CotrackError(f"there is no program {wanted}; name a Blender, or a Python with bpy (--blender)")
    return None if program is None else Program(Path(program))
