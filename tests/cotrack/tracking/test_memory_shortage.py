# SPDX-License-Identifier: Apache-2.0
"""Out of memory in the middle of a job: it goes on with less, and keeps to what it has said."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from cotrack.models.windows import WindowedTracks
from cotrack.pipeline import PointChoice, TrackRequest, track_shot
from cotrack.tracking import cotracker3_follower
from cotrack.tracking import memory as memory_plan
from cotrack.tracking.followed_points import FollowedPoints
from cotrack.tracking.memory import MemoryShortageError, NoticeShortage, WindowPlan, is_shortage
from cotrack.tracking.track_archive import TrackArchive
from cotrack.tracking.warm import Warm
from cotrack_client.tracks import Key
from watchers import Stream

KEYS = tuple(Key(f"p{i}", 1001 + 9 * (i % 3), 20 + 12 * (i % 5), 16 + 12 * (i // 5)) for i in range(10))

SHORTAGES = [
    MemoryError(),
    torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB"),
    RuntimeError("[enforce fail at alloc_cpu.cpp:118] . DefaultCPUAllocator: can't allocate memory: you tried to ..."),
    RuntimeError("std::bad_alloc"),
    cv2.error("OpenCV(5.0) alloc.cpp:73: error: (-4:Insufficient memory) Failed to allocate 8294400 bytes"),
]


@pytest.mark.parametrize("error", SHORTAGES, ids=lambda error: type(error).__name__)
def test_every_kind_of_shortage_is_noticed(error: Exception) -> None:
    with NoticeShortage() as attempt:
        raise error
    assert attempt.noticed


@pytest.mark.parametrize("error", [RuntimeError("shapes do not match"), KeyboardInterrupt(), ValueError("x")])
def test_other_errors_are_not_taken_for_one(error: BaseException) -> None:
    assert not is_shortage(error)
    assert not is_shortage(None)


def test_torch_says_what_is_expected_of_it() -> None:
    with NoticeShortage() as attempt:
        torch.empty(1 << 60)
    assert attempt.noticed


def failing(times: int, call: Callable[..., object], *, after: int = 0) -> Callable[..., object]:
    """`call`, which runs out of memory so many times after so many calls."""
    calls = 0

    def called(*arguments: object, **named: object) -> object:
        nonlocal calls
        calls += 1
        if after < calls <= after + times:
            raise MemoryError
        return call(*arguments, **named)

    return called


def tracked(plate: Path, weights: Path | None, stream: Stream, warm: Warm | None = None) -> TrackArchive:
    model = "lucas-kanade" if weights is None else None
    return track_shot(TrackRequest(plate, PointChoice(KEYS), weights=weights, model=model), stream, warm)


def assert_told(stream: Stream, archive: TrackArchive) -> None:
    assert stream.tracks is not None
    assert stream.tracks.as_values() == archive.tracks.as_values()


@pytest.mark.parametrize("model", ["offline", "online"])
def test_smaller_chunks_come_first_and_change_nothing(
    plate: Path, weights: dict[str, Path], model: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain, stream = tracked(plate, weights[model], Stream()), Stream()
    monkeypatch.setattr(WindowedTracks, "follow", failing(2, WindowedTracks.follow))
    archive = tracked(plate, weights[model], stream, Warm(1 << 28))
    np.testing.assert_allclose(archive.tracks.xy, plain.tracks.xy, atol=1e-3)
    assert archive.settings == plain.settings
    assert_told(stream, archive)


@pytest.mark.parametrize("model", ["offline", "online"])
def test_then_fewer_points_go_together_and_what_was_told_stays(
    plate: Path, weights: dict[str, Path], model: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def plan(_network: object, memory: int) -> WindowPlan:
        window, step = (16, 8) if model == "online" else (10, 7)
        return WindowPlan(window, step, together=36 + 5 * memory // 4_000_000_000)

    monkeypatch.setattr(cotracker3_follower, "plan_windows", plan)
    monkeypatch.setattr(memory_plan, "plan_windows", plan)
    monkeypatch.setattr(WindowedTracks, "follow", failing(7, WindowedTracks.follow, after=4))
    stream = Stream()
    archive = tracked(plate, weights[model], stream)
    assert archive.settings["points_together"] == 2
    assert archive.settings["memory"] == 2_000_000_000
    assert archive.tracks.followed.all()
    assert_told(stream, archive)


def test_at_the_least_budget_one_sentence_says_what_to_do(
    plate: Path, weights: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(WindowedTracks, "follow", failing(10**6, WindowedTracks.follow))
    with pytest.raises(MemoryShortageError, match="close other programs"):
        tracked(plate, weights["online"], Stream())


def test_the_classic_tracker_lets_go_of_what_is_kept_and_begins_again(
    plate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain, stream = tracked(plate, None, Stream()), Stream()
    monkeypatch.setattr(FollowedPoints, "advance", failing(1, FollowedPoints.advance, after=20))
    archive = tracked(plate, None, stream, Warm(1 << 28))
    assert archive.tracks.as_values() == plain.tracks.as_values()
    assert_told(stream, archive)


def test_the_classic_tracker_says_what_to_do_too(plate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(FollowedPoints, "advance", failing(10**6, FollowedPoints.advance))
    with pytest.raises(MemoryShortageError, match="close other programs"):
        tracked(plate, None, Stream(), Warm(1 << 28))


def test_a_network_that_cannot_be_loaded_for_lack_of_memory_says_so(
    plate: Path, weights: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_room(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr("cotrack.models.checkpoint.load_network", no_room)
    with pytest.raises(MemoryShortageError, match="close other programs"):
        tracked(plate, weights["offline"], Stream())
