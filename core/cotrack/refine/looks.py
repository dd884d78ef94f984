# SPDX-License-Identifier: Apache-2.0
"""Looks: what a point's surroundings look like, cut out of a picture to be found again in others."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from cotrack.refine.plate_levels import PlateLevels
from cotrack.refine.products import filled
from cotrack.refine.spline import sample

RIM = 2
"""Samples around a look's window, from which its slopes are taken."""

_WINDOW = 0.55  # standard deviation of the Gaussian window, of half the look
_CROP_RIM = 3
_INNER = 1 / 3  # of half the look: what lies about the point itself


@dataclass(frozen=True, eq=False)
class Patches:
    """R looks of `2 * half + 1` samples a side, with a rim: pixels (R, side + 2 * RIM, side + 2 * RIM), grey levels."""

    pixels: Tensor
    half: int

    @property
    def side(self) -> int:
        """Samples along each side of the window."""
        return 2 * self.half + 1

    def core(self, half: int) -> Patches:
        """The middle of the same looks."""
        cut = self.half - half
        return Patches(self.pixels[:, cut:-cut, cut:-cut], half) if cut > 0 else self

    @cached_property
    def offsets(self) -> Tensor:
        """(P, 2: x, y) of the window's samples from the point, row by row, px of the look."""
        return lattice(self.half, self.pixels.device)

    @cached_property
    def window(self) -> Tensor:
        """(P,) how much each sample counts before anything is known of it: the middle most."""
        return torch.exp(-(self.offsets**2).sum(dim=1) / (2 * (_WINDOW * self.half) ** 2))

    @cached_property
    def inner(self) -> Tensor:
        """(P,) 1 for the samples about the point itself, 0 for the others."""
        return ((self.offsets**2).sum(dim=1) <= (_INNER * self.half) ** 2).float()

    def columns(self, *, warps: bool) -> Tensor:
        """(R, K, P, filled up as by `products.filled`) what a picture of the look is explained by.

        The two slopes, the two slopes times x and times y (of half the window) where the look `warps`, the look, one,
        and its three second derivatives.
        """
        look = self.pixels
        across = self._inner((8 * (look[:, :, 3:-1] - look[:, :, 1:-3]) - (look[:, :, 4:] - look[:, :, :-4])) / 12, 1)
        down = self._inner((8 * (look[:, 3:-1] - look[:, 1:-3]) - (look[:, 4:] - look[:, :-4])) / 12, 0)
        slopes = [across, down]
        if warps:
            x, y = (self.offsets / self.half).T
            slopes += [across * x, across * y, down * x, down * y]
        middle = look[:, 2:-2, 2:-2]
        itself = middle.reshape(len(look), -1)
        bends = [
            look[:, 2:-2, 3:-1] + look[:, 2:-2, 1:-3] - 2 * middle,
            (look[:, 3:-1, 3:-1] + look[:, 1:-3, 1:-3] - look[:, 3:-1, 1:-3] - look[:, 1:-3, 3:-1]) / 4,
            look[:, 3:-1, 2:-2] + look[:, 1:-3, 2:-2] - 2 * middle,
        ]
        others = [itself, torch.ones_like(itself), *(bend.reshape(len(look), -1) for bend in bends)]
        return filled(torch.stack([*slopes, *others], dim=1))

    def _inner(self, slopes: Tensor, axis: int) -> Tensor:
        return (slopes[:, RIM:-RIM] if axis == 1 else slopes[:, :, RIM:-RIM]).reshape(len(slopes), -1)

    @staticmethod
    def gain_at(*, warps: bool) -> int:
        """Which of the columns is the look itself."""
        return 6 if warps else 2

    def doubt(self, shape: float, blur: float, *, warps: bool) -> Tensor:
        """(K,) how much a column's share is held back, of its energy."""
        warp = [0.0, 0.0] + ([shape] * 4 if warps else [])
        return torch.tensor([*warp, 0.0, 0.0, blur, blur, blur], dtype=torch.float64, device=self.pixels.device) + 1e-9


def cut_out(picture: PlateLevels, level: int, centre: Tensor, half: int) -> Tensor:
    """(R, side, side) pixels of looks, rim included, around pixel indices `centre` (R, 2) of a level."""
    reach = half + RIM
    crops, corner = picture.crops(level, centre, 2 * (reach + _CROP_RIM) + 1)
    places = (centre - corner)[:, :, None].float() + lattice(reach, centre.device).T
    side = 2 * reach + 1
    return sample(crops, places).reshape(-1, side, side)


def lattice(half: int, device: torch.device) -> Tensor:
    """(P, 2: x, y) whole-pixel offsets of a square of `2 * half + 1` pixels, row by row."""
    steps = torch.arange(-half, half + 1, dtype=torch.float32, device=device)
    y, x = torch.meshgrid(steps, steps, indexing="ij")
    return torch.stack([x, y], dim=-1).reshape(-1, 2)


def warped(centre: Tensor, shape: Tensor, offsets: Tensor) -> Tensor:
    """(R, 2: x, y, P) float32 places of offsets (P, 2) from centres (R, 2) under shapes (R, 2, 2)."""
    x, y = offsets.T
    centre, shape = centre.float(), shape.float()
    return torch.addcmul(centre[:, :, None], shape[:, :, :1], x).addcmul_(shape[:, :, 1:], y)
