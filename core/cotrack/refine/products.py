# SPDX-License-Identifier: Apache-2.0
"""Products of many small matrices, each the same to the last bit however many there are, and wherever it stands."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

_ALIGNED = 16  # numbers, 64 bytes: libraries add up what begins elsewhere in another order


def products(left: Tensor, right: Tensor) -> Tensor:
    """(R, A, C) of (R, A, B) and (R, B, C).

    A single pair would be computed in another order than one of several, so it is computed twice; rows are filled up
    with nothing, so that each begins at the same place in memory.
    """
    inner, columns = left.shape[2], right.shape[2]
    left = F.pad(left, (0, -inner % _ALIGNED))
    right = F.pad(right.transpose(1, 2), (0, -inner % _ALIGNED, 0, -columns % _ALIGNED if columns > 1 else 0))
    right = right.transpose(1, 2)
    if len(left) == 1:
        return torch.bmm(left.expand(2, -1, -1), right.expand(2, -1, -1))[:1, :, :columns]
    return torch.bmm(left, right)[:, :, :columns]


def inverses(matrices: Tensor) -> Tensor:
    """(R, K, K) inverses of (R, K, K); what has none becomes infinite or not a number."""
    size = matrices.shape[1]
    more = -size % (_ALIGNED // 4)
    filled = F.pad(matrices, (0, more, 0, more))
    filled.diagonal(dim1=1, dim2=2)[:, size:] = 1
    inverse: Tensor = torch.linalg.inv_ex(filled).inverse
    return inverse[:, :size, :size]
