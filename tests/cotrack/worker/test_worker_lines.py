# SPDX-License-Identifier: Apache-2.0
"""Lines come out of a pipe whole, whatever pieces they arrive in, and too long ones take no memory."""

import io
from collections.abc import Iterator

from hypothesis import given
from hypothesis import strategies as st

from cotrack.worker.lines import read_lines

MOST = 20


@given(st.lists(st.binary(max_size=30).map(lambda line: line.replace(b"\n", b"")), max_size=9), st.data())
def test_lines_are_the_same_in_whatever_pieces_they_come(lines: list[bytes], data: st.DataObject) -> None:
    pipe = io.BytesIO(b"".join(line + b"\n" for line in lines) + b"cut off")
    found = list(read_lines(lambda most: pipe.read(data.draw(st.integers(1, most))), MOST))
    assert found == [line if len(line) <= MOST else None for line in lines]


def test_a_line_without_end_is_not_kept() -> None:
    largest = 0

    def endless() -> Iterator[bytes]:
        for _ in range(1000):
            yield b"x" * 65536
        yield b"\nshort\n"

    pieces = endless()
    held: list[bytes | None] = []
    for line in read_lines(lambda _most: next(pieces, b""), MOST):
        held.append(line)
        largest = max(largest, 0 if line is None else len(line))
    assert held == [None, b"short"]
    assert largest <= MOST
