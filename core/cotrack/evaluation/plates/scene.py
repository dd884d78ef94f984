# SPDX-License-Identifier: Apache-2.0
"""Layers over one another, seen by a sensor: each pixel is the mean of the light on its area while the shutter is open.

A texture is light at its texels and linear between them; that continuous picture *is* the scene, so nothing of the
truth is lost by interpolation. What remains is the finite number of samples per pixel: with dots of light, less than
0.002 px.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional as F

from cotrack.evaluation.plates.motion import Floats, Motion

Light = npt.NDArray[np.float32]

DENSITY = 1.25
"""Texels per px of the layer."""

_STRIP = 32  # rows at once, so that memory does not grow with the plate
_OUTLINE = 33  # points along each side of a layer that tell where it lies
_MARGIN_PX = 4
_ALL, _ALPHA = slice(None), slice(3, 4)


@dataclass(frozen=True, eq=False)
class Layer:
    """A textured sheet.

    texture: (4, h, w) float32: scene-linear red, green, blue, times alpha, and alpha.
    repeats: its texture is the same again and again.
    """

    texture: Tensor
    motion: Motion
    repeats: bool = False

    @property
    def half_size(self) -> tuple[float, float]:
        """Layer px from the middle to the right and to the lower edge."""
        return self.texture.shape[2] / DENSITY / 2, self.texture.shape[1] / DENSITY / 2

    def seen_at(self, x: Tensor, y: Tensor, time: float, channels: slice = _ALL) -> Tensor:
        """(channels, *x.shape) the texture at raster px `x`, `y` of the plate; nothing outside of it."""
        right, down = self.motion.to_layer(x, y, time)
        half_width, half_height = self.half_size
        place = torch.stack([right / half_width, down / half_height], dim=-1).float()
        flat = place.reshape(1, -1, 1, 2) if x.dim() == 1 else place[None]
        seen = F.grid_sample(self.texture[None, channels], flat, align_corners=False, padding_mode="zeros")
        return seen[0].reshape(seen.shape[1], *x.shape)

    def bounds(self, time: float) -> tuple[int, int, int, int]:
        """Left, top, right, bottom, px of the plate, that hold the whole layer."""
        half_width, half_height = self.half_size
        side = np.linspace(-1, 1, _OUTLINE)
        one = np.ones(_OUTLINE)
        outline = np.concatenate(
            [np.stack(pair, axis=-1) for pair in ((side, one), (side, -one), (one, side), (-one, side))]
        )
        around = self.motion.to_plate(outline * (half_width, half_height), time)
        low, high = np.floor(around.min(axis=0)) - _MARGIN_PX, np.ceil(around.max(axis=0)) + _MARGIN_PX
        return int(low[0]), int(low[1]), int(high[0]), int(high[1])


@dataclass(frozen=True, eq=False)
class Scene:
    """Layers, the rearmost first, on a plate of `width` x `height` px."""

    width: int
    height: int
    layers: tuple[Layer, ...]

    def expose(self, time: float, *, shutter: float = 0.0, moments: int = 1, samples: int = 3) -> Light:
        """(H, W, 3) scene-linear light at a time in frames, without any flaw of lens, sensor or file.

        shutter: how long it is open, in frames, half of it before `time`; `moments` instants of it are averaged.
        samples: per side of a pixel.
        """
        light = np.zeros((self.height, self.width, 3), dtype=np.float32)
        for offset in _instants(shutter, moments):
            instant = time + offset
            places = [layer.bounds(instant) for layer in self.layers]
            for top in range(0, self.height, _STRIP):
                bottom = min(top + _STRIP, self.height)
                light[top:bottom] += self._strip(top, bottom, instant, places, samples) / moments
        return light

    def positions(self, layer: int, points: Floats, times: Floats, *, shutter: float = 0.0, moments: int = 1) -> Floats:
        """(N, T, 2) raster px of points (N, 2) of a layer, at T times: the mean while the shutter is open."""
        to_plate = self.layers[layer].motion.to_plate
        open_at = _instants(shutter, moments)
        means = [np.mean([to_plate(points, time + one) for one in open_at], axis=0) for time in times.tolist()]
        return np.stack(means, axis=1)

    def covered(self, layer: int, xy: Floats, time: float) -> Floats:
        """(N,) 0..1: how much of a layer is hidden by those before it at raster px (N, 2)."""
        x, y = torch.from_numpy(xy.T.copy())
        free = torch.ones_like(x)
        for other in self.layers[layer + 1 :]:
            free = free * (1 - other.seen_at(x, y, time, _ALPHA)[0])
        return np.asarray(1 - free.numpy())

    def inside(self, xy: Floats) -> npt.NDArray[np.bool_]:
        """(...) whether raster px (..., 2) lie on the plate."""
        return np.asarray(((xy >= 0) & (xy < (self.width, self.height))).all(axis=-1))

    def _strip(
        self, top: int, bottom: int, time: float, places: list[tuple[int, int, int, int]], samples: int
    ) -> Light:
        seen = torch.zeros(3, (bottom - top) * samples, self.width * samples)
        for layer, (left, upper, right, lower) in zip(self.layers, places, strict=True):
            rows = slice(max(top, upper), min(bottom, lower))
            columns = slice(max(0, left), min(self.width, right))
            if rows.start >= rows.stop or columns.start >= columns.stop:
                continue
            x, y = _sample_places(columns, samples), _sample_places(rows, samples)
            found = layer.seen_at(x.expand(len(y), -1), y[:, None].expand(-1, len(x)), time)
            down = slice((rows.start - top) * samples, (rows.stop - top) * samples)
            part = seen[:, down, columns.start * samples : columns.stop * samples]
            part.mul_(1 - found[3]).add_(found[:3])
        return np.asarray(F.avg_pool2d(seen, samples).permute(1, 2, 0).numpy(), dtype=np.float32)


def _instants(shutter: float, moments: int) -> list[float]:
    """Evenly over the time that the shutter is open, in frames from its middle."""
    return [shutter * ((moment + 0.5) / moments - 0.5) for moment in range(moments)]


def _sample_places(pixels: slice, samples: int) -> Tensor:
    """The middles of `samples` equal parts of each pixel, raster px."""
    count = (pixels.stop - pixels.start) * samples
    return (torch.arange(count, dtype=torch.float32) + 0.5) / samples + float(pixels.start)
