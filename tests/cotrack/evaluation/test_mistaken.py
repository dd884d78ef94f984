# SPDX-License-Identifier: Apache-2.0
"""A mistaken follower goes wrong as a network does: far off, sure of itself, and never at the key."""

from __future__ import annotations

import numpy as np

from cotrack.evaluation.disturbed import DisturbedTruth
from cotrack.evaluation.mistaken import Mistaken
from cotrack.tracking.queries import Queries
from cotrack.tracking.trajectories import Trajectories
from cotrack_client.tracks import Key
from watchers import Quiet
from wave_scenes import Waves, moving

POINTS, FRAMES, KEY = 60, 20, 4


def followed(seed: int = 0) -> tuple[Trajectories, DisturbedTruth]:
    scene = Waves(moving(0.0, 0.0), frames=FRAMES)
    xy = np.tile(np.array([90.0, 80.0]), (POINTS, FRAMES, 1))
    seen = np.ones((POINTS, FRAMES), dtype=bool)
    seen[:, 9:14] = False
    names = tuple(f"p{i}" for i in range(POINTS))
    truth = DisturbedTruth(names, np.array(scene.frames), xy, seen, sigma_px=1e-6)
    queries = Queries.from_keys([Key(name, scene.frames[KEY], 90.0, 80.0) for name in names])
    return Mistaken(truth, seed).follow(scene, queries, np.array(scene.frames), "both", Quiet()), truth


def test_some_points_jump_and_stay_away_and_the_others_are_where_they_were() -> None:
    found, truth = followed()
    off = np.linalg.norm(found.xy - truth.xy, axis=-1) > 0.5
    jumped = off[:, [0, -1]].any(axis=1)
    assert 0.02 < jumped.mean() < 0.4
    assert not off[~jumped][:, [*range(9), *range(14, FRAMES)]].any()


def test_the_key_is_kept() -> None:
    found, truth = followed()
    np.testing.assert_allclose(found.xy[:, KEY], truth.xy[:, KEY], atol=1e-9)
    assert found.visible[:, KEY].all()
    assert (found.confidence[:, KEY] == 1).all()


def test_visibility_is_sometimes_wrong_at_the_ends_of_gaps_and_sometimes_all_through() -> None:
    found, truth = followed()
    wrong = found.visible != truth.visible
    throughout = wrong[:, 9:14].all(axis=1)
    assert 0.1 < throughout.mean() < 0.5
    assert wrong[~throughout].any()
    assert not wrong[~throughout][:, [*range(6), *range(17, FRAMES)]].any()


def test_the_same_seed_makes_the_same_mistakes() -> None:
    one, again, other = followed(3)[0], followed(3)[0], followed(4)[0]
    np.testing.assert_array_equal(one.xy, again.xy)
    np.testing.assert_array_equal(one.confidence, again.confidence)
    assert not np.array_equal(one.xy, other.xy)
