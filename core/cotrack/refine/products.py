# SPDX-License-Identifier: Apache-2.0
"""Products of many small matrices that do not depend on how many there are, to the last bit."""

from __future__ import annotations

import torch
from torch import Tensor


def products(left: Tensor, right: Tensor) -> Tensor:
    """(R, A, C) of (R, A, B) and (R, B, C). A single pair would be computed in another order than one of several."""
    if len(left) == 1:
        return torch.bmm(left.expand(2, -1, -1), right.expand(2, -1, -1))[:1]
    return torch.bmm(left, right)
