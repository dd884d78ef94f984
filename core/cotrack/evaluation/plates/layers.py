# SPDX-License-Identifier: Apache-2.0
"""Scenes of flat layers over one another, each with a motion of its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional as F

from cotrack.evaluation.plates.motion import Motion
from cotrack.evaluation.plates.scene import DENSITY, Floats, rows_of, sample_places

_OUTLINE = 33  # points along each side of a layer that tell where it lies
_MARGIN_PX = 4
_OPAQUE, _CLEAR = 0.999, 0.001
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
class LayeredScene:
    """Layers, the rearmost first, on a plate of `width` x `height` px. Their coordinates are layer px."""

    width: int
    height: int
    layers: tuple[Layer, ...]

    @property
    def repeats(self) -> tuple[bool, ...]:
        """For each layer, whether its texture is the same again and again."""
        return tuple(layer.repeats for layer in self.layers)

    def strips(self, time: float, samples: int) -> Iterator[tuple[slice, Tensor]]:
        """As `Scene` has it."""
        places = [layer.bounds(time) for layer in self.layers]
        return ((rows, self._strip(rows, time, places, samples)) for rows in rows_of(self.height))

    def to_plate(self, surface: int, points: Floats, time: float) -> Floats:
        """As `Scene` has it."""
        return self.layers[surface].motion.to_plate(points, time)

    def on_surface(self, surface: int, xy: Floats, time: float) -> Floats:
        """As `Scene` has it."""
        x, y = torch.from_numpy(xy.T.copy())
        right, down = self.layers[surface].motion.to_layer(x, y, time)
        return np.stack([right.numpy(), down.numpy()], axis=-1)

    def hidden(self, surface: int, points: Floats, time: float) -> Floats:
        """As `Scene` has it."""
        return self._covered(surface, self.to_plate(surface, points, time), time)

    def seen_at(self, xy: Floats, time: float) -> npt.NDArray[np.intp]:
        """As `Scene` has it."""
        x, y = torch.from_numpy(xy.T.copy())
        seen = np.full(len(xy), -1, dtype=np.intp)
        for number, layer in enumerate(self.layers):
            opaque = layer.seen_at(x, y, time, _ALPHA)[0].numpy() > _OPAQUE
            seen[opaque & (self._covered(number, xy, time) < _CLEAR)] = number
        return seen

    def _covered(self, number: int, xy: Floats, time: float) -> Floats:
        """(N,) 0..1: how much of a layer is covered by those before it at raster px (N, 2)."""
        x, y = torch.from_numpy(xy.T.copy())
        free = torch.ones_like(x)
        for other in self.layers[number + 1 :]:
            free = free * (1 - other.seen_at(x, y, time, _ALPHA)[0])
        return np.asarray(1 - free.numpy())

    def _strip(self, rows: slice, time: float, places: list[tuple[int, int, int, int]], samples: int) -> Tensor:
        seen = torch.zeros(3, (rows.stop - rows.start) * samples, self.width * samples)
        for layer, (left, upper, right, lower) in zip(self.layers, places, strict=True):
            down = slice(max(rows.start, upper), min(rows.stop, lower))
            across = slice(max(0, left), min(self.width, right))
            if down.start >= down.stop or across.start >= across.stop:
                continue
            x, y = sample_places(across, samples), sample_places(down, samples)
            found = layer.seen_at(x.expand(len(y), -1), y[:, None].expand(-1, len(x)), time)
            first, last = (down.start - rows.start) * samples, (down.stop - rows.start) * samples
            part = seen[:, first:last, across.start * samples : across.stop * samples]
            part.mul_(1 - found[3]).add_(found[:3])
        return F.avg_pool2d(seen, samples)
