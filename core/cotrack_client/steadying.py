# SPDX-License-Identifier: Apache-2.0
"""The motion that tracks have in common: what a Transform needs to follow them, or to hold them still.

At each frame only those tracks count that are visible there and at the reference frame; what they say is compared with
what the same tracks say at the reference, so that a track that comes or goes makes no jump. They weigh by confidence.
Frames at which none is left have no pose. All in pixels, y up; angles in degrees, counter-clockwise.
"""

from __future__ import annotations

import cmath
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from cotrack_client.errors import CotrackError
from cotrack_client.frames import FrameRange
from cotrack_client.tracks import Track

_LEAST_WEIGHT = 1e-3  # a visible sample counts, however unsure


@dataclass(frozen=True)
class Pose:
    """A similarity about a centre that is the same at all frames: scaled and turned about it, then moved.

    translate: px. rotate: degrees, without jumps of a whole turn. scale: 1 at the reference frame.
    """

    translate: tuple[float, float]
    rotate: float = 0.0
    scale: float = 1.0


@dataclass(frozen=True)
class Motion:
    """Poses by frame, in ascending order of frames, about one centre, px."""

    center: tuple[float, float]
    poses: dict[int, Pose]


@dataclass(frozen=True)
class Sighting:
    """A visible sample. at: px, y up."""

    at: complex
    weight: float


def motion_of(
    tracks: Iterable[Track],
    frames: FrameRange,
    reference: int,
    height: int,
    *,
    rotates: bool = False,
    scales: bool = False,
    pixel_aspect: float = 1.0,
) -> Motion:
    """Return how a picture has to move from the reference frame on to follow the tracks (a match-move).

    tracks: raster px. rotates, scales: what it may do beside moving; needs two tracks at a time, else it only moves.
    pixel_aspect: width of a pixel by its height; angles and sizes are those of the picture as it is shown.
    Raises CotrackError where no track is visible at the reference frame.
    """
    seen = [_sightings(track, height, pixel_aspect) for track in tracks]
    at_reference = [sightings[reference].at for sightings in seen if reference in sightings]
    if not at_reference:
        raise CotrackError(f"no track is visible at the reference frame {reference}; choose another frame")
    center = sum(at_reference) / len(at_reference)
    poses: dict[int, Pose] = {}
    turn = 0.0
    for frame in frames.numbers():
        pairs = [(one[reference], one[frame]) for one in seen if reference in one and frame in one]
        if not pairs:
            continue
        factor, shift = _fit(pairs, rotates=rotates, scales=scales)
        moved = factor * center + shift - center
        turn += _shortest(math.degrees(cmath.phase(factor)) - turn)
        poses[frame] = Pose((moved.real / pixel_aspect, moved.imag), turn, abs(factor))
    return Motion((center.real / pixel_aspect, center.imag), _turned_to_zero(poses, reference))


def inverse(motion: Motion, pixel_aspect: float = 1.0) -> Motion:
    """Return what undoes a motion (a stabilisation)."""
    return replace(motion, poses={frame: _undone(pose, pixel_aspect) for frame, pose in motion.poses.items()})


def _sightings(track: Track, height: int, pixel_aspect: float) -> dict[int, Sighting]:
    return {
        frame: Sighting(
            complex(track.x[index] * pixel_aspect, height - track.y[index]), max(track.confidence[index], _LEAST_WEIGHT)
        )
        for index, frame in enumerate(track.frames)
        if track.visible[index]
    }


def _fit(pairs: Sequence[tuple[Sighting, Sighting]], *, rotates: bool, scales: bool) -> tuple[complex, complex]:
    """Return the factor and shift of complex numbers that take the first of each pair to the second, by least squares.

    A sighting at the reference weighs nothing of its own: what is unsure is the pair.
    """
    weights = [before.weight * after.weight for before, after in pairs]
    total = sum(weights)
    middle_before = sum(weight * before.at for weight, (before, _) in zip(weights, pairs)) / total
    middle_after = sum(weight * after.at for weight, (_, after) in zip(weights, pairs)) / total
    factor = 1 + 0j
    spread = sum(weight * abs(before.at - middle_before) ** 2 for weight, (before, _) in zip(weights, pairs))
    if spread > 0 and (rotates or scales):
        sums = (
            weight * (after.at - middle_after) * (before.at - middle_before).conjugate()
            for weight, (before, after) in zip(weights, pairs)
        )
        factor = _limited(sum(sums) / spread, rotates=rotates, scales=scales)
    return factor, middle_after - factor * middle_before


def _limited(factor: complex, *, rotates: bool, scales: bool) -> complex:
    """Return the factor without what is not wanted of it."""
    if factor == 0:
        return 1 + 0j
    if not rotates:
        return complex(factor.real if factor.real > 0 else 1.0)
    return factor if scales else factor / abs(factor)


def _shortest(degrees: float) -> float:
    """Return the same turn within half a turn either way."""
    return (degrees + 180.0) % 360.0 - 180.0


def _turned_to_zero(poses: dict[int, Pose], reference: int) -> dict[int, Pose]:
    """Return poses that do not rotate at the reference frame, by whole turns."""
    whole = round(poses[reference].rotate / 360.0) * 360.0 if reference in poses else 0.0
    return {frame: replace(pose, rotate=pose.rotate - whole) for frame, pose in poses.items()} if whole else poses


def _undone(pose: Pose, pixel_aspect: float) -> Pose:
    shift = complex(pose.translate[0] * pixel_aspect, pose.translate[1])
    back = -shift / cmath.rect(pose.scale, math.radians(pose.rotate))
    return Pose((back.real / pixel_aspect, back.imag), -pose.rotate, 1.0 / pose.scale)
