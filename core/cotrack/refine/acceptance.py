# SPDX-License-Identifier: Apache-2.0
"""When a registration is believed. What is not keeps the follower's estimate."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from cotrack.refine.registration import Registration

GATE = 3.0
"""Times the follower's error: as far as a registration may lie from an estimate that claims to see the point."""

_LOST_GATE = 15.0  # where the follower has lost the point: there its estimate says little, and the look has to say more
_RECOGNISED_AGREEMENT = 0.95
_RECOGNISED_INNER = 0.6
_RECOGNISED_STRANGE = 2.0
_LEAST_AGREEMENT = 0.75
_LEAST_FITTING = 0.4
_LARGEST_SIGMA_PX = 0.35
_LARGEST_STEP_PX = 0.05
_LARGEST_CLOSURE_PX = 0.3
_GAINS = (0.2, 5.0)
_STRETCHES = (0.6, 1.7)  # in one go


@dataclass(frozen=True)
class Limits:
    """What is asked of a registration on a plate.

    size:     (width, height) px. scale: of lengths, beside a plate of 1080 lines.
    error_px: how far off the follower's estimates usually are.
    """

    size: tuple[int, int]
    scale: float
    error_px: float

    def accept(self, found: Registration, guess: Tensor, visible: Tensor, shape: Tensor) -> Tensor:
        """(R,) whether a point is where it was found, by a look that was `shape` (R, 2, 2) before.

        It agrees with the follower's guess (R, 2), as far as that is `visible` (R,), and with the look, most of the
        window fits, the texture tells where it is, registration has come to rest, and the way back ends where it began.
        """
        sigma = torch.linalg.eigvalsh(found.covariance)[:, -1].clamp(min=0).sqrt()
        stretch = torch.linalg.svdvals(found.shape @ torch.linalg.inv_ex(shape).inverse)
        edge = torch.tensor(self.size, dtype=found.centre.dtype, device=found.centre.device) - 0.5
        sound: Tensor = (
            self._near(found, guess, visible)
            & (found.agreement >= _LEAST_AGREEMENT)
            & (found.fitting >= _LEAST_FITTING)
            & (sigma <= _LARGEST_SIGMA_PX * self.scale)
            & (found.last_step <= _LARGEST_STEP_PX)
            & (found.closure <= _LARGEST_CLOSURE_PX * self.scale)
            & (found.gain > _GAINS[0])
            & (found.gain < _GAINS[1])
            & (stretch[:, 0] < _STRETCHES[1])
            & (stretch[:, 1] > _STRETCHES[0])
            & ((found.centre >= -0.5) & (found.centre <= edge)).all(dim=1)
        )
        return sound

    def _near(self, found: Registration, guess: Tensor, visible: Tensor) -> Tensor:
        departure = torch.linalg.vector_norm(found.centre - guess, dim=1) / self.error_px
        recognised = (
            (found.agreement >= _RECOGNISED_AGREEMENT)
            & (found.inner >= _RECOGNISED_INNER)
            & (found.strange <= _RECOGNISED_STRANGE)
        )
        near: Tensor = (departure <= GATE) | (~visible & recognised & (departure <= _LOST_GATE))
        return near
