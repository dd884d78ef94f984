# SPDX-License-Identifier: Apache-2.0
"""Shots whose frames carry their own number, so that an off-by-one shows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace

import av
import numpy as np
import numpy.typing as npt
import OpenImageIO as oiio  # noqa: N813  as its makers write it
import pytest

WIDTH, HEIGHT, BLOCK, BITS = 96, 64, 12, 8


def draw(number: int) -> npt.NDArray[np.uint8]:
    """(64, 96, 3): eight blocks along the top row are the bits of the number, lowest first; below lies a ramp."""
    picture = np.empty((HEIGHT, WIDTH, 3), np.uint8)
    picture[...] = np.linspace(60, 200, WIDTH)[None, :, None]
    picture[BLOCK * 3 :, :, 2] = 40
    for bit in range(BITS):
        picture[:BLOCK, bit * BLOCK : (bit + 1) * BLOCK] = 255 if number >> bit & 1 else 0
    return picture


def number_in(picture: npt.NDArray[np.float32]) -> int:
    """The number that `draw` drew, from what was read."""
    blocks = picture[2 : BLOCK - 2].reshape(BLOCK - 4, BITS, BLOCK, 3)[:, :, 2:-2].mean(axis=(0, 2, 3))
    assert np.abs(blocks - 0.5).min() > 0.2, blocks
    return sum(1 << bit for bit in range(BITS) if blocks[bit] > 0.5)


def write_still(path: Path, pixels: npt.NDArray[np.generic], kind: str = "", **attributes: object) -> Path:
    """Write one picture. Attributes set fields of the spec (x, full_width, …) where it has them; __ is a colon."""
    height, width, count = pixels.shape
    spec = oiio.ImageSpec(width, height, count, kind or str(pixels.dtype).replace("float16", "half"))
    for name, value in attributes.items():
        if hasattr(spec, name):
            setattr(spec, name, value)
        else:
            spec.attribute(name.replace("__", ":"), value)
    output = oiio.ImageOutput.create(str(path))
    assert output.open(str(path), spec), output.geterror()
    assert output.write_image(pixels), output.geterror()
    assert output.close(), output.geterror()
    return path


def write_movie(
    path: Path,
    numbers: Sequence[int] = range(1, 25),
    codec: str = "libx264",
    pix_fmt: str = "yuv420p",
    *,
    times: Sequence[int] | None = None,
    rate: int | Fraction = 24,
    rotation: int = 0,
    matrix: Sequence[int] = (),
    picture: Callable[[int], npt.NDArray[np.uint8]] = draw,
    tags: dict[str, int] | None = None,
    **options: str,
) -> Path:
    """Write a movie of drawn numbers; `times` are presentation times in thousandths of a second."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=rate, options=options)
        stream.height, stream.width, _ = picture(0).shape
        stream.pix_fmt = pix_fmt
        for tag, value in (tags or {"colorspace": 1, "color_range": 1}).items():
            setattr(stream.codec_context, tag, value)
        if times is not None:
            stream.time_base = stream.codec_context.time_base = Fraction(1, 1000)
        if rotation:
            stream.set_display_rotation(rotation)
        if matrix:
            stream.set_display_matrix(list(matrix))
        for place, number in enumerate(numbers):
            frame = av.VideoFrame.from_ndarray(picture(number), format="rgb24")
            frame = frame.reformat(format=pix_fmt, dst_colorspace=1, dst_color_range=1)
            frame.time_base = Fraction(1, 1000) if times is not None else 1 / Fraction(rate)
            frame.pts = times[place] if times is not None else place
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


@pytest.fixture
def media() -> SimpleNamespace:
    """What makes and reads back numbered frames."""
    return SimpleNamespace(
        draw=draw, number_in=number_in, write_still=write_still, write_movie=write_movie, width=WIDTH, height=HEIGHT
    )


@pytest.fixture
def plate(tmp_path: Path) -> Path:
    """The pattern of a PNG sequence, frames 1001 to 1012, showing 1 to 12."""
    for frame in range(1001, 1013):
        write_still(tmp_path / f"plate.{frame}.png", draw(frame - 1000))
    return tmp_path / "plate.####.png"


@pytest.fixture
def data() -> Path:
    """Pictures and movies made by others."""
    return Path(__file__).parents[2] / "data" / "media"


@pytest.fixture
def multipart() -> Callable[[Path, Sequence[tuple[str, tuple[str, ...], float]]], Path]:
    """Writes an EXR with several parts: name, channels, and the value in all of them."""

    def write(path: Path, parts: Sequence[tuple[str, tuple[str, ...], float]]) -> Path:
        specs = []
        for name, channels, _ in parts:
            spec = oiio.ImageSpec(16, 8, len(channels), "half")
            spec.channelnames = channels
            spec.attribute("oiio:subimagename", name)
            specs.append(spec)
        output = oiio.ImageOutput.create(str(path))
        assert output.open(str(path), tuple(specs)), output.geterror()
        for place, (_, channels, value) in enumerate(parts):
            if place:
                assert output.open(str(path), specs[place], "AppendSubimage"), output.geterror()
            assert output.write_image(np.full((8, 16, len(channels)), value, np.float32)), output.geterror()
        assert output.close(), output.geterror()
        return path

    return write
