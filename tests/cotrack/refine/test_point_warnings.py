# SPDX-License-Identifier: Apache-2.0
"""Warnings name the points and the cure, one sentence per kind; a picture is read once, and never for what is kept."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator

import numpy as np
import numpy.typing as npt
import pytest

from cotrack.refine.point_warnings import judge_keys, reason, warning, warnings
from cotrack.refine.trackability import Problem, Trackability
from cotrack.tracking.warm import LastUsed, Sized
from cotrack_client.tracks import Key

GOOD = Trackability(0.05, 0.5)


def bad(problem: Problem) -> Trackability:
    return Trackability(1.0, 0.0, problem)


class Grey:
    """Pictures with nothing to see; it counts what is read."""

    width, height, frames = 96, 64, (1001, 1002)

    def __init__(self) -> None:
        self.read_frames: list[int] = []

    def read(self, frame: int) -> npt.NDArray[np.float32]:
        self.read_frames.append(frame)
        return np.full((self.height, self.width, 3), 0.5, dtype=np.float32)

    def iterate(self, frames: Iterable[int]) -> Iterator[tuple[int, npt.NDArray[np.float32]]]:
        return ((frame, self.read(frame)) for frame in frames)

    def identity(self, frame: int) -> Hashable:
        return ("grey", frame)


KEYS = (Key("b", 1002, 40, 30), Key("a", 1001, 40, 30), Key("c", 1002, 1, 1))


def test_a_point_is_told_the_cure() -> None:
    said = "sky_3 lies on a featureless area; move it to a corner or a spot with texture"
    assert warning(Key("sky_3", 1001, 5, 5), "bare") == said


def test_one_point_among_several_is_told_its_frame_too() -> None:
    said = "sky_3 lies on a featureless area at frame 1001; move it to a corner or a spot with texture"
    assert warnings([Key("sky_3", 1001, 5, 5), Key("nose", 1001, 9, 9)], [bad("bare"), GOOD]) == (said,)


def test_good_points_are_passed_over_in_silence() -> None:
    assert warnings(KEYS, [GOOD] * 3) == ()


def test_points_with_one_problem_share_a_sentence() -> None:
    keys = [Key(name, 1001, 5, 5) for name in "abc"]
    assert warnings(keys, [bad("edge"), bad("rim"), bad("edge")]) == (
        "a and c lie on straight edges at frame 1001; move them to a corner, or to where the edge ends",
        "b lies at the rim of the picture at frame 1001; move it further in, or place it in another frame",
    )


def test_frames_are_named_where_they_differ_and_long_lists_are_cut() -> None:
    keys = [Key(f"p{number}", 1001 + number, 5, 5) for number in range(9)]
    (sentence,) = warnings(keys, [bad("bare")] * 9)
    assert sentence.startswith("p0 (frame 1001), p1 (frame 1002),")
    assert "p5 (frame 1006) and 3 more lie on featureless areas; move them" in sentence


@pytest.mark.parametrize("problem", ["bare", "edge", "repeated", "rim", "burnt out", "black"])
def test_every_problem_has_its_sentence(problem: Problem) -> None:
    assert "nose lies" in warning(Key("nose", 7, 1, 1), problem)
    assert "; move it" in warning(Key("nose", 7, 1, 1), problem)
    assert 0 < len(reason(problem)) < 24  # a list has room for no more


def test_each_frame_is_read_once_and_answers_come_in_the_order_of_the_keys() -> None:
    pictures = Grey()
    assert [found.problem for found in judge_keys(pictures, KEYS)] == ["bare", "bare", "rim"]
    assert pictures.read_frames == [1001, 1002]


def test_what_is_kept_is_not_judged_again() -> None:
    pictures, kept = Grey(), LastUsed[Sized](10_000)
    first = judge_keys(pictures, KEYS, kept=kept)
    assert judge_keys(pictures, KEYS, kept=kept) == first
    assert pictures.read_frames == [1001, 1002]
    judge_keys(pictures, [*KEYS, Key("b", 1002, 41, 30)], kept=kept)
    assert pictures.read_frames == [1001, 1002, 1002]


def test_a_judgement_that_nobody_wants_any_more_ends() -> None:
    def end() -> None:
        raise KeyboardInterrupt

    pictures = Grey()
    with pytest.raises(KeyboardInterrupt):
        judge_keys(pictures, KEYS, end)
    assert pictures.read_frames == []
