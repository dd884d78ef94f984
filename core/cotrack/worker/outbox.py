# SPDX-License-Identifier: Apache-2.0
"""What the worker says, line by line in one thread of its own, so that a host that is slow to read stops nobody else.

The outbox knows which jobs are over, and says nothing of them afterwards.
"""

from __future__ import annotations

import collections
import logging
import threading
from collections.abc import Callable

from cotrack.worker.job import Job
from cotrack_client.message_lines import to_line
from cotrack_client.messages import Answer

MOST_WAITING_BYTES = 4 << 20
"""With more than this unread, work waits for the host to read."""

_log = logging.getLogger(__name__)


class Outbox:
    """Lines on their way to the host."""

    def __init__(self, write: Callable[[bytes], None], gone: Callable[[], None]) -> None:
        """write: writes all of a line, raises OSError when nobody reads any more; then `gone` is called, once."""
        self._write, self._gone = write, gone
        self._changed = threading.Condition()
        self._waiting: collections.deque[tuple[Job | None, bytes]] = collections.deque()
        self._waiting_bytes = 0
        self._is_writing = False

    def start(self) -> None:
        """Begin to write."""
        threading.Thread(target=self._run, name="outbox", daemon=True).start()

    def say(self, answer: Answer, job: Job | None = None) -> None:
        """Say it after all that was said before. Raises NoLongerWanted when it is of a job that is over."""
        line = to_line(answer)
        with self._changed:
            if job is not None:
                job.still_wanted()
            self._put(job, line)

    def end(self, job: Job, answer: Answer, *, drop_unsaid: bool = False) -> bool:
        """Say the last of a job; False when that has been said already.

        drop_unsaid: what was said of the job but not written yet is not needed any more.
        """
        line = to_line(answer)
        with self._changed:
            if job.is_over:
                return False
            if drop_unsaid:
                self._drop(job)
            self._put(job, line)
            job.is_over = True
        return True

    def wait_for_room(self, job: Job | None = None) -> None:
        """Wait until the host has read most of what was said. Raises NoLongerWanted when the job ends meanwhile.

        What is of no job waits only for a host that has left twice as much unread, so that a cancel is heard of one
        that has stopped reading while samples come.
        """
        most = MOST_WAITING_BYTES if job is not None else 2 * MOST_WAITING_BYTES
        with self._changed:
            self._changed.wait_for(lambda: self._waiting_bytes <= most or (job is not None and job.is_over))
        if job is not None:
            job.still_wanted()

    def wait_until_written(self, timeout_seconds: float) -> bool:
        """Whether all that was said has been written, given that time."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._waiting and not self._is_writing, timeout_seconds)

    def _put(self, job: Job | None, line: bytes) -> None:
        self._waiting.append((job, line))
        self._waiting_bytes += len(line)
        self._changed.notify_all()

    def _drop(self, job: Job) -> None:
        kept = [(owner, line) for owner, line in self._waiting if owner is not job]
        self._waiting = collections.deque(kept)
        self._waiting_bytes = sum(len(line) for _, line in kept)

    def _run(self) -> None:
        while True:
            line = self._next()
            try:
                self._write(line)
            except OSError as error:
                _log.warning("nobody reads the answers any more (%s)", error)
                self._gone()
                return

    def _next(self) -> bytes:
        with self._changed:
            self._is_writing = False
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._waiting)
            _, line = self._waiting.popleft()
            self._waiting_bytes -= len(line)
            self._is_writing = True
            self._changed.notify_all()
        return line
