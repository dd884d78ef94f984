# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cotrack_client.errors import CotrackError
from cotrack_client.frames import FrameRange

frame_numbers = st.integers(-100_000, 10_000_000)
ranges = st.tuples(frame_numbers, st.integers(0, 1_000)).map(lambda pair: FrameRange(pair[0], pair[0] + pair[1]))


@given(ranges)
def test_a_range_reads_as_it_is_written(frames: tuple[int, ...]) -> None:
    assert FrameRange.parse(str(frames)) == frames


@given(ranges)
def test_numbers_are_every_frame_once_and_in_order(frames: tuple[int, ...]) -> None:
    numbers = list(frames.numbers())
    assert numbers == sorted(set(numbers))
    assert (numbers[0], numbers[-1], len(numbers)) == (frames.first, frames.last, len(frames))


@given(ranges, frame_numbers)
def test_a_frame_is_in_the_range_when_it_is_among_its_numbers(frames: tuple[int, ...], frame: int) -> None:
    assert (frame in frames) == (frame in frames.numbers())


@given(frame_numbers)
def test_one_number_is_a_range_of_one_frame(frame: int) -> None:
    assert FrameRange.parse(str(frame)) == FrameRange(frame, frame)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [("1001-1100", 1001, 1100), (" 1001 - 1100 ", 1001, 1100), ("-10-20", -10, 20), ("-10--5", -10, -5), ("7", 7, 7)],
)
def test_the_forms_of_a_range(text: str, first: int, last: int) -> None:
    assert FrameRange.parse(text) == FrameRange(first, last)


@pytest.mark.parametrize("text", ["", "-", "1001-", "a-b", "1001-1100-1200", "10.5", "1001,1100", "9" * 5000])
def test_what_is_no_range_is_refused_by_name(text: str) -> None:
    with pytest.raises(CotrackError, match="is not a frame range; write it as 1001-1100"):
        FrameRange.parse(text)


def test_a_range_that_ends_before_it_starts_is_refused() -> None:
    with pytest.raises(CotrackError, match="1100-1001 ends before it starts; swap"):
        FrameRange.parse("1100-1001")
