# SPDX-License-Identifier: Apache-2.0
"""Small plates for Blender to open."""

from collections.abc import Iterable, Sequence
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import OpenImageIO as oiio  # noqa: N813  as its makers write it


def write_sequence(pattern: Path, frames: Iterable[int], size: tuple[int, int] = (32, 24)) -> None:
    """Write grey PNGs; `pattern` has a printf place for the frame number."""
    pattern.parent.mkdir(parents=True, exist_ok=True)
    width, height = size
    done, data = cv2.imencode(".png", np.full((height, width, 3), 128, np.uint8))
    assert done
    for frame in frames:
        (pattern.parent / (pattern.name % frame)).write_bytes(data.tobytes())


def write_movie(
    path: Path,
    frames: int,
    rate: int | Fraction = 24,
    size: tuple[int, int] = (64, 48),
    *,
    rotation: int = 0,
    times: Sequence[int] | None = None,
) -> None:
    """Write a grey movie. rotation: degrees that its metadata asks for. times: ms, where the pictures are uneven."""
    path.parent.mkdir(parents=True, exist_ok=True)
    width, height = size
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=rate)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        time_base = 1 / Fraction(rate) if times is None else Fraction(1, 1000)
        stream.time_base = stream.codec_context.time_base = time_base
        if rotation:
            stream.set_display_rotation(rotation)
        for index in range(frames):
            picture = av.VideoFrame.from_ndarray(np.full((height, width, 3), 128, np.uint8), format="rgb24")
            picture.pts = index if times is None else times[index]
            picture.time_base = time_base
            container.mux(stream.encode(picture))
        container.mux(stream.encode())


def write_exr(path: Path, value: float, size: tuple[int, int] = (32, 24), *, overscan: int = 0) -> None:
    """Write an EXR of one scene-linear value; its data window may reach beyond its display window."""
    path.parent.mkdir(parents=True, exist_ok=True)
    width, height = size
    spec = oiio.ImageSpec(width + 2 * overscan, height + 2 * overscan, 3, "half")
    spec.x = spec.y = -overscan
    spec.full_x, spec.full_y, spec.full_width, spec.full_height = 0, 0, width, height
    output = oiio.ImageOutput.create(str(path))
    assert output.open(str(path), spec), output.geterror()
    assert output.write_image(np.full((spec.height, spec.width, 3), value, np.float32)), output.geterror()
    assert output.close(), output.geterror()
