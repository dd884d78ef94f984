# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from pathlib import Path

import pytest

from cotrack_client.log_tail import LogTail


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "worker.log"


def append(log: Path, text: str) -> None:
    with log.open("ab") as file:
        file.write(text.encode())


def test_lines_come_once_and_whole(log: Path) -> None:
    tail = LogTail(log)
    append(log, "one\ntw")
    assert tail.new_lines() == ["one"]
    assert tail.new_lines() == []
    append(log, "o\nthree\n")
    assert tail.new_lines() == ["two", "three"]


def test_a_log_that_is_not_there_yet_is_empty(log: Path) -> None:
    tail = LogTail(log)
    assert tail.new_lines() == []
    append(log, "begins\n")
    assert tail.new_lines() == ["begins"]


def test_a_log_that_is_rotated_is_read_from_its_beginning(log: Path) -> None:
    append(log, "old\n")
    tail = LogTail(log)
    assert tail.new_lines() == ["old"]
    log.rename(log.with_suffix(".1"))
    assert tail.new_lines() == []
    append(log, "new, and longer\n")
    assert tail.new_lines() == ["new, and longer"]


def test_a_log_that_is_cut_is_read_from_its_beginning(log: Path) -> None:
    append(log, "a long line\n")
    tail = LogTail(log)
    tail.new_lines()
    log.write_bytes(b"short\n")
    assert tail.new_lines() == ["short"]


def test_of_a_long_log_the_end_is_read(log: Path) -> None:
    append(log, "".join(f"line {number}\n" for number in range(100_000)))
    lines = LogTail(log).new_lines()
    assert lines[-1] == "line 99999"
    assert 10_000 < len(lines) < 20_000
    assert lines == [f"line {number}" for number in range(100_000 - len(lines), 100_000)]


def test_bytes_that_are_no_text_are_shown_as_such(log: Path) -> None:
    log.write_bytes(b"caf\xe9\n")
    assert LogTail(log).new_lines() == ["caf\ufffd"]
