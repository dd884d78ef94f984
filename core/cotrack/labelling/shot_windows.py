# SPDX-License-Identifier: Apache-2.0
"""Which frames of a shot become a labelled clip: successive windows, each at a frame rate of its own."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

FASTEST = 3
"""A window takes every frame, or as few as every third, as in the paper: the same shot, faster."""


@dataclass(frozen=True)
class ShotWindow:
    """Some frames of a shot. name: of the labelled clip, from the shot's and its first frame; seed: of all its dice."""

    name: str
    frames: tuple[int, ...]
    seed: tuple[int, ...]

    def dice(self, purpose: str) -> np.random.Generator:
        """Random numbers for one purpose; others do not change when one of them takes more."""
        return np.random.default_rng((*self.seed, zlib.crc32(purpose.encode())))


def windows_of(shot: str, frames: Sequence[int], length: int, most: int, seed: int) -> list[ShotWindow]:
    """Up to `most` windows of `length` frames that do not overlap, spread over a shot's `frames`, in order.

    They follow from the seed and the shot's name alone, so that a set can be made again, or go on with more shots.
    """
    every = list(_every(shot, frames, length, seed))
    if len(every) <= most:
        return every
    return [every[i] for i in np.linspace(0, len(every) - 1, most).round().astype(int)]


def _every(shot: str, frames: Sequence[int], length: int, seed: int) -> Iterator[ShotWindow]:
    named = zlib.crc32(shot.encode())
    dice = np.random.default_rng((seed, named))
    first = 0
    while (room := len(frames) - first) >= length:
        stride = int(dice.integers(min(FASTEST, 1 + (room - 1) // max(1, length - 1)))) + 1
        while (length - 1) * stride + 1 > room:
            stride -= 1
        chosen = tuple(frames[first : first + (length - 1) * stride + 1 : stride])
        yield ShotWindow(f"{shot}-{chosen[0]:05}", chosen, (seed, named, first))
        first += (length - 1) * stride + 1
