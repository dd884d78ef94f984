# SPDX-License-Identifier: Apache-2.0
"""Picture files as they came: with the kind, depth, compression, windows and metadata of the file they are from."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import OpenImageIO as oiio  # noqa: N813  as its makers write it

from cotrack.media.errors import MediaError
from cotrack.media.stored import StoredPicture
from cotrack_client.atomic import replacing

_JPEG_QUALITY = 98  # a picture that was compressed before loses nothing to speak of
_KINDS = {"uint8": "uint8", "uint16": "uint16", "float16": "half", "float32": "float"}


def write_stored(picture: StoredPicture, path: Path) -> None:
    """Write one picture whole or not at all, with everything that its head says.

    Raises MediaError when this kind of file cannot hold it, CotrackError where the file system refuses.
    """
    spec = _spec(picture)
    output = oiio.ImageOutput.create(f"picture{path.suffix.lower()}")
    if output is None:
        oiio.geterror()  # else it complains at the end of the program
        raise MediaError(f"{path}: {path.suffix or 'a name without a suffix'} cannot be written; use .exr or .png")
    with replacing(path) as part:
        pixels = np.ascontiguousarray(picture.pixels)
        if not (output.open(str(part), spec) and output.write_image(pixels) and output.close()):
            reason = " ".join(output.geterror().split()).rstrip(".")
            raise MediaError(f"{path} cannot be written ({reason}); choose another place, or make room")


def _spec(picture: StoredPicture) -> oiio.ImageSpec:
    height, width, count = picture.pixels.shape
    kind = _KINDS[picture.pixels.dtype.name]
    if picture.head is None:
        spec = oiio.ImageSpec(width, height, count, kind)
        display = (0, 0)
    else:
        spec = picture.head.copy()
        spec.set_format(oiio.TypeDesc(kind))
        spec.channelformats = picture.head.channelformats  # some EXRs keep depth as float beside colours as half
        display = (spec.full_x, spec.full_y)
    spec.x, spec.y = display[0] + picture.corner[0], display[1] + picture.corner[1]
    spec.width, spec.height = width, height
    spec.full_x, spec.full_y = display
    spec.full_width, spec.full_height = picture.size
    spec.attribute("CompressionQuality", _JPEG_QUALITY)
    return spec
