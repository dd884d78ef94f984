# SPDX-License-Identifier: Apache-2.0
"""Plates of a texture whose motion is known: sums of waves, computed where they are, so that nothing is resampled."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import OpenImageIO as oiio  # noqa: N813  as its makers write it

_WAVES = 160
_SHORTEST, _LONGEST = 8.0, 60.0  # px; the shortest is four times what a pixel grid can hold


@dataclass(frozen=True)
class MovingTexture:
    """A plane. size: width, height, px. moves: (T, 2, 3), where its points are at each frame, raster to raster."""

    size: tuple[int, int]
    moves: np.ndarray
    seed: int = 7

    def picture(self, index: int, margin: int = 0) -> np.ndarray:
        """(H, W, 3) float32, display-referred, within 0..1; margin: how much more of it on every side, px."""
        width, height = self.size
        matrix, shift = np.linalg.inv(self.moves[index][:, :2]), self.moves[index][:, 2]
        random = np.random.default_rng(self.seed)
        turn, phase = random.uniform(0, 2 * np.pi, (2, _WAVES))
        number = 2 * np.pi / np.exp(random.uniform(np.log(_SHORTEST), np.log(_LONGEST), _WAVES))
        vector = number[:, None] * np.stack([np.cos(turn), np.sin(turn)], axis=1) @ matrix  # as the raster sees them
        x, y = (np.arange(-margin, side + margin) + 0.5 for side in (width, height))
        along_x = np.exp(1j * np.outer(x, vector[:, 0]))
        along_y = np.exp(1j * (np.outer(y, vector[:, 1]) + phase - vector @ shift))
        waves = (along_y @ along_x.T).real / np.sqrt(_WAVES / 2)  # of variance 1
        grey = 0.5 + 0.45 * np.tanh(0.6 * waves)
        return np.repeat(grey[..., None], 3, axis=2).astype(np.float32)

    def place(self, at: tuple[float, float], frame: int, index: int) -> tuple[float, float]:
        """Where a point is at `index` that is at a raster position at `frame`, both counted from 0."""
        there, here = self.moves[frame], self.moves[index]
        x, y = here[:, :2] @ np.linalg.solve(there[:, :2], np.array(at) - there[:, 2]) + here[:, 2]
        return float(x), float(y)


def shifts(way: np.ndarray) -> np.ndarray:
    """The moves of what goes as `way` (T, 2) says, px."""
    return np.concatenate([np.broadcast_to(np.eye(2), (len(way), 2, 2)), way[:, :, None]], axis=2)


def similarities(center: tuple[float, float], zoom: np.ndarray, degrees: np.ndarray) -> np.ndarray:
    """The moves of what grows and turns (T,) about a point that stays where it is."""
    factor = zoom * np.exp(1j * np.radians(degrees))
    matrix = np.stack([np.stack([factor.real, -factor.imag], 1), np.stack([factor.imag, factor.real], 1)], 1)
    middle = np.array(center)
    return np.concatenate([matrix, (middle - matrix @ middle)[:, :, None]], axis=2)


def write_png(path: Path, picture: np.ndarray) -> None:
    """Write eight bits."""
    spec = oiio.ImageSpec(picture.shape[1], picture.shape[0], 3, "uint8")
    _write(path, spec, (picture * 255).round().astype(np.uint8))


def write_exr(path: Path, picture: np.ndarray, margin: int = 0, pixel_aspect: float = 1.0) -> None:
    """Write half floats, linear light. margin: how far the picture reaches beyond the display window, px."""
    spec = oiio.ImageSpec(picture.shape[1], picture.shape[0], 3, "half")
    spec.x = spec.y = -margin
    spec.full_width, spec.full_height = picture.shape[1] - 2 * margin, picture.shape[0] - 2 * margin
    spec.attribute("PixelAspectRatio", pixel_aspect)
    _write(path, spec, linear(picture).astype(np.float16))


def linear(picture: np.ndarray) -> np.ndarray:
    """Linear light of sRGB values."""
    return np.where(picture <= 0.04045, picture / 12.92, ((picture + 0.055) / 1.055) ** 2.4)


def _write(path: Path, spec: oiio.ImageSpec, pixels: np.ndarray) -> None:
    output = oiio.ImageOutput.create(str(path))
    assert output.open(str(path), spec), output.geterror()
    assert output.write_image(np.ascontiguousarray(pixels)), output.geterror()
    assert output.close(), output.geterror()
