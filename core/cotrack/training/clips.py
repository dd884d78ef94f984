# SPDX-License-Identifier: Apache-2.0
"""What one training step sees: clips as the network wants them, with queries drawn from the truth.

A shot is made with the centre of its first pixel at (0.5, 0.5); here everything is in network px, where it is (0, 0).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from cotrack.training.losses import Truth
from cotrack.training.shots.generator import ShotBatch

_BEYOND = 0.5
"""Positions are learnt up to this share of the picture beyond its border; farther out nothing hints at them."""


@dataclass(frozen=True, eq=False)
class Clips:
    """B clips of T frames with N points: video (B, T, 3, H, W), 0..255; queries (B, N, 3): frame, x, y, network px."""

    video: Tensor
    truth: Truth
    queries: Tensor


@dataclass(frozen=True)
class QueryChoice:
    """Which points are asked for: `points` of each clip, a share of them where they are first seen.

    The others are asked for at any frame in which they are seen.
    """

    points: int
    first_seen_share: float


def clips_of(shots: ShotBatch, choice: QueryChoice, dice: torch.Generator) -> Clips:
    """Choose points and queries. A clip with fewer points that are ever seen repeats some."""
    seen = shots.visible & shots.valid
    chosen = _choose_points(seen.any(-1), choice.points, dice)
    visible, valid = _take(shots.visible, chosen), _take(shots.valid, chosen)
    xy = network_px(_take(shots.xy, chosen), valid)
    frame = _choose_frames(visible & valid, choice.first_seen_share, dice)
    valid = valid & _is_near(xy, shots.video.shape[-2:])
    return Clips(shots.video * 255, Truth(xy, visible, valid), queries_at(frame, xy))


def joined(parts: Sequence[Clips]) -> Clips:
    """Clips of as many frames and points each, as one batch."""
    if len(parts) == 1:
        return parts[0]
    truths = [part.truth for part in parts]
    return Clips(
        torch.cat([part.video for part in parts]),
        Truth(
            torch.cat([truth.coords for truth in truths]),
            torch.cat([truth.visible for truth in truths]),
            torch.cat([truth.valid for truth in truths]),
            torch.cat(
                [
                    truth.visible.new_ones(len(truth.visible)) if truth.judged is None else truth.judged
                    for truth in truths
                ]
            ),
        ),
        torch.cat([part.queries for part in parts]),
    )


def network_px(xy: Tensor, valid: Tensor) -> Tensor:
    """Raster px to network px; what is not known becomes 0, as it may be anything, infinity too."""
    return torch.where(valid[..., None], xy - 0.5, 0.0)


def first_seen(seen: Tensor) -> Tensor:
    """The first frame in which each point is seen, (..., T) bool -> (...); 0 where it never is."""
    return seen.float().argmax(-1)


def queries_at(frame: Tensor, xy: Tensor) -> Tensor:
    """The queries (B, N, 3) that ask for points at `frame` (B, N), where `xy` (B, N, T, 2) says they are."""
    where = frame[..., None, None].expand(*frame.shape, 1, 2)
    return torch.cat([frame[..., None].to(xy.dtype), xy.gather(2, where)[:, :, 0]], dim=-1)


def _choose_points(usable: Tensor, count: int, dice: torch.Generator) -> Tensor:
    """Indices (B, count) of different usable points (B, N), repeating when there are too few."""
    order = (torch.rand(usable.shape, generator=dice, device=usable.device) + usable).argsort(-1, descending=True)
    turn = torch.arange(count, device=usable.device) % usable.sum(-1, keepdim=True).clamp_min(1)
    return order.gather(-1, turn)


def _choose_frames(seen: Tensor, first_share: float, dice: torch.Generator) -> Tensor:
    anywhere = (torch.rand(seen.shape, generator=dice, device=seen.device) * seen).argmax(-1)
    is_first = torch.rand(anywhere.shape, generator=dice, device=seen.device) < first_share
    return torch.where(is_first, first_seen(seen), anywhere)


def _take(x: Tensor, chosen: Tensor) -> Tensor:
    """Points (B, K) of x (B, N, T, ...)."""
    return x.gather(1, chosen.view(*chosen.shape, *(1,) * (x.dim() - 2)).expand(-1, -1, *x.shape[2:]))


def _is_near(xy: Tensor, size: torch.Size) -> Tensor:
    height, width = size
    share = (xy + 0.5) / xy.new_tensor([width, height])
    return ((share > -_BEYOND) & (share < 1 + _BEYOND)).all(-1)
