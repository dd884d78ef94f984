# SPDX-License-Identifier: Apache-2.0
"""From rendered frames to a plate: lens softness and grain in linear light, a film curve, H.264."""

from __future__ import annotations

from pathlib import Path

import av
import bpy
import numpy as np
import numpy.typing as npt
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc, Interpolation
from example_shot.camera import FPS, HEIGHT, WIDTH

Picture = npt.NDArray[np.float32]

EXPOSURE = 2.3
SOFT_PX, GLOW_PX, GLOW_SHARE = 0.55, 16.0, 0.035
GRAIN_PX, GRAIN, GRAIN_IN_COLOUR = 0.55, 0.020, 0.5
CORNER_PX = 2.5
BORDER = 48
CRF = "22"
LUMA = np.array([0.2126, 0.7152, 0.0722], dtype=np.float32)


def write_movie(frames: dict[int, Path], path: Path) -> None:
    """Finish and encode frames in order, tagged and converted as BT.709."""
    with av.open(str(path), "w", options={"movflags": "+faststart"}) as movie:
        stream = movie.add_stream("libx264", rate=FPS, options={"crf": CRF, "preset": "veryslow", "tune": "grain"})
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        context = stream.codec_context
        context.colorspace, context.color_range = Colorspace.ITU709, ColorRange.MPEG
        context.color_primaries, context.color_trc = ColorPrimaries.BT709, ColorTrc.BT709
        for number, source in frames.items():
            picture = np.rint(finished(source, number) * 255).astype(np.uint8)
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24").reformat(
                format="yuv420p",
                dst_colorspace=Colorspace.ITU709,
                dst_color_range=ColorRange.MPEG,
                interpolation=int(Interpolation.BICUBIC | Interpolation.ACCURATE_RND | Interpolation.FULL_CHR_H_INP),
            )
            movie.mux(stream.encode(frame))
        movie.mux(stream.encode(None))


def finished(source: Path, number: int) -> Picture:
    """A rendered frame as the camera would have delivered it, (H, W, 3) display-referred sRGB, 0..1."""
    light = EXPOSURE * _read(source)
    sharp, glow = _blurred(light, SOFT_PX), _blurred(light, GLOW_PX)
    light = np.maximum((1 - GLOW_SHARE) * sharp + GLOW_SHARE * glow, 0)
    return _printed(np.maximum(light + _grain(light, number), 0))


def corner_strength(source: Path) -> npt.NDArray[np.float64]:
    """How well a point can be told from its surroundings, (H, W): the lesser eigenvalue of the structure tensor."""
    luma = _printed(_blurred(EXPOSURE * _read(source), 1.0)) @ LUMA
    down, across = np.gradient(luma)
    xx, yy, xy = (_blurred(p[..., None], CORNER_PX)[..., 0] for p in (across * across, down * down, across * down))
    return np.asarray((xx + yy) / 2 - np.hypot((xx - yy) / 2, xy))


def _read(source: Path) -> Picture:
    """Scene-linear Rec. 709, (H, W, 3)."""
    image = bpy.data.images.load(str(source))
    pixels = np.empty(WIDTH * HEIGHT * 4, dtype=np.float32)
    image.pixels.foreach_get(pixels)
    bpy.data.images.remove(image)
    return pixels.reshape(HEIGHT, WIDTH, 4)[::-1, :, :3]


def _blurred(picture: Picture, sigma: float) -> Picture:
    """Gaussian blur, the border mirrored; sigma in pixels."""
    padded = np.pad(picture, ((BORDER, BORDER), (BORDER, BORDER), (0, 0)), mode="symmetric")
    height, width = padded.shape[:2]
    squared = np.fft.fftfreq(height)[:, None] ** 2 + np.fft.rfftfreq(width) ** 2
    response = np.exp(-2 * (np.pi * sigma) ** 2 * squared)[..., None]
    soft = np.fft.irfft2(np.fft.rfft2(padded, axes=(0, 1)) * response, s=(height, width), axes=(0, 1))
    return soft[BORDER:-BORDER, BORDER:-BORDER].astype(np.float32)


def _grain(light: Picture, number: int) -> Picture:
    """Noise that grows with the root of the light, as photons do; partly the same in all channels."""
    rng = np.random.default_rng([11, number])
    shared, own = rng.normal(size=(HEIGHT, WIDTH, 1)), rng.normal(size=(HEIGHT, WIDTH, 3))
    noise = _blurred((shared + GRAIN_IN_COLOUR * own).astype(np.float32), GRAIN_PX)
    return np.asarray(GRAIN * np.sqrt(light + 0.002) * noise)


def _printed(light: Picture) -> Picture:
    """Linear light to display sRGB through the film curve that Narkowicz fitted to ACES (2015)."""
    film = np.clip(light * (2.51 * light + 0.03) / (light * (2.43 * light + 0.59) + 0.14), 0, 1)
    return np.where(film <= 0.0031308, 12.92 * film, 1.055 * film ** (1 / 2.4) - 0.055).astype(np.float32)
