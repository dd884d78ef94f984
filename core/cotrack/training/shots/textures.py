# SPDX-License-Identifier: Apache-2.0
"""The stock of textures and shapes that shots are made of, drawn once per run on the device that trains."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from cotrack.training.shots.draw import Draw
from cotrack.training.shots.outlines import LATTICES, SHAPES
from cotrack.training.shots.patterns import PATTERNS
from cotrack_client.errors import CotrackError

_TOGETHER = 2


@dataclass(frozen=True, eq=False)
class TextureBank:
    """colours: (M, 3, R, R) uint8, display-referred. shapes, lattices: (Q, S, S) float, 1 inside and 0 outside."""

    colours: Tensor
    shapes: Tensor
    lattices: Tensor

    @classmethod
    def procedural(
        cls, device: torch.device | str, *, count: int = 168, size: int = 512, shapes: int = 96, seed: int = 0
    ) -> TextureBank:
        """`count` textures of `size` x `size` texels (a multiple of 16), as many shapes and half as many lattices."""
        draw = Draw(seed, torch.device(device))
        colours = (_of_each(PATTERNS, draw, size, count).clamp(0.0, 1.0) * 255.0).round().to(torch.uint8)
        solid = _of_each(SHAPES, draw, size // 2, shapes)
        pierced = _of_each(LATTICES, draw, size // 2, max(1, shapes // 2))
        return cls(colours, solid, pierced)

    def with_pictures(self, folder: Path) -> TextureBank:
        """The bank with the pictures of `folder` added: `.npy` files of uint8 (height, width, 3), display-referred.

        Raises CotrackError for a file of another shape or type.
        """
        side = self.colours.shape[-1]
        pictures = [_square(_load(path), side) for path in sorted(folder.glob("*.npy"))]
        if not pictures:
            return self
        added = torch.stack(pictures).to(self.colours.device)
        return TextureBank(torch.cat([self.colours, added]), self.shapes, self.lattices)


def _of_each(kinds: Sequence[Callable[[Draw, int, int], Tensor]], draw: Draw, size: int, count: int) -> Tensor:
    """`count` of them, a few of each kind in turn; a few, since those made together share a scale."""
    made: list[Tensor] = []
    while _TOGETHER * len(made) < count:
        made.append(kinds[len(made) % len(kinds)](draw, _TOGETHER, size))
    return torch.cat(made)[:count]


def _load(path: Path) -> Tensor:
    picture = np.load(path, allow_pickle=False)
    if picture.dtype != np.uint8 or picture.ndim != 3 or picture.shape[-1] != 3:
        raise CotrackError(f"{path} is {picture.dtype} {picture.shape}; store a picture as uint8 (height, width, 3)")
    return torch.from_numpy(picture)


def _square(picture: Tensor, side: int) -> Tensor:
    """The middle of a picture (H, W, 3), resized to (3, side, side) with its small detail averaged."""
    least = min(picture.shape[:2])
    top, left = ((length - least) // 2 for length in picture.shape[:2])
    cut = picture[top : top + least, left : left + least].permute(2, 0, 1)[None].float()
    return F.interpolate(cut, size=(side, side), mode="bilinear", antialias=True)[0].round().to(torch.uint8)
