# SPDX-License-Identifier: Apache-2.0
"""The life of one job as an artist follows it: waiting, running, how far, how long still, and how it ended.

Samples are kept until the host takes them, a slice per tick, so that writing them never holds up its window.
"""

from __future__ import annotations

import math
import time
from collections import deque
from typing import Callable, Literal

from cotrack_client.messages import (
    Answer,
    Checked,
    CheckedPoint,
    Done,
    Failed,
    Placed,
    Progress,
    Queued,
    Reason,
    Samples,
    Stretch,
)

JobState = Literal["waiting", "running", "done", "failed", "cancelled"]

_MOST_SMOOTHING_SECONDS = 4.0
_LEAST_SMOOTHING_SECONDS = 0.5


class JobLife:
    """What is known of the job `name`. clock: seconds, monotonic."""

    def __init__(self, name: str, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.name = name
        self.state: JobState = "waiting"
        self.stage = ""
        self.fraction = 0.0
        self.before: int | None = None
        self.samples = 0
        self.points: tuple[tuple[float, float], ...] = ()
        self.checked: tuple[CheckedPoint, ...] = ()
        self.result: Done | None = None
        self.sentence = ""
        self.reason: Reason | None = None
        self._untaken: deque[Stretch] = deque()
        self._time_left = _TimeLeft(clock)

    @property
    def is_over(self) -> bool:
        """Whether no more answers will come; samples may still wait to be taken."""
        return self.state not in ("waiting", "running")

    @property
    def has_samples(self) -> bool:
        """Whether samples wait to be taken."""
        return bool(self._untaken)

    @property
    def warnings(self) -> tuple[str, ...]:
        """Return what the artist should know of a job that ended well."""
        return self.result.warnings if self.result else ()

    @property
    def seconds_left(self) -> float | None:
        """Return how long it will still run, smoothed; None while nobody can tell."""
        return self._time_left.seconds() if self.state == "running" else None

    def hear(self, answer: Answer) -> None:
        """Take an answer; those of other jobs, and any after the last, are ignored."""
        if getattr(answer, "job", None) != self.name or self.is_over:
            return
        if isinstance(answer, Queued):
            self.before = answer.before
            self.state = "waiting" if answer.before else "running"
        elif isinstance(answer, Progress):
            self._hear_progress(answer)
        elif isinstance(answer, Samples):
            self.state = "running"
            self.samples += sum(len(stretch.frames) for stretch in answer.tracks)
            self._untaken.extend(stretch for stretch in answer.tracks if stretch.frames)
        elif isinstance(answer, (Checked, Done, Placed)):
            self._end_well(answer)
        elif isinstance(answer, Failed):
            self.state = "cancelled" if answer.reason == "cancelled" else "failed"
            self.sentence, self.reason = answer.sentence, answer.reason

    def take(self, most: int) -> list[Stretch]:
        """Return the next samples in the order they came, at most so many; call again while `has_samples`."""
        taken = []
        while self._untaken and most > 0:
            stretch = self._untaken.popleft()
            if len(stretch.frames) > most:
                self._untaken.appendleft(_slice(stretch, most, None))
                stretch = _slice(stretch, 0, most)
            most -= len(stretch.frames)
            taken.append(stretch)
        return taken

    def status(self) -> str:
        """Return a line for the artist, as "tracking 38 %, 12 s left"."""
        if self.state == "running":
            left = self.seconds_left
            stage = f"{self.stage or 'beginning'} {math.floor(self.fraction * 100)} %"
            return stage if left is None else f"{stage}, {in_words(left)} left"
        if self.state == "waiting":
            return _waiting_for(self.before)
        return {"done": "done", "cancelled": "cancelled"}.get(self.state, self.sentence)

    def _hear_progress(self, progress: Progress) -> None:
        self.state = "running"
        self.stage = progress.stage
        self.fraction = min(1.0, progress.done / progress.total) if progress.total else 0.0
        self._time_left.note(progress.left)

    def _end_well(self, answer: Checked | Done | Placed) -> None:
        self.state, self.fraction = "done", 1.0
        if isinstance(answer, Placed):
            self.points = answer.points
        elif isinstance(answer, Checked):
            self.checked = answer.points
        else:
            self.result = answer


class _TimeLeft:
    """The worker's guesses of when it will be done, drawn together, so that the display runs down rather than jumps."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._end: float | None = None
        self._noted = 0.0

    def note(self, seconds: float | None) -> None:
        if seconds is None:
            return
        now = self._clock()
        if self._end is None:
            self._end = now + seconds
        else:  # the nearer the end, the less a guess weighs that was made long ago
            memory = min(_MOST_SMOOTHING_SECONDS, max(_LEAST_SMOOTHING_SECONDS, seconds / 3))
            self._end += -math.expm1((self._noted - now) / memory) * (now + seconds - self._end)
        self._noted = now

    def seconds(self) -> float | None:
        return None if self._end is None else max(0.0, self._end - self._clock())


def in_words(seconds: float) -> str:
    """Return a time to come as people say it: "12 s", "3 min", "1 h 5 min"; never "0 s"."""
    whole = max(1, math.ceil(seconds))
    if whole < 60:
        return f"{whole} s"
    minutes = math.ceil(whole / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def _waiting_for(before: int | None) -> str:
    if before is None:
        return "waiting for the worker"
    return "waiting for another job" if before == 1 else f"waiting for {before} other jobs"


def _slice(stretch: Stretch, start: int, stop: int | None) -> Stretch:
    part = slice(start, stop)
    return Stretch(
        stretch.name,
        stretch.frames[part],
        stretch.x[part],
        stretch.y[part],
        stretch.visible[part],
        stretch.confidence[part],
    )
