# SPDX-License-Identifier: Apache-2.0
"""Tracks whose numbers are known, for the tests of formats."""

from __future__ import annotations

from collections.abc import Mapping

from cotrack_client.tracks import Shot, Track, TrackDocument

WIDTH, HEIGHT, FIRST = 1920, 1080, 1001

CORNERS_AND_GAP = {1001: (0.5, 0.5), 1002: (10.25, 1059.25), 1006: (1919.5, 0.5), 1007: (960.0, 540.0)}
"""The centres of corner pixels, a gap of three frames: what tells half a pixel, a frame and a flip apart."""

ONE_FRAME = {1004: (500.5, 779.75)}

PIN = {
    "roof": {1001: (200.25, 100.5), 1002: (201.25, 101.5), 1004: (203.25, 103.5)},
    "door": {1001: (220.5, 900.0), 1002: (221.5, 901.0), 1003: (222.5, 902.0), 1004: (223.5, 903.0)},
    "sign": {1001: (1500.0, 880.75), 1002: (1501.0, 881.75), 1003: (1502.0, 882.75), 1004: (1503.0, 883.75)},
    "lamp": {1002: (1601.5, 150.0), 1003: (1602.5, 151.0), 1004: (1603.5, 152.0)},
}
"""Corners top left, bottom left, bottom right, top right; all four are visible from 1002 on."""


def track(name: str, places: Mapping[int, tuple[float, float]], confidence: float = 1.0) -> Track:
    return Track(
        name=name,
        keys=(),
        frames=tuple(places),
        x=tuple(x for x, _ in places.values()),
        y=tuple(y for _, y in places.values()),
        visible=(True,) * len(places),
        confidence=(1.0,) + (confidence,) * (len(places) - 1),
    )


def document(*tracks: Track, first: int = FIRST, last: int = 1010, fps: float | None = 24.0) -> TrackDocument:
    return TrackDocument(Shot("plate.%04d.exr", WIDTH, HEIGHT, first, last, fps), tracks)


GOLDEN = document(track("trackA", CORNERS_AND_GAP), track("trackB", ONE_FRAME))
GOLDEN_PIN = document(*(track(name, places) for name, places in PIN.items()))


def parabolas() -> TrackDocument:
    """What tracksperanto's reference exports hold: two parabolas with a gap, and a single frame."""
    frames = [n for n in range(21) if n not in (10, 11)]
    one = {1 + n: (96.0 * n, 1080.0 - 1080.0 * (n / 10 - 1) ** 2) for n in frames}
    two = {1 + n: (1920.0 - 96.0 * n, 1080.0 * (n / 10 - 1) ** 2) for n in frames}
    shot = Shot("", WIDTH, HEIGHT, 1, 21)
    names = ("Parabolic_1_from_top_left", "Parabolic_2_from_bottom_right", "SingleFrame_InTheMiddle")
    tracks = (track(name, places) for name, places in zip(names, (one, two, {1: (970.0, 530.0)})))
    return TrackDocument(shot, tuple(tracks))
