# SPDX-License-Identifier: Apache-2.0
"""The ways points are chosen where the artist placed none: a grid, a grid within a mask, good features."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from cotrack.tracking.pictures import luma
from cotrack_client.errors import CotrackError
from cotrack_client.raster import from_pixel_index
from cotrack_client.tracks import Key

Mask = npt.NDArray[np.bool_]
"""(H, W) bool of the plate's size: where points may lie."""

_GRID_MARGIN = 1 / 64  # of the width, as CoTracker's own grid leaves free on every side
_CORNER_QUALITY = 0.01  # of the strongest corner in the picture
_CORNER_WINDOW = 1 / 200  # of the height: 5 px at 1080 lines, more on finer plates, never under 3
_EDGE = 1 / 100  # of the width: a corner nearer to the edge of the picture soon leaves it
_CANDIDATE_SPACING = 0.25  # of the spacing at which the points would fill the picture: about ten to choose one from
_CLOSEST = 1 / 100  # of the height


def grid_keys(width: int, height: int, count: int, frame: int) -> tuple[Key, ...]:
    """`count` by `count` points over the whole picture, row by row, raster px.

    The outermost ones lie 1/64 of the width inside the edges, as in CoTracker's own grid (on a strip so wide that this
    would leave nothing, a quarter of the height); a single point lies in the middle. Raises CotrackError when there is
    no point to place.
    """
    _require_grid(count)
    margin = min(width * _GRID_MARGIN, height / 4)
    return _keys(_lattice(_spaced(margin, width - margin, count), _spaced(margin, height - margin, count)), frame)


def keys_in_mask(mask: Mask, width: int, height: int, count: int, frame: int) -> tuple[Key, ...]:
    """The points of a `count` by `count` grid that fall in the mask, raster px.

    The grid divides the box around the mask into equal cells and has a point in the middle of each, so that a small
    mask gets as many points as a large one. Raises CotrackError when the mask is empty, not of the plate's size, or
    slips through the grid.
    """
    _require_grid(count)
    _require_mask(mask, width, height)
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    middles = (np.arange(count) + 0.5) / count
    x = columns[0] + middles * (columns[-1] + 1 - columns[0])
    y = rows[0] + middles * (rows[-1] + 1 - rows[0])
    points = _lattice(x, y)
    inside = mask[points[:, 1].astype(np.int64), points[:, 0].astype(np.int64)]
    if not inside.any():
        raise CotrackError(f"no point of a {count} x {count} grid falls in the mask; make it finer (--grid)")
    return _keys(points[inside], frame)


def detect_keys(picture: npt.NDArray[np.float32], count: int, frame: int, mask: Mask | None = None) -> tuple[Key, ...]:
    """Up to `count` good features (Shi and Tomasi 1994), the strongest first, at sub-pixel corners, raster px.

    They spread over the picture, or over the mask, as far as there are features.
    picture: (H, W, 3) display-referred, 0..1. Raises CotrackError when the picture has no feature, or the mask is empty
    or not of its size.
    """
    height, width = picture.shape[:2]
    allowed = np.ones((height, width), dtype=np.bool_) if mask is None else mask
    _require_mask(allowed, width, height)
    allowed = _without_edge(allowed)
    grey = luma(picture)
    window = max(3, round(height * _CORNER_WINDOW))
    corners = _corners(grey, allowed, count, window)
    if len(corners) == 0:
        where = "" if mask is None else " within the mask"
        raise CotrackError(
            f"frame {frame} has no feature to track{where}; "
            "place points yourself (--point, --grid), or choose another frame"
        )
    return _keys(np.stack(from_pixel_index(*_refined(grey, corners, allowed, window).T), axis=1), frame)


def check_keys(keys: Sequence[Key], frames: Sequence[int], width: int, height: int) -> None:
    """Make sure that each key can be tracked from.

    frames: the frames that are tracked, ascending. Raises CotrackError that names the first key outside their range, at
    a frame that is missing among them, or outside the picture.
    """
    there = {int(frame) for frame in frames}
    for key in keys:
        if not min(there) <= key.frame <= max(there):
            within = f"outside the frames {min(there)}-{max(there)}"
            raise CotrackError(
                f"point {key.track!r} is at frame {key.frame}, {within}; move it, or choose other frames (--frames)"
            )
        if key.frame not in there:
            raise CotrackError(
                f"point {key.track!r} is at frame {key.frame}, which is missing; place it at another frame"
            )
        if not (0 <= key.x <= width and 0 <= key.y <= height):
            where = f"at ({key.x:g}, {key.y:g}) in frame {key.frame}"
            raise CotrackError(
                f"point {key.track!r} is {where}, outside the picture of {width} x {height}; move it inside"
            )


def _require_grid(count: int) -> None:
    if count < 1:
        raise CotrackError(f"a grid of {count} x {count} has no point; ask for 1 x 1 or more (--grid)")


def _require_mask(mask: Mask, width: int, height: int) -> None:
    if mask.shape != (height, width):
        size = " x ".join(str(side) for side in reversed(mask.shape))
        raise CotrackError(f"the mask is {size} but the plate {width} x {height}; render the mask at the plate's size")
    if not mask.any():
        raise CotrackError("the mask is empty; paint where points may lie, or drop it")


def _spaced(first: float, last: float, count: int) -> npt.NDArray[np.float64]:
    """Evenly from first to last; a single one in the middle."""
    return np.array([(first + last) / 2]) if count == 1 else np.linspace(first, last, count)


def _lattice(x: npt.NDArray[np.float64], y: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """(len(y) * len(x), 2) every crossing, row by row."""
    return np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)


def _keys(points: npt.NDArray[np.float64], frame: int) -> tuple[Key, ...]:
    digits = max(3, len(str(len(points))))
    return tuple(Key(f"point_{i:0{digits}d}", frame, float(x), float(y)) for i, (x, y) in enumerate(points, start=1))


def _without_edge(mask: Mask) -> Mask:
    edge = max(1, round(mask.shape[1] * _EDGE))
    inner = np.zeros_like(mask)
    inner[edge:-edge, edge:-edge] = mask[edge:-edge, edge:-edge]
    return inner


def _corners(grey: npt.NDArray[np.float32], allowed: Mask, count: int, window: int) -> npt.NDArray[np.float32]:
    """(C, 2) pixel index of up to `count` corners, the strongest first.

    Out of many candidates, those are kept that are the strongest around themselves in the largest circle (adaptive
    non-maximal suppression, Brown, Szeliski and Winder 2005), so that one busy corner of the picture does not take all.
    """
    spacing = np.sqrt(np.count_nonzero(allowed) / count)
    closest = max(spacing * _CANDIDATE_SPACING, grey.shape[0] * _CLOSEST)
    candidates: Any = cv2.goodFeaturesToTrack(  # OpenCV's types forget that it is None where there is no corner
        grey, 0, _CORNER_QUALITY, closest, mask=allowed.astype(np.uint8), blockSize=window
    )
    if candidates is None:
        return np.zeros((0, 2), dtype=np.float32)
    corners: npt.NDArray[np.float32] = candidates.reshape(-1, 2)
    reach = np.full(len(corners), np.inf)
    for i in range(1, len(corners)):
        reach[i] = np.linalg.norm(corners[:i] - corners[i], axis=1).min()
    return corners[np.sort(np.argsort(-reach, kind="stable")[:count])]


def _refined(
    grey: npt.NDArray[np.float32], corners: npt.NDArray[np.float32], allowed: Mask, window: int
) -> npt.NDArray[np.float64]:
    """(C, 2) the corners at sub-pixel accuracy; one that would move too far, or out of where it may lie, stays."""
    stop = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, 30, 0.01)
    moved = cv2.cornerSubPix(grey, corners[:, None].copy(), (window, window), (-1, -1), stop).reshape(-1, 2)
    near = np.linalg.norm(moved - corners, axis=1, keepdims=True) <= window / 2
    kept = np.where(near, moved, corners)
    last = np.array(grey.shape)[::-1] - 1
    column, row = np.clip(np.floor(kept + 0.5), 0, last).astype(np.int64).T
    return np.where(allowed[row, column, None], kept, corners).astype(np.float64)
