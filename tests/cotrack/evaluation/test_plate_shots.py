# SPDX-License-Identifier: Apache-2.0
"""Shots are the same every time, of the grain and size asked for, and their truth is what trackers find."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from cotrack.evaluation.contestants import OpenCvTracker, OurTracker
from cotrack.evaluation.plates.bench import ShotResult, Standing, judge, task_of
from cotrack.evaluation.plates.files import PlatePictures, write_shot
from cotrack.evaluation.plates.finish import Finish, Shadow, grain_field, to_display
from cotrack.evaluation.plates.points import PlateTruth, find_truth
from cotrack.evaluation.plates.scene import expose
from cotrack.evaluation.plates.shots import PlateShot, make_shot
from cotrack.media.clip import open_clip
from cotrack_client.errors import CotrackError

SIZE, FRAMES = (320, 180), 5
COVER, LEAVE, FREEFORM, MOVIE, STILL, SOFT, SOLIDS = range(7)
THEMES = 7


@pytest.fixture(scope="module")
def still() -> tuple[PlateShot, PlateTruth]:
    shot = make_shot(STILL, SIZE, FRAMES)
    return shot, find_truth(shot, 24)


def test_a_shot_is_made_of_its_number_alone() -> None:
    first, again = make_shot(COVER, SIZE, FRAMES), make_shot(COVER, SIZE, FRAMES)
    assert np.array_equal(first.picture(1003), again.picture(1003))
    assert not np.array_equal(first.picture(1003), make_shot(COVER + THEMES, SIZE, FRAMES).picture(1003))
    assert np.array_equal(find_truth(first, 12).xy, find_truth(again, 12).xy)


@pytest.mark.parametrize("number", [COVER, LEAVE, FREEFORM, SOFT, SOLIDS])
def test_points_are_asked_for_where_they_are_seen(number: int) -> None:
    shot = make_shot(number, SIZE, FRAMES)
    truth = find_truth(shot, 18)
    assert 12 <= len(truth.names) <= 18
    for row, key in enumerate(truth.keys):
        place = int(np.searchsorted(truth.frames, key.frame))
        assert truth.xy[row, place] == pytest.approx((key.x, key.y), abs=1e-9)
        assert truth.visible[row, place]


def test_an_occluder_hides_points_and_lets_them_go_again() -> None:
    shot = make_shot(STILL, SIZE, 24)
    truth = find_truth(shot, 60)
    hidden_between = ~truth.visible[:, 1:-1] & truth.visible[:, :1] & truth.visible[:, -1:]
    assert hidden_between.any()


def test_points_leave_the_plate_and_return() -> None:
    truth = find_truth(make_shot(LEAVE, SIZE, 24), 60)
    gone = (truth.visible[:, :-1] & ~truth.visible[:, 1:]).any(axis=1)
    back = (~truth.visible[:, :-1] & truth.visible[:, 1:]).any(axis=1)
    assert (gone & back).any()


def test_bare_points_have_nothing_around_them() -> None:
    shot = make_shot(STILL, (640, 360), FRAMES)
    clean = to_display(expose(shot.scene, 0.0))
    truth = find_truth(shot, 32)
    bare = [key for key, kind in zip(truth.keys, truth.kinds, strict=True) if kind == "bare" and key.frame == 1001]
    assert bare
    for key in bare:
        x, y = int(key.x), int(key.y)
        assert np.ptp(clean[y - 5 : y + 6, x - 5 : x + 6], axis=(0, 1)).max() < 3 / 255


@pytest.mark.parametrize(("number", "grain"), [(STILL, 3.0), (STILL + THEMES, 1.0), (STILL + 2 * THEMES, 6.0)])
def test_grain_has_the_level_it_says(number: int, grain: float) -> None:
    shot = make_shot(number, SIZE, FRAMES)
    assert shot.finish.grain == grain
    clean = replace(shot, finish=replace(shot.finish, grain=0.0))
    noise = 255 * (shot.picture(1002) - clean.picture(1002))
    assert noise.std() == pytest.approx(grain, rel=0.05)


def test_grain_is_new_in_every_frame() -> None:
    random = np.random.default_rng(1)
    one, two = grain_field(random, (80, 80)), grain_field(random, (80, 80))
    assert abs(np.corrcoef(one.ravel(), two.ravel())[0, 1]) < 0.05


def test_exposure_and_shadow_change_the_light_by_what_they_say() -> None:
    grey = np.full((4, 100, 3), 0.2, dtype=np.float32)
    random = np.random.default_rng(1)
    finish = Finish(exposure=1.0, shadow=Shadow(depth=0.5, width=0.1, first=0.25, last=0.75))
    begin, end = (finish.picture(grey, progress, random)[0, :, 0] for progress in (0.0, 1.0))
    assert begin[99] == pytest.approx(to_display(grey[:1, :1] * 2**-0.5)[0, 0, 0], abs=1e-4)
    assert begin[25] == pytest.approx(to_display(grey[:1, :1] * 2**-0.5 * 0.5)[0, 0, 0], abs=1e-3)
    assert end[75] == pytest.approx(to_display(grey[:1, :1] * 2**0.5 * 0.5)[0, 0, 0], abs=1e-3)


def test_a_sequence_holds_the_same_pictures_as_memory(still: tuple[PlateShot, PlateTruth], tmp_path: Path) -> None:
    shot, _ = still
    pictures = PlatePictures(shot)
    with open_clip(write_shot(shot, tmp_path)) as clip:
        assert clip.frames == pictures.frames == shot.frames
        assert np.abs(clip.read(1002) - pictures.read(1002)).max() < 1e-4


def test_a_linear_sequence_is_read_as_what_was_seen(still: tuple[PlateShot, PlateTruth], tmp_path: Path) -> None:
    shot, _ = still
    path = write_shot(replace(shot, frames=shot.frames[:1]), tmp_path, "exr")
    with open_clip(path) as clip:
        assert np.abs(clip.read(1001) - shot.picture(1001)).max() < 1e-3


def test_a_compressed_shot_is_a_movie(tmp_path: Path) -> None:
    shot = make_shot(MOVIE, SIZE, FRAMES)
    path = write_shot(shot, tmp_path)
    with open_clip(path, first=1001) as clip:
        assert clip.frames == shot.frames
        assert 0.001 < np.abs(clip.read(1003) - shot.picture(1003)).mean() < 0.03


def test_trackers_find_the_truth_on_a_clean_plate(tmp_path: Path) -> None:
    shot = make_shot(MOVIE, (480, 270), FRAMES)
    clean = replace(shot, finish=Finish())
    truth = find_truth(clean, 24)
    textured = np.array([kind == "textured" for kind in truth.kinds])
    path = write_shot(clean, tmp_path)
    for contestant in (OurTracker("lucas-kanade", model="lucas-kanade"), OpenCvTracker()):
        tracks = contestant.track(task_of(path, truth), lambda *_: None)
        figures = Standing("", (ShotResult("", judge(tracks, truth), textured),)).figures()
        assert figures["median_px"] < 0.1, figures


def test_opencv_walks_both_ways_from_every_query(still: tuple[PlateShot, PlateTruth]) -> None:
    shot, truth = still
    tracks = OpenCvTracker().follow(PlatePictures(shot), truth.keys)
    at_rest = judge(tracks, truth)
    assert len({key.frame for key in truth.keys}) == 2
    found = at_rest.followed & at_rest.seen
    assert found[:, 0].mean() > 0.9
    assert np.median(np.linalg.norm(at_rest.error, axis=-1)[at_rest.accepted]) < 0.1


def test_too_few_frames_are_refused() -> None:
    with pytest.raises(CotrackError, match="3 frames cannot be judged; ask for 4 or more"):
        make_shot(0, SIZE, 3)
