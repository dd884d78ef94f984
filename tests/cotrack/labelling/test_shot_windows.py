# SPDX-License-Identifier: Apache-2.0
"""Windows of shots, and where points are asked for in them."""

from __future__ import annotations

import itertools

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from cotrack.labelling.shot_windows import FASTEST, windows_of
from cotrack.labelling.sift import sift_queries


@given(count=st.integers(8, 400), length=st.integers(8, 60), most=st.integers(1, 9), seed=st.integers(0, 99))
def test_windows_are_as_long_as_asked_and_do_not_overlap(count: int, length: int, most: int, seed: int) -> None:
    frames = range(1001, 1001 + count)
    windows = windows_of("sh010", frames, length, most, seed)
    assert (count >= length) == bool(windows)
    assert len(windows) <= most
    for window in windows:
        strides = set(np.diff(window.frames).tolist())
        assert len(window.frames) == length
        assert len(strides) == 1
        assert strides <= set(range(1, FASTEST + 1))
        assert set(window.frames) <= set(frames)
    assert all(one.frames[-1] < other.frames[0] for one, other in itertools.pairwise(windows))
    assert len({window.name for window in windows}) == len(windows)


def test_windows_follow_from_seed_and_name() -> None:
    def asked(name: str, seed: int) -> list[tuple[int, ...]]:
        return [window.frames for window in windows_of(name, range(300), 16, 99, seed)]

    assert asked("a", 1) == asked("a", 1)
    assert asked("a", 1) != asked("a", 2)
    assert asked("a", 1) != asked("b", 1)


def test_points_are_asked_for_where_there_is_something_to_see() -> None:
    random = np.random.default_rng(0)
    video = np.full((16, 96, 128, 3), 90, dtype=np.uint8)
    video[:, 20:60, 30:90] = random.integers(0, 255, (10, 15, 3), dtype=np.uint8).repeat(4, 0).repeat(4, 1)
    frame, xy = sift_queries(video, 40, np.random.default_rng(1))
    assert 8 <= len(xy) <= 40
    assert frame.max() < 4
    assert ((xy > [26, 16]) & (xy < [94, 64])).all()
    again = sift_queries(video, 40, np.random.default_rng(1))
    assert np.array_equal(xy, again[1])
    assert not np.array_equal(frame, sift_queries(video, 40, np.random.default_rng(2))[0])
    for one in np.unique(frame):
        apart = np.linalg.norm(xy[frame == one][:, None] - xy[frame == one], axis=-1)
        assert (apart[~np.eye(len(apart), dtype=bool)] >= 1).all()


def test_nothing_is_asked_for_where_nothing_is() -> None:
    frame, xy = sift_queries(np.full((8, 64, 64, 3), 90, dtype=np.uint8), 40, np.random.default_rng(0))
    assert (frame.shape, xy.shape) == ((0,), (0, 2))
