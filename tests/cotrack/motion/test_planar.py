# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from cotrack.motion import warps
from cotrack.motion.planar import corner_positions, follow_plane
from cotrack.tracking.tracks import Tracks
from cotrack_client.errors import CotrackError

Floats = npt.NDArray[np.float64]

QUAD = np.array([(300.0, 800.0), (1500.0, 850.0), (1400.0, 200.0), (350.0, 250.0)])
FRAMES = 30


def plane_motion(random: np.random.Generator) -> Floats:
    moved = QUAD + np.cumsum(random.normal(0, 6, (FRAMES, 4, 2)), axis=0)
    moved[0] = QUAD
    return warps.homography(np.broadcast_to(QUAD, moved.shape), moved)


def tracks_on(matrices: Floats, random: np.random.Generator, on: int = 20, off: int = 40) -> Tracks:
    """Tracks on the plane, half of which appear later or are hidden for a while, and more of the still background."""
    inside = random.uniform((420, 300), (1350, 780), (on, 2))
    outside = random.uniform((0, 900), (1900, 1080), (off, 2))
    xy = np.concatenate(
        [np.swapaxes(warps.mapped(matrices, inside[None]), 0, 1), np.repeat(outside[:, None], FRAMES, axis=1)]
    )
    visible = np.ones((on + off, FRAMES), dtype=bool)
    visible[: on // 4, :10] = False
    visible[on // 4 : on // 2, 12:20] = False
    names = tuple(f"on_{n}" for n in range(on)) + tuple(f"off_{n}" for n in range(off))
    return Tracks(
        names,
        np.arange(1, FRAMES + 1),
        xy,
        visible,
        np.ones(visible.shape, np.float32),
        np.zeros(visible.shape, dtype=bool),
    )


def test_corners_follow_the_plane_not_the_many_tracks_beside_it() -> None:
    random = np.random.default_rng(0)
    matrices = plane_motion(random)
    tracks = tracks_on(matrices, random)
    plane = follow_plane(tracks, QUAD, 1)
    assert set(plane.names) == {name for name in tracks.names if name.startswith("on")}
    np.testing.assert_allclose(plane.quads, warps.mapped(matrices, QUAD[None]), atol=1e-5)
    assert np.nanmax(plane.motion.error) < 1e-5


def test_corners_are_put_in_order() -> None:
    random = np.random.default_rng(1)
    tracks = tracks_on(plane_motion(random), random)
    for order in ([2, 0, 3, 1], [3, 2, 1, 0]):
        np.testing.assert_allclose(follow_plane(tracks, QUAD[order], 1).quads[0], QUAD)


def test_named_tracks_alone_count() -> None:
    random = np.random.default_rng(2)
    tracks = tracks_on(plane_motion(random), random)
    names = [f"on_{n}" for n in range(12, 20)]
    assert follow_plane(tracks, QUAD, 1, names).names == tuple(names)


def test_frames_with_too_few_tracks_on_the_plane_are_bridged_and_told() -> None:
    random = np.random.default_rng(3)
    tracks = tracks_on(plane_motion(random), random)
    tracks.visible[:17, 15] = False
    plane = follow_plane(tracks, QUAD, 1)
    assert np.flatnonzero(~plane.motion.solved).tolist() == [15]
    np.testing.assert_allclose(plane.quads[15], (plane.quads[14] + plane.quads[16]) / 2, atol=8)


def test_corners_can_be_tracks() -> None:
    random = np.random.default_rng(4)
    tracks = tracks_on(plane_motion(random), random)
    names = ["on_11", "on_15", "on_17", "on_19"]
    found = corner_positions(tracks, names, 5)
    np.testing.assert_array_equal(found, tracks.xy[[11, 15, 17, 19], 4])


def test_what_cannot_be_followed_is_told() -> None:
    random = np.random.default_rng(5)
    tracks = tracks_on(plane_motion(random), random)
    with pytest.raises(CotrackError, match="no track called 'nose'; it has on_0, on_1"):
        corner_positions(tracks, ["nose", "on_1", "on_2", "on_3"], 1)
    with pytest.raises(CotrackError, match="on_0, on_1 cannot be seen at the reference frame 1; choose"):
        corner_positions(tracks, ["on_0", "on_1", "on_12", "on_13"], 1)
    with pytest.raises(CotrackError, match="the corners span no quadrilateral at frame 1"):
        follow_plane(tracks, np.array([(0, 0), (1, 1), (2, 2), (3, 3)], dtype=float), 1)
    with pytest.raises(CotrackError, match="0 tracks are on the plane at frame 1, and it takes 4"):
        follow_plane(tracks, np.array([(0, 0), (9, 0), (9, 9), (0, 9)], dtype=float), 1)
