# SPDX-License-Identifier: Apache-2.0
"""Between a picture and the network's input: its size, its coordinates, and grids of points on it.

Picture coordinates here have the centre of the first pixel at (0, 0), as the network's have; corners are aligned, so
that the outermost pixel centres of both fall together. The raster's (0.5, 0.5) is the tracking room's business.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

Size = tuple[int, int]
"""(height, width) in pixels."""


def resize_frames(frames: Tensor, size: Size) -> Tensor:
    """Frames (T, 3, H, W) -> (T, 3, *size), bilinear, corners aligned, not antialiased, as in training."""
    return frames if frames.shape[-2:] == size else F.interpolate(frames, size, mode="bilinear", align_corners=True)


def to_network(xy: Tensor, picture: Size, network: Size) -> Tensor:
    """Positions (..., 2: x, y) of the picture's pixels -> network px."""
    return xy * _ratio(network, picture, xy)


def from_network(xy: Tensor, picture: Size, network: Size) -> Tensor:
    """Network px (..., 2: x, y) -> positions of the picture's pixels."""
    return xy * _ratio(picture, network, xy)


def grid_points(n: int, extent: Size, centre: tuple[float, float] | None = None) -> Tensor:
    """Spread n x n points (n^2, 2: x, y), row by row, over an `extent` (height, width) around `centre` (y, x).

    The margin is 1/64 of the width on all four sides. Without a centre the grid begins at the origin; a grid of one is
    the extent's middle, whatever the centre.
    """
    height, width = extent
    if n == 1:
        return torch.tensor([[width / 2, height / 2]])
    y, x = centre or (height / 2, width / 2)
    margin = width / 64
    rows = torch.linspace(y - height / 2 + margin, y + height / 2 - margin, n)
    columns = torch.linspace(x - width / 2 + margin, x + width / 2 - margin, n)
    return torch.cartesian_prod(rows, columns).flip(-1)


def _ratio(numerator: Size, denominator: Size, like: Tensor) -> Tensor:
    ratios = [(numerator[axis] - 1) / max(denominator[axis] - 1, 1) for axis in (1, 0)]
    return like.new_tensor(ratios)
