# SPDX-License-Identifier: Apache-2.0
"""The trails of an overlay alone, with alpha, as pictures of the plate's size: for whoever lays them over it later.

PNG: 8 bit, display-referred sRGB, straight alpha. EXR: half float, scene-linear with the primaries of Rec. 709,
premultiplied.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import OpenImageIO as oiio  # noqa: N813  as its makers write it

from cotrack.media.clip import Clip
from cotrack.media.plate_writer import writing_pictures
from cotrack.media.stored import StoredPicture
from cotrack.motion.cutout import cut_out, straight
from cotrack.motion.ink import Picture
from cotrack.motion.overlay import OverlayStyle, draw_marks
from cotrack.motion.resample import Values
from cotrack.tracking.tracks import Tracks

SUFFIXES = (".exr", ".png")


def write_trail_pictures(
    clip: Clip, tracks: Tracks, path: Path, style: OverlayStyle, report: Callable[[int, int], None]
) -> None:
    """Write a picture per frame of the clip. Raises MediaError where they cannot be written."""
    size = (clip.width, clip.height)
    draw = draw_marks(tracks, size, style)
    with writing_pictures(clip, path, clip.frames, SUFFIXES) as writer:
        for done, frame in enumerate(clip.frames, start=1):
            values = cut_out(_at(draw, frame), size)
            writer.write(frame, _stored(values, size, path.suffix.lower(), clip.info.pixel_aspect))
            report(done, len(clip.frames))


def _at(draw: Callable[[Picture, int], None], frame: int) -> Callable[[Picture], None]:
    return lambda picture: draw(picture, frame)


def _stored(values: Values, size: tuple[int, int], suffix: str, pixel_aspect: float) -> StoredPicture:
    head = oiio.ImageSpec(*size, 4, "half" if suffix == ".exr" else "uint8")
    head.channelnames = ("R", "G", "B", "A")
    head.attribute("PixelAspectRatio", pixel_aspect)
    if suffix == ".exr":
        head.attribute("oiio:ColorSpace", "lin_rec709_scene")
        return StoredPicture(_linear(values).astype(np.float16), (0, 0), size, (0, 1, 2), 3, 1.0, head)
    head.attribute("oiio:ColorSpace", "srgb_rec709_scene")
    head.attribute("oiio:UnassociatedAlpha", 1)
    codes = np.rint(straight(values) * 255).astype(np.uint8)
    return StoredPicture(codes, (0, 0), size, (0, 1, 2), 3, 255.0, head)


def _linear(values: Values) -> Values:
    """Light times alpha, of sRGB (IEC 61966-2-1) times alpha."""
    unmultiplied = straight(values)
    colour, alpha = unmultiplied[..., :3], unmultiplied[..., 3:]
    light = np.where(colour <= 0.04045, colour / 12.92, ((colour + 0.055) / 1.055) ** 2.4)
    return np.concatenate([light * alpha, alpha], axis=-1, dtype=np.float32)
