# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest

from cotrack.motion import warps
from cotrack.motion.joint import common_motion
from cotrack.motion.warps import KINDS, MotionKind
from cotrack.tracking.tracks import Tracks
from cotrack_client.errors import CotrackError

Floats = npt.NDArray[np.float64]

WIDTH, HEIGHT, FRAMES, COUNT = 1920, 1080, 40, 60
CORNERS = np.array([(0, 0), (WIDTH, 0), (WIDTH, HEIGHT), (0, HEIGHT)], dtype=np.float64)


def moving(kind: MotionKind, random: np.random.Generator) -> Floats:
    """(T, 3, 3) from the first frame on, raster px."""
    units = np.array([[1 / 960, 0, -1], [0, 1 / 960, -0.56], [0, 0, 1]])
    basis = warps.generators(kind)
    steps = random.normal(0, 0.01, (FRAMES, len(basis)))
    steps[0] = 0
    matrices = np.linalg.inv(units) @ warps.along(np.tile(np.eye(3), (FRAMES, 1, 1)), steps, basis) @ units
    return np.asarray(matrices / matrices[:, 2:, 2:])


def tracks_of(matrices: Floats, random: np.random.Generator, noise: float = 0.0) -> Tracks:
    """Tracks of which each has a gap, a third begins late, and a third ends early."""
    places = random.uniform((0, 0), (WIDTH, HEIGHT), (COUNT, 2))
    xy = np.swapaxes(warps.mapped(matrices, places[None]), 0, 1)
    visible = np.ones((COUNT, FRAMES), dtype=bool)
    for number in range(COUNT):
        start = int(random.integers(0, FRAMES))
        visible[number, start : start + int(random.integers(3, 15))] = False
        visible[number, : FRAMES // 3 if number % 3 == 0 else 0] = False
        visible[number, FRAMES - (FRAMES // 3 if number % 3 == 1 else 0) :] = False
    xy = np.where(visible[..., None], xy + random.normal(0, noise, xy.shape), random.uniform(0, 1000, xy.shape))
    return Tracks(
        names=tuple(f"t{number}" for number in range(COUNT)),
        frames=np.arange(1001, 1001 + FRAMES),
        xy=xy,
        visible=visible,
        confidence=np.ones((COUNT, FRAMES), dtype=np.float32),
        keyed=np.zeros((COUNT, FRAMES), dtype=bool),
    )


def corner_error(found: Floats, truth: Floats) -> Floats:
    """(T, 4) px."""
    return np.asarray(np.linalg.norm(warps.mapped(found, CORNERS[None]) - warps.mapped(truth, CORNERS[None]), axis=-1))


@pytest.mark.parametrize("kind", KINDS)
def test_tracks_without_noise_give_the_motion_exactly_whenever_they_come_and_go(kind: MotionKind) -> None:
    random = np.random.default_rng(1)
    truth = moving(kind, random)
    motion = common_motion(tracks_of(truth, random), kind, 1001)
    assert motion.solved.all()
    assert corner_error(motion.matrices, truth).max() < 1e-6
    assert np.nanmax(motion.error) < 1e-6


@pytest.mark.parametrize("kind", KINDS)
def test_tracks_on_something_that_moves_by_itself_lose(kind: MotionKind) -> None:
    random = np.random.default_rng(2)
    truth = moving(kind, random)
    tracks = tracks_of(truth, random, noise=0.05)
    own = np.arange(COUNT) < COUNT // 4
    tracks.xy[own] += np.arange(FRAMES)[None, :, None] * np.array([0.7, -0.4])
    motion = common_motion(tracks, kind, 1001)
    honest = common_motion(replace(tracks, visible=tracks.visible & ~own[:, None]), kind, 1001)
    assert motion.weights[own].max() == 0
    assert (motion.weights[~own].max(axis=1) > 0).all()
    np.testing.assert_allclose(motion.matrices, honest.matrices, atol=0.02)


def test_a_wild_sample_loses_alone() -> None:
    random = np.random.default_rng(3)
    truth = moving("similarity", random)
    tracks = tracks_of(truth, random)
    number, place = np.argwhere(tracks.visible)[200]
    tracks.xy[number, place] += 40
    motion = common_motion(tracks, "similarity", 1001)
    assert corner_error(motion.matrices, truth).max() < 1e-6
    assert motion.weights[number, place] == 0
    assert motion.weights[number].max() > 0.9


def test_a_track_that_appears_or_ends_makes_no_jump() -> None:
    """Points at other depths do not follow one translation; each change of who is seen would show as a jump."""
    random = np.random.default_rng(4)
    drift = np.arange(FRAMES)[None, :, None] * np.array([2.0, 0.0])
    depth = random.uniform(-0.05, 0.05, (20, 1, 1))
    xy = random.uniform(0, 1000, (20, 1, 2)) + drift * (1 + depth)
    visible = np.ones((20, FRAMES), dtype=bool)
    visible[10:, 20:] = False
    tracks = Tracks(
        tuple(map(str, range(20))),
        np.arange(FRAMES),
        xy,
        visible,
        np.ones(visible.shape, np.float32),
        np.zeros(visible.shape, bool),
    )
    steps = np.diff(common_motion(tracks, "translation", 0).matrices[:, 0, 2])
    at_change = slice(12, 24)
    assert np.abs(steps[at_change] - 2.0).max() < 0.12
    assert np.abs(np.diff(steps)).max() < 0.06


def test_turning_and_scaling_respect_the_pixel_aspect() -> None:
    random = np.random.default_rng(5)
    aspect = 2.0
    square = np.diag([aspect, 1.0, 1.0])
    truth = np.linalg.inv(square) @ moving("similarity", random) @ square
    tracks = tracks_of(truth, random)
    assert corner_error(common_motion(tracks, "similarity", 1001, aspect).matrices, truth).max() < 1e-6
    assert corner_error(common_motion(tracks, "similarity", 1001).matrices, truth).max() > 1


def test_frames_without_tracks_lie_between_their_neighbours() -> None:
    random = np.random.default_rng(6)
    truth = moving("translation", random)
    tracks = tracks_of(truth, random)
    tracks.visible[:, 10:13] = False
    motion = common_motion(tracks, "translation", 1001)
    assert np.flatnonzero(~motion.solved).tolist() == [10, 11, 12]
    between = (3 * truth[9, :2, 2] + truth[13, :2, 2]) / 4
    np.testing.assert_allclose(motion.matrices[10, :2, 2], between, atol=1e-6)
    assert np.isnan(motion.error[10:13]).all()


def test_what_nothing_connects_with_the_reference_is_not_solved() -> None:
    random = np.random.default_rng(7)
    tracks = tracks_of(moving("translation", random), random)
    tracks.visible[: COUNT // 2, 20:] = False
    tracks.visible[COUNT // 2 :, :20] = False
    assert common_motion(tracks, "translation", 1001).solved.tolist() == [True] * 20 + [False] * 20


def test_more_sureness_counts_more() -> None:
    tracks = Tracks(
        ("a", "b"),
        np.array([1, 2]),
        np.array([[(10.0, 10.0), (11.0, 10.0)], [(50.0, 10.0), (51.02, 10.0)]]),
        np.ones((2, 2), bool),
        np.array([[1, 1], [0.25, 0.25]], np.float32),
        np.zeros((2, 2), bool),
    )
    moved = common_motion(tracks, "translation", 1).matrices[1, 0, 2]
    assert 1.0 < moved < 1.01


def test_too_few_tracks_at_the_reference_are_told() -> None:
    random = np.random.default_rng(8)
    tracks = tracks_of(moving("perspective", random), random)
    tracks.visible[3:, 0] = False
    with pytest.raises(CotrackError, match="visible at the reference frame 1001, and perspective takes 4; choose"):
        common_motion(tracks, "perspective", 1001)


def test_a_reference_that_the_tracks_do_not_have_is_told() -> None:
    random = np.random.default_rng(9)
    tracks = tracks_of(moving("translation", random), random)
    with pytest.raises(CotrackError, match=r"no frame 7 \(they have 1001-1040\)"):
        common_motion(tracks, "translation", 7)


def test_covariance_weighs() -> None:
    covariance = np.tile(np.eye(2, dtype=np.float32), (2, 2, 1, 1)) * np.array([0.01, 0.04])[:, None, None, None]
    tracks = Tracks(
        ("a", "b"),
        np.array([1, 2]),
        np.array([[(10.0, 10.0), (11.0, 10.0)], [(50.0, 10.0), (51.02, 10.0)]]),
        np.ones((2, 2), bool),
        np.ones((2, 2), np.float32),
        np.zeros((2, 2), bool),
        refined=np.ones((2, 2), bool),
        covariance=covariance.astype(np.float32),
    )
    assert 1.003 < common_motion(tracks, "translation", 1).matrices[1, 0, 2] < 1.005
