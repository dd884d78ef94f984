# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import gc
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from cotrack.media.cache import PictureCache
from cotrack.media.clip import open_clip
from cotrack.media.picture import Picture
from cotrack.media.read_ahead import read_ahead


def readers() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name.startswith("cotrack-media")]


def singles(count: int) -> Iterator[tuple[int, ...]]:
    return iter([(frame,) for frame in range(count)])


@pytest.mark.parametrize("workers", [1, 4])
def test_results_come_in_order_with_their_jobs(workers: int) -> None:
    def read(job: tuple[int, ...]) -> int:
        time.sleep(0.002 * (job[0] % 3))
        return job[0] * 10

    assert list(read_ahead(singles(20), read, most=6, readers=workers)) == [((i,), i * 10) for i in range(20)]


def test_no_more_is_read_ahead_than_allowed() -> None:
    started = []
    results = read_ahead(singles(100), started.append, most=5, readers=2)
    for _ in range(3):
        next(results)
    time.sleep(0.05)
    assert len(started) <= 3 + 5
    results.close()


def test_a_job_larger_than_allowed_is_read_alone() -> None:
    jobs = iter([tuple(range(10)), tuple(range(10, 20))])
    assert [job[0] for job, _ in read_ahead(jobs, len, most=3, readers=1)] == [0, 10]


def test_an_error_comes_in_its_turn() -> None:
    def read(job: tuple[int, ...]) -> int:
        if job == (3,):
            raise ValueError("three")
        return job[0]

    seen = []
    with pytest.raises(ValueError, match="three"):
        seen.extend(result for _, result in read_ahead(singles(10), read, most=8, readers=4))
    assert seen == [0, 1, 2]


@pytest.mark.parametrize("end", ["exhausted", "closed", "dropped", "failed"])
def test_the_threads_end_with_the_iterator(plate: Path, end: str) -> None:
    with open_clip(plate) as clip:
        pictures = clip.iterate(clip.frames)
        next(pictures)
        assert readers()
        if end == "exhausted":
            list(pictures)
        elif end == "closed":
            pictures.close()
        elif end == "failed":
            with pytest.raises(RuntimeError):
                pictures.throw(RuntimeError("of the caller"))
        del pictures
        gc.collect()
        assert not readers()


def test_a_clip_can_be_closed_while_it_is_iterated(plate: Path) -> None:
    clip = open_clip(plate, memory=1)
    pictures = clip.iterate(clip.frames)
    next(pictures)
    clip.close()
    with pytest.raises(ValueError, match="is closed"):
        list(pictures)
    assert not readers()


def test_one_thread_may_read_while_another_iterates(tmp_path: Path, media: SimpleNamespace) -> None:
    path = media.write_movie(tmp_path / "a.mp4", bf="2", g="6")
    with open_clip(path, memory=1) as clip:
        for frame, picture in clip.iterate(clip.frames):
            assert media.number_in(picture) == frame
            assert media.number_in(clip.read(25 - frame)) == 25 - frame


def test_pictures_belong_to_the_caller(plate: Path) -> None:
    with open_clip(plate) as clip:
        before = clip.read(1001).copy()
        clip.read(1001)[...] = 0
        np.testing.assert_array_equal(clip.read(1001), before)


def picture_of(value: int) -> Picture:
    return Picture(np.full((10, 10, 3), value, np.uint8), 255)


def test_the_cache_forgets_what_was_used_longest_ago() -> None:
    cache = PictureCache(3 * 300)
    for frame in (1, 2, 3):
        cache.put(frame, picture_of(frame))
    cache.get(1)
    cache.put(4, picture_of(4))
    assert [frame for frame in (1, 2, 3, 4) if cache.get(frame)] == [1, 3, 4]


def test_the_cache_keeps_nothing_that_is_larger_than_itself() -> None:
    cache = PictureCache(299)
    cache.put(1, picture_of(1))
    assert cache.get(1) is None
    cache.put(1, picture_of(1))
    assert cache.get(1) is None


def test_a_picture_kept_twice_counts_once() -> None:
    cache = PictureCache(600)
    for _ in range(5):
        cache.put(1, picture_of(1))
    cache.put(2, picture_of(2))
    assert cache.get(1) is not None
