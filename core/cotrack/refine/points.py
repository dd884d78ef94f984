# SPDX-License-Identifier: Apache-2.0
"""The points of one walk through the frames: what each looks like, how it was distorted last, where it is found next.

Positions here are pixel indices of the plate, in which the centre of the first pixel is (0, 0).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from cotrack.refine.looks import RIM, Patches, cut_out
from cotrack.refine.plate_levels import PlateLevels, level_count
from cotrack.refine.registration import Registration, register

Pause = Callable[[], None]

_HALF_PX = 15  # of a look on a plate of 1080 lines; it grows with the root of their number
_LINES = 1080
_COARSE_STEPS, _FINE_STEPS = 4, 10
_AT_ONCE = 128  # points, so that memory does not grow with their number, and a cancel is noticed soon

_GATE = 3.0  # times the error that the follower may have
_LEAST_AGREEMENT = 0.75
_LEAST_FITTING = 0.45
_LARGEST_SIGMA_PX = 0.3  # on a plate of 1080 lines
_LARGEST_STEP_PX = 0.05
_LARGEST_CLOSURE_PX = 0.3
_GAINS = (0.2, 5.0)
_STRETCHES = (0.5, 2.0)


@dataclass(frozen=True, eq=False)
class Found:
    """R points in a frame: centre (R, 2), covariance (R, 2, 2) px^2, and whether that is accepted (R,)."""

    centre: Tensor
    covariance: Tensor
    accepted: Tensor


class RefinedPoints:
    """Every trajectory's state on one way through the frames, N of them."""

    def __init__(self, count: int, size: tuple[int, int], error_px: float, pause: Pause, device: torch.device) -> None:
        """size: (width, height) of the plate. error_px: how far off a follower's estimates usually are.

        pause: called between two pieces of work; what it raises passes through.
        """
        width, height = size
        self._pause, self._device = pause, device
        self._size = torch.tensor([width, height], dtype=torch.float64, device=device)
        self._scale = max(min(width, height) / _LINES, 0.5) ** 0.5
        self._half = round(_HALF_PX * self._scale)
        self._gate = _GATE * error_px
        self._levels = level_count(height, width)
        side = 2 * (self._half + RIM) + 1
        self._looks = torch.zeros((count, self._levels, side, side), dtype=torch.float32, device=device)
        self._shape = torch.eye(2, dtype=torch.float64, device=device).repeat(count, 1, 1)

    def start(self, rows: Tensor, picture: PlateLevels, centre: Tensor) -> None:
        """Remember what these points look like at `centre` (R, 2)."""
        for some in torch.split(torch.arange(len(rows), device=self._device), _AT_ONCE):
            self._pause()
            for level in range(self._levels):
                self._looks[rows[some], level] = cut_out(picture, level, centre[some] * 0.5**level, self._half)

    def find(self, rows: Tensor, picture: PlateLevels, guess: Tensor) -> Found:
        """Where these points are in a picture, the follower's `guess` (R, 2) at hand."""
        batches = zip(torch.split(rows, _AT_ONCE), torch.split(guess, _AT_ONCE), strict=True)
        parts = [self._find(some, picture, at) for some, at in batches]
        return Found(*(torch.cat(values) for values in zip(*(vars(part).values() for part in parts), strict=True)))

    def _find(self, rows: Tensor, picture: PlateLevels, guess: Tensor) -> Found:
        centre, shape = guess, self._shape[rows]
        for level in range(self._levels - 1, 0, -1):
            self._pause()
            coarse = self._registered(rows, picture, level, centre, shape, warps=False, steps=_COARSE_STEPS)
            near = torch.linalg.vector_norm(coarse.centre * 2.0**level - guess, dim=1) <= self._gate
            centre = torch.where((near & (coarse.agreement > 0.5))[:, None], coarse.centre * 2.0**level, centre)
        self._pause()
        found = self._registered(rows, picture, 0, centre, shape, warps=True, steps=_FINE_STEPS)
        accepted = self._is_accepted(found, guess, shape)
        self._shape[rows] = torch.where(accepted[:, None, None], found.shape, shape)
        return Found(found.centre, found.covariance, accepted)

    def _registered(
        self, rows: Tensor, picture: PlateLevels, level: int, centre: Tensor, shape: Tensor, *, warps: bool, steps: int
    ) -> Registration:
        patches = Patches(self._looks[rows, level], self._half)
        return register(patches, picture, level, centre * 0.5**level, shape, warps=warps, steps=steps)

    def _is_accepted(self, found: Registration, guess: Tensor, shape: Tensor) -> Tensor:
        sigma = torch.linalg.eigvalsh(found.covariance)[:, -1].clamp(min=0).sqrt()
        stretch = torch.linalg.svdvals(found.shape @ torch.linalg.inv_ex(shape).inverse)
        sound: Tensor = (
            (torch.linalg.vector_norm(found.centre - guess, dim=1) <= self._gate)
            & (found.agreement >= _LEAST_AGREEMENT)
            & (found.fitting >= _LEAST_FITTING)
            & (sigma <= _LARGEST_SIGMA_PX * self._scale)
            & (found.last_step <= _LARGEST_STEP_PX)
            & (found.closure <= _LARGEST_CLOSURE_PX * self._scale)
            & (found.gain > _GAINS[0])
            & (found.gain < _GAINS[1])
            & (stretch[:, 0] < _STRETCHES[1])
            & (stretch[:, 1] > _STRETCHES[0])
            & ((found.centre >= -0.5) & (found.centre <= self._size - 0.5)).all(dim=1)
        )
        return sound
