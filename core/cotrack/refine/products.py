# SPDX-License-Identifier: Apache-2.0
"""Products of many small matrices, each the same to the last bit however many there are, and wherever it stands."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

_ALIGNED = 16  # numbers, 64 bytes: libraries add up what begins elsewhere in another order


def filled(rows: Tensor) -> Tensor:
    """The same with the last axis filled up with nothing, so that every row begins at the same place in memory."""
    more = -rows.shape[-1] % _ALIGNED
    return F.pad(rows, (0, more)) if more else rows


def products(left: Tensor, right: Tensor) -> Tensor:
    """(R, A, C) of (R, A, B) and (R, B, C).

    A single pair would be computed in another order than one of several, so it is computed twice. Rows that are not
    filled up are filled up here, which costs a copy.
    """
    columns = right.shape[2]
    left, right = filled(left), filled(right.transpose(1, 2)).transpose(1, 2)
    if len(left) == 1:
        return torch.bmm(left.expand(2, -1, -1), right.expand(2, -1, -1))[:1, :, :columns]
    return torch.bmm(left, right)[:, :, :columns]


def mixtures(shares: Tensor, rows: Tensor) -> Tensor:
    """(R, A, P) sums of rows (R, K, P), filled up, each times its share (R, A, K)."""
    if len(rows) == 1:
        return torch.bmm(shares.expand(2, -1, -1), rows.expand(2, -1, -1))[:1]
    return torch.bmm(shares, rows)


def inverses(matrices: Tensor) -> Tensor:
    """(R, K, K) inverses of (R, K, K); what has none becomes infinite or not a number."""
    size = matrices.shape[1]
    more = -size % (_ALIGNED // 4)
    filled = F.pad(matrices, (0, more, 0, more))
    filled.diagonal(dim1=1, dim2=2)[:, size:] = 1
    inverse: Tensor = torch.linalg.inv_ex(filled).inverse
    return inverse[:, :size, :size]
