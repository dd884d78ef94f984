# SPDX-License-Identifier: Apache-2.0
"""What every scene can tell, and what a sensor makes of it.

Each pixel is the mean of the light on its area while the shutter is open.

A texture is light at its texels and linear between them; that continuous picture *is* the scene, so nothing of the
truth is lost by interpolation. What remains is the finite number of samples per pixel: with dots of light, less than
0.002 px.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

Light = npt.NDArray[np.float32]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

DENSITY = 1.25
"""Texels per px of the plate, where nothing is nearer or farther than usual."""

STRIP = 32
"""Rows that are rendered at once, so that memory does not grow with the plate."""


class Scene(Protocol):
    """Textured surfaces that move, on a plate of `width` x `height` px. A surface has coordinates (2,) of its own."""

    @property
    def width(self) -> int:
        """Pixels from left to right."""

    @property
    def height(self) -> int:
        """Pixels from top to bottom."""

    @property
    def repeats(self) -> tuple[bool, ...]:
        """For each surface, whether its texture is the same again and again."""

    def strips(self, time: float, samples: int) -> Iterator[tuple[slice, Tensor]]:
        """Rows of the plate, from top to bottom, with their scene-linear light (3, rows, width) at an instant.

        samples: per side of a pixel.
        """

    def to_plate(self, surface: int, points: Floats, time: float) -> Floats:
        """(N, 2) raster px of points (N, 2) of a surface."""

    def on_surface(self, surface: int, xy: Floats, time: float) -> Floats:
        """(N, 2) the points of a surface that raster px (N, 2) show, or would if nothing stood before it."""

    def hidden(self, surface: int, points: Floats, time: float) -> Floats:
        """(N,) 0..1: how much of points (N, 2) of a surface is covered by others or turned away."""

    def seen_at(self, xy: Floats, time: float) -> npt.NDArray[np.intp]:
        """(N,) the one surface that raster px (N, 2) show, -1 where they show none or a mixture."""


def expose(scene: Scene, time: float, *, shutter: float = 0.0, moments: int = 1, samples: int = 3) -> Light:
    """(H, W, 3) scene-linear light at a time in frames, without any flaw of lens, sensor or file.

    shutter: how long it is open, in frames, half of it before `time`; `moments` instants of it are averaged.
    samples: per side of a pixel.
    """
    light = np.zeros((scene.height, scene.width, 3), dtype=np.float32)
    for offset in _instants(shutter, moments):
        for rows, seen in scene.strips(time + offset, samples):
            light[rows] += seen.permute(1, 2, 0).numpy() / np.float32(moments)
    return light


def positions(
    scene: Scene, surface: int, points: Floats, times: Floats, *, shutter: float = 0.0, moments: int = 1
) -> Floats:
    """(N, T, 2) raster px of points (N, 2) of a surface, at T times: the mean while the shutter is open."""
    open_at = _instants(shutter, moments)
    means = [
        np.mean([scene.to_plate(surface, points, time + one) for one in open_at], axis=0) for time in times.tolist()
    ]
    return np.stack(means, axis=1)


def inside(scene: Scene, xy: Floats) -> Flags:
    """(...) whether raster px (..., 2) lie on the plate."""
    return np.asarray(((xy >= 0) & (xy < (scene.width, scene.height))).all(axis=-1))


def rows_of(height: int) -> Iterator[slice]:
    """The strips of a plate of so many rows."""
    return (slice(top, min(top + STRIP, height)) for top in range(0, height, STRIP))


def sample_places(pixels: slice, samples: int) -> Tensor:
    """The middles of `samples` equal parts of each pixel, raster px."""
    count = (pixels.stop - pixels.start) * samples
    return (torch.arange(count, dtype=torch.float32) + 0.5) / samples + float(pixels.start)


def _instants(shutter: float, moments: int) -> list[float]:
    """Evenly over the time that the shutter is open, in frames from its middle."""
    return [shutter * ((moment + 0.5) / moments - 0.5) for moment in range(moments)]
