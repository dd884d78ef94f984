# SPDX-License-Identifier: Apache-2.0
"""Where the worker that we install ourselves lives: one environment per version, in the user's own data folder."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from cotrack_client import __version__
from cotrack_client.atomic import write_bytes

_FINISHED = "cotrack-worker.json"


def data_folder() -> Path:
    """What the system sets aside for a program's data, of this user."""
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA") or str(Path.home() / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = str(Path.home() / "Library" / "Application Support")
    else:
        base = os.environ.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    return Path(base) / "cotrack"


def managed_environment() -> Path:
    """The folder of the environment for this version, whether it is there or not."""
    return data_folder() / f"worker-{__version__}"


def python_of(environment: Path) -> Path:
    """The interpreter of a virtual environment."""
    return environment / "Scripts" / "python.exe" if os.name == "nt" else environment / "bin" / "python"


def packages_of(environment: Path) -> int:
    """How many packages an environment holds."""
    patterns = ("lib/*/site-packages/*.dist-info", "Lib/site-packages/*.dist-info")
    return len({folder for pattern in patterns for folder in environment.glob(pattern)})


def is_finished(environment: Path) -> bool:
    """Whether an environment was made to its end; one that was cancelled or broke off is not."""
    return (environment / _FINISHED).is_file() and python_of(environment).exists()


def mark_finished(environment: Path, facts: dict[str, str]) -> None:
    """Say that an environment is whole. Raises CotrackError where the file system refuses."""
    write_bytes(environment / _FINISHED, json.dumps(facts, indent=1).encode())


def mark_unfinished(environment: Path) -> None:
    """Say that an environment is being worked on."""
    (environment / _FINISHED).unlink(missing_ok=True)
