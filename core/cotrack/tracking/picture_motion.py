# SPDX-License-Identifier: Apache-2.0
"""How points, and the picture as a whole, move from one frame to the next.

Positions here are pixel indices, in which the centre of the first pixel is (0, 0).
"""

from __future__ import annotations

import math
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Grey = npt.NDArray[np.uint8]

_WINDOW_PX = 21
_COARSEST_PX = 40  # the shorter side of the coarsest level of the pyramid
_STOP = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, 20, 0.01)

_LINES_FOR_WHOLE = 400  # the picture's motion is measured on a copy with about as many lines
_FEATURES = 300
_FEATURE_QUALITY = 0.01
_FEATURE_SPACING = 1 / 30  # of the shorter side
_CLOSED_PX = 1.0
_RANSAC_PX = 1.5
_LEAST_FEATURES = 8
_LEAST_SHARE = 0.25
_SWELLING = 4.0  # of area, in one frame


def flow(earlier: Grey, later: Grey, points: Floats, guess: Floats) -> tuple[Floats, Floats]:
    """Follow points by pyramidal Lucas-Kanade (Bouguet 2001), there and back.

    points, guess: (N, 2), where they are in `earlier` and about where in `later`. Returns where they are in `later`
    (N, 2), and by how many px the way back misses them (N,), infinity where there is nothing to follow.
    """
    if len(points) == 0:
        return points, np.zeros(0)
    there, seen_there = _one_way(earlier, later, points, guess)
    back, seen_back = _one_way(later, earlier, there, points + there - guess)
    miss = np.linalg.norm(back - points, axis=1)
    return there, np.where(seen_there & seen_back, miss, np.inf)


def dominant_motion(earlier: Grey, later: Grey) -> Floats:
    """(3, 3) homography that most of the picture follows; the identity where nothing does, as at a cut.

    It depends on the two pictures alone: features are chosen in them, not by the artist.
    """
    shrink = 2 ** max(0, round(math.log2(min(earlier.shape) / _LINES_FOR_WHOLE)))
    small, small_later = _shrunk(earlier, shrink), _shrunk(later, shrink)
    features: Any = cv2.goodFeaturesToTrack(  # OpenCV's types forget that it is None where there is none
        small, _FEATURES, _FEATURE_QUALITY, min(small.shape) * _FEATURE_SPACING
    )
    if features is None:
        return np.eye(3)
    points = features.reshape(-1, 2).astype(np.float64)
    there, miss = flow(small, small_later, points, points)
    closed = miss < _CLOSED_PX
    if np.count_nonzero(closed) < _LEAST_FEATURES:
        return np.eye(3)
    starts, ends = ((places[closed] + 0.5) * shrink - 0.5 for places in (points, there))
    homography, agreeing = cv2.findHomography(starts, ends, cv2.RANSAC, _RANSAC_PX * shrink)
    if homography is None or np.count_nonzero(agreeing) < max(_LEAST_FEATURES, _LEAST_SHARE * len(closed)):
        return np.eye(3)
    motion = np.asarray(homography, dtype=np.float64)
    return motion if _is_plausible(motion, earlier.shape[1], earlier.shape[0]) else np.eye(3)


def carried(homography: Floats, points: Floats) -> tuple[Floats, Floats]:
    """Where a homography takes points (N, 2), and its Jacobian there (N, 2, 2)."""
    x, y = points[:, 0, None], points[:, 1, None]
    mapped = homography[:, 0] * x + homography[:, 1] * y + homography[:, 2]
    places = mapped[:, :2] / mapped[:, 2:]
    slopes = (homography[None, :2, :2] - places[:, :, None] * homography[2, None, None, :2]) / mapped[:, 2, None, None]
    return places, slopes


def _is_plausible(homography: Floats, width: int, height: int) -> bool:
    """Whether a camera can have done this: no corner of the picture runs away, flips over or swells beyond measure."""
    corners = np.array([(0, 0), (width, 0), (width, height), (0, height)], dtype=np.float64)
    places, slopes = carried(homography, corners)
    swelling = np.linalg.det(slopes)
    runs = np.linalg.norm(places - corners, axis=1)
    return bool((runs < max(width, height)).all() and (swelling > 1 / _SWELLING).all() and (swelling < _SWELLING).all())


def _one_way(earlier: Grey, later: Grey, points: Floats, guess: Floats) -> tuple[Floats, npt.NDArray[np.bool_]]:
    levels = max(2, int(math.log2(max(min(earlier.shape) / _COARSEST_PX, 1))))
    there, seen, _ = cv2.calcOpticalFlowPyrLK(
        earlier,
        later,
        points.astype(np.float32)[:, None],
        guess.astype(np.float32)[:, None].copy(),
        winSize=(_WINDOW_PX, _WINDOW_PX),
        maxLevel=levels,
        criteria=_STOP,
        flags=cv2.OPTFLOW_USE_INITIAL_FLOW,
    )
    return there[:, 0].astype(np.float64), seen[:, 0] > 0


def _shrunk(grey: Grey, times: int) -> Grey:
    size = (max(1, grey.shape[1] // times), max(1, grey.shape[0] // times))
    return np.asarray(cv2.resize(grey, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
