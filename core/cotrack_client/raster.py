# SPDX-License-Identifier: Apache-2.0
"""The raster, and how other programs' coordinates map to it.

Raster coordinates are continuous pixels of the display window: origin at the outer top-left corner, x right, y down,
the centre of the first pixel is (0.5, 0.5), the whole picture spans [0, width] x [0, height]. Pixel aspect never
changes them. Each pair of functions here is the border of one other system.
"""

from __future__ import annotations

Point = tuple[float, float]


def to_nuke(x: float, y: float, height: int) -> Point:
    """Raster to Nuke: pixels, origin at the outer bottom-left corner, y up."""
    return x, height - y


def from_nuke(x: float, y: float, height: int) -> Point:
    """Nuke to raster, the inverse of `to_nuke`."""
    return x, height - y


def to_blender(x: float, y: float, width: int, height: int) -> Point:
    """Raster to Blender's `marker.co`: fractions of the picture, origin at the outer bottom-left corner, y up."""
    return x / width, 1.0 - y / height


def from_blender(u: float, v: float, width: int, height: int) -> Point:
    """Blender's `marker.co` to raster, the inverse of `to_blender`."""
    return u * width, (1.0 - v) * height


def to_pixel_index(x: float, y: float) -> Point:
    """Raster to the coordinates of OpenCV and CoTracker, in which the centre of the first pixel is (0, 0)."""
    return x - 0.5, y - 0.5


def from_pixel_index(x: float, y: float) -> Point:
    """OpenCV's and CoTracker's coordinates to raster, the inverse of `to_pixel_index`."""
    return x + 0.5, y + 0.5
