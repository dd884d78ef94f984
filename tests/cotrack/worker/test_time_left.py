# SPDX-License-Identifier: Apache-2.0
"""What is said to be left is what the stages' pace so far says, and nothing before anybody can tell."""

import pytest

from cotrack.worker.time_left import TimeLeft


def test_nothing_is_claimed_before_tracking_has_begun() -> None:
    left = TimeLeft()
    for frame in range(1, 61):
        left.note("looking", frame, 120, now=float(frame))
        assert left.seconds() is None


def test_one_stage_at_a_steady_pace_is_known_exactly() -> None:
    left = TimeLeft()
    for frame in range(1, 41):
        left.note("tracking", frame, 100, now=100 + 2.0 * frame)
    assert left.seconds() == pytest.approx(2.0 * 60)


def test_stages_that_take_turns_are_timed_apart() -> None:
    left, now = TimeLeft(), 0.0
    for window in range(2):  # of four, each of 25 frames
        for frame in range(25 * window + 1, 25 * window + 26):
            now += 0.1
            left.note("looking", frame, 100, now)
        for frame in range(25 * window + 1, 25 * window + 26):
            now += 0.4
            left.note("tracking", frame, 100, now)
    assert left.seconds() == pytest.approx(50 * 0.1 + 50 * 0.4)


def test_a_start_in_the_middle_is_not_taken_for_speed() -> None:
    left = TimeLeft()
    left.note("tracking", 50, 100, now=0.0)
    assert left.seconds() is None
    left.note("tracking", 60, 100, now=10.0)
    assert left.seconds() == pytest.approx(40.0)


def test_a_slow_start_is_forgotten() -> None:
    left, now = TimeLeft(), 0.0
    for frame in range(1, 101):
        now += 5.0 if frame == 2 else 0.1
        left.note("tracking", frame, 200, now)
        if frame <= 10:
            assert left.seconds() is None
    assert left.seconds() == pytest.approx(100 * 0.1, rel=0.25)


def test_at_the_end_nothing_is_left() -> None:
    left = TimeLeft()
    for frame in (1, 5, 10):
        left.note("tracking", frame, 10, now=float(frame))
    assert left.seconds() == 0.0
