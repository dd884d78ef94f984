# SPDX-License-Identifier: Apache-2.0
"""From the motion of tracks to what each frame of a new shot looks up in the old one: held still, or just calmer."""

from __future__ import annotations

from typing import Literal

import numpy as np

from cotrack.motion import warps
from cotrack.motion.joint import CommonMotion
from cotrack.motion.warps import Floats
from cotrack_client.errors import CotrackError

Fill = Literal["crop", "extend", "black"]
Box = tuple[float, float, float, float]

_MOST_ZOOM = 8.0
_HALVINGS = 40


def steady_lookups(motion: CommonMotion, size: tuple[int, int], smooth: int = 0, pixel_aspect: float = 1.0) -> Floats:
    """(T, 3, 3) from a place in a steadied frame to the place of the shot's frame that is shown there, raster px.

    smooth: frames over which the camera's own path is averaged and kept; 0 holds it where it is at the reference.
    """
    if smooth < 0:
        raise CotrackError(f"a smoothing over {smooth} frames means nothing; give 0 or more (--smooth)")
    if smooth < 2:
        return motion.matrices
    kept = _smoothed(motion, _corners(size), smooth, pixel_aspect)
    lookups = motion.matrices @ np.linalg.inv(kept)
    return np.asarray(lookups / lookups[:, 2:, 2:])


def filling(lookups: Floats, size: tuple[int, int], source: Box) -> float:
    """The least zoom about the middle at which no frame looks up a place outside of the source.

    lookups: (T, 3, 3). source: left, top, right, bottom of what there is of the shot, raster px.
    Raises CotrackError where the shot moves so far that no zoom helps.
    """
    if not _is_filled(zoomed(lookups, size, _MOST_ZOOM), size, source):
        raise CotrackError(
            f"the shot moves so far that even a zoom by {_MOST_ZOOM:g} shows its borders; "
            "smooth the motion instead of holding it (--smooth 25), or use --fill extend"
        )
    least, most = 1.0, _MOST_ZOOM
    if _is_filled(lookups, size, source):
        return 1.0
    for _ in range(_HALVINGS):
        middle = (least + most) / 2
        least, most = (least, middle) if _is_filled(zoomed(lookups, size, middle), size, source) else (middle, most)
    return most


def zoomed(lookups: Floats, size: tuple[int, int], zoom: float) -> Floats:
    """(T, 3, 3) look-ups of the same frames enlarged about their middle."""
    x, y = size[0] / 2, size[1] / 2
    back = np.array([[1 / zoom, 0, x - x / zoom], [0, 1 / zoom, y - y / zoom], [0, 0, 1.0]])
    return np.asarray(lookups @ back)


def _is_filled(lookups: Floats, size: tuple[int, int], source: Box) -> bool:
    """Tell whether all frames lie within the source; a matrix keeps lines straight, so the corners say it all."""
    left, top, right, bottom = source
    found = warps.mapped(lookups, _corners(size)[None])
    return bool((found >= (left - 1e-9, top - 1e-9)).all() and (found <= (right + 1e-9, bottom + 1e-9)).all())


def _smoothed(motion: CommonMotion, corners: Floats, smooth: int, pixel_aspect: float) -> Floats:
    """(T, 3, 3) the motion whose corners are means of the motion's over a window, falling off to its ends.

    Beyond the ends of the shot the path is continued by its mirror image through the end, so that a pan stays a pan.
    """
    paths = warps.mapped(motion.matrices, corners[None])
    length = len(paths)
    reach = min(smooth // 2, length - 1)
    offsets = np.arange(-reach, reach + 1)
    window = np.cos(np.pi * offsets / (smooth + 1)) ** 2
    before, after = 2 * paths[:1] - paths[reach:0:-1], 2 * paths[-1:] - paths[-2 : -2 - reach : -1]
    longer = np.concatenate([before, paths, after])
    weighted = sum(weight * longer[reach + k : reach + k + length] for weight, k in zip(window, offsets, strict=True))
    calm = np.asarray(weighted / window.sum())
    if motion.kind == "perspective":
        return warps.homography(np.broadcast_to(corners, calm.shape), calm)
    square = np.diag([pixel_aspect, 1.0, 1.0])
    shape = (pixel_aspect, 1.0)
    fitted = warps.similarity(np.broadcast_to(corners * shape, calm.shape), calm * shape, motion.kind)
    return np.asarray(np.linalg.inv(square) @ fitted @ square)


def _corners(size: tuple[int, int]) -> Floats:
    width, height = size
    return np.array([(0, 0), (width, 0), (width, height), (0, height)], dtype=np.float64)
