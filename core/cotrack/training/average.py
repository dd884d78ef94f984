# SPDX-License-Identifier: Apache-2.0
"""A running mean of the weights, which tracks better than the weights of any one step."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.optim.swa_utils import get_ema_multi_avg_fn


class RunningAverage:
    """The exponential mean of a module's parameters, in single precision.

    decay: what is kept per step in the long run; a young mean keeps less, so that it soon forgets where training began.
    """

    def __init__(self, module: nn.Module, decay: float) -> None:
        self.decay = decay
        self.weights = {name: weight.detach().clone() for name, weight in module.named_parameters()}

    @torch.no_grad()
    def update(self, module: nn.Module, step: int) -> None:
        """Take in the weights after `step` (0, 1, ...)."""
        keep = min(self.decay, (1 + step) / (10 + step))
        current = [weight.detach() for _, weight in module.named_parameters()]
        mean = get_ema_multi_avg_fn(keep)  # type: ignore[no-untyped-call]  # PyTorch left it without annotations
        mean(list(self.weights.values()), current, step)

    def load(self, weights: Mapping[str, Tensor]) -> None:
        """Go on from a mean that was kept."""
        for name, mean in self.weights.items():
            mean.copy_(weights[name])
