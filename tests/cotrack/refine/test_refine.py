# SPDX-License-Identifier: Apache-2.0
"""What a follower finds by and large is found to hundredths of a pixel, or said not to be."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from cotrack.refine.refine import Refiner
from cotrack.tracking.queries import Queries
from cotrack.tracking.trajectories import Direction, Trajectories
from cotrack.tracking.warm import LastUsed, Sized
from watchers import Quiet, Settled, Stopping
from wave_scenes import HEIGHT, WIDTH, Floats, Motion, Waves, follower_of, moving, queries_of, turning

POINTS = np.stack(np.meshgrid([70.3, 121.8, 170.4], [60.7, 100.1, 139.6]), axis=-1).reshape(-1, 2)
SIGMA_PX = 2.0


def refined(
    scene: Waves,
    points: Floats = POINTS,
    *,
    direction: Direction = "both",
    key_frame: int = 0,
    kept: LastUsed[Sized] | None = None,
    watcher: Quiet | None = None,
) -> Trajectories:
    queries, frames = queries_of(scene, points, key_frame), np.array(scene.frames)
    follower = follower_of(scene, points, SIGMA_PX)
    found = follower.follow(scene, queries, frames, direction, Quiet())
    refiner = Refiner(
        scene, follower.error_px(WIDTH, HEIGHT), torch.device("cpu"), LastUsed(0) if kept is None else kept
    )
    return refiner.refine(found, queries, frames, direction, watcher or Quiet())


def errors(scene: Waves, found: Trajectories, points: Floats = POINTS) -> Floats:
    """(S,) px, of the samples that were refined."""
    return np.asarray(np.linalg.norm(found.xy - scene.truth(points), axis=-1)[found.refined])


@pytest.mark.parametrize(
    ("motion", "most"),
    [
        pytest.param(moving(0.0, 0.0), 0.002, id="still"),
        pytest.param(moving(1.37, -0.61), 0.005, id="moving"),
        pytest.param(turning(1.5), 0.01, id="turning"),
        pytest.param(turning(0.0, 1.02), 0.01, id="zooming"),
    ],
)
def test_without_grain_positions_are_exact_to_hundredths(motion: Motion, most: float) -> None:
    scene = Waves(motion)
    found = refined(scene)
    assert found.refined[:, 1:].mean() > 0.95
    assert np.percentile(errors(scene, found), 95) < most


def test_the_query_itself_is_neither_refined_nor_moved() -> None:
    scene = Waves(moving(1.0, 0.5))
    found = refined(scene, key_frame=3)
    assert not found.refined[:, 3].any()
    np.testing.assert_array_equal(found.xy[:, 3], queries_of(scene, POINTS, 3).xy)
    assert found.refined[:, [0, 1, 2, 4, 5]].mean() > 0.95


def test_covariance_says_how_far_off_grain_has_put_a_position() -> None:
    scene = Waves(moving(0.7, 0.4), frames=16, grain=4.0)
    found = refined(scene)
    error = (found.xy - scene.truth(POINTS))[found.refined]
    covariance = found.covariance[found.refined].astype(np.float64)
    squares = np.einsum("ni,nij,nj->n", error, np.linalg.inv(covariance), error)
    assert len(squares) > 100
    assert 1.0 < squares.mean() < 4.0  # 2 is right
    assert np.isnan(found.covariance[~found.refined]).all()


def test_brightness_and_contrast_do_not_move_a_point() -> None:
    scene = Waves(moving(0.9, 0.2), change=lambda later, grey: 0.1 * later + (1 - 0.1 * later) * grey)
    found = refined(scene)
    assert found.refined[:, 1:].mean() > 0.95
    assert np.percentile(errors(scene, found), 95) < 0.01


def test_what_comes_before_a_part_of_the_window_does_not_pull() -> None:
    def with_a_bar(later: int, grey: Floats) -> Floats:
        if later:
            grey = grey.copy()
            grey[:, 132:] = 0.9  # 10 px right of the point in the middle
        return grey

    scene = Waves(moving(0.0, 0.0), change=with_a_bar)
    middle = POINTS[4:5]
    found = refined(scene, middle)
    assert found.refined[0, 1:].all()
    assert errors(scene, found, middle).max() < 0.05


def test_a_hidden_point_keeps_the_followers_estimate_and_says_so() -> None:
    scene = Waves(moving(0.0, 0.0), change=lambda later, grey: np.full_like(grey, 0.4) if later > 2 else grey)
    queries, frames = queries_of(scene, POINTS), np.array(scene.frames)
    follower = follower_of(scene, POINTS, SIGMA_PX)
    followed = follower.follow(scene, queries, frames, "both", Quiet())
    found = refined(scene)
    assert not found.refined[:, 3:].any()
    np.testing.assert_array_equal(found.xy[:, 3:], followed.xy[:, 3:])


def test_a_point_without_texture_is_not_refined() -> None:
    scene = Waves(moving(0.0, 0.0), grain=3.0, change=lambda _later, grey: np.full_like(grey, 0.4))
    assert refined(scene).refined.mean() < 0.02


def test_a_point_that_turned_over_far_is_found_without_drift() -> None:
    scene = Waves(turning(6.0), frames=21)
    near = POINTS[4:5] + 3.0
    found = refined(scene, near)
    assert found.refined[0, 1:].all()
    assert errors(scene, found, near).max() < 0.1


def test_a_point_is_what_it_would_be_on_its_own() -> None:
    scene = Waves(moving(0.8, -0.3), grain=3.0)
    together = refined(scene)
    for i in (0, 4, 8):
        queries = queries_of(scene, POINTS)
        alone = Queries(
            queries.names[i : i + 1], np.zeros(1, dtype=np.int64), queries.frame[i : i + 1], queries.xy[i : i + 1]
        )
        follower = follower_of(scene, POINTS, SIGMA_PX)
        found = follower.follow(scene, alone, np.array(scene.frames), "both", Quiet())
        single = Refiner(scene, SIGMA_PX, torch.device("cpu"), LastUsed(0)).refine(
            found, alone, np.array(scene.frames), "both", Quiet()
        )
        np.testing.assert_array_equal(single.xy[0], together.xy[i])
        np.testing.assert_array_equal(single.covariance[0], together.covariance[i])
        np.testing.assert_array_equal(single.confidence[0], together.confidence[i])
        np.testing.assert_array_equal(single.visible[0], together.visible[i])


def test_each_picture_is_read_once_each_way_and_the_keys_once_more_and_not_at_all_when_it_is_kept() -> None:
    scene = Waves(moving(0.8, -0.3))
    kept: LastUsed[Sized] = LastUsed(1 << 30)
    cold = refined(scene, key_frame=2, kept=kept)
    assert sorted(scene.reads) == sorted([*scene.frames, scene.frames[2]])
    scene.reads.clear()
    warm = refined(scene, key_frame=2, kept=kept)
    assert scene.reads == []
    np.testing.assert_array_equal(cold.xy, warm.xy)


@pytest.mark.parametrize("direction", ["both", "forward", "backward"])
def test_samples_are_told_when_they_are_final(direction: Direction) -> None:
    scene, watcher = Waves(moving(0.5, 0.5), frames=12), Settled()
    found = refined(scene, POINTS[:2], direction=direction, key_frame=5, watcher=watcher)
    assert watcher.final.all()
    reached = np.flatnonzero(np.isfinite(found.xy[0, :, 0])).tolist()
    assert reached == {"both": list(range(12)), "forward": list(range(5, 12)), "backward": list(range(6))}[direction]


def test_a_job_ends_when_it_is_not_wanted() -> None:
    class NotWantedError(Exception): ...

    with pytest.raises(NotWantedError):
        refined(Waves(moving(0.5, 0.5)), watcher=Stopping(NotWantedError, after=5))
