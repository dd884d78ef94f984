# SPDX-License-Identifier: Apache-2.0
"""Pixels of picture files, laid into their display window."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import OpenImageIO as oiio  # noqa: N813  as its makers write it

from cotrack.media.colour import Stored
from cotrack.media.still_header import StillHeader, Window, header_of, open_still, unreadable

_REC709_LUMINANCE = np.array([0.2126, 0.7152, 0.0722], dtype=np.float32)
_NATIVE = {"uint8": np.uint8, "uint16": np.uint16, "half": np.float16, "float": np.float32}

Channels = npt.NDArray[Any]


@dataclass(frozen=True, eq=False)
class Still:
    """A picture as it is stored.

    colour:   (H, W, 3) uint8, uint16, or finite float16 or float32; display window, black outside of the data window.
    alpha:    (H, W) of the same kind, or None.
    repaired: pixels that were no finite numbers; they are black now, or at the end of the range.
    """

    header: StillHeader
    colour: Stored
    alpha: Channels | None
    repaired: int


def read_still(path: Path, *, with_alpha: bool = False) -> Still:
    """Read one picture.

    Raises FrameError when the file is damaged, MediaError when it is not there, not readable, or no picture.
    """
    image = open_still(path)
    try:
        header = header_of(image, path)
        wanted = header.colour + ((header.alpha,) if with_alpha and header.alpha is not None else ())
        pixels = read_channels(image, header, wanted, path)
    finally:
        image.close()
    pixels = _in_display_window(pixels, header.data, header.display)
    count = len(header.colour)
    colour, repaired = finite(pixels[..., :count])
    colour = _as_rgb(colour, is_luma_chroma=header.is_luma_chroma)
    return Still(header, colour, pixels[..., count] if len(wanted) > count else None, repaired)


def read_channels(image: oiio.ImageInput, header: StillHeader, wanted: tuple[int, ...], path: Path) -> Channels:
    """(h, w, len(wanted)) pixels of the data window. Raises FrameError when the file is damaged."""
    first, last = min(wanted), max(wanted) + 1
    image.seek_subimage(header.part, 0)
    stored_as = str(image.spec().format)
    pixels = image.read_image(header.part, 0, first, last, stored_as if stored_as in _NATIVE else "float")
    if pixels is None:
        raise unreadable(path, image.geterror())
    pixels = pixels.reshape(header.data.height, header.data.width, last - first)
    places = [channel - first for channel in wanted]
    return pixels if places == list(range(last - first)) else np.ascontiguousarray(pixels[..., places])


def _in_display_window(pixels: Channels, data: Window, display: Window) -> Channels:
    if data == display:
        return pixels
    canvas = np.zeros((display.height, display.width, pixels.shape[2]), pixels.dtype)
    left, top = max(data.x, display.x), max(data.y, display.y)
    right = min(data.x + data.width, display.x + display.width)
    bottom = min(data.y + data.height, display.y + display.height)
    if left < right and top < bottom:
        canvas[top - display.y : bottom - display.y, left - display.x : right - display.x] = pixels[
            top - data.y : bottom - data.y, left - data.x : right - data.x
        ]
    return canvas


def finite(pixels: Channels) -> tuple[Channels, int]:
    """Replace what is not a number by black, and infinities by the ends of the range: renders do contain them.

    Gives the number of pixels that were replaced, too.
    """
    if not np.issubdtype(pixels.dtype, np.floating) or np.isfinite(pixels).all():
        return pixels, 0
    return np.nan_to_num(pixels, nan=0.0), int(np.count_nonzero(~np.isfinite(pixels).all(axis=-1)))


def _as_rgb(pixels: Channels, *, is_luma_chroma: bool) -> Stored:
    if is_luma_chroma:
        return _from_luma_chroma(pixels.astype(np.float32))
    if pixels.shape[2] == 1:
        return np.repeat(pixels, 3, axis=2)
    return np.ascontiguousarray(pixels)


def _from_luma_chroma(pixels: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """OpenEXR's Y, RY = (R - Y) / Y, BY = (B - Y) / Y, with the luminance of Rec. 709."""
    luma, red_ratio, blue_ratio = np.moveaxis(pixels, -1, 0)
    red, blue = (red_ratio + 1) * luma, (blue_ratio + 1) * luma
    red_weight, green_weight, blue_weight = _REC709_LUMINANCE
    green = (luma - red_weight * red - blue_weight * blue) / green_weight
    return np.stack([red, green, blue], axis=-1)
