# SPDX-License-Identifier: Apache-2.0
"""What expressions make of a Tracker's curves is what baking makes of them, as long as every track is seen."""

from __future__ import annotations

import cmath
import math
import re
from types import SimpleNamespace

import pytest

from cotrack_client.formats.nuke.linking import linked_transform
from cotrack_client.formats.nuke.words import split
from cotrack_client.frames import FrameRange
from cotrack_client.steadying import inverse, motion_of
from cotrack_client.tracks import Track

HEIGHT, PIXEL_ASPECT, REFERENCE = 1080, 2.0, 1003
FRAMES = FrameRange(1001, 1010)
START = ((300.0, 200.0), (900.0, 260.0), (700.0, 900.0))
"""Nuke's pixels at the reference frame."""

Place = tuple[float, float]


def moved(start: Place, frame: int, wobble: float) -> Place:
    """A turn, a growth and a drift of the picture as it is shown; wobble: what no similarity explains, px."""
    step = frame - REFERENCE
    turned = complex(start[0] * PIXEL_ASPECT, start[1]) * cmath.rect(1 + 0.01 * step, 0.02 * step)
    return turned.real / PIXEL_ASPECT + 7 * step + wobble * step, turned.imag - 3 * step


WOBBLES = (0.0, 0.5, -1.0)
WHERE = {frame: [moved(START[row], frame, WOBBLES[row]) for row in range(3)] for frame in FRAMES.numbers()}
TRACKS = [
    Track(
        f"track {row}",
        (),
        tuple(WHERE),
        tuple(places[row][0] for places in WHERE.values()),
        tuple(HEIGHT - places[row][1] for places in WHERE.values()),
        (True,) * len(WHERE),
        (1.0,) * len(WHERE),
    )
    for row in range(3)
]


def evaluated(text: str, frame: int) -> list[float]:
    """The numbers of a knob at a frame, as Nuke computes expressions. Rows count from 1."""
    rows = {f"row{row}": SimpleNamespace(track_x=x, track_y=y) for row, (x, y) in enumerate(WHERE[frame], start=1)}
    names = {**rows, "hypot": math.hypot, "atan2": math.atan2, "degrees": math.degrees}
    python = re.sub(r"parent\.Tracker1\.tracks\.(\d+)\.", r"row\1.", text)
    return [float(eval(word.inside, {"__builtins__": {}}, names)) for word in split(python)]  # noqa: S307


def apply(point: Place, center: list[float], translate: list[float], rotate: float, scale: float) -> Place:
    """What a Transform does to a point; it turns the picture as it is shown."""
    away = complex((point[0] - center[0]) * PIXEL_ASPECT, point[1] - center[1])
    turned = away * cmath.rect(scale, math.radians(rotate))
    return center[0] + turned.real / PIXEL_ASPECT + translate[0], center[1] + turned.imag + translate[1]


@pytest.mark.parametrize("is_inverse", [False, True])
@pytest.mark.parametrize(("rotates", "scales"), [(False, False), (True, False), (False, True), (True, True)])
def test_linked_is_what_baked_is(rotates: bool, scales: bool, is_inverse: bool) -> None:
    knobs = linked_transform(
        "Tracker1",
        dict(enumerate(START)),
        rotates=rotates,
        scales=scales,
        pixel_aspect=PIXEL_ASPECT,
        is_inverse=is_inverse,
    )
    motion = motion_of(TRACKS, FRAMES, REFERENCE, HEIGHT, rotates=rotates, scales=scales, pixel_aspect=PIXEL_ASPECT)
    motion = inverse(motion, PIXEL_ASPECT) if is_inverse else motion
    for frame, pose in motion.poses.items():
        values = {name: evaluated(text, frame) for name, text in knobs.items()}
        (rotate,), (scale,) = values.get("rotate", [0.0]), values.get("scale", [1.0])
        for point in ((0.0, 0.0), (1920.0, 30.0), (512.0, 1080.0)):
            linked = apply(point, values["center"], values["translate"], rotate, scale)
            baked = apply(point, list(motion.center), list(pose.translate), pose.rotate, pose.scale)
            assert linked == pytest.approx(baked, abs=1e-5)


def test_of_one_row_alone_it_only_moves() -> None:
    knobs = linked_transform("Tracker1", {1: START[1]}, rotates=True, scales=True)
    assert knobs == {
        "translate": "{parent.Tracker1.tracks.2.track_x - 900} {parent.Tracker1.tracks.2.track_y - 260}",
        "center": "900 260",
    }
