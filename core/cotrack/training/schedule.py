# SPDX-License-Identifier: Apache-2.0
"""How fast to learn: a linear warm-up, then half a cosine over the run's own length, be it steps or minutes."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Optimisation:
    """AdamW (paper, section 4) and its schedule.

    rate: the highest learning rate; warm_up: steps to it; final_share: of `rate` at the end.
    clip_norm: gradients are scaled down to it. average: what the running mean of the weights keeps per step.
    """

    rate: float = 5e-4
    weight_decay: float = 1e-4
    warm_up: int = 200
    final_share: float = 0.02
    clip_norm: float = 1.0
    average: float = 0.999

    def rate_at(self, step: int, progress: float) -> float:
        """The learning rate of a run's `step` (0, 1, ...), `progress` (0..1) of the way through it."""
        rising = min(1.0, (step + 1) / max(1, self.warm_up))
        falling = self.final_share + (1 - self.final_share) * (1 + math.cos(math.pi * min(1.0, progress))) / 2
        return self.rate * rising * falling


@dataclass
class Leg:
    """How far a run has come, counted in steps, or in seconds where it has a time limit.

    first, last: the steps that it begins and ends with. seconds: the limit for training, without what comes after.
    """

    first: int
    last: int
    seconds: float | None = None
    began: float = field(default_factory=time.monotonic)

    def elapsed(self) -> float:
        """Seconds since it began."""
        return time.monotonic() - self.began

    def progress(self, step: int, elapsed: float) -> float:
        """0 at the beginning, 1 at the end."""
        if self.seconds is None:
            return (step - self.first) / max(1, self.last - self.first)
        return elapsed / self.seconds
