# SPDX-License-Identifier: Apache-2.0
"""A real worker process, and what it said, for tests."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil

from cotrack_client.message_lines import read_answer, to_line
from cotrack_client.messages import Answer, Done, Failed, Hello, Placed, Request

LAST = (Done, Failed, Placed)
PATIENCE_SECONDS = 120


class Worker:
    """Started as a host would; its log goes to a folder of the test."""

    def __init__(self, folder: Path, program: Sequence[str] = ("-m", "cotrack.worker"), **variables: str) -> None:
        environment = {**os.environ, "XDG_STATE_HOME": str(folder), "TMPDIR": str(folder), **variables}
        self.stderr = folder / "stderr.txt"
        with self.stderr.open("wb") as stderr:
            self.process = subprocess.Popen(
                [sys.executable, *program],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=stderr,
                env=environment,
                bufsize=0,
            )
        self.heard: list[Answer] = []
        self._arrived = threading.Condition()
        self._ear = threading.Thread(target=self._hear, daemon=True)
        self._ear.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.process.kill()
        self.process.wait()
        self._ear.join()
        self.process.stdin.close()
        self.process.stdout.close()

    def say(self, *messages: Request) -> None:
        for message in messages:
            self.write(to_line(message))

    def write(self, line: bytes) -> None:
        left = memoryview(line)
        while left:
            left = left[self.process.stdin.write(left) :]

    def greet(self) -> None:
        """Say hello, and wait for the welcome."""
        self.say(Hello("test"))
        self.wait(bool)

    def wait(self, enough: Callable[[list[Answer]], bool]) -> None:
        with self._arrived:
            assert self._arrived.wait_for(lambda: enough(self.heard), PATIENCE_SECONDS), self.heard

    def end_of(self, job: str, since: int = 0) -> Answer:
        """The last message of a job."""

        def ends(heard: Sequence[Answer]) -> list[Answer]:
            return [answer for answer in heard[since:] if isinstance(answer, LAST) and answer.job == job]

        self.wait(lambda heard: bool(ends(heard)))
        return ends(self.heard)[0]

    def threads_and_files(self) -> tuple[int, int]:
        there = psutil.Process(self.process.pid)
        return there.num_threads(), there.num_fds()

    def _hear(self) -> None:
        for line in self.process.stdout:
            with self._arrived:
                self.heard.append(read_answer(line))
                self._arrived.notify_all()
