# SPDX-License-Identifier: Apache-2.0
"""What an artist sets once for every script: the worker's Python, the menu's model. A JSON file in cotrack's data."""

from __future__ import annotations

import json
import logging
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from cotrack_client.atomic import write_bytes
from cotrack_client.install.places import data_folder

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Preferences:
    """What is set.

    python: the Python, or the folder of the environment, that cotrack is installed in; empty is what COTRACK_PYTHON
    names, else the one that Install made. model: with which the menu tracks; empty is the worker's first. A CoTracker3
    node takes no notice of it, so that a script tracks alike everywhere.
    """

    python: str = ""
    model: str = ""


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
    known = values if isinstance(values, dict) else {}
    set_values = {field.name: known.get(field.name) for field in fields(Preferences)}
    return Preferences(**{name: value for name, value in set_values.items() if isinstance(value, str)})


def write_preferences(preferences: Preferences) -> None:
    """Keep them. Raises CotrackError where the file system refuses."""
    preferences_file().parent.mkdir(parents=True, exist_ok=True)
    write_bytes(preferences_file(), json.dumps(asdict(preferences), indent=1).encode())
