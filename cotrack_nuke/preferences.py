# SPDX-License-Identifier: Apache-2.0
"""What an artist sets once for every script: the worker's Python. A JSON file in the folder of cotrack's data."""

from __future__ import annotations

import json
import logging
from dataclasses import asdict, dataclass
from pathlib import Path

from cotrack_client.atomic import write_bytes
from cotrack_client.install.places import data_folder

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Preferences:
    """What is set.

    python: the Python, or the folder of the environment, that cotrack is installed in; empty is what COTRACK_PYTHON
    names, else the one that Install made.
    """

    python: str = ""


def preferences_file() -> Path:
    """Where they lie."""
    return data_folder() / "nuke.json"


def read_preferences() -> Preferences:
    """Return them; a file that is missing or damaged counts as empty."""
    try:
        values = json.loads(preferences_file().read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Preferences()
    except (OSError, ValueError) as error:
        _log.warning("%s cannot be read, and is ignored: %s", preferences_file(), error)
        return Preferences()
    python = values.get("python") if isinstance(values, dict) else None
    return Preferences(python if isinstance(python, str) else "")


def write_preferences(preferences: Preferences) -> None:
    """Keep them. Raises CotrackError where the file system refuses."""
    preferences_file().parent.mkdir(parents=True, exist_ok=True)
    write_bytes(preferences_file(), json.dumps(asdict(preferences), indent=1).encode())
