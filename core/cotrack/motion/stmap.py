# SPDX-License-Identifier: Apache-2.0
"""STMaps: pictures that say where to look, as Nuke's STMap reads them.

EXR, float. Red is x / width, green is y / height from the bottom, of the place that is shown at this pixel's centre;
blue is 0. A map that moves nothing has (0.5 / width, 0.5 / height) at its lower left pixel.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import OpenImageIO as oiio  # noqa: N813  as its makers write it

from cotrack.media.plate_writer import PlateWriter, writing_pictures
from cotrack.media.stored import StoredPicture
from cotrack.motion.dense import displacement, to_frame, to_reference
from cotrack.motion.warps import Floats
from cotrack.tracking.track_archive import TrackArchive
from cotrack_client.errors import CotrackError

SUFFIXES = (".exr",)


def write_stmaps(
    archive: TrackArchive,
    reference: int | None,
    forward: Path | None,
    inverse: Path | None,
    report: Callable[[int, int], None],
) -> int:
    """Write a map per frame of the tracks, and return the reference frame, by default the first.

    forward: maps that give a picture of the reference frame the motion of the shot. inverse: maps that bring each
    frame of the shot to the reference frame. Raises CotrackError.
    """
    if forward is None and inverse is None:
        raise CotrackError("nothing is to be written; name forward maps (-o), inverse ones (--inverse), or both")
    tracks, shot = archive.tracks, archive.shot
    frames = tracks.frames.tolist()
    if reference is None:
        reference = int(frames[0]) if frames else 0
    if reference not in frames:
        span = f"{frames[0]}-{frames[-1]}" if frames else "none"
        raise CotrackError(f"the tracks have no frame {reference} (they have {span}); choose another (--reference)")
    size = (shot.width, shot.height)
    with ExitStack() as files:
        writers: list[tuple[PlateWriter, bool]] = [
            (files.enter_context(writing_pictures(None, path, frames, SUFFIXES)), is_forward)
            for path, is_forward in ((forward, True), (inverse, False))
            if path is not None
        ]
        for t, frame in enumerate(frames):
            moved = displacement(tracks, frames.index(reference), t, size)
            for writer, is_forward in writers:
                places = (to_reference if is_forward else to_frame)(moved, size)
                writer.write(frame, as_stmap(places, size, shot.pixel_aspect))
            report(t + 1, len(frames))
    return reference


def as_stmap(places: Floats, size: tuple[int, int], pixel_aspect: float = 1.0) -> StoredPicture:
    """Places (H, W, 2), raster px, as a map."""
    width, height = size
    pixels = np.zeros((height, width, 3), np.float32)
    pixels[..., 0] = places[..., 0] / width
    pixels[..., 1] = 1 - places[..., 1] / height
    head = oiio.ImageSpec(width, height, 3, "float")
    head.attribute("oiio:ColorSpace", "data")
    head.attribute("PixelAspectRatio", pixel_aspect)
    return StoredPicture(pixels, (0, 0), size, (0, 1, 2), None, 1.0, head)
