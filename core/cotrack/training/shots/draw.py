# SPDX-License-Identifier: Apache-2.0
"""Random numbers of one seed, on one device."""

from __future__ import annotations

import math
import random
from functools import lru_cache

import torch
from torch import Tensor


class Draw:
    """Draws tensors of a given shape; the same seed gives the same numbers on the same kind of device.

    `host` draws what Python has to know (a count, a size), so that nothing waits for the device.
    """

    def __init__(self, seed: int, device: torch.device) -> None:
        self.device = device
        self.host = random.Random(seed)  # noqa: S311 (pictures, not secrets)
        self._generator = torch.Generator(device).manual_seed(seed)

    def uniform(self, low: float, high: float, *shape: int) -> Tensor:
        """Numbers between `low` and `high`."""
        return torch.rand(shape, generator=self._generator, device=self.device).mul_(high - low).add_(low)

    def log_uniform(self, low: float, high: float, *shape: int) -> Tensor:
        """Positive numbers, as often between 1 and 2 as between 2 and 4."""
        return self.uniform(math.log(low), math.log(high), *shape).exp_()

    def normal(self, *shape: int) -> Tensor:
        """Numbers with mean 0 and variance 1."""
        return torch.randn(shape, generator=self._generator, device=self.device)

    def chance(self, probability: float, *shape: int) -> Tensor:
        """True with this probability; bool."""
        return torch.rand(shape, generator=self._generator, device=self.device) < probability

    def whole(self, below: int, *shape: int) -> Tensor:
        """Whole numbers from 0 to `below` - 1; int64."""
        return torch.randint(below, shape, generator=self._generator, device=self.device)


@lru_cache(maxsize=256)
def constant(device: torch.device, *values: float) -> Tensor:
    """These numbers on the device, float32; kept, since sending them there anew makes the host wait for it."""
    return torch.tensor(values, dtype=torch.float32, device=device)
