# SPDX-License-Identifier: Apache-2.0
"""Following points with CoTracker3: the reference predictor's numbers, and what a track may depend on.

The networks here have the golden weights, made by rule: their tracks mean nothing, but every number depends on
everything that it ought to depend on, and on nothing else. A small configuration keeps the tests quick where the
numbers need not be golden.
"""

from collections.abc import Hashable, Iterable, Iterator

import numpy as np
import numpy.typing as npt
import pytest
import torch

from cotrack.models.cotracker3 import CoTracker3, CoTracker3Config
from cotrack.tracking.cotracker3_follower import CoTracker3Follower
from cotrack.tracking.follower import FollowerSettings, Support
from cotrack.tracking.queries import Queries
from cotrack.tracking.trajectories import Direction, Trajectories
from cotrack_client.tracks import Key
from data.golden.cotracker3_golden import golden, network, queries, video
from watchers import Counting, Quiet, Stopping

FIRST = 1001


class Frames:
    """Pictures in memory, numbered from 1001."""

    def __init__(self, pictures: torch.Tensor) -> None:
        self._pictures = (pictures.permute(0, 2, 3, 1).numpy() / 255).astype(np.float32)
        self.height, self.width = self._pictures.shape[1:3]
        self.frames = tuple(range(FIRST, FIRST + len(pictures)))

    def read(self, frame: int) -> npt.NDArray[np.float32]:
        return self._pictures[frame - FIRST]

    def iterate(self, frames: Iterable[int]) -> Iterator[tuple[int, npt.NDArray[np.float32]]]:
        return ((frame, self.read(frame)) for frame in frames)

    def identity(self, frame: int) -> Hashable:
        return id(self), frame


def as_queries(rows: npt.NDArray[np.float32]) -> Queries:
    """Rows (frame index, x, y) of the reference, whose first pixel's centre is (0, 0)."""
    return Queries.from_keys(
        Key(f"p{i}", FIRST + int(t), float(x) + 0.5, float(y) + 0.5) for i, (t, x, y) in enumerate(rows)
    )


def small_network(*, online: bool) -> CoTracker3:
    torch.manual_seed(5)
    config = CoTracker3Config(
        online=online,
        window=16 if online else 60,
        resolution=(48, 64),
        feature_widths=(8, 8, 8, 8),
        feature_dim=16,
        levels=2,
        radius=2,
        correlation_hidden=16,
        correlation_dim=8,
        hidden=32,
        heads=4,
        depth=2,
        virtual_tracks=4,
    )
    made = CoTracker3(config).eval()
    with torch.no_grad():
        for parameter in made.parameters():
            if parameter.dim() > 1:
                parameter.normal_(0, 1.2 / np.sqrt(parameter[0].numel()))
    return made


def follow(
    net: CoTracker3,
    frames: Frames,
    points: Queries,
    direction: Direction = "both",
    support: Support = "auto",
    *,
    isolate: bool = False,
) -> Trajectories:
    follower = CoTracker3Follower(net, FollowerSettings(device="cpu", support=support, isolate=isolate))
    return follower.follow(frames, points, np.array(frames.frames), direction, Quiet())


def spread_points(frames: list[int], count: int = 5) -> Queries:
    return as_queries(queries(42, count, frames, 72, 100).numpy())


@pytest.fixture(scope="module")
def forty() -> Frames:
    return Frames(video(7, 40, 72, 100))


def test_with_reference_support_the_offline_network_gives_the_reference_predictors_tracks() -> None:
    file = golden("cot3_predictor")
    rows = queries(302, 6, [0, 3, 7], 72, 100).numpy()
    found = follow(network(online=False), Frames(video(301, 8, 72, 100)), as_queries(rows), support="reference")
    difference = np.abs(found.xy.transpose(1, 0, 2) - 0.5 - file["full_q_tracks"])
    difference[rows[:, 0].astype(int), np.arange(6)] = 0  # the reference overwrites them with the query
    assert difference.max() <= 1e-3
    assert (file["full_q_vis"] == found.visible.T).sum() >= file["full_q_vis"].size - len(rows)


@pytest.mark.parametrize("online", [False, True])
@pytest.mark.parametrize("direction", ["both", "forward", "backward"])
def test_a_direction_is_followed_and_no_other(forty: Frames, direction: Direction, *, online: bool) -> None:
    points = spread_points([0, 11, 39])
    found = follow(small_network(online=online), forty, points, direction)
    followed = np.isfinite(found.xy).all(axis=-1)
    time, at = np.array(forty.frames), points.frame[:, None]
    wanted = {"both": time > 0, "forward": time >= at, "backward": time <= at}[direction] & (time > 0)
    assert (followed | (time == at) == np.broadcast_to(wanted, followed.shape)).all()
    assert np.isfinite(found.confidence).all()


@pytest.mark.parametrize("online", [False, True])
@pytest.mark.parametrize("frames", [1, 2, 5, 9])
def test_short_shots_are_tracked_too(frames: int, *, online: bool) -> None:
    shot = Frames(video(8, frames, 72, 100))
    found = follow(small_network(online=online), shot, spread_points([0, frames - 1]))
    at_query = np.array(shot.frames) == spread_points([0, frames - 1]).frame[:, None]
    assert (np.isfinite(found.xy).all(axis=-1) | at_query).all()


@pytest.mark.parametrize("online", [False, True])
def test_isolated_points_cannot_be_changed_by_others(forty: Frames, *, online: bool) -> None:
    net = small_network(online=online)
    few, many = spread_points([3, 12], 2), spread_points([3, 12, 30], 7)
    both = [row for row in range(7) if (few.xy == many.xy[row]).all(axis=1).any()]
    alone = follow(net, forty, few, isolate=True)
    beside_others = follow(net, forty, many, isolate=True)
    assert len(both) == 2
    assert np.array_equal(alone.xy, beside_others.xy[both], equal_nan=True)
    assert np.array_equal(alone.confidence, beside_others.confidence[both])


def test_without_isolation_points_lean_on_one_another(forty: Frames) -> None:
    net = small_network(online=False)
    few, many = follow(net, forty, spread_points([3], 2)), follow(net, forty, spread_points([3], 7))
    assert not np.array_equal(few.xy, many.xy[:2], equal_nan=True)


def test_the_same_job_gives_the_same_tracks(forty: Frames) -> None:
    net = small_network(online=True)
    one, other = (follow(net, forty, spread_points([0, 20])) for _ in range(2))
    assert np.array_equal(one.xy, other.xy, equal_nan=True)


def test_support_points_change_tracks_and_are_recorded() -> None:
    shot, points, net = Frames(video(9, 12, 72, 100)), spread_points([0]), small_network(online=False)
    assert not np.array_equal(
        follow(net, shot, points, support="none").xy, follow(net, shot, points, support="auto").xy, equal_nan=True
    )
    recorded = [
        CoTracker3Follower(net, FollowerSettings(support=support)).record()["support_points"]
        for support in ("none", "auto", "reference")
    ]
    assert recorded == [0, 36, 36]


def test_progress_is_told_and_can_stop_the_job(forty: Frames) -> None:
    counting = Counting()
    follower = CoTracker3Follower(small_network(online=True), FollowerSettings(device="cpu"))
    frames = np.array(forty.frames)
    follower.follow(forty, spread_points([0]), frames, "forward", counting)
    for stage in ("looking", "tracking"):
        counts = [done for name, done, _ in counting.told if name == stage]
        assert counts == sorted(counts)
        assert counts[-1] == 40
    assert {total for _, _, total in counting.told} == {40}
    with pytest.raises(KeyboardInterrupt):
        follower.follow(forty, spread_points([0]), frames, "forward", Stopping(KeyboardInterrupt))
