# SPDX-License-Identifier: Apache-2.0
"""Trails, markers and names, drawn onto a picture at sub-pixel positions."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np
import numpy.typing as npt

from cotrack.motion import ink
from cotrack.motion.ink import Colour, Picture, Points
from cotrack.motion.overlay_signs import Scale, draw_cross, draw_diamond, draw_seen
from cotrack.tracking.tracks import Tracks

_BANDS = 8
_FAR = 8.0
_TRAIL_OPACITY = 0.95
_TRAIL_HALO_OPACITY = 0.4
_FADED: Colour = (90, 90, 90)
_SMALLEST_LETTER = 7


@dataclass(frozen=True, eq=False)
class Plan:
    """What is drawn: tracks in the raster of the picture that is drawn on, their colours, and how large."""

    tracks: Tracks
    colours: tuple[Colour, ...]
    scale: Scale


def draw_trails(picture: Picture, plan: Plan, t: int, length: int) -> None:
    """Draw where each track came from in the last `length` frames, fading; solid where seen, dotted through gaps."""
    tracks, scale = plan.tracks, plan.scale
    known = tracks.followed & _near(tracks.xy, picture)
    seen = known & tracks.visible
    few = len(tracks) <= ink.FEW
    width = ink.stroke_width((1.0 if few else 0.8) * scale.stroke)
    bands = [
        (_TRAIL_OPACITY * ((start + stop) / 2 - (t - length)) / length, _pieces(tracks.xy, known, seen, start, stop))
        for start, stop in _bands(max(0, t - length), t)
    ]
    for opacity, (lines, _) in bands if few else ():
        with _layer(picture, opacity * _TRAIL_HALO_OPACITY) as layer:
            ink.polylines(layer, [line for _, line in lines], ink.BLACK, width + 2 * ink.stroke_width(0.7 * scale.unit))
    for opacity, (lines, dots) in bands:
        with _layer(picture, opacity) as layer:
            for n, line in lines:
                ink.polylines(layer, [line], plan.colours[n], width)
            for n, dot in dots:
                ink.disc(layer, dot, scale.unit, plan.colours[n])


@contextmanager
def _layer(picture: Picture, opacity: float) -> Iterator[Picture]:
    """A copy to draw on; what was drawn is then mixed into the picture."""
    layer = picture.copy()
    yield layer
    cv2.addWeighted(layer, opacity, picture, 1 - opacity, 0, dst=picture)


Pieces = list[tuple[int, Points]]


def _pieces(
    xy: Points, known: npt.NDArray[np.bool_], seen: npt.NDArray[np.bool_], start: int, stop: int
) -> tuple[Pieces, Pieces]:
    """Between two frames: the lines (P, 2) along which tracks are seen, and a dot (2,) for each frame of a gap.

    Each comes with its track's index.
    """
    lines, dots = [], []
    for n in np.flatnonzero(known[:, start : stop + 1].any(axis=1)).tolist():
        path, on = xy[n, start : stop + 1], seen[n, start : stop + 1]
        lines += [(n, line) for line in _runs(path, on)]
        dots += [(n, dot) for dot in path[:-1][known[n, start:stop] & ~on[:-1]]]
    return lines, dots


def _bands(first: int, last: int) -> list[tuple[int, int]]:
    """The steps between two frames in up to `_BANDS` parts of about the same length, oldest first."""
    edges = np.unique(np.linspace(first, last, min(_BANDS, last - first) + 1).round().astype(int)).tolist()
    return list(pairwise(edges))


def _runs(xy: Points, on: npt.NDArray[np.bool_]) -> list[Points]:
    """The pieces of a path, two points or more each, over which it is on."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], on, [False]]).astype(np.int8)))
    return [xy[start:stop] for start, stop in zip(edges[::2], edges[1::2], strict=True) if stop - start > 1]


def _near(xy: Points, picture: Picture) -> npt.NDArray[np.bool_]:
    """Where a position is close enough to the picture for OpenCV's fixed-point numbers."""
    size = np.array([picture.shape[1], picture.shape[0]], dtype=np.float64)
    with np.errstate(invalid="ignore"):
        return np.asarray((np.abs(xy - size / 2) < _FAR * size).all(axis=-1))


def draw_markers(picture: Picture, plan: Plan, t: int) -> None:
    """Draw each track's marker at frame index t; gaps first, keys last, so that what is sure lies on top."""
    tracks, colours, scale = plan.tracks, plan.colours, plan.scale
    known = tracks.followed[:, t] & _near(tracks.xy[:, t], picture)
    keyed, seen, xy = tracks.keyed[:, t], tracks.visible[:, t], tracks.xy[:, t]
    for n in np.flatnonzero(known & ~seen & ~keyed):
        draw_cross(picture, xy[n], colours[n], scale)
    for n in np.flatnonzero(known & seen & ~keyed):
        draw_seen(picture, xy[n], colours[n], scale, confidence=float(np.clip(tracks.confidence[n, t], 0, 1)))
    for n in np.flatnonzero(known & keyed):
        draw_diamond(picture, xy[n], colours[n], scale)


def draw_names(picture: Picture, plan: Plan, t: int) -> None:
    """Write each track's name beside its marker, on whichever side is free."""
    tracks, scale = plan.tracks, plan.scale
    size = max(_SMALLEST_LETTER, round(8.5 * scale.unit))
    known = tracks.followed[:, t] & _inside(tracks.xy[:, t], picture)
    taken = [_box(xy - 1.5 * scale.ring, 3 * scale.ring, 3 * scale.ring) for xy in tracks.xy[known, t]]
    for n in np.flatnonzero(known):
        name = tracks.names[n]
        box = _free_place(tracks.xy[n, t], ink.letters(name, size).shape, scale, taken, picture)
        taken.append(box)
        seen = tracks.visible[n, t] or tracks.keyed[n, t]
        colour = ink.mixed(plan.colours[n], *((ink.WHITE, 0.45) if seen else (_FADED, 0.5)))
        ink.write_text(picture, name, (box[0], (box[1] + box[3]) / 2), size, colour, halo=True)


Box = tuple[float, float, float, float]


def _box(corner: Points, width: float, height: float) -> Box:
    return float(corner[0]), float(corner[1]), float(corner[0]) + width, float(corner[1]) + height


def _free_place(at: Points, shape: tuple[int, ...], scale: Scale, taken: list[Box], picture: Picture) -> Box:
    """Right, left, above or below a marker: the place that hides least, in this order where they are alike."""
    height, width = shape
    away = 1.6 * scale.ring + 2 * scale.unit
    corners = (
        (away, -height / 2),
        (-away - width, -height / 2),
        (-width / 2, -away - 0.75 * height),
        (-width / 2, away - 0.25 * height),
    )
    boxes = [_box(at + corner, width, height) for corner in corners]
    return min(boxes, key=lambda box: sum(_overlap(box, other) for other in taken) + _outside(box, picture))


def _overlap(a: Box, b: Box) -> float:
    return max(0.0, min(a[2], b[2]) - max(a[0], b[0])) * max(0.0, min(a[3], b[3]) - max(a[1], b[1]))


def _outside(box: Box, picture: Picture) -> float:
    """The area of a box that the picture cuts off."""
    whole: Box = (0.0, 0.0, float(picture.shape[1]), float(picture.shape[0]))
    return (box[2] - box[0]) * (box[3] - box[1]) - _overlap(box, whole)


def _inside(xy: Points, picture: Picture) -> npt.NDArray[np.bool_]:
    size = (picture.shape[1], picture.shape[0])
    with np.errstate(invalid="ignore"):
        return np.asarray(((xy >= 0) & (xy <= size)).all(axis=-1))
