# SPDX-License-Identifier: Apache-2.0
"""Which Pythons of this machine can make the worker's environment."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cotrack_client.errors import CotrackError

OLDEST = (3, 11)
NEWEST = (3, 14)

_ASK = "import sys, venv, ensurepip; print(*sys.version_info[:2], sys.prefix != sys.base_prefix)"
_ASK_SECONDS = 5  # in which the host waits


@dataclass(frozen=True)
class Interpreter:
    """A Python that has what it takes. version: major and minor."""

    python: Path
    version: tuple[int, int]


def choose_interpreter(setting: str = "") -> Interpreter:
    """The Python to make the environment with: the setting, else the first good one of the machine, else the host's.

    Raises CotrackError when there is none, saying what to install.
    """
    if setting:
        asked = ask_interpreter(Path(setting).expanduser())
        if asked is None:
            raise CotrackError(f"{setting} is no Python {_span()} with venv and pip; choose another")
        return asked
    for candidate in _candidates():
        found = ask_interpreter(candidate)
        if found is not None:
            return found
    raise CotrackError(
        f"no Python {_span()} with venv and pip was found; install one (on Debian and Ubuntu also python3-venv), "
        "or choose it in the preferences"
    )


def ask_interpreter(python: Path) -> Interpreter | None:
    """What an interpreter says of itself; None when it is none, too old, too new, or lacks venv or ensurepip."""
    try:
        said = subprocess.run(  # noqa: S603  a fixed program text, no shell
            [str(python), "-I", "-c", _ASK],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_ASK_SECONDS,
            check=True,
        ).stdout.split()
        version = (int(said[0]), int(said[1]))
    except (OSError, subprocess.SubprocessError, ValueError, IndexError):
        return None
    return Interpreter(python, version) if OLDEST <= version <= NEWEST else None


def _candidates() -> Iterator[Path]:
    """Installed Pythons by their usual names, those that most packages know first; at last the host's own.

    The host's comes last because an update of the host takes it away.
    """
    versions = ("3.12", "3.13", "3.11", "3.14")
    names = [f"python{version}" for version in versions] + ["python3", "python"]
    for name in names:
        found = shutil.which(name)
        if found:
            yield Path(found)
    if os.name == "nt":
        local = Path(os.environ.get("LOCALAPPDATA", "")) / "Programs" / "Python"
        yield from (local / f"Python{version.replace('.', '')}" / "python.exe" for version in versions)
    own = Path(sys.executable)
    if own.name.lower().startswith("python"):  # in some hosts it is the host's own program
        yield own


def _span() -> str:
    return f"{OLDEST[0]}.{OLDEST[1]} to {NEWEST[0]}.{NEWEST[1]}"
