# SPDX-License-Identifier: Apache-2.0
"""How an artist hears of jobs: Nuke's progress bar, a line on the CoTracker3 node, a message when something fails."""

from __future__ import annotations

import functools
import logging
import time
from typing import Callable

import nuke
from cotrack_client.errors import CotrackError

from .placing import Placing
from .session import ENDED, LISTENERS, TASKS, Task
from .surroundings import NodeHandle
from .tracking import Tracking
from .writing import remember

_SHOWN_EVERY_SECONDS = 0.2
_log = logging.getLogger(__name__)


class Display:
    """Shows how a task is getting on, from its first beat to its end."""

    def __init__(self, task: Task, asker: NodeHandle | None = None) -> None:
        self._task = task
        self._asker = asker
        self._bar: nuke.ProgressTask | None = nuke.ProgressTask(f"CoTrack: {task.title}") if nuke.GUI else None
        self._shown = ""
        self._next_time = 0.0
        LISTENERS.append(self._show)

    def _show(self) -> None:
        if self._task not in TASKS:
            self._end()
            return
        if self._bar is not None and self._bar.isCancelled():
            self._task.cancel()
        now = time.monotonic()
        if now < self._next_time:
            return
        self._next_time = now + _SHOWN_EVERY_SECONDS
        self._say(self._task.status())
        if self._bar is not None:
            self._bar.setMessage(self._task.status())
            self._bar.setProgress(min(99, int(self._task.fraction * 100)))

    def _end(self) -> None:
        LISTENERS.remove(self._show)
        self._bar = None  # Nuke takes the bar away with the object
        outcome = next((outcome for task, outcome in reversed(ENDED) if task is self._task), None)
        if outcome is None:
            return
        self._say(outcome.sentence)
        if outcome.level == "error":
            tell(outcome.sentence)

    def _say(self, sentence: str) -> None:
        node = self._asker.node() if self._asker is not None else None
        if node is not None and sentence != self._shown:
            self._shown = sentence
            remember(node, "status", sentence)


def tell(sentence: str) -> None:
    """Say why something did not work."""
    _log.error("%s", sentence)
    if nuke.GUI:
        nuke.message(f"CoTrack: {sentence}")


def report_errors(action: Callable[..., None]) -> Callable[..., None]:
    """What a button or menu calls: an error becomes a message in a window, and stays one for scripts without."""

    @functools.wraps(action)
    def reporting(*arguments: object) -> None:
        try:
            action(*arguments)
        except CotrackError as error:
            if not nuke.GUI:
                raise
            tell(str(error))

    return reporting


def tasks_of(node: nuke.Node) -> list[Task]:
    """What a CoTracker3 node has asked for and has not ended."""
    return [
        task
        for task in TASKS
        if isinstance(task, (Tracking, Placing)) and task.order.asker is not None and task.order.asker.node() == node
    ]
