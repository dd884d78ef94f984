# SPDX-License-Identifier: Apache-2.0
"""Polygons as a mask: pixels whose centre lies inside an odd number of them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from cotrack_client.errors import CotrackError

Polygon = Sequence[tuple[float, float]]

_FARTHEST = 1e9  # px: far beyond any picture, near enough to compute with


def regions_mask(regions: Sequence[Polygon], width: int, height: int) -> npt.NDArray[np.bool_]:
    """(H, W) bool. regions: polygons in raster px, closed by themselves; what lies outside the picture is cut off.

    Raises CotrackError when no pixel is left.
    """
    crossed = np.zeros((height, width + 1), dtype=np.bool_)
    for region in regions:
        corners = np.clip(np.array(region, dtype=np.float64).reshape(-1, 2), -_FARTHEST, _FARTHEST)
        for start, end in zip(corners, np.roll(corners, -1, axis=0), strict=True):
            _cross(crossed, start, end)
    mask = np.logical_xor.accumulate(crossed, axis=1)[:, :width]
    if not mask.any():
        raise CotrackError(
            f"the regions hold no pixel of the picture of {width} x {height}; draw them larger, or inside it"
        )
    return mask


def _cross(crossed: npt.NDArray[np.bool_], start: npt.NDArray[np.float64], end: npt.NDArray[np.float64]) -> None:
    """Note in every row which pixel is the first whose centre lies right of an edge."""
    height, columns = crossed.shape
    (x_top, y_top), (x_bottom, y_bottom) = sorted((start, end), key=lambda point: point[1])
    # A row belongs to the edge when its middle lies in [top, bottom), so that corners count once.
    rows = np.arange(max(0, int(np.ceil(y_top - 0.5))), min(height, int(np.ceil(y_bottom - 0.5))))
    if len(rows) == 0:
        return
    x = x_top + (rows + 0.5 - y_top) * (x_bottom - x_top) / (y_bottom - y_top)
    crossed[rows, np.clip(np.ceil(x - 0.5), 0, columns - 1).astype(np.int64)] ^= True
