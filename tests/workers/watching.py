# SPDX-License-Identifier: Apache-2.0
"""Starting stand-in workers in tests, and waiting for what they do. Runs under Python 3.9, as the client does."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

from cotrack_client.client import Worker
from cotrack_client.messages import Answer, Done, Failed, Placed, ShotRequest, TrackJob, Welcome
from cotrack_client.tracks import Key

STAND_IN = Path(__file__).with_name("stand_in.py")
PATIENCE_SECONDS = 60.0


def stand_in(*manners: str) -> tuple[str, ...]:
    return (sys.executable, str(STAND_IN), *manners)


def track_job(name: str) -> TrackJob:
    return TrackJob(name, ShotRequest("/shots/plate.mov"), (Key("a", 1001, 1.0, 2.0),))


def wait_until(is_so: Callable[[], bool], what: str) -> None:
    """Wait until something is so; what never is fails the test."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not is_so():
        assert time.monotonic() < deadline, f"never came: {what}"
        time.sleep(0.005)


def hear_until(worker: Worker, is_enough: Callable[[list[Answer]], bool]) -> list[Answer]:
    """Poll as a host does until what was heard is enough."""
    heard: list[Answer] = []

    def hear() -> bool:
        heard.extend(worker.poll())
        return is_enough(heard)

    wait_until(hear, f"enough of {heard}")
    return heard


def endings(heard: list[Answer]) -> list[Answer]:
    return [answer for answer in heard if isinstance(answer, (Done, Failed, Placed))]


def hear_endings(worker: Worker, count: int) -> list[Answer]:
    """Poll until so many jobs have ended; return how."""
    return endings(hear_until(worker, lambda heard: len(endings(heard)) >= count))


def greeted(worker: Worker) -> Welcome:
    """Wait until a worker is ready; return what it said."""
    wait_until(lambda: worker.look() != "starting", "a welcome")
    assert worker.welcome is not None, worker.trouble
    return worker.welcome


def is_running(pid: int) -> bool:
    """Whether there is such a process that has not ended; one that nobody has reaped yet has."""
    try:
        os.kill(pid, 0)
        stat = Path(f"/proc/{pid}/stat")
        return not stat.exists() or stat.read_text("utf-8").rsplit(")", 1)[1].split()[0] != "Z"
    except (ProcessLookupError, FileNotFoundError):
        return False
