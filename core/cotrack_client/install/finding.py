# SPDX-License-Identifier: Apache-2.0
"""Which Python runs the worker: the host's setting, else the studio's variable, else the one we installed."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cotrack_client.errors import CotrackError
from cotrack_client.install.places import is_finished, managed_environment, python_of

WORKER_VARIABLE = "COTRACK_PYTHON"


@dataclass(frozen=True)
class FoundWorker:
    """A Python in which cotrack is said to be installed. source: who says so, in words."""

    python: Path
    source: str

    @property
    def command(self) -> tuple[str, ...]:
        """What starts the worker."""
        return (str(self.python), "-m", "cotrack.worker")


def find_worker(setting: str = "", variables: Mapping[str, str] = os.environ) -> FoundWorker | None:
    """The worker to start; None when there is none yet and it must be installed.

    setting: the host's own, a Python or the folder of its environment; empty when the user chose none.
    Raises CotrackError when the setting or the variable names something that is no Python.
    """
    named = ((setting, "your setting"), (variables.get(WORKER_VARIABLE, ""), WORKER_VARIABLE))
    for value, source in named:
        if value:
            return FoundWorker(_python_at(value, source), source)
    environment = managed_environment()
    return FoundWorker(python_of(environment), "installed by cotrack") if is_finished(environment) else None


def _python_at(value: str, source: str) -> Path:
    place = Path(value).expanduser()
    if place.is_dir():
        place = python_of(place)
    if not (place.is_file() and os.access(place, os.X_OK)):
        raise CotrackError(
            f"{source} names {value} as the worker's Python, but there is none; choose the python of an environment "
            "in which cotrack is installed, or leave it empty"
        )
    return place
