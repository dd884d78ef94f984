# SPDX-License-Identifier: Apache-2.0
"""The three pipes of a worker, each served by a thread of its own, so that neither side ever waits for a host."""

from __future__ import annotations

import io
import queue
import signal
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Iterator
from typing import IO, Callable, cast

_KEPT_LINES = 50
_KEPT_BYTES = 2000
_BUFFER_BYTES = 1 << 16


class Pipes:
    """Says lines to a process, and hears what it says.

    hear:  gets every line of stdout without its end, in a thread of its own; None for one of more than `most` bytes.
    broke: is called, in a thread, when a pipe has been closed at the other end; `is_broken` says so too.
    """

    def __init__(
        self,
        process: subprocess.Popen[bytes],
        *,
        most: int,
        hear: Callable[[bytes | None], None],
        broke: Callable[[], None],
    ) -> None:
        self._stdin, self._stdout, self._stderr = map(_pipe, (process.stdin, process.stdout, process.stderr))
        self._most, self._hear, self._broke = most, hear, broke
        self._to_say: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._is_closing = False
        self._last_lines: deque[bytes] = deque(maxlen=_KEPT_LINES)
        self.is_broken = self._is_deaf = False
        self._listeners = [_thread(self._listen, "cotrack hears"), _thread(self._keep_complaints, "cotrack stderr")]
        _thread(self._speak, "cotrack says")

    def say(self, line: bytes) -> None:
        """Send a line when the process reads it; never wait for that."""
        self._to_say.put(line)

    def close(self) -> None:
        """Close stdin after the line that is being written; what waits behind it is dropped."""
        self._is_closing = True
        self._to_say.put(None)

    def drain(self, seconds: float) -> None:
        """Wait until all that an ended process said has been heard; what comes later is not."""
        for listener in self._listeners:
            listener.join(seconds)
        self._is_deaf = True

    def complaints(self) -> list[str]:
        """Return the last lines of stderr."""
        return [line.decode("utf-8", "replace").rstrip() for line in tuple(self._last_lines)]

    def _speak(self) -> None:
        _do_not_die_of_a_broken_pipe()
        try:
            while True:
                line = self._to_say.get()
                if line is None or self._is_closing:
                    return
                _write_whole(self._stdin, line)
        except OSError:  # the process is gone, or reads no more; whoever watches it will say which
            self._break()
        finally:
            self._stdin.close()

    def _listen(self) -> None:
        with self._stdout:
            for line in _lines(self._stdout, self._most):
                if not self._is_deaf:
                    self._hear(line)
        self._break()

    def _break(self) -> None:
        self.is_broken = True
        self._broke()

    def _keep_complaints(self) -> None:
        with self._stderr:
            for line in _lines(self._stderr, _KEPT_BYTES, cut=True):
                if line:
                    self._last_lines.append(line)


def _pipe(stream: IO[bytes] | None) -> IO[bytes]:
    if stream is None:
        raise ValueError("a process that is talked to is started with three pipes")
    return stream


def _lines(stream: IO[bytes], most: int, *, cut: bool = False) -> Iterator[bytes | None]:
    """Yield line by line; of a longer one its beginning where it may be `cut`, else None. Memory stays below `most`."""
    reader = io.BufferedReader(cast("io.RawIOBase", stream), _BUFFER_BYTES)
    try:
        while True:
            line = reader.readline(most + 1)
            if not line:
                return
            is_long = not line.endswith(b"\n") and len(line) > most
            rest = line
            while is_long and rest and not rest.endswith(b"\n"):
                rest = reader.readline(_BUFFER_BYTES)
            yield None if is_long and not cut else line.rstrip(b"\r\n")
    finally:
        reader.detach()


def _write_whole(stream: IO[bytes], line: bytes) -> None:
    rest = memoryview(line)
    while rest:
        rest = rest[stream.write(rest) :]


def _do_not_die_of_a_broken_pipe() -> None:
    """Let this thread get an error where it would get SIGPIPE: a host that embeds Python may not ignore that signal."""
    if sys.platform != "win32":
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGPIPE})


def _thread(work: Callable[[], None], name: str) -> threading.Thread:
    thread = threading.Thread(target=work, name=name, daemon=True)
    thread.start()
    return thread
