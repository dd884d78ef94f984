# SPDX-License-Identifier: Apache-2.0
"""A worker as its host sees it: started, asked, listened to and ended, without ever making the host wait.

Nothing runs by itself. The host comes by, many times a second while something is under way, and calls `poll`, or `look`
where answers can wait: only then are messages sent and heard, is the clock looked at, and is the process seen to end.
Whatever goes wrong is told as the `Failed` of the jobs concerned. Everything is called from one thread, and there is no
other: hosts crash where Python threads run beside them (see `launch/pipes.py`).

A cancel that the worker does not answer within a second is answered here. A worker that holds on to a cancelled job
while others wait is ended after `open_jobs.OBEY_SECONDS` and started anew for them; while nobody waits it is left
alone, for its models and features are warm.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import logging
import os
import subprocess
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
_LOOK_AT_EXIT_SECONDS = 0.02
_HEAR_SECONDS = 0.01  # of a look, so that a flood of messages does not hold up the host
_DRAIN_SECONDS = 2.0  # for what an ended process had said; whom it started may keep its pipes open
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
        self._jobs = OpenJobs()
        self._answers: list[Answer] = []
        self._state: State = "starting"
        self._welcome: Welcome | None = None
        self._trouble: str | None = None
        self._noise = 0
        self._process: subprocess.Popen[bytes] | None = None
        self._pipes: Pipes | None = None
        self._started = 0.0
        self._leaving: float | None = None  # since when it should be ending by itself
        self._gone: float | None = None  # since when the process is known to have ended
        self._verdict: str | None = None  # why it is being ended, where that is our doing
        self._is_held_up = False  # it is being ended because other jobs wait

    @property
    def state(self) -> State:
        """Starting until the worker said welcome; ended when there is none any more. As of the last look."""
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

    @property
    def has_process(self) -> bool:
        """Whether there is still a process to look after; after `stop` go on looking until there is not."""
        return self._process is not None

    def start(self) -> None:
        """Start the process; later calls do nothing."""
        if self._process is None and self._state == "starting":
            atexit.register(self.end_now)
            self._launch()

    def submit(self, request: Job) -> None:
        """Ask for a job; it waits until the worker is ready.

        Raises CotrackError where a job of that name has not ended yet.
        """
        self._jobs.add(request)
        if self._state == "ended":
            self._answers += self._jobs.end_all("fault", self._trouble or "the worker has been stopped")
        self._send_what_waits()

    def cancel(self, job: str) -> None:
        """End a job; its `Failed` comes within about a second. A name that is not open is ignored."""
        outcome = self._jobs.cancel(job, time.monotonic())
        if isinstance(outcome, Failed):
            self._answers.append(outcome)
        elif outcome is not None:
            self._say(outcome)

    def poll(self) -> list[Answer]:
        """Return what came since the last call, in order; a `Failed` that names no job is only logged."""
        self.look()
        answers, self._answers = self._answers, []
        return answers

    def look(self) -> State:
        """Send, hear, and see to the process, for a few milliseconds at most; return the state it is in now."""
        if self._process is not None and self._pipes is not None:
            self._pipes.speak()
            self._pipes.keep_complaints()
            for line in self._pipes.hear(_HEAR_SECONDS):
                self._hear(line)
            now = time.monotonic()
            self._answers += self._jobs.answer_overdue_cancels(now)
            if self._process.poll() is not None:
                self._see_it_gone(self._process, self._pipes, now)
            elif not self._pipes.has_more and self._must_end(self._pipes, now):
                kill_group(self._process)
        return self._state

    def stop(self) -> None:
        """Ask the worker to end; its open jobs end at once. Later calls do nothing."""
        if self._state == "ended":
            return
        self._state = "ended"
        self._answers += self._jobs.end_all("cancelled", "the worker has been stopped")
        if self._pipes is not None:
            self._pipes.close()
        self.look()

    def end_now(self) -> None:
        """Stop the worker and wait for its end, half a second at most; then it is killed, with all that it started."""
        self.stop()
        until = time.monotonic() + _GRACE_AT_EXIT_SECONDS
        while self._process is not None and time.monotonic() < until:
            self.look()
            time.sleep(_LOOK_AT_EXIT_SECONDS)
        if self._process is not None:
            kill_group(self._process)
            with contextlib.suppress(subprocess.TimeoutExpired):  # a dead disk may hold it; nothing more can be done
                self._process.wait(_GRACE_AT_EXIT_SECONDS)

    def _launch(self) -> None:
        environment = {**child_environment(os.environ, host_folders(self._command[0])), **self._additions}
        try:
            self._process = start_talking(self._command, environment)
        except (OSError, ValueError) as error:  # the latter where a path holds what none may hold
            self._conclude(why_not_started(self._command[0], error))
            return
        self._pipes = Pipes(self._process, most=MOST_BYTES)
        self._started = time.monotonic()
        self._leaving = self._gone = self._verdict = None
        self._is_held_up = False
        self._say(Hello(self._host))

    def _must_end(self, pipes: Pipes, now: float) -> bool:
        """Whether a process has had its time; asked only when all that it said has been heard."""
        if self._leaving is None and (pipes.is_broken or self._state == "ended"):
            self._leaving = now
        if self._state != "ended" and self._jobs.is_held_up(now):
            self._is_held_up = True
        elif self._verdict is not None:
            pass
        elif self._state == "starting" and now >= self._started + self._welcome_seconds:
            self._verdict = why_silent(self._welcome_seconds, pipes.complaints(), self._command[0])
        elif self._leaving is not None and now >= self._leaving + GRACE_SECONDS:
            self._verdict = why_cut_off(self._welcome.log if self._welcome else None)
        return self._is_held_up or self._verdict is not None

    def _see_it_gone(self, process: subprocess.Popen[bytes], pipes: Pipes, now: float) -> None:
        """The process has ended: end what it started, and hear it out before anything is concluded."""
        if self._gone is None:
            self._gone = now
            kill_group(process)
        if not pipes.is_at_end and now < self._gone + _DRAIN_SECONDS:
            return
        pipes.close()
        self._process = self._pipes = None
        if self._is_held_up and self._state != "ended":
            _log.warning("the worker is started anew, for it held on to a cancelled job while others waited")
            self._answers += self._jobs.begin_anew()
            self._state = "starting"
            self._launch()
            return
        log = self._welcome.log if self._welcome else None
        self._conclude(self._verdict or why_ended(self._command[0], process.returncode, pipes.complaints(), log))

    def _conclude(self, trouble: str) -> None:
        """There is no process any more: tell whoever waits for it."""
        atexit.unregister(self.end_now)
        if self._state != "ended":
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

    def _hear_nonsense(self, line: bytes, error: MessageError) -> None:
        """A library that prints is noise; a broken answer to a job ends it, and a welcome in another protocol all."""
        protocol = _protocol_of_welcome(line)
        if protocol is not None and protocol != PROTOCOL:
            self._verdict = why_another_protocol(protocol, PROTOCOL, self._command[0])
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


def _protocol_of_welcome(line: bytes) -> int | None:
    """Return the protocol that a welcome names, whatever else is wrong with it."""
    try:
        values = json.loads(line)
    except (ValueError, RecursionError):
        return None
    protocol = values.get("protocol") if isinstance(values, dict) and values.get("type") == "welcome" else None
    return protocol if isinstance(protocol, int) else None
