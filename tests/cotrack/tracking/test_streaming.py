# SPDX-License-Identifier: Apache-2.0
"""What a job tells while it runs is, put together, exactly its result; and it can be ended at any time."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from cotrack.pipeline import PointChoice, TrackRequest, track_shot
from cotrack.tracking import cotracker3_follower
from cotrack.tracking.follower import FollowerSettings
from cotrack.tracking.memory import WindowPlan
from cotrack.tracking.trajectories import Direction
from cotrack_client.frames import FrameRange
from cotrack_client.tracks import Key
from watchers import Stopping, Stream

KEYS = (
    Key("once", 1001, 40, 30),
    Key("thrice", 1004, 20, 20),
    Key("thrice", 1013, 24, 26),
    Key("thrice", 1028, 30, 30),
    Key("twice", 1020, 60, 50),
    Key("twice", 1029, 66, 50),
    Key("late", 1029, 50, 20),
    Key("middle", 1011, 70, 40),
)


def request_for(
    plate: Path, weights: Path | None, direction: Direction = "both", *, isolate: bool = False, refine: bool = True
) -> TrackRequest:
    settings = FollowerSettings(device="cpu", isolate=isolate)
    if weights is None:
        return TrackRequest(plate, PointChoice(KEYS), direction=direction, refine=refine, model="lucas-kanade")
    return TrackRequest(
        plate, PointChoice(KEYS), direction=direction, refine=refine, weights=weights, settings=settings
    )


def assert_streamed_whole(request: TrackRequest) -> Stream:
    stream = Stream()
    tracks = track_shot(request, stream).tracks
    assert np.array_equal(stream.told, tracks.followed)
    assert stream.tracks is not None
    for name in ("xy", "visible", "confidence", "keyed"):
        told, final = (np.where(_like(values, tracks.followed), values, 0)
                       for values in (getattr(stream.tracks, name), getattr(tracks, name)))  # fmt: skip
        assert np.array_equal(told, final), name
    assert stream.tracks.as_values() == tracks.as_values()
    return stream


def _like(values: np.ndarray, where: np.ndarray) -> np.ndarray:
    return where.reshape(where.shape + (1,) * (values.ndim - 2))


@pytest.mark.parametrize("direction", ["both", "forward", "backward"])
@pytest.mark.parametrize("model", ["lucas-kanade", "offline", "online"])
def test_samples_are_told_once_and_make_up_the_result(
    plate: Path, weights: dict[str, Path], model: str, direction: Direction
) -> None:
    stream = assert_streamed_whole(request_for(plate, weights.get(model), direction))
    assert stream.times > 1 or model == "offline"


@pytest.mark.parametrize("direction", ["both", "forward"])
@pytest.mark.parametrize("model", ["offline", "online"])
def test_groups_and_windows_stream_as_they_end(
    plate: Path, weights: dict[str, Path], model: str, direction: Direction, monkeypatch: pytest.MonkeyPatch
) -> None:
    window, step = (16, 8) if model == "online" else (10, 7)
    plan = WindowPlan(window, step, together=36 + 3)
    monkeypatch.setattr(cotracker3_follower, "plan_windows", lambda *_: plan)
    assert assert_streamed_whole(request_for(plate, weights[model], direction, refine=False)).times >= 6


def test_points_on_their_own_stream_one_by_one(plate: Path, weights: dict[str, Path]) -> None:
    assert assert_streamed_whole(request_for(plate, weights["offline"], isolate=True, refine=False)).times >= 5


def test_a_part_of_the_shot_streams_too(plate: Path, weights: dict[str, Path]) -> None:
    key = Key("late", 1020, 50, 20)
    frames = FrameRange(1020, 1027)
    for path in (None, weights["online"], weights["offline"]):
        model = "lucas-kanade" if path is None else None
        request = TrackRequest(plate, PointChoice((key,)), frames, direction="forward", weights=path, model=model)
        assert assert_streamed_whole(request).told.shape == (1, 8)


class EnoughError(Exception):
    """The host asked for an end."""


@pytest.mark.parametrize("after", [1, 2, 3, 5, 40])
@pytest.mark.parametrize("model", ["lucas-kanade", "offline", "online"])
def test_a_job_ends_where_it_is_asked_whether_it_is_wanted(
    plate: Path, weights: dict[str, Path], model: str, after: int
) -> None:
    with pytest.raises(EnoughError):
        track_shot(request_for(plate, weights.get(model)), Stopping(EnoughError, after))
