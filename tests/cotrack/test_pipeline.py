# SPDX-License-Identifier: Apache-2.0
"""From a shot on disk and a choice of points to finished tracks."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from cotrack.evaluation.disturbed import DisturbedTruth
from cotrack.media.clip import open_clip
from cotrack.pipeline import FEATURES_BY_DEFAULT, PointChoice, ProgressOnly, TrackRequest, choose_points, track_shot
from cotrack.tracking.queries import Queries
from cotrack_client.errors import CotrackError
from cotrack_client.frames import FrameRange
from cotrack_client.tracks import Key
from watchers import Quiet

WIDTH, HEIGHT, MOVE = 160, 120, 2


@pytest.fixture(scope="module")
def shot(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Frames 1001-1008 of a texture that moves 2 px to the right per frame."""
    folder = tmp_path_factory.mktemp("plate")
    grain = np.random.default_rng(2).integers(0, 255, (HEIGHT // 6, WIDTH // 6 + 4, 3), dtype=np.uint8)
    texture = cv2.resize(grain, None, fx=6, fy=6, interpolation=cv2.INTER_CUBIC)
    for i in range(8):
        left = 20 - MOVE * i
        cv2.imwrite(str(folder / f"plate.{1001 + i}.png"), texture[:HEIGHT, left : left + WIDTH])
    return folder / "plate.####.png"


@pytest.fixture(scope="module")
def mask(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """White in the left half."""
    picture = np.zeros((HEIGHT, WIDTH), dtype=np.uint8)
    picture[:, : WIDTH // 2] = 255
    path = tmp_path_factory.mktemp("mask") / "mask.png"
    cv2.imwrite(str(path), picture)
    return path


def test_a_point_is_tracked_through_the_shots_own_frames(shot: Path) -> None:
    key = Key("nose", 1004, 80.25, 60.75)
    archive = track_shot(TrackRequest(shot, PointChoice(keys=(key,))), ProgressOnly())
    tracks = archive.tracks
    assert tracks.names == ("nose",)
    assert tracks.frames.tolist() == list(range(1001, 1009))
    assert tuple(tracks.xy[0, 3]) == (80.25, 60.75)
    expected = 80.25 + MOVE * (tracks.frames - 1004)
    np.testing.assert_allclose(tracks.xy[0, :, 0], expected, atol=0.1)
    np.testing.assert_allclose(tracks.xy[0, :, 1], 60.75, atol=0.1)


def test_the_result_says_what_it_was_made_from(shot: Path) -> None:
    request = TrackRequest(shot, PointChoice(grid=2), frames=FrameRange(1002, 1005), direction="forward")
    archive = track_shot(request, ProgressOnly())
    assert (archive.shot.first, archive.shot.last) == (1002, 1005)
    assert (archive.shot.width, archive.shot.height) == (WIDTH, HEIGHT)
    assert archive.model is not None
    assert archive.model.commercial_use
    assert archive.settings["direction"] == "forward"


def test_without_points_good_features_are_chosen(shot: Path) -> None:
    with open_clip(shot) as clip:
        keys = choose_points(clip, PointChoice())
    assert 10 <= len(keys) <= FEATURES_BY_DEFAULT
    assert {key.frame for key in keys} == {1001}


@pytest.mark.parametrize("grid", [None, 6])
def test_a_mask_says_where_chosen_points_lie(shot: Path, mask: Path, grid: int | None) -> None:
    with open_clip(shot) as clip:
        keys = choose_points(clip, PointChoice(grid=grid, frame=1003, mask=mask))
    assert keys
    assert max(key.x for key in keys) <= WIDTH / 2
    assert {key.frame for key in keys} == {1003}


def test_points_and_a_grid_go_together(shot: Path) -> None:
    with open_clip(shot) as clip:
        keys = choose_points(clip, PointChoice(keys=(Key("nose", 1002, 50, 50),), grid=3))
    assert len(keys) == 10


@pytest.mark.parametrize(
    ("choice", "said"),
    [
        (PointChoice(keys=(Key("nose", 1002, 50, 50),), mask=Path("mask.png")), "nothing|only points"),
        (PointChoice(keys=(Key("point_002", 1002, 50, 50),), grid=3), "point_002"),
        (PointChoice(grid=3, frame=900), "900"),
    ],
)
def test_a_choice_that_makes_no_sense_is_refused(shot: Path, choice: PointChoice, said: str) -> None:
    with open_clip(shot) as clip, pytest.raises(CotrackError, match=said):
        choose_points(clip, choice)


def test_a_missing_frame_is_left_out_when_asked(shot: Path, tmp_path: Path) -> None:
    for path in shot.parent.glob("*.png"):
        if "1005" not in path.name:
            (tmp_path / path.name).write_bytes(path.read_bytes())
    request = TrackRequest(tmp_path / "plate.####.png", PointChoice(keys=(Key("nose", 1002, 80, 60),)), missing="skip")
    tracks = track_shot(request, ProgressOnly()).tracks
    assert 1005 not in tracks.frames
    np.testing.assert_allclose(tracks.xy[0, -1], (80 + MOVE * 6, 60), atol=0.2)


def test_samples_are_refined_unless_they_shall_not_be(shot: Path) -> None:
    points = PointChoice(keys=(Key("nose", 1004, 80.25, 60.75),))
    refined = track_shot(TrackRequest(shot, points), ProgressOnly())
    plain = track_shot(TrackRequest(shot, points, refine=False), ProgressOnly())
    assert refined.settings["refine"] is True
    assert plain.settings["refine"] is False
    assert refined.tracks.refined[0].tolist() == [True] * 3 + [False] + [True] * 4
    assert not plain.tracks.refined.any()
    expected = np.stack([80.25 + MOVE * (refined.tracks.frames - 1004), np.full(8, 60.75)], axis=1)
    np.testing.assert_allclose(refined.tracks.xy[0], expected, atol=0.02)
    assert np.isfinite(refined.tracks.covariance[refined.tracks.refined]).all()


def test_one_more_key_leaves_everything_beyond_its_neighbours_as_it_was(shot: Path) -> None:
    keys = [Key("nose", 1001 + i, 74.25 + MOVE * i, 60.75) for i in (0, 3, 7)]
    other = Key("ear", 1002, 60.5, 40.25)
    one_more = Key("nose", 1006, 84.5, 60.5)
    before = track_shot(TrackRequest(shot, PointChoice(keys=(*keys, other))), ProgressOnly()).tracks
    after = track_shot(TrackRequest(shot, PointChoice(keys=(*keys, other, one_more))), ProgressOnly()).tracks
    for column in ("xy", "confidence", "refined", "covariance"):
        one, two = getattr(before, column), getattr(after, column)
        np.testing.assert_array_equal(one[0, :4], two[0, :4])
        np.testing.assert_array_equal(one[1], two[1])
    assert tuple(after.xy[0, 5]) == (84.5, 60.5)


def test_a_follower_of_the_callers_own_takes_the_same_path(shot: Path) -> None:
    frames = np.arange(1001, 1009)
    xy = np.stack([80.25 + MOVE * (frames - 1004), np.full(8, 60.75)], axis=1)[None]
    follower = DisturbedTruth(("nose",), frames, xy, np.ones((1, 8), dtype=bool), sigma_px=1.0)
    request = TrackRequest(shot, PointChoice(keys=(Key("nose", 1004, 80.25, 60.75),)))
    archive = track_shot(request, ProgressOnly(), follower=follower)
    assert archive.model is None
    assert archive.settings["disturbed_px"] == 1.0
    with open_clip(shot) as clip:
        followed = follower.follow(clip, Queries.from_keys(request.points.keys), frames, "both", Quiet())
    assert np.abs(followed.xy - xy).max() > 0.5
    np.testing.assert_allclose(archive.tracks.xy[0], xy[0], atol=0.02)
