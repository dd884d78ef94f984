# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import math
from dataclasses import replace

import pytest

from cotrack_client.frames import FrameRange
from cotrack_client.summary import Jump, summary, worst_jump, worst_stray
from cotrack_client.tracks import Track

SHOT = FrameRange(1001, 1008)


def track(
    frames: tuple[int, ...],
    x: tuple[float, ...],
    visible: tuple[bool, ...] | None = None,
    confidence: tuple[float, ...] | None = None,
    keys: tuple[int, ...] = (),
) -> Track:
    count = len(frames)
    return Track("nose", keys, frames, x, (7.0,) * count, visible or (True,) * count, confidence or (1.0,) * count)


def test_the_figures_of_a_track() -> None:
    followed = Track(
        name="nose",
        keys=(1003, 1001),
        frames=(1001, 1002, 1003, 1004, 1005, 1006),
        x=(10.0, 13.0, 14.0, 90.0, 91.0, 92.0),
        y=(20.0, 24.0, 24.0, 24.0, 24.0, 24.0),
        visible=(True, True, True, False, True, True),
        confidence=(1.0, 0.75, 1.0, 0.1, 0.5, 0.5),
    )
    figures = summary(followed, SHOT)
    assert figures.name == "nose"
    assert figures.keys == (1001, 1003)
    assert figures.coverage == 5 / 8
    assert (figures.gaps, figures.gap) == (2, 1004)
    assert figures.confidence == 0.75
    assert figures.doubt == 1005
    assert figures.jump == Jump(1002, 5.0)


def test_a_track_that_is_seen_throughout_has_no_gap() -> None:
    figures = summary(track(tuple(SHOT.numbers()), tuple(map(float, range(8)))), SHOT)
    assert (figures.coverage, figures.gaps, figures.gap) == (1.0, 0, None)


def test_a_track_that_is_never_seen_has_no_confidence_and_no_jump() -> None:
    figures = summary(track((1001, 1002), (1.0, 9.0), (False, False)), SHOT)
    assert (figures.coverage, figures.gaps, figures.gap) == (0.0, 1, 1001)
    assert (figures.confidence, figures.doubt, figures.jump) == (None, None, None)
    assert (figures.stray, figures.refined) == (None, None)


def test_only_the_frames_of_the_shot_count() -> None:
    longer = track(
        (999, 1000, 1001, 1002, 1009), (0.0, 50.0, 99.0, 100.0, 1.0), confidence=(0.1, 0.1, 0.9, 0.9, 0.1), keys=(999,)
    )
    figures = summary(longer, SHOT)
    assert figures.keys == ()
    assert figures.coverage == 2 / 8
    assert figures.confidence == 0.9
    assert figures.jump == Jump(1002, 1.0)


@pytest.mark.parametrize(
    ("frames", "x", "visible", "expected"),
    [
        ((1001, 1002, 1003), (0.0, 3.0, 3.0), (True, True, True), Jump(1002, 3.0)),
        ((1001, 1002, 1003), (0.0, 3.0, 6.0), (True, True, True), Jump(1002, 3.0)),
        ((1001, 1002, 1003), (4.0, 4.0, 4.0), (True, True, True), Jump(1002, 0.0)),
        ((1001, 1003, 1004), (0.0, 80.0, 81.0), (True, True, True), Jump(1004, 1.0)),
        ((1001, 1002, 1003), (0.0, 80.0, 90.0), (True, False, True), None),
        ((1001,), (0.0,), (True,), None),
        ((), (), (), None),
    ],
)
def test_the_worst_jump_is_between_frames_in_a_row(
    frames: tuple[int, ...], x: tuple[float, ...], visible: tuple[bool, ...], expected: Jump | None
) -> None:
    assert worst_jump(track(frames, x, visible), SHOT) == expected


def test_a_jump_is_measured_as_the_crow_flies() -> None:
    diagonal = Track("a", (), (1001, 1002), (0.0, 1.0), (0.0, 1.0), (True, True), (1.0, 1.0))
    assert worst_jump(diagonal, SHOT) == Jump(1002, math.sqrt(2.0))


def test_gaps_are_counted_and_what_is_before_and_after_the_track_are_gaps_too() -> None:
    shown = track((1002, 1003, 1004, 1007), (0.0, 1.0, 2.0, 5.0), (True, False, True, True))
    assert (summary(shown, SHOT).gaps, summary(shown, SHOT).gap) == (4, 1001)


def test_a_stray_departs_from_the_motion_of_its_neighbours_not_from_rest() -> None:
    pan = track(tuple(SHOT.numbers()), (0.0, 50.0, 100.0, 153.0, 200.0, 250.0, 300.0, 350.0))
    assert summary(pan, SHOT).jump == Jump(1004, 53.0)
    assert summary(pan, SHOT).stray == Jump(1004, pytest.approx(3.0))


def test_a_key_is_no_stray_and_neither_is_what_four_neighbours_cannot_judge() -> None:
    x = (0.0, 0.0, 0.0, 9.0, 0.0, 0.0, 0.0, 0.0)
    assert worst_stray(track(tuple(SHOT.numbers()), x), SHOT) == Jump(1004, 9.0)
    keyed = track(tuple(SHOT.numbers()), x, keys=(1004,))
    assert worst_stray(keyed, SHOT) == Jump(1005, 0.0)
    assert worst_stray(track((1001, 1002, 1003, 1004), x[:4]), SHOT) is None


def test_the_share_that_is_refined_is_of_what_is_visible() -> None:
    shown = replace(
        track((1001, 1002, 1003, 1004), (0.0, 1.0, 2.0, 3.0), (True, True, True, False)),
        refined=(True, False, True, True),
    )
    assert summary(shown, SHOT).refined == pytest.approx(2 / 3)
