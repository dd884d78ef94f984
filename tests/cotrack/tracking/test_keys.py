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
    keys = [Key("nose", 1001, 10.0, 0.0), Key("nose", 1011, 10.0, 0.0)]
    trajectories = straight([10.0, 10.0])
    trajectories.xy[0, 3:] = 500.0
    trajectories.confidence[0, 3:] = 0.0
    trajectories.visible[0, 3:] = False
    tracks = join_keys(trajectories, Queries.from_keys(keys), FRAMES)
    np.testing.assert_allclose(tracks.xy[0, :, 0], 10.0, atol=0.01)
    assert tracks.visible[0, 5]


def drifting(frames: int, per_frame: float, keys: list[int]) -> Trajectories:
    """Trajectories of a point that rests at (0, 0), each sliding to the right, away from its key."""
    away = np.abs(np.arange(frames) - np.array(keys)[:, None])
    xy = np.stack([per_frame * away, np.zeros_like(away, dtype=float)], axis=-1)
    return Trajectories(xy, np.ones(away.shape, dtype=bool), np.full(away.shape, 0.9, dtype=np.float32))


def test_two_corrections_of_a_drifted_track_take_away_four_fifths_of_its_error_at_least() -> None:
    frames = np.arange(1001, 1201)
    before = join_keys(drifting(200, 0.05, [0]), Queries.from_keys([Key("nose", 1001, 0, 0)]), frames)
    corrected = [Key("nose", 1001, 0, 0), Key("nose", 1101, 0, 0), Key("nose", 1200, 0, 0)]
    after = join_keys(drifting(200, 0.05, [0, 100, 199]), Queries.from_keys(corrected), frames)
    assert np.abs(after.xy[0]).mean() < np.abs(before.xy[0]).mean() / 5
    assert (after.xy[0, [0, 100, 199]] == 0).all()


def test_a_trajectory_that_slipped_is_corrected_from_there_on_and_not_before() -> None:
    trajectories = straight([0.0, 0.0])
    trajectories.xy[0, 6:, 0] = 50.0
    keys = [Key("nose", 1001, 0.0, 0.0), Key("nose", 1011, 0.0, 0.0)]
    tracks = join_keys(trajectories, Queries.from_keys(keys), FRAMES)
    np.testing.assert_allclose(tracks.xy[0, :, 0], 0.0, atol=0.02)


def test_a_correction_leaves_a_key_without_a_corner() -> None:
    frames = np.arange(1, 402)
    trajectories = Trajectories.nothing(2, len(frames))
    trajectories.xy[0], trajectories.xy[1] = (0.0, 0.0), (0.0, 0.0)
    trajectories.xy[0, :, 1] = np.sin(np.arange(401) / 30)  # two that differ, and agree at both keys
    trajectories.xy[0, :, 1] -= np.linspace(0, trajectories.xy[0, -1, 1], 401)
    trajectories.confidence[:] = 0.9
    keys = [Key("nose", 1, 0.0, 0.0), Key("nose", 401, 0.0, 0.0)]
    y = join_keys(trajectories, Queries.from_keys(keys), frames).xy[0, :, 1]
    assert y[1] - y[0] == pytest.approx(trajectories.xy[0, 1, 1] - trajectories.xy[0, 0, 1], rel=0.01)


def test_one_more_key_changes_nothing_beyond_its_neighbours() -> None:
    random = np.random.default_rng(3)
    at = [0, 10, 20, 30, 40]
    frames = np.arange(1, 51)
    whole = Trajectories(
        random.normal(size=(5, 50, 2)), np.ones((5, 50), dtype=bool), np.ones((5, 50), dtype=np.float32)
    )
    keys = [Key("nose", int(frames[place]), *random.normal(size=2).tolist()) for place in at]
    fewer = Trajectories(*(values[[0, 1, 3, 4]] for values in vars(whole).values()))
    after = join_keys(whole, Queries.from_keys(keys), frames)
    before = join_keys(fewer, Queries.from_keys([keys[i] for i in (0, 1, 3, 4)]), frames)
    same = (after.xy == before.xy).all(axis=-1)[0]
    assert same[:11].all()
    assert same[30:].all()
    assert not same[11:30].any()


def test_between_keys_a_sample_is_refined_where_both_are_and_as_certain_as_they_make_it() -> None:
    keys = [Key("nose", 1001, 0.0, 0.0), Key("nose", 1011, 0.0, 0.0)]
    trajectories = straight([0.0, 0.0])
    trajectories.refined[:, 2:] = True
    trajectories.refined[1, 5] = False
    trajectories.covariance[:] = 0.01 * np.eye(2)
    tracks = join_keys(trajectories, Queries.from_keys(keys), FRAMES)
    assert tracks.refined[0].tolist() == [False] * 2 + [True] * 3 + [False] + [True] * 4 + [False]
    assert np.isnan(tracks.covariance[0, 5]).all()
    assert 0.005 <= tracks.covariance[0, 4, 0, 0] <= 0.01


def test_what_was_not_followed_is_not_followed_in_the_track() -> None:
    trajectories = straight([5.0])
    trajectories.xy[0, :3] = np.nan
    trajectories.visible[0, :3] = False
    trajectories.confidence[0, :3] = 0.0
    tracks = join_keys(trajectories, Queries.from_keys([Key("nose", 1004, 5.0, 0.0)]), FRAMES)
    assert tracks.followed[0].tolist() == [False] * 3 + [True] * 8
    assert tracks.as_values()[0].frames == tuple(range(1004, 1012))


def test_a_stretch_that_only_one_key_reaches_is_that_keys_alone_and_leads_to_the_other() -> None:
    keys = [Key("nose", 1001, 0.0, 0.0), Key("nose", 1011, 10.0, 0.0)]
    trajectories = straight([0.0, 10.0])
    trajectories.xy[1, :10] = np.nan
    trajectories.visible[1, :10] = False
    trajectories.confidence[1, :10] = 0.0
    tracks = join_keys(trajectories, Queries.from_keys(keys), FRAMES)
    np.testing.assert_allclose(tracks.xy[0, :, 0], np.linspace(0, 10, 11))


def test_tracks_keep_the_order_and_names_of_their_points() -> None:
    keys = [Key("b", 1001, 1.0, 0.0), Key("a", 1002, 2.0, 0.0), Key("b", 1005, 3.0, 0.0)]
    queries = Queries.from_keys(keys)
    tracks = join_keys(straight([1.0, 3.0, 2.0]), queries, FRAMES)
    assert tracks.names == ("b", "a")
    assert tracks.keyed.sum(axis=1).tolist() == [2, 1]
