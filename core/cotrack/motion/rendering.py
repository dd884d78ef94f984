# SPDX-License-Identifier: Apache-2.0
"""A shot seen through a matrix per frame, at the depth it is stored in."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from cotrack.media.clip import Clip
from cotrack.media.plate_writer import PlateWriter
from cotrack.media.stored import StoredPicture
from cotrack.motion import warps
from cotrack.motion.resample import Outside, Resampler, Values
from cotrack.motion.warps import Floats

_STRIP = 128  # rows at once, so that memory does not grow with the plate
_IDENTITY_PX = 1e-7

Centres = tuple[npt.NDArray[Any], npt.NDArray[Any]]  # of columns and of rows, raster px


def render(
    clip: Clip,
    lookups: Iterable[tuple[int, int, Floats]],
    writer: PlateWriter,
    outside: Outside,
    tell: Callable[[], None] = lambda: None,
) -> None:
    """Write frames of a clip as their matrices see them.

    lookups: the number of a new frame, that of the clip's frame it shows, and the matrix (3, 3) from a place in the
    new frame to the place that is shown there, raster px. tell: called after each frame.
    Raises MediaError where a frame cannot be read or written.
    """
    for frame, shown, picture in _read(clip, lookups):
        writer.write(frame, warped(picture, shown, outside))
        tell()


def warped(picture: StoredPicture, lookup: Floats, outside: Outside) -> StoredPicture:
    """A picture as a matrix (3, 3) sees it, over both its data window and its display window.

    A matrix that moves nothing gives the picture itself. Values are filtered as they are stored, all channels alike:
    light in a scene-linear plate, code values in a log or display-referred one.
    """
    if _is_identity(lookup, picture):
        return picture
    left, top, right, bottom = _window(picture)
    resampler = Resampler(picture.as_float())
    across, down = np.arange(left, right) + 0.5, np.arange(top, bottom) + 0.5
    pixels = np.empty((bottom - top, right - left, picture.pixels.shape[2]), picture.pixels.dtype)
    for begin in range(top, bottom, _STRIP):
        end = min(begin + _STRIP, bottom)
        values = _strip(resampler, picture, lookup, (across, down[begin - top : end - top]), outside)
        pixels[begin - top : end - top] = picture.as_stored(values)
    return picture.holding(pixels, (left, top))


def _strip(resampler: Resampler, picture: StoredPicture, lookup: Floats, centres: Centres, outside: Outside) -> Values:
    places: Floats = np.stack(np.meshgrid(*centres), axis=-1).astype(np.float64)
    found = warps.mapped(lookup, places.reshape(-1, 2)).reshape(places.shape) - picture.corner
    values, _ = resampler.at(found[..., 0], found[..., 1], outside)
    return values


def _read(clip: Clip, lookups: Iterable[tuple[int, int, Floats]]) -> Iterator[tuple[int, Floats, StoredPicture]]:
    """Each frame with its matrix and picture; one that is shown again is not read again."""
    held: tuple[int, StoredPicture] | None = None
    for frame, shown, lookup in lookups:
        if held is None or held[0] != shown:
            held = (shown, clip.read_stored(shown))
        yield frame, lookup, held[1]


def _window(picture: StoredPicture) -> tuple[int, int, int, int]:
    """Left, top, right, bottom, raster px, of what holds data window and display window."""
    (x, y), (height, width) = picture.corner, picture.pixels.shape[:2]
    return min(x, 0), min(y, 0), max(x + width, picture.size[0]), max(y + height, picture.size[1])


def _is_identity(lookup: Floats, picture: StoredPicture) -> bool:
    width, height = picture.size
    corners = np.array([(0, 0), (width, 0), (width, height), (0, height)], dtype=np.float64)
    return bool(np.abs(warps.mapped(lookup, corners) - corners).max() < _IDENTITY_PX)
