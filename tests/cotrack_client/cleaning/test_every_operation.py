# SPDX-License-Identifier: Apache-2.0
"""What holds of all operations alike, whatever the track."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cotrack_client.cleaning.clean import Cleaning, Operation, clean
from cotrack_client.cleaning.filling import fill_gaps
from cotrack_client.cleaning.smoothing import smooth
from cotrack_client.cleaning.taking_out import (
    take_out_doubtful,
    take_out_short,
    take_out_spikes,
    take_out_uncertain,
)
from cotrack_client.tracks import Track
from plain_tracks import any_track, at, moving, positions, seen

TAKING_OUT: dict[str, Operation] = {
    "doubtful": lambda track: take_out_doubtful(track, 0.5),
    "uncertain": lambda track: take_out_uncertain(track, 1.0),
    "spikes": take_out_spikes,
    "short": lambda track: take_out_short(track, 4),
}
FILLING: dict[str, Operation] = {"filling": lambda track: fill_gaps(track, 3)}
SMOOTHING: dict[str, Operation] = {"smoothing": lambda track: smooth(track, 7)}
ALL = {**TAKING_OUT, **FILLING, **SMOOTHING}

every = pytest.mark.parametrize("operation", ALL.values(), ids=ALL)


@every
@given(track=any_track())
def test_a_key_stays_as_it_is(operation: Operation, track: Track) -> None:
    cleaned = operation(track)
    assert cleaned.keys == track.keys
    assert [at(cleaned, key) for key in track.keys] == [at(track, key) for key in track.keys]


@every
@given(track=any_track(), data=st.data())
def test_what_lies_beyond_a_key_does_not_matter(operation: Operation, track: Track, data: st.DataObject) -> None:
    visible_keys = [key for key in track.keys if key in seen(track)]
    if not visible_keys:
        return
    key = data.draw(st.sampled_from(visible_keys))
    here = track.frames.index(key) + 1
    changed = replace(
        track,
        x=track.x[:here] + tuple(7 - 3 * x for x in track.x[here:]),
        visible=track.visible[:here] + (True,) * len(track.visible[here:]),
        confidence=track.confidence[:here] + tuple(1 - own for own in track.confidence[here:]),
    )
    one, other = operation(track), operation(changed)
    before = [frame for frame in one.frames if frame <= key]
    assert [frame for frame in other.frames if frame <= key] == before
    assert [at(one, frame) for frame in before] == [at(other, frame) for frame in before]


@pytest.mark.parametrize("operation", [*TAKING_OUT.values(), *FILLING.values()], ids=[*TAKING_OUT, *FILLING])
@given(track=any_track())
def test_a_second_time_changes_nothing(operation: Operation, track: Track) -> None:
    once = operation(track)
    assert operation(once) == once


@pytest.mark.parametrize("operation", TAKING_OUT.values(), ids=TAKING_OUT)
@given(track=any_track())
def test_what_is_taken_out_becomes_a_gap_and_the_rest_stays(operation: Operation, track: Track) -> None:
    cleaned = operation(track)
    assert positions(cleaned) == positions(track)
    assert seen(cleaned) <= seen(track)
    for frame in track.frames:
        if frame in seen(track) - seen(cleaned):
            assert at(cleaned, frame)[2:] == (False, 0.0, False, None)
        else:
            assert at(cleaned, frame) == at(track, frame)


@given(track=any_track())
def test_smoothing_moves_what_is_visible_and_nothing_else(track: Track) -> None:
    cleaned = smooth(track, 7)
    for frame in track.frames:
        if frame not in seen(track):
            assert at(cleaned, frame) == at(track, frame)
        assert at(cleaned, frame)[2:] == at(track, frame)[2:]


@given(track=any_track(), longest=st.integers(0, 6))
def test_filling_stays_between_what_is_visible(track: Track, longest: int) -> None:
    filled = fill_gaps(track, longest)
    new = seen(filled) - seen(track)
    assert all(min(seen(track)) < frame < max(seen(track)) for frame in new)
    for frame in set(track.frames) - new:
        assert at(filled, frame) == at(track, frame)


def test_operations_run_in_their_order_and_say_what_they_changed() -> None:
    spiky = [1.0 * step for step in range(40)]
    spiky[20] += 30
    track = moving(spiky, keys=[1001], gaps=[1031, 1032, 1034, *range(1036, 1041)])
    (cleaned,), changes = clean([track], Cleaning(despike=True, fill=2, shortest=8, smooth=5))
    assert [(change.operation, change.tracks, change.samples) for change in changes] == [
        ("spikes", 1, 1),
        ("filled", 1, 4),
        ("short", 0, 0),
        ("smoothed", 0, 0),
    ]
    assert seen(cleaned) == set(range(1001, 1036))
    assert cleaned.x[20] == pytest.approx(20)


def test_nothing_that_was_not_asked_for_is_done() -> None:
    track = moving(lambda step: (-1) ** step * 30.0)
    assert clean([track], Cleaning()) == ((track,), ())


def test_how_far_smoothing_moved_a_sample_is_told() -> None:
    track = moving([0.0] * 10 + [1.0] + [0.0] * 10)
    (smoothed,), (change,) = clean([track], Cleaning(smooth=5))
    assert change.samples == 5
    assert change.farthest == pytest.approx((1 - smoothed.x[10]) * 1.25**0.5)
