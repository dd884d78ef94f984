# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from cotrack.tracking.picture_motion import carried, dominant_motion, flow


def noise(seed: int, width: int = 320, height: int = 240) -> npt.NDArray[np.uint8]:
    soft = cv2.GaussianBlur(np.random.default_rng(seed).random((height, width), dtype=np.float32), (0, 0), 3)
    return ((soft - soft.min()) / np.ptp(soft) * 255).astype(np.uint8)


HOMOGRAPHY = np.array([[1.02, -0.03, 7.0], [0.03, 1.01, -5.0], [2e-5, -1e-5, 1.0]])
POINTS = np.array([(80.0, 60.0), (160.5, 120.25), (240.0, 180.0)])


def moved(picture: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    return np.asarray(
        cv2.warpPerspective(picture, HOMOGRAPHY, picture.shape[::-1], flags=cv2.INTER_CUBIC), dtype=np.uint8
    )


@pytest.mark.parametrize("size", [(320, 240), (1280, 960)])
def test_the_motion_of_the_picture_is_measured(size: tuple[int, int]) -> None:
    picture = noise(1, *size)
    truth, _ = carried(HOMOGRAPHY, POINTS)
    found, _ = carried(dominant_motion(picture, moved(picture)), POINTS)
    np.testing.assert_allclose(found, truth, atol=0.3)


def test_what_moves_differently_in_a_smaller_part_does_not_count() -> None:
    earlier = noise(1)
    later = moved(earlier)
    earlier[80:160, 100:220] = noise(2)[80:160, 100:220]
    later[80:160, 100:220] = noise(2)[78:158, 110:230]
    truth, _ = carried(HOMOGRAPHY, POINTS)
    found, _ = carried(dominant_motion(earlier, later), POINTS)
    np.testing.assert_allclose(found, truth, atol=0.5)


@pytest.mark.parametrize("other", [noise(2), np.zeros((240, 320), dtype=np.uint8)], ids=["cut", "black"])
def test_where_nothing_goes_together_nothing_moves(other: npt.NDArray[np.uint8]) -> None:
    np.testing.assert_array_equal(dominant_motion(noise(1), other), np.eye(3))
    np.testing.assert_array_equal(dominant_motion(other, noise(1)), np.eye(3))


def test_the_jacobian_is_the_slope_of_where_points_go() -> None:
    _, slopes = carried(HOMOGRAPHY, POINTS)
    for axis in (0, 1):
        step = 1e-4 * np.eye(2)[axis]
        difference = (carried(HOMOGRAPHY, POINTS + step)[0] - carried(HOMOGRAPHY, POINTS - step)[0]) / 2e-4
        np.testing.assert_allclose(slopes[:, :, axis], difference, atol=1e-7)


def test_flow_goes_there_and_comes_back() -> None:
    picture = noise(1)
    truth, _ = carried(HOMOGRAPHY, POINTS)
    there, miss = flow(picture, moved(picture), POINTS, POINTS)
    np.testing.assert_allclose(there, truth, atol=0.25)
    assert miss.max() < 0.1


def test_where_there_is_nothing_to_follow_flow_misses_by_infinity() -> None:
    flat = np.full((240, 320), 128, dtype=np.uint8)
    assert np.isinf(flow(flat, flat, POINTS, POINTS)[1]).all()


def test_no_points_flow_nowhere() -> None:
    there, miss = flow(noise(1), noise(1), POINTS[:0], POINTS[:0])
    assert there.shape == (0, 2)
    assert miss.shape == (0,)
