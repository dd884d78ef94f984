# SPDX-License-Identifier: Apache-2.0
"""Plates whose motion is known, for the worker and Blender to track."""

from collections.abc import Iterable
from pathlib import Path

import av
import cv2
import numpy as np
import OpenImageIO as oiio  # noqa: N813  as its makers write it

Pictures = list[np.ndarray]  # (H, W) float32, 0..1, display-referred


def texture(size: tuple[int, int], seed: int = 5, blur: float = 2.0) -> np.ndarray:
    """Make something to track everywhere; size: width, height."""
    width, height = size
    noise = np.random.default_rng(seed).uniform(0, 1, (height, width)).astype(np.float32)
    return cv2.normalize(cv2.GaussianBlur(noise, (0, 0), blur), None, 0.05, 0.95, cv2.NORM_MINMAX)


def moved(picture: np.ndarray, matrices: Iterable[np.ndarray]) -> Pictures:
    """Move a picture by (2, 3) matrices, which say where a raster position goes."""
    height, width = picture.shape
    pictures = []
    for matrix in matrices:
        by_index = matrix.astype(np.float64).copy()
        by_index[:, 2] += matrix[:, :2] @ (0.5, 0.5) - 0.5  # OpenCV's pixel centres are whole numbers
        pictures.append(
            cv2.warpAffine(picture, by_index, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_WRAP)
        )
    return pictures


def shifts(offsets: np.ndarray) -> list[np.ndarray]:
    """Turn (T, 2) offsets into matrices."""
    return [np.array([[1, 0, x], [0, 1, y]]) for x, y in offsets]


def write_pngs(pattern: Path, pictures: Pictures, first: int) -> Path:
    """Write a sequence; `pattern` has a printf place for the number. Return the first file."""
    pattern.parent.mkdir(parents=True, exist_ok=True)
    for number, picture in enumerate(pictures, first):
        done, data = cv2.imencode(".png", (picture * 255).round().clip(0, 255).astype(np.uint8))
        assert done
        (pattern.parent / (pattern.name % number)).write_bytes(data.tobytes())
    return pattern.parent / (pattern.name % first)


def write_exrs(pattern: Path, pictures: Pictures, first: int) -> Path:
    """Write a scene-linear sequence of half floats. Return the first file."""
    pattern.parent.mkdir(parents=True, exist_ok=True)
    for number, picture in enumerate(pictures, first):
        linear = np.where(picture <= 0.04045, picture / 12.92, ((picture + 0.055) / 1.055) ** 2.4)
        path = str(pattern.parent / (pattern.name % number))
        height, width = picture.shape
        output = oiio.ImageOutput.create(path)
        assert output.open(path, oiio.ImageSpec(width, height, 3, "half")), output.geterror()
        assert output.write_image(np.repeat(linear[..., None], 3, axis=2).astype(np.float32)), output.geterror()
        assert output.close(), output.geterror()
    return pattern.parent / (pattern.name % first)


def write_movie_of(path: Path, pictures: Pictures) -> Path:
    """Write a movie of good quality with B-frames."""
    path.parent.mkdir(parents=True, exist_ok=True)
    height, width = pictures[0].shape
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=24, options={"crf": "1"})
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        for picture in pictures:
            grey = (picture * 255).round().clip(0, 255).astype(np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(np.repeat(grey[..., None], 3, axis=2))))
        container.mux(stream.encode())
    return path
