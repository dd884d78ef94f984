# SPDX-License-Identifier: Apache-2.0
"""Passes cover exactly the frames that a direction asks for."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cotrack.models.windows import window_spans
from cotrack.tracking.passes import Pass, Start, plan_passes
from cotrack.tracking.trajectories import Direction


def covered(passes: list[Pass], queries: int, frames: int) -> np.ndarray:
    """(Q, T) bool: which frames any pass answers for."""
    answered = np.zeros((queries, frames), dtype=bool)
    for one in passes:
        answered[:, one.order] |= one.answers()
    return answered


@given(
    st.lists(st.integers(0, 49), min_size=1, max_size=8),
    st.sampled_from(["both", "forward", "backward"]),
    st.booleans(),
    st.sampled_from(["earliest query", "fixed window", "end of shot"]),
    st.integers(4, 60),
)
def test_every_frame_asked_for_is_answered_and_no_other(
    places: list[int], direction: Direction, sees_both_sides: bool, start: Start, window: int
) -> None:
    queries, frames = np.array(places), 50
    passes = plan_passes(queries, frames, direction, window, window // 2, sees_both_sides=sees_both_sides, start=start)
    time = np.arange(frames)
    wanted = np.ones((len(queries), frames), dtype=bool)
    if direction == "forward":
        wanted = time >= queries[:, None]
    if direction == "backward":
        wanted = time <= queries[:, None]
    answered = covered(passes, len(queries), frames)
    at_query = time == queries[:, None]  # the artist's own position stands there, whether a pass answers or not
    assert ((answered | at_query) == wanted).all()


@pytest.mark.parametrize("direction", ["both", "forward", "backward"])
def test_queries_are_found_at_their_frame_in_every_order(direction: Direction) -> None:
    queries = np.array([3, 7, 5])
    for one in plan_passes(queries, 10, direction, 16, 8, sees_both_sides=False):
        assert (one.order[one.queries] == queries).all()


def test_a_network_that_sees_both_sides_needs_one_pass_for_a_shot_that_fits() -> None:
    passes = plan_passes(np.array([3]), 40, "both", 60, 45, sees_both_sides=True)
    assert [len(one.order) for one in passes] == [40]


def test_the_reference_walks_the_whole_shot() -> None:
    passes = plan_passes(np.array([20]), 40, "both", 16, 8, sees_both_sides=False, start="end of shot")
    assert [len(one.order) for one in passes] == [40, 40]


@given(st.lists(st.integers(0, 99), min_size=1, max_size=6), st.integers(0, 99))
def test_fixed_windows_lie_in_the_same_places_whatever_the_other_points(others: list[int], own: int) -> None:
    def windows(places: list[int]) -> list[list[int]]:
        """The frames of every window that holds the point or follows one that does, per pass."""
        passes = plan_passes(np.array(places), 100, "both", 16, 8, sees_both_sides=False, start="fixed window")
        spans = [[one.order[span.start : span.stop] for span in window_spans(len(one.order), 16, 8)] for one in passes]
        held = [next(i for i, window in enumerate(each) if own in window) if own in np.concatenate(each) else None
                for each in spans]  # fmt: skip
        return [[window.tolist() for window in each[first:]] for each, first in zip(spans, held, strict=True)]

    alone = windows([own])
    together = windows([own, *others])
    assert all(each in together for each in alone)
