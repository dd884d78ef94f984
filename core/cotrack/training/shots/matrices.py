# SPDX-License-Identifier: Apache-2.0
"""Small matrices, multiplied in full precision.

`@` would not do: a training program allows it TF32 or bfloat16, which moves tracks by tenths of a pixel.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor


def product(a: Tensor, b: Tensor) -> Tensor:
    """Matrices (..., i, k) from (..., i, j) and (..., j, k)."""
    return (a.unsqueeze(-1) * b.unsqueeze(-3)).sum(-2)


def applied(matrix: Tensor, vector: Tensor) -> Tensor:
    """Vectors (..., i) from matrices (..., i, j) and vectors (..., j)."""
    return (matrix * vector.unsqueeze(-2)).sum(-1)


def rotation(vector: Tensor) -> Tensor:
    """Matrices (..., 3, 3) that turn about `vector` (..., 3) by its length in radians (Rodrigues' formula)."""
    squared = vector.square().sum(-1)[..., None, None]
    angle = squared.clamp_min(1e-12).sqrt()
    x, y, z = vector.unbind(-1)
    none = torch.zeros_like(x)
    cross = torch.stack([none, -z, y, z, none, -x, -y, x, none], -1).view(*x.shape, 3, 3)
    turned = torch.sinc(angle / math.pi) * cross + 0.5 * torch.sinc(0.5 * angle / math.pi).square() * product(
        cross, cross
    )
    return turned + torch.eye(3, device=vector.device)
