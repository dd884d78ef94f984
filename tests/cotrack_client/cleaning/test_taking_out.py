# SPDX-License-Identifier: Apache-2.0
"""What counts as a spike, as doubtful, as too short."""

from __future__ import annotations

import math
import random
from dataclasses import replace

import pytest

from cotrack_client.cleaning.taking_out import (
    expected_error,
    take_out_doubtful,
    take_out_short,
    take_out_spikes,
    take_out_uncertain,
)
from cotrack_client.tracks import Track
from plain_tracks import moving, seen


def shaken(strength: float, offsets: dict[int, float], keys: tuple[int, ...] = ()) -> Track:
    """Sixty frames of a pan with noise, some of them off by so much."""
    noise = random.Random(7)  # noqa: S311  the same noise every time
    return moving(
        [2.5 * step + noise.gauss(0, strength) + offsets.get(1001 + step, 0) for step in range(60)], keys=keys
    )


def taken_out(track: Track) -> set[int]:
    return seen(track) - seen(take_out_spikes(track))


@pytest.mark.parametrize("frame", [1001, 1002, 1003, 1030, 1058, 1059, 1060])
@pytest.mark.parametrize("size", [2.0, -40.0])
def test_a_spike_is_taken_out_and_nothing_beside_it(frame: int, size: float) -> None:
    assert taken_out(shaken(0.05, {frame: size})) == {frame}


def test_a_spike_of_two_frames_is_taken_out() -> None:
    assert taken_out(shaken(0.05, {1030: 12.0, 1031: 12.0})) == {1030, 1031}


def test_two_spikes_side_by_side_are_taken_out() -> None:
    assert taken_out(shaken(0.05, {1030: 12.0, 1031: -9.0, 1040: 5.0, 1043: 5.0})) == {1030, 1031, 1040, 1043}


def test_a_jump_from_which_the_track_does_not_come_back_is_no_spike() -> None:
    assert taken_out(shaken(0.05, dict.fromkeys(range(1030, 1061), 25.0))) == set()


def test_what_stays_away_for_three_frames_is_no_spike() -> None:
    assert taken_out(shaken(0.05, dict.fromkeys(range(1030, 1033), 25.0))) == set()


def test_less_than_half_a_pixel_is_no_spike() -> None:
    """What is 0.45 px off to the right is 0.5 px off in all, as y goes along by half."""
    assert taken_out(shaken(0.0, {1030: 0.44})) == set()
    assert taken_out(shaken(0.0, {1030: 0.46})) == {1030}


def test_a_shaking_camera_has_no_spikes_but_those_that_stand_out() -> None:
    assert taken_out(shaken(3.0, {})) == set()
    assert taken_out(shaken(3.0, {1030: 60.0})) == {1030}


def test_a_turn_is_no_spike() -> None:
    track = moving([abs(step - 30) * 8.0 for step in range(60)])
    assert take_out_spikes(track) == track


def test_a_key_that_stands_out_stays_and_so_does_what_is_beside_it() -> None:
    assert taken_out(shaken(0.05, {1030: 30.0}, keys=(1030,))) == set()


def test_stretches_too_short_to_tell_stay() -> None:
    track = moving([0.0, 0.0, 90.0, 0.0])
    assert take_out_spikes(track) == track


def test_what_has_too_little_confidence_is_taken_out() -> None:
    track = replace(moving(float, count=5, keys=[1002]), confidence=(0.5, 0.1, 0.49, 0.9, 0.2))
    assert seen(take_out_doubtful(track, 0.5)) == {1001, 1002, 1004}


def test_what_is_too_uncertain_is_taken_out_and_what_cannot_be_judged_stays() -> None:
    covariance = ((0.01, 0.0, 0.01), (4.0, 0.0, 0.01), None, (0.01, 0.0, 4.0), (1.0, 0.5, 1.0))
    track = replace(moving(float, count=5), covariance=covariance)
    assert seen(take_out_uncertain(track, 1.25)) == {1001, 1003, 1005}
    assert seen(take_out_uncertain(track, 1.2)) == {1001, 1003}


def test_the_expected_error_is_that_of_the_worst_direction() -> None:
    assert expected_error((4.0, 0.0, 1.0)) == 2.0
    assert expected_error((1.0, 0.0, 9.0)) == 3.0
    assert expected_error((2.0, 1.0, 2.0)) == pytest.approx(math.sqrt(3.0))


def test_what_is_seen_for_a_short_time_only_is_taken_out() -> None:
    track = moving(float, count=20, gaps=[1004, 1009, 1011, 1012])
    assert seen(track) - seen(take_out_short(track, 4)) == {1001, 1002, 1003, 1010}
    assert take_out_short(track, 1) == track


def test_a_short_time_with_a_key_in_it_stays() -> None:
    track = moving(float, count=20, keys=[1002], gaps=[1004, 1009, 1011, 1012])
    assert seen(track) - seen(take_out_short(track, 4)) == {1010}
