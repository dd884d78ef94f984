# SPDX-License-Identifier: Apache-2.0
"""What lens, light, film and file do to a picture. None of it moves anything: every kernel is symmetric."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
import numpy.typing as npt

from cotrack.evaluation.plates.scene import Light

Picture = npt.NDArray[np.float32]
"""(H, W, 3) display-referred sRGB, 0..1."""

Compression = Literal["none", "jpeg", "h264"]

_GRAIN_SIZE_PX = 0.5  # standard deviation: grain is not white, it has been through a scanner or a demosaic
_JPEG_QUALITY = 88
_DISC_SAMPLES = 8


@dataclass(frozen=True)
class Shadow:
    """A soft shadow that crosses the plate: width and way in shares of the plate's width, per shot."""

    depth: float = 0.5
    width: float = 0.15
    first: float = 0.1
    last: float = 0.9


@dataclass(frozen=True)
class Finish:
    """What becomes of the light of a scene.

    grain: standard deviation, grey levels of 255. defocus: radius of the blur disc, px. exposure: the stops by which
    the shot brightens from beginning to end. compression: "h264" comes with the movie that the
    shot is written to.
    """

    grain: float = 0.0
    defocus: float = 0.0
    exposure: float = 0.0
    shadow: Shadow | None = None
    compression: Compression = "none"

    def picture(self, light: Light, progress: float, random: np.random.Generator) -> Picture:
        """The display-referred picture of light (H, W, 3); `progress` 0..1 is how far the shot is."""
        light = light * np.float32(2 ** (self.exposure * (progress - 0.5)))
        if self.shadow is not None:
            light *= _shade(self.shadow, light.shape[1], progress)[None, :, None]
        if self.defocus:
            light = _filtered(light, blur_disc(self.defocus))
        picture = to_display(light)
        if self.grain:
            picture += self.grain / 255 * grain_field(random, picture.shape[:2])
        picture = np.clip(picture, 0, 1)
        return _through_jpeg(picture) if self.compression == "jpeg" else picture


def to_display(light: Light) -> Picture:
    """Scene-linear light to sRGB (IEC 61966-2-1), clipped at white."""
    bounded = np.clip(light, 0, 1)
    curve = 1.055 * np.power(np.maximum(bounded, 0.0031308), 1 / 2.4) - 0.055
    return np.asarray(np.where(bounded <= 0.0031308, 12.92 * bounded, curve), dtype=np.float32)


def blur_disc(radius: float) -> npt.NDArray[np.float32]:
    """(k, k) an even disc of that radius in px, its rim as smooth as pixels allow; sums to 1."""
    reach = math.ceil(radius + 0.5)
    fine = (np.arange((2 * reach + 1) * _DISC_SAMPLES) + 0.5) / _DISC_SAMPLES - reach - 0.5
    inside = (fine**2 + fine[:, None] ** 2 <= radius**2).astype(np.float32)
    side = 2 * reach + 1
    disc = inside.reshape(side, _DISC_SAMPLES, side, _DISC_SAMPLES).mean(axis=(1, 3))
    return np.asarray(disc / disc.sum(), dtype=np.float32)


def grain_field(random: np.random.Generator, size: tuple[int, int]) -> Picture:
    """(H, W, 3) noise of unit variance, slightly clumped, the most of it common to all channels."""
    common = random.standard_normal((*size, 1), dtype=np.float32)
    noise = 0.8 * common + 0.6 * random.standard_normal((*size, 3), dtype=np.float32)
    noise = cv2.GaussianBlur(noise, (0, 0), _GRAIN_SIZE_PX)
    return np.asarray(noise / noise.std(), dtype=np.float32)


def _filtered(light: Light, kernel: Light) -> Light:
    return np.asarray(cv2.filter2D(light, -1, kernel, borderType=cv2.BORDER_REPLICATE), dtype=np.float32)


def _shade(shadow: Shadow, width: int, progress: float) -> Light:
    middle = shadow.first + (shadow.last - shadow.first) * progress
    across = (np.arange(width) + 0.5) / width
    dark = np.exp(-(((across - middle) / shadow.width) ** 4))
    return np.asarray(1 - shadow.depth * dark, dtype=np.float32)


def _through_jpeg(picture: Picture) -> Picture:
    options = [
        cv2.IMWRITE_JPEG_QUALITY,
        _JPEG_QUALITY,
        cv2.IMWRITE_JPEG_SAMPLING_FACTOR,
        cv2.IMWRITE_JPEG_SAMPLING_FACTOR_420,
    ]
    _, file = cv2.imencode(".jpg", np.round(picture[..., ::-1] * 255).astype(np.uint8), options)
    decoded = np.asarray(cv2.imdecode(file, cv2.IMREAD_COLOR), dtype=np.float32)
    return decoded[..., ::-1] / np.float32(255)
