# SPDX-License-Identifier: Apache-2.0
"""Lines out of pieces, and pipes that nobody waits for."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cotrack_client.launch.lines import Lines
from cotrack_client.launch.nonblocking import never_wait, read_some, write_some
from cotrack_client.launch.pipes import Pipes
from cotrack_client.launch.processes import start_talking
from workers.watching import wait_until

MOST = 4
PIECES = st.lists(st.text("ab\n", max_size=7).map(str.encode))


def told(lines: Lines, pieces: list[bytes]) -> list[bytes | None]:
    return [line for piece in pieces for line in lines.feed(piece)] + list(lines.end())


@given(PIECES)
def test_lines_do_not_depend_on_where_the_pipe_cuts_them(pieces: list[bytes]) -> None:
    *ended, last = b"".join(pieces).split(b"\n")
    whole = [*ended, *([last] if last else [])]
    assert told(Lines(MOST), pieces) == [line if len(line) <= MOST else None for line in whole]
    assert told(Lines(MOST, cut=True), pieces) == [line[:MOST] for line in whole]


def test_the_ends_of_lines_on_windows_are_ends_too() -> None:
    assert told(Lines(99), [b"one\r\ntwo\r", b"\n"]) == [b"one", b"two"]


def test_reading_tells_nothing_yet_from_the_end() -> None:
    reads, writes = os.pipe()
    never_wait(reads)
    assert read_some(reads) is None
    os.write(writes, b"news")
    assert read_some(reads) == b"news"
    os.close(writes)
    assert read_some(reads) == b""
    os.close(reads)


def test_a_full_pipe_takes_nothing_and_a_closed_one_says_so() -> None:
    reads, writes = os.pipe()
    never_wait(writes)
    much = memoryview(bytes(1 << 24))
    taken = 0
    while some := write_some(writes, much[taken:]):
        taken += some
    assert 0 < taken < len(much)
    os.close(reads)
    with pytest.raises(BrokenPipeError):
        write_some(writes, much)
    os.close(writes)


def test_what_is_said_arrives_in_order_however_slowly_it_is_read() -> None:
    program = "import sys, time; time.sleep(0.2); sys.stdout.write(sys.stdin.read())"
    said = [bytes([65 + number]) * 100_000 for number in range(20)]
    with start_talking([sys.executable, "-c", program], os.environ) as process:
        pipes = Pipes(process, most=1 << 20)
        for line in said:
            pipes.say(line + b"\n")
        wait_until(lambda: has_said_all(pipes), "the last word")
        pipes.close()
        heard: list[bytes | None] = []
        wait_until(lambda: heard.extend(pipes.hear(0.01)) or len(heard) == len(said), "an answer")
        assert heard == said
        assert process.wait() == 0


def has_said_all(pipes: Pipes) -> bool:
    pipes.speak()
    return not pipes._to_say


def test_pipes_that_were_not_asked_for_are_refused() -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as process, pytest.raises(ValueError, match="with pipes"):
        Pipes(process, most=1)
