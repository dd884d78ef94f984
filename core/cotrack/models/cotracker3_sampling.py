# SPDX-License-Identifier: Apache-2.0
"""Bilinear neighbourhoods of feature maps, by gathering whole pixels and interpolating between them.

All offsets of a neighbourhood are whole pixels, so all its samples share one fraction: a block one pixel wider than the
neighbourhood, gathered once, holds everything. Outside a map its border pixels go on. A block's x axis comes first.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F


def gather_blocks(level: Tensor, frame: Tensor, centre: Tensor, radius: int) -> tuple[Tensor, Tensor]:
    """Gather the pixels around `centre` (..., 2: x, y, px of the level) in `frame` (...) of `level` (F, h, w, C).

    Returns blocks (..., 2 radius + 2 in x, 2 radius + 2 in y, C), and the fraction (..., 2) of a pixel that the
    neighbourhood's samples lie past each block's pixels.
    """
    _, height, width, channels = level.shape
    size = centre.new_tensor([width, height])
    centre = torch.minimum(centre.clamp_min(-radius - 2), size + radius + 2)
    corner = centre.floor()
    reach = torch.arange(-radius, radius + 2, device=level.device)
    x, y = (corner.long()[..., None, :] + reach[:, None]).unbind(-1)  # (..., 2 radius + 2) each
    row = frame[..., None] * height + y.clamp(0, height - 1)
    index = row[..., None, :] * width + x.clamp(0, width - 1)[..., :, None]
    return F.embedding(index, level.view(-1, channels)), centre - corner


def interpolate_blocks(blocks: Tensor, fraction: Tensor) -> Tensor:
    """Blocks (..., n, n, channels) and their fraction (..., 2) -> samples (..., n - 1, n - 1, channels)."""
    x, y = fraction[..., None, None, None, :].unbind(-1)
    rows = torch.lerp(blocks[..., :-1, :], blocks[..., 1:, :], y)
    return torch.lerp(rows[..., :-1, :, :], rows[..., 1:, :, :], x)
