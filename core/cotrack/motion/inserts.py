# SPDX-License-Identifier: Apache-2.0
"""What is laid into a plate, and what lies before it: pictures and mattes read for compositing."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from cotrack.media.clip import Clip
from cotrack.media.colour import load_colours
from cotrack.media.stored import StoredPicture
from cotrack.motion.compositing import Insert
from cotrack_client.errors import CotrackError

Values = npt.NDArray[np.float32]


def insert_at(clip: Clip, place: int, space: str) -> Insert:
    """The picture of a clip that belongs to the plate's frame number `place`, counted from 0, in a colour space.

    A single picture belongs to all frames; a shot runs along, and its last picture stays.
    """
    picture = clip.read_stored(clip.frames[min(place, len(clip.frames) - 1)])
    values = _in_display_window(picture, picture.as_float())
    alpha = np.ones(values.shape[:2], np.float32) if picture.alpha is None else values[..., picture.alpha]
    if picture.alpha is None and picture.pixels.shape[:2] != values.shape[:2]:
        alpha = _in_display_window(picture, np.ones((*picture.pixels.shape[:2], 1), np.float32))[..., 0]
    colour = values[..., list(picture.colour)]
    colour = np.repeat(colour, 3, axis=-1) if len(picture.colour) == 1 else colour
    if _is_premultiplied(picture):
        colour = np.divide(colour, alpha[..., None], out=colour.copy(), where=alpha[..., None] > 0)
    if clip.info.colorspace != space:
        colour = load_colours().between(clip.info.colorspace, space)(colour)
    return Insert(np.concatenate([colour * alpha[..., None], alpha[..., None]], axis=-1, dtype=np.float32))


def front_at(clip: Clip, frame: int, size: tuple[int, int]) -> Values:
    """(H, W) 0..1 what a matte says lies in front, as stored: its alpha where that varies, else its first colour.

    Raises CotrackError where it is of another size than the plate.
    """
    if (clip.width, clip.height) != size:
        raise CotrackError(
            f"the matte {clip.info.path} is {clip.width} x {clip.height}, but the plate {size[0]} x {size[1]}; "
            "render it at the plate's size"
        )
    picture = clip.read_stored(clip.frames[0] if len(clip.frames) == 1 else frame)
    values = _in_display_window(picture, picture.as_float())
    alpha = None if picture.alpha is None else values[..., picture.alpha]
    chosen = values[..., picture.colour[0]] if alpha is None or np.ptp(alpha) == 0 else alpha
    return np.clip(chosen, 0, 1)


def _is_premultiplied(picture: StoredPicture) -> bool:
    """Tell whether colours were multiplied by alpha, as they are in EXR, and are not in PNG."""
    return (
        picture.alpha is not None
        and picture.head is not None
        and not picture.head.get_int_attribute("oiio:UnassociatedAlpha")
    )


def _in_display_window(picture: StoredPicture, values: Values) -> Values:
    """(H, W, C) the same over the display window, 0 where nothing is stored."""
    width, height = picture.size
    if picture.corner == (0, 0) and values.shape[:2] == (height, width):
        return values
    canvas = np.zeros((height, width, values.shape[2]), np.float32)
    (x, y), (rows, columns) = picture.corner, values.shape[:2]
    left, top, right, bottom = max(x, 0), max(y, 0), min(x + columns, width), min(y + rows, height)
    if left < right and top < bottom:
        canvas[top:bottom, left:right] = values[top - y : bottom - y, left - x : right - x]
    return canvas
