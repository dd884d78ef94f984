# SPDX-License-Identifier: Apache-2.0
"""Search: where around a guess a look is most likely, to the pixel of a coarse level.

Positions here are pixel indices of a level, in which the centre of the first pixel is (0, 0).
"""

from __future__ import annotations

import torch
from torch import Tensor

from cotrack.refine.looks import RIM, Patches, lattice, warped
from cotrack.refine.plate_levels import PlateLevels
from cotrack.refine.products import products
from cotrack.refine.spline import sample

_MARGIN_PX = 3
_TINY = 1e-9
_DISTANCE_PENALTY = 0.03  # of correlation, at one standard deviation of what the guess is off by


def search(
    patches: Patches, picture: PlateLevels, level: int, centre: Tensor, shape: Tensor, *, reach: int, spread: Tensor
) -> tuple[Tensor, Tensor]:
    """The likeliest place (R, 2) within `reach` px of `centre` (R, 2), and the correlation there (R,).

    shape: (R, 2, 2) as the look is distorted. spread: (R,) px, what `centre` is off by, standard deviation: of two
    places that look alike the nearer one is taken.
    """
    half, wide = patches.half, patches.half + reach
    crops, corner = picture.crops(level, centre, 2 * (2 * wide + _MARGIN_PX) + 1)
    offsets = lattice(wide, centre.device)
    side = 2 * wide + 1
    seen = sample(crops, warped(centre - corner, shape, offsets)).reshape(-1, 1, side, side)
    look = patches.pixels[:, RIM:-RIM, RIM:-RIM].reshape(len(seen), -1)
    score = _correlation(seen, look, patches.window, 2 * half + 1)
    steps = lattice(reach, centre.device)
    way = shape @ steps.T.double()
    distance = torch.linalg.vector_norm(way, dim=1) / spread[:, None]
    best = (score - _DISTANCE_PENALTY * (distance**2).float()).argmax(dim=1)
    rows = torch.arange(len(seen), device=centre.device)
    return centre + way[rows, :, best], score[rows, best].double()


def likeness_at(patches: Patches, picture: PlateLevels, level: int, centre: Tensor, shape: Tensor) -> Tensor:
    """(R,) correlation with looks at `centre` (R, 2) under `shape` (R, 2, 2)."""
    crops, corner = picture.crops(level, centre, 4 * patches.half + 2 * _MARGIN_PX + 1)
    places = warped(centre - corner, shape, patches.offsets)
    seen = sample(crops, places).reshape(-1, 1, patches.side, patches.side)
    look = patches.pixels[:, RIM:-RIM, RIM:-RIM].reshape(len(seen), -1)
    return _correlation(seen, look, patches.window, patches.side)[:, 0]


def _correlation(seen: Tensor, look: Tensor, window: Tensor, side: int) -> Tensor:
    """(R, places) correlation, weighed by the window (P,), of looks (R, P) with each square of what is seen."""
    weights = window / window.sum()
    squares = torch.nn.functional.unfold(seen, side)
    mean = (look * weights).sum(dim=1, keepdim=True)
    pattern = (look - mean) * weights
    power = ((look - mean) * pattern).sum(dim=1, keepdim=True)
    even = weights.expand(len(look), 1, -1)
    likeness = products(pattern[:, None], squares)[:, 0]
    means = products(even, squares)[:, 0]
    powers = products(even, squares.square())[:, 0] - means.square()
    return likeness / (power * powers.clamp(min=_TINY)).clamp(min=_TINY).sqrt()
