# SPDX-License-Identifier: Apache-2.0
"""The seam between a benchmark and those who take part in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from cotrack.evaluation.truth import Truth
from cotrack.tracking.tracks import Tracks
from cotrack_client.tracks import Key

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, eq=False)
class Task:
    """What is to be followed both ways, and the answer; shot and first as `open_clip` has them."""

    shot: Path
    keys: tuple[Key, ...]
    truth: Truth
    first: int | None = None


class Contestant(Protocol):
    """Follows keys through a shot, both ways."""

    @property
    def name(self) -> str:
        """As tables have it."""

    def track(self, task: Task, progress: Progress) -> Tracks:
        """One track per name of the keys. Whoever looks at the truth says so."""
