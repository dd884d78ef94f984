# SPDX-License-Identifier: Apache-2.0
"""Keys are honoured exactly, and what lies between them leads from one to the next."""

import numpy as np
import pytest

from cotrack.tracking.keys import join_keys
from cotrack.tracking.queries import Queries
from cotrack.tracking.trajectories import Trajectories
from cotrack_client.tracks import Key

FRAMES = np.arange(1001, 1012)


def straight(offsets: list[float], *, confidence: float = 0.9) -> Trajectories:
    """Trajectories that rest at x = offset, y = 0 in every frame."""
    nothing = Trajectories.nothing(len(offsets), len(FRAMES))
    nothing.xy[..., 0] = np.array(offsets)[:, None]
    nothing.xy[..., 1] = 0.0
    nothing.visible[:] = True
    nothing.confidence[:] = confidence
    return nothing


def test_a_key_keeps_its_position_to_the_last_digit() -> None:
    key = Key("nose", 1004, 12.345678901234567, -0.1)
    tracks = join_keys(straight([50.0]), Queries.from_keys([key]), FRAMES)
    at = 1004 - 1001
    assert tuple(tracks.xy[0, at]) == (key.x, key.y)
    assert tracks.visible[0, at]
    assert tracks.confidence[0, at] == 1.0
    assert np.flatnonzero(tracks.keyed[0]).tolist() == [at]


def test_between_two_keys_the_trajectory_leads_from_the_first_to_the_second() -> None:
    keys = [Key("nose", 1001, 0.0, 0.0), Key("nose", 1011, 10.0, 0.0)]
    tracks = join_keys(straight([0.0, 10.0]), Queries.from_keys(keys), FRAMES)
    np.testing.assert_allclose(tracks.xy[0, :, 0], np.linspace(0, 10, 11))


def test_outside_the_keys_the_nearest_one_leads() -> None:
    keys = [Key("nose", 1004, 3.0, 0.0), Key("nose", 1006, 7.0, 0.0)]
    tracks = join_keys(straight([3.0, 7.0]), Queries.from_keys(keys), FRAMES)
    assert (tracks.xy[0, :3, 0] == 3.0).all()
    assert (tracks.xy[0, 6:, 0] == 7.0).all()


def test_the_lost_one_of_two_trajectories_has_little_say() -> None:
    keys = [Key("nose", 1001, 0.0, 0.0), Key("nose", 1011, 10.0, 0.0)]
    trajectories = straight([0.0, 10.0])
    trajectories.confidence[0, 1:] = 0.0
    trajectories.visible[0, 1:] = False
    tracks = join_keys(trajectories, Queries.from_keys(keys), FRAMES)
    assert tracks.xy[0, 5, 0] == pytest.approx(10.0, abs=0.1)
    assert tracks.visible[0, 5]


def test_what_was_not_followed_is_not_followed_in_the_track() -> None:
    trajectories = straight([5.0])
    trajectories.xy[0, :3] = np.nan
    trajectories.visible[0, :3] = False
    trajectories.confidence[0, :3] = 0.0
    tracks = join_keys(trajectories, Queries.from_keys([Key("nose", 1004, 5.0, 0.0)]), FRAMES)
    assert tracks.followed[0].tolist() == [False] * 3 + [True] * 8
    assert tracks.as_values()[0].frames == tuple(range(1004, 1012))


def test_a_stretch_that_only_one_key_reaches_is_that_keys_alone() -> None:
    keys = [Key("nose", 1001, 0.0, 0.0), Key("nose", 1011, 10.0, 0.0)]
    trajectories = straight([0.0, 10.0])
    trajectories.xy[1, :10] = np.nan
    trajectories.visible[1, :10] = False
    trajectories.confidence[1, :10] = 0.0
    tracks = join_keys(trajectories, Queries.from_keys(keys), FRAMES)
    assert (tracks.xy[0, :10, 0] == 0.0).all()
    assert tracks.xy[0, 10, 0] == 10.0


def test_tracks_keep_the_order_and_names_of_their_points() -> None:
    keys = [Key("b", 1001, 1.0, 0.0), Key("a", 1002, 2.0, 0.0), Key("b", 1005, 3.0, 0.0)]
    queries = Queries.from_keys(keys)
    tracks = join_keys(straight([1.0, 3.0, 2.0]), queries, FRAMES)
    assert tracks.names == ("b", "a")
    assert tracks.keyed.sum(axis=1).tolist() == [2, 1]
