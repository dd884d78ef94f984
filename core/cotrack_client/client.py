# SPDX-License-Identifier: Apache-2.0
"""A worker as its host sees it: started, asked, listened to and ended, without ever making the host wait.

Everything slow happens in threads of the worker's own: one starts the process, looks at the clock and sees it end, the
others serve its pipes. The host calls `poll` from its timer, and whatever goes wrong reaches it there, as the `Failed`
of the jobs concerned.

A cancel that the worker does not answer within a second is answered here. A worker that holds on to a cancelled job
while others wait is ended after `open_jobs.OBEY_SECONDS` and started anew for them; while nobody waits it is left
alone, for its models and features are warm.
"""

from __future__ import annotations

import atexit
import json
import logging
import os
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from typing import Literal

from cotrack_client.launch.ending import (
    why_another_protocol,
    why_cut_off,
    why_ended,
    why_not_started,
    why_refused,
    why_silent,
)
from cotrack_client.launch.environment import child_environment, host_folders
from cotrack_client.launch.pipes import Pipes
from cotrack_client.launch.processes import kill_group, start_talking
from cotrack_client.message_lines import MOST_BYTES, read_answer, to_line
from cotrack_client.messages import PROTOCOL, Answer, Cancel, Failed, Hello, Job, MessageError, Request, Welcome
from cotrack_client.open_jobs import OpenJobs

WELCOME_SECONDS = 60.0
"""A worker that has not said welcome by then never will; importing torch from a busy network takes half of it."""

GRACE_SECONDS = 1.5
"""How long a worker may take to end by itself, once its stdin is closed."""

_GRACE_AT_EXIT_SECONDS = 0.5
_LOOK_SECONDS = 0.5
_LAST_LOOK_SECONDS = 0.02  # between the end of a pipe and that of the process
_DRAIN_SECONDS = 2.0
_LOGGED_NOISE = 10
_log = logging.getLogger(__name__)

State = Literal["starting", "ready", "ended"]


class Worker:
    """A worker process. command: the interpreter and what it runs. environment: additions to the host's cleaned one."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        host: str,
        environment: Mapping[str, str] | None = None,
        welcome_seconds: float = WELCOME_SECONDS,
    ) -> None:
        self._command = tuple(command)
        self._host = host
        self._additions = dict(environment or {})
        self._welcome_seconds = welcome_seconds
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._over = threading.Event()
        self._jobs = OpenJobs()
        self._answers: list[Answer] = []
        self._state: State = "starting"
        self._welcome: Welcome | None = None
        self._trouble: str | None = None
        self._verdict: str | None = None  # why the process is being ended, where that is our doing
        self._pipes: Pipes | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._supervisor: threading.Thread | None = None
        self._noise = 0

    @property
    def state(self) -> State:
        """Starting until the worker said welcome; ended when there is none any more."""
        return self._state

    @property
    def welcome(self) -> Welcome | None:
        """What the worker can do, once it has said so."""
        return self._welcome

    @property
    def trouble(self) -> str | None:
        """Return why the worker ended, in one sentence; None while it has not, or when the host stopped it."""
        return self._trouble

    @property
    def noise(self) -> int:
        """How many lines of the worker were no messages."""
        return self._noise

    def start(self) -> None:
        """Start the process, in a thread; later calls do nothing."""
        with self._lock:
            if self._supervisor is not None or self._state == "ended":
                return
            surroundings = dict(os.environ)  # here, for the host may change them while a thread looks
            self._supervisor = threading.Thread(
                target=self._supervise, args=(surroundings,), name="cotrack worker", daemon=True
            )
        atexit.register(self._end_with_the_host)
        self._supervisor.start()

    def submit(self, request: Job) -> None:
        """Ask for a job; it waits until the worker is ready.

        Raises CotrackError where a job of that name has not ended yet.
        """
        with self._lock:
            self._jobs.add(request)
            if self._state == "ended":
                self._answers += self._jobs.end_all("fault", self._trouble or "the worker has been stopped")
            self._send_what_waits()

    def cancel(self, job: str) -> None:
        """End a job; its `Failed` comes within about a second. A name that is not open is ignored."""
        with self._lock:
            outcome = self._jobs.cancel(job, time.monotonic())
            if isinstance(outcome, Failed):
                self._answers.append(outcome)
            elif outcome is not None:
                self._say(outcome)
        self._wake.set()

    def poll(self) -> list[Answer]:
        """Return what came since the last call, in order; a `Failed` that names no job is only logged."""
        with self._lock:
            answers, self._answers = self._answers, []
        return answers

    def stop(self) -> None:
        """End the worker and all that it started, in the background; later calls do nothing."""
        with self._lock:
            if self._state == "ended":
                return
            self._state = "ended"
            self._answers += self._jobs.end_all("cancelled", "the worker has been stopped")
            if self._pipes is not None:
                self._pipes.close()
        self._wake.set()

    # What follows runs in the supervising thread, or, `_hear`, in the one that reads the worker's stdout.

    def _supervise(self, surroundings: Mapping[str, str]) -> None:
        environment = {**child_environment(surroundings, host_folders(self._command[0])), **self._additions}
        try:
            while self._serve(environment):
                _log.warning("the worker is started anew, for it held on to a cancelled job while others waited")
        finally:
            atexit.unregister(self._end_with_the_host)
            self._over.set()

    def _serve(self, environment: Mapping[str, str]) -> bool:
        """See one process from its start to its end; return whether another is to take over."""
        try:
            process = start_talking(self._command, environment)
        except (OSError, ValueError) as error:  # the latter where a path holds what none may hold
            self._conclude(why_not_started(self._command[0], error))
            return False
        pipes = Pipes(process, most=MOST_BYTES, hear=self._hear, broke=self._wake.set)
        with self._lock:
            self._process, self._pipes = process, pipes
            self._say(Hello(self._host))
            if self._state == "ended":  # stopped before it had begun
                pipes.close()
        is_held_up = self._watch(process, pipes)
        kill_group(process)
        exit_code = process.wait()
        pipes.close()
        pipes.drain(_DRAIN_SECONDS)
        if is_held_up:
            return self._begin_anew()
        log = self._welcome.log if self._welcome else None
        self._conclude(self._verdict or why_ended(self._command[0], exit_code, pipes.complaints(), log))
        return False

    def _watch(self, process: subprocess.Popen[bytes], pipes: Pipes) -> bool:
        """Wait until the process has ended or must be ended; return whether it is because other jobs wait."""
        started = time.monotonic()
        leaving: float | None = None  # since when it should be ending by itself
        while process.poll() is None:
            now = time.monotonic()
            with self._lock:
                self._answers += self._jobs.answer_overdue_cancels(now)
                deadline = self._jobs.next_deadline()
                if self._state != "ended" and self._jobs.is_held_up(now):
                    return True
            if leaving is None and (pipes.is_broken or self._state == "ended"):
                leaving = now
            has_overstayed = leaving is not None and now >= leaving + GRACE_SECONDS
            if self._state == "starting" and now >= started + self._welcome_seconds:
                self._verdict = why_silent(self._welcome_seconds, pipes.complaints(), self._command[0])
            elif has_overstayed:
                self._verdict = why_cut_off(self._welcome.log if self._welcome else None)
            if self._verdict is not None:
                return False
            pause = _LOOK_SECONDS if leaving is None else _LAST_LOOK_SECONDS
            self._wake.wait(pause if deadline is None else min(pause, max(0.0, deadline - now)))
            self._wake.clear()
        return False

    def _begin_anew(self) -> bool:
        with self._lock:
            self._answers += self._jobs.begin_anew()
            self._pipes = None
            if self._state == "ended":
                return False
            self._state = "starting"
            return True

    def _conclude(self, trouble: str) -> None:
        """The process is gone: tell whoever waits for it."""
        with self._lock:
            if self._state == "ended":
                return
            self._state, self._trouble = "ended", trouble
            self._answers += self._jobs.end_all("fault", trouble)
        _log.error("%s", trouble)

    def _hear(self, line: bytes | None) -> None:
        """Take a line of the worker. `None` is one that was too long."""
        try:
            answer = read_answer(line) if line is not None else None
        except MessageError as error:
            self._hear_nonsense(line or b"", error)
            return
        if answer is None:
            self._hear_nonsense(b"", MessageError(f"a line of more than {MOST_BYTES} bytes"))
            return
        with self._lock:
            if isinstance(answer, Welcome):
                self._hear_welcome(answer)
            elif isinstance(answer, Failed) and answer.job is None:
                self._hear_refusal(answer)
            if self._state != "ended" and self._jobs.is_owed(answer, time.monotonic()):
                self._answers.append(answer)

    def _hear_welcome(self, welcome: Welcome) -> None:
        self._welcome = welcome
        if self._state == "starting":
            self._state = "ready"
            self._send_what_waits()

    def _hear_refusal(self, failed: Failed) -> None:
        """Nobody waits for it, but a worker that refuses to be greeted is of another version."""
        _log.warning("the worker: %s", failed.sentence)
        if self._state == "starting":
            self._verdict = why_refused(self._command[0], failed.sentence)
            self._wake.set()

    def _hear_nonsense(self, line: bytes, error: MessageError) -> None:
        """A library that prints is noise; a broken answer to a job ends it, and a welcome in another protocol all."""
        protocol = _protocol_of_welcome(line)
        with self._lock:
            if protocol is not None and protocol != PROTOCOL:
                self._verdict = why_another_protocol(protocol, PROTOCOL, self._command[0])
                self._wake.set()
            elif error.job is not None:
                failed = Failed(error.job, "fault", f"the worker's answer cannot be read: {error}")
                if self._jobs.is_owed(failed, time.monotonic()):
                    self._answers.append(failed)
                    self._say(Cancel(error.job))
            self._noise += 1
        if self._noise <= _LOGGED_NOISE:
            _log.warning("the worker said what is no message (%s): %r", error, line[:200])

    def _send_what_waits(self) -> None:
        if self._state == "ready":
            for request in self._jobs.to_send():
                self._say(request)

    def _say(self, request: Request) -> None:
        if self._pipes is not None:
            self._pipes.say(to_line(request))

    def _end_with_the_host(self) -> None:
        """What the host's own end leaves time for."""
        self.stop()
        if not self._over.wait(_GRACE_AT_EXIT_SECONDS) and self._process is not None:
            kill_group(self._process)


def _protocol_of_welcome(line: bytes) -> int | None:
    """Return the protocol that a welcome names, whatever else is wrong with it."""
    try:
        values = json.loads(line)
    except (ValueError, RecursionError):
        return None
    protocol = values.get("protocol") if isinstance(values, dict) and values.get("type") == "welcome" else None
    return protocol if isinstance(protocol, int) else None
