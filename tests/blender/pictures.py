# SPDX-License-Identifier: Apache-2.0
"""Small plates for Blender to open."""

from collections.abc import Iterable
from pathlib import Path

import av
import cv2
import numpy as np


def write_sequence(pattern: Path, frames: Iterable[int], size: tuple[int, int] = (32, 24)) -> None:
    """Write grey PNGs; `pattern` has a printf place for the frame number."""
    pattern.parent.mkdir(parents=True, exist_ok=True)
    width, height = size
    done, data = cv2.imencode(".png", np.full((height, width, 3), 128, np.uint8))
    assert done
    for frame in frames:
        (pattern.parent / (pattern.name % frame)).write_bytes(data.tobytes())


def write_movie(path: Path, frames: int, rate: int = 24, size: tuple[int, int] = (64, 48)) -> None:
    """Write a grey movie."""
    path.parent.mkdir(parents=True, exist_ok=True)
    width, height = size
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=rate)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        for _ in range(frames):
            picture = av.VideoFrame.from_ndarray(np.full((height, width, 3), 128, np.uint8), format="rgb24")
            container.mux(stream.encode(picture))
        container.mux(stream.encode())
