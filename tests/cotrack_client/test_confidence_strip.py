# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cotrack_client.confidence_strip import GAP, LEVELS, UNTRACKED, Run, frame_at, left_of, ruler, runs
from cotrack_client.frames import FrameRange
from cotrack_client.tracks import Track

SHOT = FrameRange(1001, 1008)


def track(frames: tuple[int, ...], visible: tuple[bool, ...], confidence: tuple[float, ...]) -> Track:
    zeros = (0.0,) * len(frames)
    return Track("nose", (), frames, zeros, zeros, visible, confidence)


NOSE = track((1001, 1002, 1003, 1004, 1006), (True, True, True, False, True), (1.0, 1.0, 0.5, 0.5, 0.0))


def test_a_strip_as_wide_as_the_shot_is_long_has_a_column_per_frame() -> None:
    assert runs(NOSE, SHOT, 8) == [
        Run(0, 2, LEVELS),
        Run(2, 3, LEVELS // 2),
        Run(3, 4, GAP),
        Run(4, 5, UNTRACKED),
        Run(5, 6, 0),
        Run(6, 8, UNTRACKED),
    ]


def test_in_a_wide_strip_a_frame_has_many_columns() -> None:
    wide = runs(NOSE, SHOT, 80)
    assert [(run.start // 10, run.stop // 10, run.level) for run in wide] == [
        (run.start, run.stop, run.level) for run in runs(NOSE, SHOT, 8)
    ]


def test_in_a_narrow_strip_the_worst_frame_of_a_column_is_seen() -> None:
    assert runs(NOSE, SHOT, 2) == [Run(0, 1, GAP), Run(1, 2, 0)]
    long = track(tuple(range(1, 1001)), tuple(frame != 777 for frame in range(1, 1001)), (1.0,) * 1000)
    assert runs(long, FrameRange(1, 1000), 50) == [Run(0, 38, LEVELS), Run(38, 39, GAP), Run(39, 50, LEVELS)]


def test_samples_outside_the_shot_are_not_drawn() -> None:
    assert runs(track((999, 1009), (True, True), (1.0, 1.0)), SHOT, 8) == [Run(0, 8, UNTRACKED)]


@given(
    st.lists(st.tuples(st.booleans(), st.floats(0, 1)), max_size=30),
    st.integers(-5, 5),
    st.integers(1, 30),
    st.integers(0, 90),
)
def test_the_runs_of_a_strip_fill_it(samples: list[tuple[bool, float]], first: int, length: int, columns: int) -> None:
    visible, confidence = tuple(sample[0] for sample in samples), tuple(sample[1] for sample in samples)
    strip = runs(track(tuple(range(len(samples))), visible, confidence), FrameRange(first, first + length - 1), columns)
    edges = [0, *(run.stop for run in strip)]
    assert [run.start for run in strip] == edges[:-1]
    assert edges[-1] == columns
    assert all(run.start < run.stop for run in strip)
    assert all(strip[place].level != strip[place - 1].level for place in range(1, len(strip)))


@given(st.integers(-2000, 2000), st.integers(1, 3000), st.floats(1, 4000), st.floats(0, 1, exclude_max=True))
def test_every_place_of_a_strip_has_its_frame(first: int, length: int, width: float, share: float) -> None:
    shot = FrameRange(first, first + length - 1)
    frame = frame_at(share * width, shot, width)
    assert left_of(frame, shot, width) <= share * width + 1e-6
    assert share * width <= left_of(frame + 1, shot, width) + 1e-6


def test_beside_a_strip_is_the_nearest_frame() -> None:
    assert frame_at(-50.0, SHOT, 80.0) == 1001
    assert frame_at(80.0, SHOT, 80.0) == 1008
    assert frame_at(0.0, SHOT, 0.0) == 1001


@pytest.mark.parametrize(
    ("shot", "width", "frames"),
    [
        (FrameRange(1001, 1100), 400.0, [1020, 1040, 1060, 1080, 1100]),
        (FrameRange(1001, 1004), 500.0, [1001, 1002, 1003, 1004]),
        (FrameRange(-10, 10), 210.0, [-10, -5, 0, 5, 10]),
        (FrameRange(7, 7), 10.0, [7]),
        (FrameRange(1, 10_000), 120.0, [5000, 10_000]),
    ],
)
def test_a_ruler_has_round_numbers(shot: FrameRange, width: float, frames: list[int]) -> None:
    assert ruler(shot, width, 50.0) == frames
