# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cotrack.tracking.points import check_keys, detect_keys, grid_keys, keys_in_mask
from cotrack_client.errors import CotrackError
from cotrack_client.tracks import Key


def places(keys: tuple[Key, ...]) -> npt.NDArray[np.float64]:
    return np.array([(key.x, key.y) for key in keys]).reshape(-1, 2)


@given(st.integers(1, 5000), st.integers(1, 5000), st.integers(1, 12))
def test_a_grid_lies_inside_the_picture_and_is_symmetrical(width: int, height: int, count: int) -> None:
    points = places(grid_keys(width, height, count, 1001))
    assert len(points) == count**2
    assert ((points > 0) & (points < (width, height))).all()
    np.testing.assert_allclose(points + points[::-1], np.broadcast_to((width, height), points.shape))


def test_a_grid_runs_row_by_row_and_leaves_a_64th_of_the_width_free() -> None:
    keys = grid_keys(1920, 1080, 3, 1001)
    assert [key.track for key in keys][:4] == ["point_001", "point_002", "point_003", "point_004"]
    assert places(keys)[:4].tolist() == [[30, 30], [960, 30], [1890, 30], [30, 540]]
    assert {key.frame for key in keys} == {1001}


def test_a_grid_of_one_point_is_the_middle() -> None:
    assert grid_keys(1920, 1080, 1, 7) == (Key("point_001", 7, 960, 540),)


def test_names_sort_as_their_points_stand() -> None:
    names = [key.track for key in grid_keys(1920, 1080, 40, 1)]
    assert names == sorted(names)
    assert (names[0], names[-1]) == ("point_0001", "point_1600")


@pytest.mark.parametrize("count", [0, -3])
def test_a_grid_without_a_point_is_refused(count: int) -> None:
    with pytest.raises(CotrackError, match=rf"a grid of {count} x {count} has no point; ask for 1 x 1"):
        grid_keys(1920, 1080, count, 1)


def test_a_grid_in_a_mask_fills_the_mask_and_nothing_else() -> None:
    mask = np.zeros((1080, 1920), dtype=bool)
    mask[100:110, 200:230] = True
    points = places(keys_in_mask(mask, 1920, 1080, 2, 1001))
    assert points.tolist() == [[207.5, 102.5], [222.5, 102.5], [207.5, 107.5], [222.5, 107.5]]


def test_a_grid_leaves_out_the_holes_of_a_mask() -> None:
    mask = np.zeros((90, 90), dtype=bool)
    mask[0:90, 0:30] = mask[60:90, 0:90] = True
    keys = keys_in_mask(mask, 90, 90, 3, 1001)
    assert places(keys).tolist() == [[15, 15], [15, 45], [15, 75], [45, 75], [75, 75]]
    assert [key.track for key in keys] == [f"point_{i:03d}" for i in range(1, 6)]


def test_a_mask_that_slips_through_the_grid_is_said() -> None:
    ring = np.ones((30, 30), dtype=bool)
    ring[5:25, 5:25] = False
    with pytest.raises(CotrackError, match=r"no point of a 1 x 1 grid falls in the mask; make it finer \(--grid\)"):
        keys_in_mask(ring, 30, 30, 1, 1001)


@pytest.mark.parametrize("shape", [(540, 960), (0, 0), (1920, 1080)])
def test_a_mask_of_another_size_is_refused_with_both_sizes(shape: tuple[int, int]) -> None:
    said = f"the mask is {shape[1]} x {shape[0]} but the plate 1920 x 1080"
    with pytest.raises(CotrackError, match=said):
        keys_in_mask(np.ones(shape, dtype=bool), 1920, 1080, 5, 1)
    with pytest.raises(CotrackError, match=said):
        detect_keys(np.zeros((1080, 1920, 3), dtype=np.float32), 5, 1, np.ones(shape, dtype=bool))


def test_an_empty_mask_is_refused() -> None:
    empty = np.zeros((108, 192), dtype=bool)
    with pytest.raises(CotrackError, match="the mask is empty; paint where points may lie"):
        keys_in_mask(empty, 192, 108, 5, 1)
    with pytest.raises(CotrackError, match="the mask is empty"):
        detect_keys(np.zeros((108, 192, 3), dtype=np.float32), 5, 1, empty)


CHECKER_CORNERS = [(x, y) for y in (40, 80, 120, 160) for x in (40, 80, 120, 160, 200, 240)]


@pytest.fixture(scope="module")
def checkers() -> npt.NDArray[np.float32]:
    """A checkerboard of 280 x 200 px, soft as a lens leaves it, corners at `CHECKER_CORNERS` in raster coordinates."""
    y, x = np.mgrid[0:200, 0:280]
    board = ((x // 40 + y // 40) % 2).astype(np.float32) * 0.8 + 0.1
    soft = cv2.GaussianBlur(board, (0, 0), 1.0)
    return np.repeat(soft[..., None], 3, axis=2).astype(np.float32)


def test_features_are_found_at_the_corners_to_a_fiftieth_of_a_pixel(checkers: npt.NDArray[np.float32]) -> None:
    keys = detect_keys(checkers, 24, 1001)
    points = places(keys)
    distances = np.linalg.norm(points[:, None] - np.array(CHECKER_CORNERS)[None], axis=2)
    assert sorted(distances.argmin(axis=1)) == list(range(24))
    assert distances.min(axis=1).max() < 0.02
    assert keys[0].track == "point_001"
    assert {key.frame for key in keys} == {1001}


def test_features_stay_in_the_mask(checkers: npt.NDArray[np.float32]) -> None:
    mask = np.zeros((200, 280), dtype=bool)
    mask[20:100, 100:180] = True
    points = places(detect_keys(checkers, 10, 1001, mask))
    inside = {tuple(corner) for corner in np.rint(points).astype(int).tolist()}
    assert {(120, 40), (160, 40), (120, 80), (160, 80)} <= inside
    assert ((points > (100, 20)) & (points < (180, 100))).all()


def test_features_are_no_more_than_asked_for(checkers: npt.NDArray[np.float32]) -> None:
    assert len(detect_keys(checkers, 7, 1001)) == 7


def test_features_spread_over_the_picture_although_one_part_is_stronger() -> None:
    rng = np.random.default_rng(1)
    noise = cv2.GaussianBlur(rng.random((240, 320), dtype=np.float32), (0, 0), 2)
    noise[:, 160:] = 0.5 + (noise[:, 160:] - 0.5) * 0.4
    picture = np.repeat(noise[..., None], 3, axis=2).astype(np.float32)
    points = places(detect_keys(picture, 40, 1001))
    assert len(points) == 40
    assert 8 <= np.count_nonzero(points[:, 0] > 160) <= 32


def test_a_picture_without_a_feature_is_said() -> None:
    flat = np.full((100, 100, 3), 0.5, dtype=np.float32)
    with pytest.raises(CotrackError, match="frame 1001 has no feature to track; place points yourself"):
        detect_keys(flat, 10, 1001)
    with pytest.raises(CotrackError, match="frame 1001 has no feature to track within the mask"):
        detect_keys(flat, 10, 1001, np.ones((100, 100), dtype=bool))


FRAMES = [1001, 1002, 1004]


@pytest.mark.parametrize("place", [(0, 0), (1920, 1080), (960.25, 0.5)])
def test_a_key_in_the_picture_at_a_frame_that_is_there_passes(place: tuple[float, float]) -> None:
    check_keys([Key("nose", 1004, *place)], FRAMES, 1920, 1080)


@pytest.mark.parametrize(
    ("key", "message"),
    [
        (Key("nose", 1000, 5, 5), "point 'nose' is at frame 1000, outside the frames 1001-1004; move it"),
        (Key("nose", 1005, 5, 5), "point 'nose' is at frame 1005, outside the frames 1001-1004; move it"),
        (Key("nose", 1003, 5, 5), "point 'nose' is at frame 1003, which is missing; place it at another frame"),
        (Key("nose", 1001, 1920.5, 5), r"'nose' is at \(1920.5, 5\) in frame 1001, outside the picture of 1920 x 1080"),
        (Key("nose", 1001, 5, -0.25), r"'nose' is at \(5, -0.25\) in frame 1001, outside the picture of 1920 x 1080"),
    ],
)
def test_a_key_that_cannot_be_tracked_is_named_with_what_is_allowed(key: Key, message: str) -> None:
    with pytest.raises(CotrackError, match=message):
        check_keys([Key("fine", 1001, 5, 5), key], np.array(FRAMES), 1920, 1080)
