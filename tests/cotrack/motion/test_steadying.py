# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from cotrack.motion import warps
from cotrack.motion.joint import CommonMotion
from cotrack.motion.steadying import filling, steady_lookups, zoomed
from cotrack.motion.warps import MotionKind
from cotrack_client.errors import CotrackError

SIZE = (200, 100)
WHOLE = (0.0, 0.0, 200.0, 100.0)


def motion_of(matrices: npt.NDArray[np.float64], kind: MotionKind = "translation") -> CommonMotion:
    length = len(matrices)
    return CommonMotion(
        kind,
        0,
        np.arange(length),
        matrices,
        np.zeros((1, 2)),
        np.ones((1, length)),
        np.zeros(length),
        np.ones(length, bool),
    )


def shifts(x: npt.ArrayLike, y: npt.ArrayLike = 0.0) -> npt.NDArray[np.float64]:
    matrices = np.tile(np.eye(3), (len(np.atleast_1d(x)), 1, 1))
    matrices[:, 0, 2], matrices[:, 1, 2] = x, y
    return matrices


def test_held_still_each_frame_looks_where_its_motion_went() -> None:
    motion = motion_of(shifts([0.0, 3.0, -2.0]))
    np.testing.assert_array_equal(steady_lookups(motion, SIZE), motion.matrices)


@pytest.mark.parametrize("kind", ["translation", "perspective"])
def test_smoothing_keeps_a_pan_and_takes_its_shaking(kind: MotionKind) -> None:
    frames = np.arange(60)
    shaking = np.where(frames % 2, 1.0, -1.0)
    lookups = steady_lookups(motion_of(shifts(4.0 * frames + shaking), kind), SIZE, smooth=15)
    moved = lookups[:, 0, 2]
    np.testing.assert_allclose(moved[8:-8], shaking[8:-8], atol=0.05)
    assert np.abs(moved).max() < 2.5  # also at the ends, where there is nothing to look ahead to


def test_a_smooth_pan_is_left_alone() -> None:
    lookups = steady_lookups(motion_of(shifts(4.0 * np.arange(20))), SIZE, smooth=9)
    np.testing.assert_allclose(lookups, np.tile(np.eye(3), (20, 1, 1)), atol=1e-9)


def test_a_smoothing_longer_than_the_shot_is_possible() -> None:
    assert np.isfinite(steady_lookups(motion_of(shifts([0.0, 1.0, 5.0])), SIZE, smooth=500)).all()


def test_smoothed_turning_stays_turning() -> None:
    angle = np.radians(np.random.default_rng(0).normal(0, 2, 30))
    matrices = np.tile(np.eye(3), (30, 1, 1))
    matrices[:, 0, 0] = matrices[:, 1, 1] = np.cos(angle)
    matrices[:, 1, 0], matrices[:, 0, 1] = np.sin(angle), -np.sin(angle)
    lookups = steady_lookups(motion_of(matrices, "rotation"), SIZE, smooth=9)
    np.testing.assert_allclose(np.linalg.det(lookups[:, :2, :2]), 1, atol=1e-12)


def test_the_zoom_is_just_enough() -> None:
    lookups = shifts([0.0, 10.0, -4.0], [0.0, -3.0, 1.0])
    zoom = filling(lookups, SIZE, WHOLE)
    assert zoom == pytest.approx(100 / 90)
    corners = warps.mapped(zoomed(lookups, SIZE, zoom), np.array([[(0.0, 0.0), (200.0, 100.0)]]))
    assert corners[..., 0].min() >= 0
    assert corners[..., 0].max() == pytest.approx(200)


def test_overscan_needs_no_zoom() -> None:
    assert filling(shifts([0.0, 10.0]), SIZE, (-20.0, -20.0, 220.0, 120.0)) == 1


def test_a_shot_that_leaves_itself_cannot_be_filled() -> None:
    with pytest.raises(CotrackError, match=r"even a zoom by 8 shows its borders; smooth"):
        filling(shifts([0.0, 150.0]), SIZE, WHOLE)
