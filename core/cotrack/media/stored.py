# SPDX-License-Identifier: Apache-2.0
"""A frame as its file stores it: every channel at its own depth, with the windows and what else the file says."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import OpenImageIO as oiio  # noqa: N813  as its makers write it

from cotrack.media.still_header import header_of, open_still
from cotrack.media.still_reader import finite, read_channels

Pixels = npt.NDArray[Any]  # uint8, uint16, float16 or float32


@dataclass(frozen=True, eq=False)
class StoredPicture:
    """Pixels without any conversion, and where they lie.

    pixels: (h, w, C) uint8, uint16, or finite float16 or float32: the data window, all channels of the picture's part.
    corner: (x, y) of the data window's first pixel, raster px: (0, 0) where it begins with the display window.
    size:   (width, height) of the display window.
    colour: the places of red, green and blue among the channels, or of the one that is grey.
    alpha:  the place of their alpha, or None.
    white:  the value that means 1.0.
    head:   what else the file says, in OpenImageIO's words; None of a movie.
    """

    pixels: Pixels
    corner: tuple[int, int]
    size: tuple[int, int]
    colour: tuple[int, ...]
    alpha: int | None
    white: float
    head: oiio.ImageSpec | None = None

    def holding(self, pixels: Pixels, corner: tuple[int, int]) -> StoredPicture:
        """The same picture with other pixels, of the same channels, from another corner on."""
        return replace(self, pixels=pixels, corner=corner)

    def as_float(self) -> npt.NDArray[np.float32]:
        """(h, w, C) float32, 1.0 being white; nothing is clipped."""
        if np.issubdtype(self.pixels.dtype, np.floating):
            return self.pixels.astype(np.float32)
        return np.divide(self.pixels, np.float32(self.white), dtype=np.float32)

    def as_stored(self, values: npt.NDArray[np.float32]) -> Pixels:
        """Values in the kind of numbers that the picture has, rounded; whole numbers are clipped to what they hold."""
        kind = self.pixels.dtype
        if np.issubdtype(kind, np.floating):
            most = np.float32(np.finfo(kind).max)
            return np.asarray(np.clip(values, -most, most).astype(kind))
        codes = np.rint(values * np.float32(self.white))
        return np.asarray(np.clip(codes, 0, np.iinfo(kind).max).astype(kind))


def read_stored_still(path: Path) -> StoredPicture:
    """Read every channel of the part that is the picture.

    Raises FrameError when the file is damaged, MediaError when it is not there, not readable, or no picture.
    """
    image = open_still(path)
    try:
        header = header_of(image, path)
        image.seek_subimage(header.part, 0)
        head = image.spec().copy()
        pixels = read_channels(image, header, tuple(range(head.nchannels)), path)
    finally:
        image.close()
    pixels, _ = finite(pixels)
    return StoredPicture(
        pixels=pixels,
        corner=(header.data.x - header.display.x, header.data.y - header.display.y),
        size=(header.display.width, header.display.height),
        colour=header.colour,
        alpha=header.alpha,
        white=_white(pixels),
        head=head,
    )


def _white(pixels: Pixels) -> float:
    return 1.0 if np.issubdtype(pixels.dtype, np.floating) else float(np.iinfo(pixels.dtype).max)
