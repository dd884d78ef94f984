# SPDX-License-Identifier: Apache-2.0
"""The jobs that a host has asked for and that have not ended: what is sent, cancelled, answered, and overdue.

Plain bookkeeping; the time, in seconds of a monotonic clock, is told.
"""

from __future__ import annotations

from dataclasses import dataclass

from cotrack_client.errors import CotrackError
from cotrack_client.messages import (
    Answer,
    Cancel,
    Checked,
    Done,
    Failed,
    Job,
    Placed,
    Progress,
    Reason,
    Samples,
    Welcome,
)

CANCEL_SECONDS = 1.0
"""A cancel is answered within this time, by the worker or for it."""

OBEY_SECONDS = 8.0
"""How long jobs wait behind one that was cancelled and goes on; loading a model may take some seconds."""


@dataclass
class _Open:
    request: Job
    sent: bool = False
    cancelled_at: float | None = None


class OpenJobs:
    """What is still owed to the host, in the order in which it was asked for."""

    def __init__(self) -> None:
        self._open: dict[str, _Open] = {}
        self._unheeded: dict[str, float] = {}  # answered for the worker, which has not ended them: cancelled when
        self._moved_on_at = 0.0

    def add(self, request: Job) -> None:
        """Take a job. Raises CotrackError where one of its name has not ended."""
        if request.job in self._open or request.job in self._unheeded:
            raise CotrackError(f"job {request.job!r} has not ended yet; give the new one another name")
        self._open[request.job] = _Open(request)

    def to_send(self) -> list[Job]:
        """Return the jobs that the worker has not been told of, and note them as told."""
        unsent = [job for job in self._open.values() if not job.sent]
        for job in unsent:
            job.sent = True
        return [job.request for job in unsent]

    def cancel(self, name: str, now: float) -> Failed | Cancel | None:
        """Note a cancel; return the host's answer where the worker was never told of the job, else what to tell it.

        None where there is nothing to cancel, or it has been told already.
        """
        job = self._open.get(name)
        if job is None or job.cancelled_at is not None:
            return None
        if not job.sent:
            del self._open[name]
            return _cancelled(name)
        job.cancelled_at = now
        return Cancel(name)

    def is_owed(self, answer: Answer, now: float) -> bool:
        """Note an answer of the worker; tell whether the host still waits for it."""
        if isinstance(answer, Welcome):
            return True
        name = answer.job
        has_ended = isinstance(answer, (Checked, Done, Failed, Placed))
        if has_ended and name is not None:
            self._unheeded.pop(name, None)
        if name is None or name not in self._open:
            return False
        if has_ended:
            del self._open[name]
        if has_ended or isinstance(answer, (Progress, Samples)):
            self._moved_on_at = now
        return True

    def answer_overdue_cancels(self, now: float) -> list[Failed]:
        """Return what is answered in the place of a worker that does not."""
        late = [
            name
            for name, job in self._open.items()
            if job.cancelled_at is not None and now >= job.cancelled_at + CANCEL_SECONDS
        ]
        for name in late:
            self._unheeded[name] = self._open.pop(name).cancelled_at or now
        return [_cancelled(name) for name in late]

    def is_held_up(self, now: float) -> bool:
        """Whether jobs wait behind a cancelled one that the worker does not let go of."""
        return self._waiting() and now >= self._patience_ends()

    def next_deadline(self) -> float | None:
        """Return when to look at the clock again, None if nothing is due."""
        cancels = [job.cancelled_at + CANCEL_SECONDS for job in self._open.values() if job.cancelled_at is not None]
        held_up = [self._patience_ends()] if self._waiting() else []
        return min(cancels + held_up, default=None)

    def begin_anew(self) -> list[Failed]:
        """Note that a new worker takes over; return the answers to what was cancelled meanwhile."""
        cancelled = [name for name, job in self._open.items() if job.cancelled_at is not None]
        for name in cancelled:
            del self._open[name]
        for job in self._open.values():
            job.sent = False
        self._unheeded.clear()
        return [_cancelled(name) for name in cancelled]

    def end_all(self, reason: Reason, sentence: str) -> list[Failed]:
        """Return the answers to all that is open, now that there is no worker; a cancelled job is just that."""
        ended = [
            Failed(name, reason, sentence) if job.cancelled_at is None else _cancelled(name)
            for name, job in self._open.items()
        ]
        self._open.clear()
        self._unheeded.clear()
        return ended

    def _waiting(self) -> bool:
        return bool(self._unheeded) and any(job.cancelled_at is None for job in self._open.values())

    def _patience_ends(self) -> float:
        """A worker that gets on with another job is not held up."""
        return max(min(self._unheeded.values()), self._moved_on_at) + OBEY_SECONDS


def _cancelled(name: str) -> Failed:
    return Failed(name, "cancelled", "cancelled")
