# SPDX-License-Identifier: Apache-2.0
"""The losses of CoTracker3's supervised stage (arXiv 2410.11831, section 3.4), for the iterations of one window.

Several windows of a clip are averaged by the caller. Distances are network px. Where the paper and the released code
differ, the code is followed: hidden points are held by an L1 distance, and only positions are discounted by iteration.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from cotrack.models.cotracker3 import TrackState

Penalty = Callable[[Tensor, Tensor], Tensor]

_VISIBLE_WEIGHT = 0.05
_HIDDEN_WEIGHT = 0.01
_DISCOUNT = 0.8
_HUBER_PX = 6.0
_CONFIDENT_PX = 12.0


@dataclass(frozen=True, eq=False)
class Truth:
    """Where B x N points are in T frames.

    coords: (B, N, T, 2), network px. visible: (B, N, T) bool. valid: (B, N, T) bool, whether the truth is known there.
    judged: (B,) bool, the clips that teach visibility and confidence too; None is all of them.
    """

    coords: Tensor
    visible: Tensor
    valid: Tensor
    judged: Tensor | None = None


def training_loss(states: Sequence[TrackState], truth: Truth) -> Tensor:
    """The sum that the network is trained with; `states` holds one window's iterations, first to last."""
    seen, hidden = truth.valid & truth.visible, truth.valid & ~truth.visible
    return (
        _VISIBLE_WEIGHT * position_loss(states, truth, seen, huber)
        + _HIDDEN_WEIGHT * position_loss(states, truth, hidden, l1)
        + visibility_loss(states, truth)
        + confidence_loss(states, truth)
    )


def position_loss(states: Sequence[TrackState], truth: Truth, mask: Tensor, penalty: Penalty) -> Tensor:
    """The mean penalty where `mask` (B, N, T) holds, averaged over iterations; earlier ones count less.

    Each clip's mean counts the same, however much of it the mask leaves, so that several processes that share a batch
    average to the same as one.
    """
    total = truth.coords.new_zeros(())
    judged = mask.sum((1, 2)).clamp_min(1)
    for age, state in enumerate(reversed(states)):
        distance = penalty(state.coords, truth.coords).mean(-1)
        total = total + _DISCOUNT**age * ((distance * mask).sum((1, 2)) / judged).mean()
    return total / len(states)


def visibility_loss(states: Sequence[TrackState], truth: Truth) -> Tensor:
    """Cross-entropy of the visibility logits, all iterations alike."""
    target = truth.visible.to(truth.coords.dtype)
    losses = [F.binary_cross_entropy_with_logits(s.visibility, target, reduction="none") for s in states]
    return torch.stack([_mean_of_judged(loss, truth.judged) for loss in losses]).mean()


def confidence_loss(states: Sequence[TrackState], truth: Truth) -> Tensor:
    """Cross-entropy of the confidence logits, where visible; a confident point should be within 12 px of the truth."""
    losses = []
    for state in states:
        near = (state.coords.detach() - truth.coords).norm(dim=-1) <= _CONFIDENT_PX
        loss = F.binary_cross_entropy_with_logits(state.confidence, near.to(truth.coords.dtype), reduction="none")
        losses.append(_mean_of_judged(loss * truth.visible, truth.judged))
    return torch.stack(losses).mean()


def _mean_of_judged(loss: Tensor, judged: Tensor | None) -> Tensor:
    """The mean of a loss (B, N, T) over the clips that are judged; 0 where none is."""
    if judged is None:
        return loss.mean()
    return (loss.mean((1, 2)) * judged).sum() / judged.sum().clamp_min(1)


def huber(a: Tensor, b: Tensor) -> Tensor:
    """Half the squared distance up to 6 px, then a straight line."""
    return F.huber_loss(a, b, reduction="none", delta=_HUBER_PX)


def l1(a: Tensor, b: Tensor) -> Tensor:
    """The absolute distance."""
    return (a - b).abs()
