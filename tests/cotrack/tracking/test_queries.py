# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from cotrack.tracking.queries import Queries
from cotrack_client.tracks import Key

finite = st.floats(-1e6, 1e6)
key_lists = st.lists(st.builds(Key, st.sampled_from("abc"), st.integers(1001, 1005), finite, finite), max_size=12)


@given(key_lists)
def test_the_latest_key_of_each_track_and_frame_is_kept_and_no_other(keys: list[Key]) -> None:
    latest = {(key.track, key.frame): key for key in keys}
    assert set(Queries.from_keys(keys).keys()) == set(latest.values())


@given(key_lists)
def test_the_rows_of_a_track_stand_together_in_the_order_of_frames(keys: list[Key]) -> None:
    queries = Queries.from_keys(keys)
    order = list(zip(queries.track.tolist(), queries.frame.tolist(), strict=True))
    assert order == sorted(order)


@given(key_lists)
def test_queries_from_the_keys_of_queries_are_the_same(keys: list[Key]) -> None:
    queries = Queries.from_keys(keys)
    again = Queries.from_keys(queries.keys())
    assert again.names == queries.names
    np.testing.assert_array_equal(again.track, queries.track)
    np.testing.assert_array_equal(again.frame, queries.frame)
    np.testing.assert_array_equal(again.xy, queries.xy)


def test_tracks_keep_the_order_in_which_they_first_appear() -> None:
    keys = [Key("nose", 1005, 1, 2), Key("ear", 1001, 3, 4), Key("nose", 1001, 5, 6)]
    queries = Queries.from_keys(keys)
    assert queries.names == ("nose", "ear")
    assert queries.track.tolist() == [0, 0, 1]
    assert queries.frame.tolist() == [1001, 1005, 1001]
    assert queries.xy.tolist() == [[5, 6], [1, 2], [3, 4]]


def test_no_keys_are_no_queries() -> None:
    queries = Queries.from_keys([])
    assert len(queries) == 0
    assert queries.xy.shape == (0, 2)
