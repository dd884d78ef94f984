# SPDX-License-Identifier: Apache-2.0
"""The one worker of this Nuke, what is under way with it, and who wants to hear of that.

`SESSION` is the worker, `TASKS` what runs, in the order it was asked for, `ENDED` what ran before. `begin` has a task
looked after, `wait_for` waits for it. All of it belongs to the main thread.
"""

from __future__ import annotations

import atexit
import logging
import time
from dataclasses import dataclass
from typing import Callable, Literal, Protocol

import nuke
from cotrack_client.errors import CotrackError
from cotrack_client.frames import FrameRange
from cotrack_client.job import JobLife
from cotrack_client.session import Session
from cotrack_client.tracks import Track

from .preferences import read_preferences
from .pulse import Pulse

_WAIT_SECONDS = 0.01
_LOG_LEVELS = {"info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}
_log = logging.getLogger(__name__)

Level = Literal["info", "warning", "error"]


@dataclass(frozen=True)
class Outcome:
    """How a task ended. changed: the script has, so there is something to undo."""

    level: Level
    sentence: str
    changed: bool


class Task(Protocol):
    """Something under way. title: for people, as "4 tracks of Tracker1". frames: those of the script that it covers."""

    title: str
    frames: FrameRange

    @property
    def life(self) -> JobLife | None:
        """The job at the worker; None while there is none yet, as the plate is being rendered."""

    @property
    def fraction(self) -> float:
        """How much of it is done, 0..1."""

    def tracks(self) -> tuple[Track, ...]:
        """Return what it has so far, raster px, frames of the script; keys are among the samples."""

    def status(self) -> str:
        """Return a line for the artist, as "tracking 38 %, 12 s left"."""

    def tick(self) -> Outcome | None:
        """Go on for a moment; how it ended, once it has."""

    def cancel(self) -> None:
        """Ask it to end; `tick` says when it has."""


SESSION = Session(f"Nuke {nuke.NUKE_VERSION_STRING}", how_to_install="choose CoTrack > Worker > Install", prefix="nuke")
TASKS: list[Task] = []
LISTENERS: list[Callable[[], None]] = []
"""Called on the main thread at every beat while something is under way, and once after it."""

ENDED: list[tuple[Task, Outcome]] = []
"""The tasks that have ended, the latest last, with how; the panel shows them. At most `MOST_ENDED`."""

MOST_ENDED = 20


def start_worker() -> None:
    """Have the worker run. Raises CotrackError when there is none, or the preferences name no Python."""
    SESSION.start(read_preferences().python)
    PULSE.start()


def begin(task: Task) -> None:
    """Look after a task until it has ended: at every beat in a window, to its end in a session without one."""
    TASKS.append(task)
    if nuke.GUI:
        PULSE.start()
    else:
        wait_for(task)


def wait_for(task: Task) -> Outcome:
    """Return how a task ended; the main thread waits."""
    while (outcome := _outcome_of(task)) is None:
        beat()
        time.sleep(_WAIT_SECONDS)
    return outcome


def beat() -> bool:
    """Let everything go on for a moment; whether there is more to come."""
    SESSION.listen()
    for task in tuple(TASKS):
        outcome = _tick(task)
        if outcome is not None:
            TASKS.remove(task)
            ENDED.append((task, outcome))
            del ENDED[:-MOST_ENDED]
            _log.log(_LOG_LEVELS[outcome.level], "%s: %s", task.title, outcome.sentence)
    for listener in tuple(LISTENERS):
        listener()
    return bool(TASKS) or SESSION.is_active


def cancel_all() -> None:
    """Ask everything under way to end."""
    for task in TASKS:
        task.cancel()


def close() -> None:
    """End everything, for Nuke quits."""
    SESSION.close()


def _tick(task: Task) -> Outcome | None:
    try:
        return task.tick()
    except CotrackError as error:
        return Outcome("error", str(error), changed=False)
    except Exception as error:  # noqa: BLE001  the edge to Nuke: other tasks go on, and this one says why not
        _log.exception("%s", task.title)
        return Outcome("error", f"{task.title}: {error}; please report what Nuke's terminal says", changed=False)


def _outcome_of(task: Task) -> Outcome | None:
    return next((outcome for ended, outcome in ENDED if ended is task), None)


PULSE = Pulse(beat)
atexit.register(close)
