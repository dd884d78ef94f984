# SPDX-License-Identifier: Apache-2.0
"""Tells the host how a running job gets on, often enough for people, seldom enough for programs."""

from __future__ import annotations

import time

import numpy as np
import numpy.typing as npt

from cotrack.tracking.tracks import Tracks
from cotrack.worker.job import Job
from cotrack.worker.outbox import Outbox
from cotrack.worker.stretches import GatheredSamples
from cotrack.worker.time_left import TimeLeft
from cotrack_client.messages import Progress, Samples

_PAUSE_SECONDS = 0.1  # between two messages of a kind


class Report:
    """Watches a job for its host, see `cotrack.pipeline.ShotWatcher`; every method raises NoLongerWanted."""

    def __init__(self, job: Job, outbox: Outbox) -> None:
        self._job, self._outbox = job, outbox
        self._left = TimeLeft()
        self._unsaid: Progress | None = None
        self._gathered = GatheredSamples()
        self.warnings: tuple[str, ...] = ()
        self._progress_at = self._samples_at = -_PAUSE_SECONDS

    def progress(self, stage: str, done: int, total: int) -> None:
        """Say how far the job is."""
        self._left.note(stage, done, total, time.monotonic())
        self._unsaid = Progress(self._job.name, stage, done, total, _rounded(self._left.seconds()))
        self.still_wanted()

    def warn(self, sentence: str) -> None:
        """Keep it for the job's last message."""
        self.warnings += (sentence,)

    def samples(self, tracks: Tracks, final: npt.NDArray[np.bool_]) -> None:
        """Tell samples; those that follow each other closely go together."""
        self._gathered.add(tracks, final)
        self.still_wanted()

    def still_wanted(self) -> None:
        """Say what is due; raise NoLongerWanted once the job is over."""
        self._job.still_wanted()
        now = time.monotonic()
        if self._unsaid is not None and now >= self._progress_at + _PAUSE_SECONDS:
            self._progress_at = now
            self._say_progress()
        if self._gathered.waits and now >= self._samples_at + _PAUSE_SECONDS:
            self._samples_at = now
            self._say_samples()

    def finish(self) -> None:
        """Say what was held back."""
        self._say_samples()
        self._say_progress()

    def _say_progress(self) -> None:
        if self._unsaid is not None:
            self._outbox.say(self._unsaid, self._job)
        self._unsaid = None

    def _say_samples(self) -> None:
        for stretches in self._gathered.take():
            self._outbox.wait_for_room(self._job)
            self._outbox.say(Samples(self._job.name, stretches), self._job)


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 1)
