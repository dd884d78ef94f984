# SPDX-License-Identifier: Apache-2.0
"""The motion that tracks have in common, against motions that are known."""

import cmath
import math

import pytest

from cotrack_client.errors import CotrackError
from cotrack_client.frames import FrameRange
from cotrack_client.steadying import Motion, inverse, motion_of
from cotrack_client.tracks import Track

HEIGHT = 1080
FRAMES = FrameRange(1001, 1060)
REFERENCE = 1011
POINTS = (complex(300, 200), complex(1500, 240), complex(900, 820))


def pose_at(frame: int) -> tuple[complex, complex]:
    """A factor and a shift: more than a whole turn, some zoom, some travel."""
    time = frame - REFERENCE
    return cmath.rect(1 + 0.004 * time, math.radians(9 * time)), complex(3 * time, -time)


def moved(point: complex, frame: int, pixel_aspect: float = 1.0) -> tuple[float, float]:
    """Where a point is, raster px. point: square px, y up, at the reference frame."""
    factor, shift = pose_at(frame)
    there = factor * point + shift
    return there.real / pixel_aspect, HEIGHT - there.imag


def track(point: complex, hidden: range = range(0), pixel_aspect: float = 1.0, off: float = 0.0) -> Track:
    frames = tuple(FRAMES.numbers())
    places = [moved(point, frame, pixel_aspect) for frame in frames]
    seen = tuple(frame not in hidden for frame in frames)
    x = tuple(1e4 if frame in hidden else moved(point, frame, pixel_aspect)[0] for frame in frames)
    return Track(f"{point}", (), frames, x, tuple(y + off for _, y in places), seen, (1.0,) * len(frames))


def applied(motion: Motion, point: complex, frame: int, pixel_aspect: float = 1.0) -> tuple[float, float]:
    """What a Transform with this pose does to a point; raster px."""
    pose = motion.poses[frame]
    center = complex(motion.center[0] * pixel_aspect, motion.center[1])
    factor = cmath.rect(pose.scale, math.radians(pose.rotate))
    there = factor * (point - center) + center + complex(pose.translate[0] * pixel_aspect, pose.translate[1])
    return there.real / pixel_aspect, HEIGHT - there.imag


@pytest.mark.parametrize("pixel_aspect", [1.0, 2.0])
def test_a_similarity_is_found_again(pixel_aspect: float) -> None:
    tracks = [track(point, pixel_aspect=pixel_aspect) for point in POINTS]
    factor, shift = pose_at(REFERENCE)
    motion = motion_of(tracks, FRAMES, REFERENCE, HEIGHT, rotates=True, scales=True, pixel_aspect=pixel_aspect)
    assert motion.poses[REFERENCE].translate == pytest.approx((0, 0), abs=1e-9)
    for frame in FRAMES.numbers():
        for point in POINTS:
            expected = moved(point, frame, pixel_aspect)
            assert applied(motion, factor * point + shift, frame, pixel_aspect) == pytest.approx(expected, abs=1e-6)
    assert motion.poses[1060].rotate == pytest.approx(9 * 49)
    assert motion.poses[1001].rotate == pytest.approx(-90)


def test_the_inverse_brings_everything_back() -> None:
    motion = motion_of([track(point) for point in POINTS], FRAMES, REFERENCE, HEIGHT, rotates=True, scales=True)
    back = inverse(motion)
    for frame in FRAMES.numbers():
        x, y = moved(POINTS[0], frame)
        assert applied(back, complex(x, HEIGHT - y), frame) == pytest.approx(moved(POINTS[0], REFERENCE), abs=1e-6)


def test_a_track_that_is_hidden_for_a_while_makes_no_jump() -> None:
    whole = [track(point) for point in POINTS]
    with_gap = [track(POINTS[0], range(1020, 1030)), *whole[1:]]
    expected = motion_of(whole, FRAMES, REFERENCE, HEIGHT, rotates=True, scales=True)
    found = motion_of(with_gap, FRAMES, REFERENCE, HEIGHT, rotates=True, scales=True)
    for frame in FRAMES.numbers():
        assert found.poses[frame].translate == pytest.approx(expected.poses[frame].translate, abs=1e-6)


def test_frames_where_nothing_is_seen_have_no_pose() -> None:
    motion = motion_of([track(POINTS[0], range(1020, 1030))], FRAMES, REFERENCE, HEIGHT)
    assert set(FRAMES.numbers()) - set(motion.poses) == set(range(1020, 1030))


def test_without_rotation_and_scale_it_only_moves() -> None:
    motion = motion_of([track(POINTS[0])], FRAMES, REFERENCE, HEIGHT)
    x, y = moved(POINTS[0], 1050)
    start_x, start_y = moved(POINTS[0], REFERENCE)
    assert motion.poses[1050].translate == pytest.approx((x - start_x, start_y - y))
    assert {(pose.rotate, pose.scale) for pose in motion.poses.values()} == {(0.0, 1.0)}


def test_one_track_cannot_rotate_anything() -> None:
    motion = motion_of([track(POINTS[0])], FRAMES, REFERENCE, HEIGHT, rotates=True, scales=True)
    assert {(pose.rotate, pose.scale) for pose in motion.poses.values()} == {(0.0, 1.0)}


def test_a_reference_that_nobody_sees_is_refused() -> None:
    with pytest.raises(CotrackError, match="no track is visible at the reference frame 1011"):
        motion_of([track(POINTS[0], range(1005, 1015))], FRAMES, REFERENCE, HEIGHT)
