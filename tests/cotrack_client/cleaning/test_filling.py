# SPDX-License-Identifier: Apache-2.0
"""Bridges over gaps: how long, where, and through which positions."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cotrack_client.cleaning.filling import fill_gaps
from cotrack_client.tracks import Track
from plain_tracks import at, moving, seen


def parabola(step: int) -> float:
    return 300 + 4 * step - 0.15 * step**2


def without(track: Track, frames: set[int]) -> Track:
    """The same track, with no samples at all at these frames."""
    kept = [index for index, frame in enumerate(track.frames) if frame not in frames]
    columns = ("frames", "x", "y", "visible", "confidence", "refined", "covariance")
    return replace(track, **{name: tuple(getattr(track, name)[index] for index in kept) for name in columns})


@pytest.mark.parametrize("gap", [range(1010, 1011), range(1010, 1014), range(1004, 1008)])
@pytest.mark.parametrize("has_samples", [True, False])
def test_an_even_acceleration_goes_on_through_the_gap(gap: range, has_samples: bool) -> None:
    truth = moving(parabola)
    astray = tuple(-1.0 if frame in gap else parabola(frame - 1001) for frame in truth.frames)
    lost = replace(truth, x=astray, visible=tuple(frame not in gap for frame in truth.frames))
    filled = fill_gaps(lost if has_samples else without(lost, set(gap)), 4)
    assert filled.frames == truth.frames
    assert filled.x == pytest.approx(truth.x)
    assert filled.y == pytest.approx(truth.y)
    for frame in gap:
        assert at(filled, frame)[2:] == (True, 0.45, False, None)


def test_a_longer_gap_stays() -> None:
    track = moving(parabola, gaps=range(1010, 1015))
    assert fill_gaps(track, 4) == track
    assert seen(fill_gaps(track, 5)) == set(track.frames)


def test_nothing_is_added_before_the_first_or_after_the_last_visible_sample() -> None:
    track = moving(parabola, count=12, gaps=[1001, 1002, 1012])
    assert fill_gaps(track, 4) == track


def test_one_sample_alone_is_left_and_reached_on_the_straight_way() -> None:
    track = moving([0.0, 9.0, 9.0, 3.0, 9.0], gaps=[1002, 1003, 1005])
    assert fill_gaps(track, 2).x == pytest.approx((0.0, 1.0, 2.0, 3.0, 9.0))


def test_a_key_that_the_file_calls_invisible_is_not_bridged() -> None:
    track = moving(parabola, keys=[1011], gaps=[1010, 1011, 1012])
    assert fill_gaps(track, 4) == track


def test_the_less_confident_side_says_how_confident_the_bridge_is() -> None:
    track = replace(moving(parabola, count=3, gaps=[1002]), confidence=(0.5, 0.0, 0.25))
    assert fill_gaps(track, 1).confidence == (0.5, 0.125, 0.25)


@given(st.integers(1, 5), st.integers(2, 9), st.integers(2, 9))
def test_a_bridge_over_a_steady_motion_is_straight(length: int, before: int, after: int) -> None:
    gaps = range(1001 + before, 1001 + before + length)
    track = moving(lambda step: 7 + 3 * step, count=before + length + after, gaps=gaps)
    assert fill_gaps(track, 5).x == pytest.approx(track.x)
