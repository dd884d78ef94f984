# SPDX-License-Identifier: Apache-2.0
"""The three pipes of a worker. Nothing here waits, and nothing runs by itself: the host comes by and lets them work.

There are no threads, for hosts forbid them. Blender's own code touches Python while it is not allowed to as soon as any
other thread runs some, and crashes: https://docs.blender.org/api/current/info_gotchas_threading.html
"""

from __future__ import annotations

import subprocess
import time
from collections import deque
from collections.abc import Iterator
from typing import IO

from cotrack_client.launch.lines import Lines
from cotrack_client.launch.nonblocking import never_wait, read_some, write_some

_KEPT_LINES = 50
_KEPT_BYTES = 2000
_MOST_PIECES = 16  # of what it complains of, at a time


class Pipes:
    """Says lines to a process, and hears what it says. A line of stdout of more than `most` bytes is heard as None."""

    def __init__(self, process: subprocess.Popen[bytes], *, most: int) -> None:
        self._stdin = _pipe(process.stdin)
        never_wait(self._stdin.fileno())
        self._stdout = Ear(process.stdout, Lines(most))
        self._stderr = Ear(process.stderr, Lines(_KEPT_BYTES, cut=True))
        self._to_say: deque[memoryview] = deque()
        self._last_lines: deque[bytes] = deque(maxlen=_KEPT_LINES)
        self._is_unheard = False
        self.has_more = False

    @property
    def is_broken(self) -> bool:
        """Whether the process has closed its stdin or its stdout."""
        return self._is_unheard or self._stdout.is_at_end

    @property
    def is_at_end(self) -> bool:
        """Whether nothing will come any more, and all that came has been heard."""
        return self._stdout.is_at_end and self._stderr.is_at_end and not self._stdout.lines

    def say(self, line: bytes) -> None:
        """Send a line, now or as soon as the process has read what was said before; never, once closed."""
        if not self._stdin.closed:
            self._to_say.append(memoryview(line))
            self.speak()

    def speak(self) -> None:
        """Send as much of what waits as the process takes now."""
        while self._to_say:
            try:
                taken = write_some(self._stdin.fileno(), self._to_say[0])
            except OSError:  # the process is gone, or reads no more; whoever watches it will say which
                self._is_unheard = True
                self.close()
                return
            if not taken:
                return
            rest = self._to_say.popleft()[taken:]
            if rest:
                self._to_say.appendleft(rest)

    def hear(self, seconds: float) -> Iterator[bytes | None]:
        """Yield what has come on stdout, line by line without their ends, for about so long; `has_more` is the rest."""
        self.has_more = True
        until = time.perf_counter() + seconds
        while time.perf_counter() < until:
            if self._stdout.lines:
                yield self._stdout.lines.popleft()
            elif not self._stdout.listen():
                self.has_more = False
                return

    def keep_complaints(self) -> None:
        """Take what the process says on stderr."""
        for _ in range(_MOST_PIECES):
            if not self._stderr.listen():
                break
        self._last_lines.extend(line for line in self._stderr.lines if line)
        self._stderr.lines.clear()

    def complaints(self) -> list[str]:
        """Return the last lines of stderr."""
        return [line.decode("utf-8", "replace").rstrip() for line in self._last_lines]

    def close(self) -> None:
        """Close stdin; what has not been sent is dropped."""
        self._to_say.clear()
        self._stdin.close()


class Ear:
    """Listens to a pipe, which it closes at its end. lines: what has come and nobody has taken yet."""

    def __init__(self, stream: IO[bytes] | None, lines: Lines) -> None:
        self._stream = _pipe(stream)
        never_wait(self._stream.fileno())
        self._lines = lines
        self.lines: deque[bytes | None] = deque()
        self.is_at_end = False

    def listen(self) -> bool:
        """Take a piece; whether there was one, or the end."""
        piece = None if self.is_at_end else read_some(self._stream.fileno())
        if piece is None:
            return False
        if piece:
            self.lines.extend(self._lines.feed(piece))
        else:
            self.lines.extend(self._lines.end())
            self.is_at_end = True
            self._stream.close()
        return True


def _pipe(stream: IO[bytes] | None) -> IO[bytes]:
    if stream is None:
        raise ValueError("a process that is talked to is started with pipes")
    return stream
