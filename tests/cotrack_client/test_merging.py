# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cotrack_client.merging import Direction, Span, span_from, writable
from cotrack_client.messages import Stretch

FRAMES = st.integers(-50, 50)


def stretch(*frames: int) -> Stretch:
    count = len(frames)
    ramp = tuple(float(frame) for frame in frames)
    return Stretch("a", frames, ramp, ramp[::-1], (True, False) * (count // 2) + (True,) * (count % 2), (0.5,) * count)


@pytest.mark.parametrize(
    ("here", "keys", "direction", "cleared"),
    [
        (5, {5}, "both", {1, 2, 3, 4, 6, 7, 8, 9}),
        (5, {5}, "forward", {6, 7, 8, 9}),
        (5, {5}, "backward", {1, 2, 3, 4}),
        (5, {5, 8}, "forward", {6, 7}),
        (5, {2, 5, 8}, "both", {3, 4, 6, 7}),
        (5, {2, 5, 8}, "backward", {3, 4}),
        (5, {4, 6}, "both", set()),
        (5, set(), "both", {1, 2, 3, 4, 6, 7, 8, 9}),
        (5, {2, 8}, "forward", {6, 7}),
    ],
)
def test_tracking_anew_reaches_to_the_next_key(here: int, keys: set[int], direction: Direction, cleared: set) -> None:
    span = span_from(here, keys, direction)
    assert {frame for frame in range(1, 10) if frame in span} == cleared


def test_samples_at_keys_and_outside_the_span_are_not_written() -> None:
    left = writable(stretch(1, 2, 3, 4, 5, 6), {2}, Span(here=3, first=None, last=5))
    assert left == Stretch("a", (1, 4, 5), (1.0, 4.0, 5.0), (6.0, 3.0, 2.0), (True, False, True), (0.5,) * 3)


def test_where_no_key_is_everything_is_written() -> None:
    new = stretch(1, 2, 3)
    assert writable(new, ()) is new
    assert writable(new, {1, 2, 3}).frames == ()


@given(FRAMES, st.sets(FRAMES), st.sampled_from(["both", "forward", "backward"]))
def test_keys_are_sacred(here: int, keys: set[int], direction: Direction) -> None:
    span = span_from(here, keys, direction)
    everything = stretch(*range(-60, 61))
    assert keys.isdisjoint(writable(everything, keys, span).frames)
    assert not any(frame in span for frame in keys)
    for frame in writable(everything, (), span).frames:
        assert not any(min(here, frame) < key < max(here, frame) for key in keys)
