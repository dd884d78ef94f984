# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cotrack_client.job import JobLife, in_words
from cotrack_client.messages import (
    Answer,
    Checked,
    CheckedPoint,
    Done,
    Failed,
    Placed,
    Progress,
    Queued,
    Samples,
    Stretch,
    Welcome,
)


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def stretch(name: str, *frames: int) -> Stretch:
    count = len(frames)
    ramp = tuple(float(frame) for frame in frames)
    return Stretch(name, frames, ramp, ramp, (True,) * count, (1.0,) * count)


@pytest.mark.parametrize(
    ("answers", "state", "status"),
    [
        ([], "waiting", "waiting for the worker"),
        ([Queued("a", 2)], "waiting", "waiting for 2 other jobs"),
        ([Queued("a", 2), Queued("a", 1)], "waiting", "waiting for another job"),
        ([Queued("a", 0)], "running", "beginning 0 %"),
        ([Progress("a", "tracking", 37, 96)], "running", "tracking 38 %"),
        ([Progress("a", "tracking", 37, 96, 11.4)], "running", "tracking 38 %, 12 s left"),
        ([Progress("a", "looking", 0, 0)], "running", "looking 0 %"),
        ([Samples("a", ())], "running", "beginning 0 %"),
        ([Done("a", warnings=("dark",))], "done", "done"),
        ([Placed("a", ((1.0, 2.0),))], "done", "done"),
        ([Checked("a", (CheckedPoint("nose", 1),))], "done", "done"),
        ([Failed("a", "input", "no such file; check the path")], "failed", "no such file; check the path"),
        ([Failed("a", "fault", "it crashed")], "failed", "it crashed"),
        ([Failed("a", "cancelled", "cancelled")], "cancelled", "cancelled"),
        ([Done("a"), Failed("a", "fault", "late")], "done", "done"),
        ([Queued("b", 0), Done("b"), Failed(None, "message", "what?"), Welcome({}, (), (), "")], "waiting", None),
    ],
)
def test_the_answers_of_a_job_tell_its_life(answers: list[Answer], state: str, status: str | None) -> None:
    life = JobLife("a")
    for answer in answers:
        life.hear(answer)
    assert life.state == state
    assert life.status() == (status or "waiting for the worker")
    assert life.is_over is (state in {"done", "failed", "cancelled"})


def test_what_a_job_brought_is_kept() -> None:
    tracked, placed = JobLife("a"), JobLife("b")
    tracked.hear(Done("a", warnings=("the plate is dark",)))
    placed.hear(Placed("b", ((1.0, 2.0),)))
    assert tracked.warnings == ("the plate is dark",)
    assert tracked.result == Done("a", warnings=("the plate is dark",))
    assert (tracked.fraction, placed.fraction) == (1.0, 1.0)
    assert placed.points == ((1.0, 2.0),)
    checked = JobLife("c")
    checked.hear(Checked("c", (CheckedPoint("nose", 1001, 0.04),)))
    assert checked.checked == (CheckedPoint("nose", 1001, 0.04),)
    assert placed.warnings == ()


def test_the_time_left_runs_down_by_itself() -> None:
    clock = Clock()
    life = JobLife("a", clock=clock)
    life.hear(Progress("a", "tracking", 1, 10, 20.0))
    clock.now += 5
    assert life.seconds_left == 15.0
    clock.now += 50
    assert life.seconds_left == 0.0
    life.hear(Done("a"))
    assert life.seconds_left is None


def test_a_guess_that_jumps_moves_the_time_left_only_a_little() -> None:
    clock = Clock()
    life = JobLife("a", clock=clock)
    life.hear(Progress("a", "tracking", 1, 10, 20.0))
    clock.now += 0.1
    life.hear(Progress("a", "tracking", 2, 10, 40.0))
    assert life.seconds_left == pytest.approx(20.4, abs=0.1)


@given(st.lists(st.floats(0.05, 3), min_size=80, max_size=80))
def test_guesses_that_stay_right_are_shown_at_last(pauses: list[float]) -> None:
    clock = Clock()
    life = JobLife("a", clock=clock)
    life.hear(Progress("a", "tracking", 0, 10, 500.0))
    end = clock.now + 300.0
    for pause in pauses:
        clock.now += pause
        life.hear(Progress("a", "tracking", 0, 10, end - clock.now))
    if sum(pauses) > 40:
        assert life.seconds_left == pytest.approx(end - clock.now, abs=1.0)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "1 s"),
        (0.2, "1 s"),
        (11.4, "12 s"),
        (59, "59 s"),
        (59.5, "1 min"),
        (61, "2 min"),
        (3541, "1 h 0 min"),
        (3900, "1 h 5 min"),
    ],
)
def test_times_are_said_as_people_say_them(seconds: float, words: str) -> None:
    assert in_words(seconds) == words


def test_samples_are_handed_out_in_slices() -> None:
    life = JobLife("a")
    life.hear(Samples("a", (stretch("x", 1, 2, 3), stretch("empty"), stretch("y", 5))))
    assert life.samples == 4
    assert life.take(2) == [stretch("x", 1, 2)]
    assert life.take(2) == [stretch("x", 3), stretch("y", 5)]
    assert not life.has_samples
    assert life.take(2) == []


def test_samples_can_be_taken_when_the_job_is_over() -> None:
    life = JobLife("a")
    life.hear(Samples("a", (stretch("x", 1, 2),)))
    life.hear(Failed("a", "fault", "it crashed"))
    assert life.is_over
    assert life.take(10) == [stretch("x", 1, 2)]


@given(st.lists(st.lists(st.integers(1, 30), min_size=0, max_size=4)), st.integers(1, 25))
def test_slices_lose_nothing_and_hold_no_more_than_asked_for(messages: list[list[int]], most: int) -> None:
    life, sent = JobLife("a"), []
    for number, lengths in enumerate(messages):
        tracks = tuple(stretch(f"{number}-{index}", *range(length)) for index, length in enumerate(lengths))
        sent += [(track.name, frame) for track in tracks for frame in track.frames]
        life.hear(Samples("a", tracks))
    got = []
    while life.has_samples:
        slices = life.take(most)
        assert 0 < sum(len(part.frames) for part in slices) <= most
        got += [(part.name, frame) for part in slices for frame in part.frames]
        assert all(part.x == part.frames for part in slices)
    assert got == sent
    assert life.samples == len(sent)
