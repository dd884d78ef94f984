# SPDX-License-Identifier: Apache-2.0
"""The stock of textures and shapes that shots are made of, drawn once per run on the device that trains."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from cotrack.training.shots.draw import Draw
from cotrack.training.shots.noise import fractal_noise


@dataclass(frozen=True, eq=False)
class TextureBank:
    """colours: (M, 3, R, R) uint8, display-referred. shapes, lattices: (Q, S, S) float, 1 inside and 0 outside."""

    colours: Tensor
    shapes: Tensor
    lattices: Tensor

    @classmethod
    def procedural(
        cls, device: torch.device | str, *, count: int = 128, size: int = 512, shapes: int = 64, seed: int = 0
    ) -> TextureBank:
        """`count` textures of `size` x `size` texels (a multiple of 16) and as many shapes and lattices as said."""
        draw = Draw(seed, torch.device(device))
        colours = (fractal_noise(draw, count * 3, size).view(count, 3, size, size) * 255.0).to(torch.uint8)
        blobs = fractal_noise(draw, shapes * 2, size // 4)
        side = torch.linspace(-1.0, 1.0, size // 4, device=draw.device)
        radius = (side[:, None].square() + side.square()).sqrt()
        solid = (8.0 * (0.7 + 0.6 * (blobs[:shapes] - 0.5) - radius) + 0.5).clamp(0.0, 1.0)
        holes = (8.0 * (blobs[shapes:] - 0.5) + 0.5).clamp(0.0, 1.0)
        return cls(colours, solid, holes)
