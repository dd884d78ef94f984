# SPDX-License-Identifier: Apache-2.0
"""The textures of one batch, with their smaller copies, in one picture per shot.

Level 0 of a slot is a square of R texels; beside it stand the levels 1, 2, ..., each half as large. Slots are stacked
downwards. Coordinates are in tiles and are mirrored at every whole number, so that a texture has no edge.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

LEVELS = 5


@dataclass(frozen=True, eq=False)
class Atlas:
    """picture: (B, 3, slots * R, 3 R / 2)."""

    picture: Tensor
    side: int

    def read(self, slot: Tensor, u: Tensor, v: Tensor, level: Tensor) -> Tensor:
        """(B, 3, n, P) colours at tiles u, v of `slot`, at a whole-numbered `level`; all (B, n, P) float."""
        level = level.clamp(0.0, LEVELS - 1.0)
        shrink = torch.exp2(-level)
        size = self.side * shrink
        left = (level > 0.5) * float(self.side)
        top = slot * self.side + (level > 0.5) * self.side * (1.0 - 2.0 * shrink)
        height, width = self.picture.shape[-2:]
        x = left + (_mirrored(u) * size).clamp_min(0.5).minimum(size - 0.5)
        y = top + (_mirrored(v) * size).clamp_min(0.5).minimum(size - 0.5)
        grid = torch.stack([x * (2.0 / width) - 1.0, y * (2.0 / height) - 1.0], -1)
        return F.grid_sample(self.picture, grid, align_corners=False)


def build_atlas(textures: Tensor) -> Atlas:
    """From textures (B, slots, 3, R, R)."""
    batch, slots, _, side, _ = textures.shape
    level = textures.flatten(0, 1)
    picture = level.new_zeros(batch * slots, 3, side, side + side // 2)
    picture[..., :side] = level
    top = 0
    for _ in range(LEVELS - 1):
        level = F.avg_pool2d(level, 2)
        small = level.shape[-1]
        picture[..., top : top + small, side : side + small] = level
        top += small
    stacked = picture.view(batch, slots, *picture.shape[1:]).transpose(1, 2)
    return Atlas(stacked.reshape(batch, 3, slots * side, side + side // 2), side)


def _mirrored(tiles: Tensor) -> Tensor:
    return (tiles - 2.0 * (tiles * 0.5).round()).abs()
