# SPDX-License-Identifier: Apache-2.0
"""A picture laid into quadrilaterals of a plate: premultiplied, over, with motion blur, in the plate's own values."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from cotrack.media.stored import StoredPicture
from cotrack.motion import warps
from cotrack.motion.resample import Resampler, Values
from cotrack.motion.warps import Floats

_MOST_MOMENTS = 32
_MOST_SAMPLES = 4  # per side of a pixel
_LUMINANCE = np.array([0.2126, 0.7152, 0.0722], dtype=np.float32)  # for a plate that is grey


@dataclass(frozen=True, eq=False)
class Insert:
    """A picture to be laid in. values: (h, w, 4) float32, premultiplied, in the plate's colour space."""

    values: Values

    def reduced(self, quads: Floats) -> Insert:
        """The same with no more pixels than the largest of its quadrilaterals (T, 4, 2), by area averages."""
        height, width = self.values.shape[:2]
        across = np.linalg.norm(quads[:, [1, 2]] - quads[:, [0, 3]], axis=-1).max()
        down = np.linalg.norm(quads[:, [3, 2]] - quads[:, [0, 1]], axis=-1).max()
        size = min(width, max(1, math.ceil(across))), min(height, max(1, math.ceil(down)))
        if size == (width, height):
            return self
        smaller = cv2.resize(self.values, size, interpolation=cv2.INTER_AREA)
        return Insert(np.asarray(smaller, dtype=np.float32))


@dataclass(frozen=True, eq=False)
class Layer:
    """What is laid over a part of the plate: values (h, w, 4) premultiplied, from a corner (x, y) on, raster px."""

    values: Values
    corner: tuple[int, int]


def moments(quad: Floats, speed: Floats, shutter: float) -> Floats:
    """(M, 4, 2) where a quadrilateral (4, 2) is while the shutter is open, evenly around the frame.

    speed: (4, 2) px per frame. shutter: in frames. At least one moment per px of way.
    """
    way = float(np.linalg.norm(speed, axis=-1).max()) * shutter
    count = 1 if way < 1e-3 else min(max(2, math.ceil(way)), _MOST_MOMENTS)
    times = shutter * ((np.arange(count) + 0.5) / count - 0.5)
    return np.asarray(quad + times[:, None, None] * speed)


def lay(insert: Insert, quads: Floats, size: tuple[int, int]) -> Layer | None:
    """The mean of an insert in quadrilaterals (M, 4, 2), within a plate of some size; None where it is not in sight.

    quads: bottom left, bottom right, top right, top left, raster px.
    """
    low = np.maximum(np.floor(quads.min(axis=(0, 1))) - 1, 0).astype(int)
    high = np.minimum(np.ceil(quads.max(axis=(0, 1))) + 1, size).astype(int)
    if (low >= high).any():
        return None
    resampler = Resampler(insert.values)
    total = np.zeros((high[1] - low[1], high[0] - low[0], 4), dtype=np.float32)
    for quad in quads:
        total += _once(resampler, quad, low, high)
    total /= len(quads)
    return Layer(total, (int(low[0]), int(low[1])))


def over(layer: Layer, plate: StoredPicture, front: Values | None = None) -> StoredPicture:
    """The plate with a layer over it; pixels that the layer does not touch stay as they are, to the bit.

    front: (H, W) 0..1 of the display window: how much of the plate lies before the layer.
    """
    left, top, right, bottom = _shared(layer, plate)
    if left >= right or top >= bottom:
        return plate
    values = layer.values[_window(left, top, right, bottom, layer.corner)]
    if front is not None:
        values = values * (1 - front[_window(left, top, right, bottom, (0, 0))])[..., None]
    pixels = plate.pixels.copy()
    region = pixels[_window(left, top, right, bottom, plate.corner)]
    part = plate.holding(region, (0, 0)).as_float()
    alpha = values[..., 3:]
    colour = values[..., :3] if len(plate.colour) == 3 else (values[..., :3] @ _LUMINANCE)[..., None]
    places = list(plate.colour)
    part[..., places] = colour + part[..., places] * (1 - alpha)
    if plate.alpha is not None:
        part[..., plate.alpha] = alpha[..., 0] + part[..., plate.alpha] * (1 - alpha[..., 0])
    touched = alpha[..., 0] > 0
    region[touched] = plate.as_stored(part[touched])
    return plate.holding(pixels, plate.corner)


def _once(resampler: Resampler, quad: Floats, low: npt.NDArray[np.int_], high: npt.NDArray[np.int_]) -> Values:
    """(h, w, 4) the insert in one quadrilateral, each pixel the mean of as many samples as the insert is fine."""
    height, width = resampler.height, resampler.width
    box = np.array([(0, height), (width, height), (width, 0), (0, 0)], dtype=np.float64)
    samples = _samples(quad, width, height)
    x, y = (low[axis] + (np.arange((high - low)[axis] * samples) + 0.5) / samples for axis in (0, 1))
    places = np.stack(np.meshgrid(x, y), axis=-1)
    found = warps.mapped(warps.homography(quad, box), places.reshape(-1, 2)).reshape(places.shape)
    values, _ = resampler.at(found[..., 0], found[..., 1], "extend")
    values *= _cover(places, quad, samples)[..., None]
    rows, columns = high[1] - low[1], high[0] - low[0]
    return np.asarray(values.reshape(rows, samples, columns, samples, 4).mean(axis=(1, 3)), dtype=np.float32)


def _samples(quad: Floats, width: int, height: int) -> int:
    """Per side of a pixel, so that none of the insert's pixels is passed over where it is seen smallest."""
    sides = np.linalg.norm(np.roll(quad, -1, axis=0) - quad, axis=-1)
    finest = max(width / max(min(sides[0], sides[2]), 1e-6), height / max(min(sides[1], sides[3]), 1e-6))
    return min(max(1, math.ceil(float(finest) - 0.05)), _MOST_SAMPLES)


def _cover(places: Floats, quad: Floats, samples: int) -> Values:
    """How much of each sample lies within a convex quadrilateral: its edge rises over the width of a sample."""
    side = np.roll(quad, -1, axis=0) - quad
    length = np.maximum(np.linalg.norm(side, axis=-1), 1e-9)
    cover = np.ones(places.shape[:2])
    for corner, (dx, dy), far in zip(quad, side, length, strict=True):
        # y is down, so that the inside lies on the left of the way around
        depth = (dy * (places[..., 0] - corner[0]) - dx * (places[..., 1] - corner[1])) / far
        cover *= np.clip(depth * samples + 0.5, 0, 1)
    return cover.astype(np.float32)


def _shared(layer: Layer, plate: StoredPicture) -> tuple[int, int, int, int]:
    """Left, top, right, bottom, raster px, of what a layer and the plate's pixels both cover."""
    (x, y), (height, width) = layer.corner, layer.values.shape[:2]
    (u, v), (rows, columns) = plate.corner, plate.pixels.shape[:2]
    return max(x, u), max(y, v), min(x + width, u + columns), min(y + height, v + rows)


def _window(left: int, top: int, right: int, bottom: int, corner: tuple[int, int]) -> tuple[slice, slice]:
    """That part of an array whose first pixel lies at a corner."""
    return slice(top - corner[1], bottom - corner[1]), slice(left - corner[0], right - corner[0])
