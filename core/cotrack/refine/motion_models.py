# SPDX-License-Identifier: Apache-2.0
"""How a look may be distorted: by nothing, by a similarity, by an affine warp; the data say which.

Registration always finds an affine warp. Where a simpler one explains the picture about as well, it is better: its
position is less at the mercy of the grain. What a simpler warp costs, and where it would have ended, follows from the
warp's covariance without registering again. Akaike's criterion decides: two for every number that is given up.
"""

from __future__ import annotations

from dataclasses import replace

import torch
from torch import Tensor

from cotrack.refine.registration import Registration

MODELS = ("translation", "similarity", "affine")

_FIRMNESS = 1e-6  # keeps the inverse of what is hardly known finite
_UNMODELLED_PX = (0.015, 0.018, 0.02)  # what a picture is off by from each model, of the level; grain apart
_GIVEN_UP = (4, 2)  # numbers of the warp that a translation, a similarity do without
_PER_NUMBER = 2.0
_SIMILAR = ((1.0, 0.0, 0.0, -1.0), (0.0, 1.0, 1.0, 0.0))  # what of a shape (xx, xy, yx, yy) a similarity has not


def costs(found: Registration, half: int) -> Tensor:
    """(R, 2) how much worse than the affine warp a translation and a similarity explain the picture, chi square."""
    strain = _strain(found, half)
    return torch.stack([_cost(found, strain, rule) for rule in _rules(strain)], dim=1)


def choose(mean_costs: Tensor) -> Tensor:
    """(R,) indices of MODELS, from what the simpler models cost (R, 2) on the average over the last frames."""
    affordable = [mean_costs[:, i] <= _PER_NUMBER * given_up for i, given_up in enumerate(_GIVEN_UP)]
    affine = torch.full_like(mean_costs[:, 0], 2, dtype=torch.long)
    return torch.where(affordable[0], 0, torch.where(affordable[1], 1, affine))


def simplify(found: Registration, half: int, model: Tensor) -> Registration:
    """The same under simpler models (R,), indices of MODELS."""
    strain = _strain(found, half)
    centre, shape, covariance = found.centre, found.shape, found.covariance
    for index, rule in enumerate(_rules(strain)):
        across = found.warp_covariance[:, :, 2:] @ rule.T
        gain = across @ torch.linalg.inv_ex(_within(found, rule)).inverse
        change = (gain @ (strain @ rule.T)[:, :, None])[:, :, 0]
        one = torch.eye(2, dtype=shape.dtype, device=shape.device)
        simpler = found.shape @ torch.linalg.inv_ex(one + change[:, 2:].reshape(-1, 2, 2) / half).inverse
        chosen = (model == index) & torch.isfinite(change).all(dim=1)
        moved = found.centre - (simpler @ change[:, :2, None])[:, :, 0]
        less = found.warp_covariance - gain @ across.transpose(1, 2)
        centre = torch.where(chosen[:, None], moved, centre)
        shape = torch.where(chosen[:, None, None], simpler, shape)
        covariance = torch.where(chosen[:, None, None], simpler @ less[:, :2, :2] @ simpler.transpose(1, 2), covariance)
    unmodelled = torch.tensor(_UNMODELLED_PX, dtype=centre.dtype, device=centre.device)[model] ** 2
    covariance = covariance + torch.diag_embed(unmodelled[:, None].expand(-1, 2))
    return replace(found, centre=centre, shape=shape, covariance=covariance)


def _strain(found: Registration, half: int) -> Tensor:
    """(R, 4) by how much shapes differ from none, at the rim of the window, px."""
    one = torch.eye(2, dtype=found.shape.dtype, device=found.shape.device)
    return (found.shape - one).reshape(-1, 4) * half


def _rules(strain: Tensor) -> tuple[Tensor, Tensor]:
    """What of a strain has to vanish, for either of the simpler models."""
    everything = torch.eye(4, dtype=strain.dtype, device=strain.device)
    return everything, torch.tensor(_SIMILAR, dtype=strain.dtype, device=strain.device)


def _cost(found: Registration, strain: Tensor, rule: Tensor) -> Tensor:
    left = (strain @ rule.T)[:, :, None]
    cost: Tensor = left.transpose(1, 2) @ torch.linalg.inv_ex(_within(found, rule)).inverse @ left
    return torch.nan_to_num(cost[:, 0, 0], nan=torch.inf, posinf=torch.inf)


def _within(found: Registration, rule: Tensor) -> Tensor:
    return rule @ found.warp_covariance[:, 2:, 2:] @ rule.T + _FIRMNESS * torch.eye(
        len(rule), dtype=rule.dtype, device=rule.device
    )
