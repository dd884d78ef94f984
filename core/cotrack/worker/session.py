# SPDX-License-Identifier: Apache-2.0
"""A conversation with a host: every line is answered, jobs are worked on one after the other, a cancel at once.

Whoever reads lines calls `hear`; another thread is in `work`. A `failed` that names a job ends that job; a line at
fault that names a job which goes on is therefore answered without its name.
"""

from __future__ import annotations

import collections
import logging
import threading
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from cotrack.worker.job import Job, NoLongerWanted
from cotrack.worker.outbox import Outbox
from cotrack_client import messages
from cotrack_client.errors import CotrackError
from cotrack_client.message_lines import MOST_BYTES, read_request
from cotrack_client.messages import Answer, Cancel, Failed, FetchJob, Hello, MessageError, Queued

if TYPE_CHECKING:
    from cotrack.worker.bench import Bench

_log = logging.getLogger(__name__)


class Session:
    """What was asked, what is waited for, what is worked on."""

    def __init__(self, outbox: Outbox, log: Path | None) -> None:
        self._outbox, self._log_path = outbox, log
        self._changed = threading.Condition()
        self._is_greeted = False
        self._waiting: collections.deque[Job] = collections.deque()
        self._current: Job | None = None

    def hear(self, line: bytes | None) -> None:
        """Answer a line; None is one that was too long to be kept. Never raises for what is in it."""
        self._outbox.wait_for_room()
        if line is None:
            self._refuse(f"a message has more than {MOST_BYTES} bytes; send less at a time")
            return
        try:
            request = read_request(line)
        except MessageError as error:
            self._refuse(str(error), error.job)
            return
        with self._changed:
            if isinstance(request, Hello):
                self._greet(request)
            elif not self._is_greeted:
                self._refuse("the first message is not hello; say hello first", request.job)
            elif isinstance(request, Cancel):
                self._cancel(request.job)
            else:
                self._accept(request)

    def work(self) -> NoReturn:
        """Welcome the host, then work on its jobs for ever."""
        from cotrack.worker.machine import make_welcome  # noqa: PLC0415  lines are heard before it is loaded

        welcome = make_welcome(self._log_path)
        with self._changed:
            self._changed.wait_for(lambda: self._is_greeted)
            self._outbox.say(welcome)
        while True:
            job = self._next()
            _log.info("%s begins: %s", job.name, _subject(job.request))
            last = self._result(job)
            if isinstance(job.request, FetchJob):
                self._outbox.say(make_welcome(self._log_path))
            if last is None or not self._outbox.end(job, last):
                _log.info("%s was cancelled, and has stopped", job.name)
            else:
                _log.info("%s is over: %s", job.name, last.sentence if isinstance(last, Failed) else "done")

    def _next(self) -> Job:
        with self._changed:
            self._current = None
            self._changed.wait_for(lambda: self._waiting)
            job = self._current = self._waiting.popleft()
            job.before = 0
            self._outbox.say(Queued(job.name, 0), job)
            self._tell_who_waits()
        return job

    def _result(self, job: Job) -> Answer | None:
        """The last message of the job; None when nobody wants it any more."""
        try:
            return self._bench.do(job, self._outbox)
        except NoLongerWanted:
            return None
        except CotrackError as error:
            return Failed(job.name, "input", str(error))
        except Exception as error:  # noqa: BLE001  the edge of a job: whatever it is, the worker goes on
            _log.exception("%s failed", job.name)
            where = "" if self._log_path is None else f", with the log {self._log_path}"
            sentence = f"cotrack itself failed ({type(error).__name__}), not your shot; please report it{where}"
            return Failed(job.name, "fault", sentence)

    @cached_property
    def _bench(self) -> Bench:
        from cotrack.worker.bench import Bench  # noqa: PLC0415  it loads all there is, while lines are heard
        from cotrack.worker.machine import warm_bytes  # noqa: PLC0415

        return Bench(warm_bytes())

    def _greet(self, hello: Hello) -> None:
        if self._is_greeted:
            self._refuse("hello was said before; say it once")
            return
        _log.info("hello from %s", hello.host)
        self._is_greeted = True
        self._changed.notify_all()

    def _accept(self, request: messages.Job) -> None:
        if self._named(request.job) is not None:
            self._refuse(f"a job named {request.job!r} waits or runs already; choose another name", request.job)
            return
        self._waiting.append(Job(request))
        self._tell_who_waits()
        self._changed.notify_all()

    def _cancel(self, name: str) -> None:
        job = self._named(name)
        last = Failed(name, "cancelled", "the job was cancelled")
        if job is None or not self._outbox.end(job, last, drop_unsaid=True):
            self._refuse(f"no job named {name!r} waits or runs; it is over, or never was")
            return
        if job in self._waiting:
            self._waiting.remove(job)
            self._tell_who_waits()

    def _named(self, name: str) -> Job | None:
        there = list(self._waiting) if self._current is None else [self._current, *self._waiting]
        return next((job for job in there if job.name == name and not job.is_over), None)

    def _tell_who_waits(self) -> None:
        """Tell every job that waits behind another one how many there are, where that has changed."""
        if self._current is None:
            return
        for before, job in enumerate(self._waiting, start=1):
            if job.before != before:
                job.before = before
                self._outbox.say(Queued(job.name, before), job)

    def _refuse(self, sentence: str, job: str | None = None) -> None:
        """Say what is wrong with a line."""
        _log.warning("refused: %s", sentence)
        with self._changed:
            is_begun = job is not None and self._named(job) is not None
            self._outbox.say(Failed(None if is_begun else job, "message", sentence))


def _subject(request: messages.Job) -> str:
    """What a job is about, for the log."""
    return request.model if isinstance(request, FetchJob) else str(request.shot)
