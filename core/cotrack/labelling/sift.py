# SPDX-License-Identifier: Apache-2.0
"""Where teachers are asked to begin: at SIFT features, as in the paper (arXiv 2410.11831).

Where SIFT fires there is something to track; over sky and walls it does not, and labels there would be guesses.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

_PICKED = 8
"""Frames that features are looked for in, drawn with repetition from the first quarter of a window."""

_FIRST_PART = 0.25
_NEAR_PX = 1.0


def sift_queries(
    video: npt.NDArray[np.uint8], count: int, dice: np.random.Generator
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    """Up to `count` points: the frame of each (Q,), as an index into `video`, and its position (Q, 2), px of the video.

    video: (T, H, W, 3). Of each frame that is drawn the strongest features are taken; positions are sub-pixel, the
    centre of the first pixel at (0.5, 0.5).
    """
    frames = np.sort(dice.integers(max(1, round(_FIRST_PART * len(video))), size=_PICKED))
    found = []
    for frame, times in zip(*np.unique(frames, return_counts=True), strict=True):
        points = _strongest(video[frame], int(times) * -(-count // _PICKED))
        found.append(np.column_stack([np.full(len(points), frame), points]))
    rows = np.concatenate(found)[:count]
    return rows[:, 0].astype(np.int64), rows[:, 1:]


def _strongest(picture: npt.NDArray[np.uint8], count: int) -> npt.NDArray[np.float64]:
    """(K, 2) positions of at most `count` features, none within a pixel of a stronger one."""
    features = cv2.SIFT.create().detect(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), None)
    ordered = sorted(features, key=lambda feature: (-feature.response, feature.pt))
    taken: set[tuple[int, int]] = set()
    points = []
    for feature in ordered:
        x, y = feature.pt[0] + 0.5, feature.pt[1] + 0.5
        cell = int(x / _NEAR_PX), int(y / _NEAR_PX)
        if cell in taken:
            continue
        taken |= {(cell[0] + dx, cell[1] + dy) for dx in (-1, 0, 1) for dy in (-1, 0, 1)}
        points.append((x, y))
        if len(points) == count:
            break
    return np.array(points, dtype=np.float64).reshape(-1, 2)
