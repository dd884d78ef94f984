# SPDX-License-Identifier: Apache-2.0
"""How good tracks are, while training: the figures of TAP-Vid for a batch of clips, on the device that they are on.

Distances are px of a picture scaled to 256 x 256, as in the benchmark, and only frames after a point's query count.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

_THRESHOLDS_PX = (1.0, 2.0, 4.0, 8.0, 16.0)
_BENCHMARK_PX = 256.0
_VISIBLE_ABOVE = 0.6
"""Of visibility times confidence, as in the paper's evaluation."""


@dataclass(frozen=True)
class Accuracy:
    """Means over clips: average Jaccard, average delta and occlusion accuracy, 0..1.

    median_px, mean_px: of the error of visible points over all clips; the mean tells of those that were lost.
    """

    jaccard: float
    delta: float
    occlusion: float
    median_px: float
    mean_px: float


@dataclass(frozen=True, eq=False)
class Judged:
    """B clips with what is true and what was found.

    xy, found (B, N, T, 2), network px; seen, claimed (B, N, T) bool; counts (B, N, T) bool: frames to be judged.
    """

    xy: Tensor
    seen: Tensor
    found: Tensor
    claimed: Tensor
    counts: Tensor


def claims(visibility: Tensor, confidence: Tensor) -> Tensor:
    """Where logits say that a point is seen."""
    return visibility.sigmoid() * confidence.sigmoid() > _VISIBLE_ABOVE


def measure(judged: Iterable[Judged], size: tuple[int, int]) -> Accuracy:
    """The accuracy over all clips of some batches, in pictures of `size` (height, width)."""
    rows, errors = [], []
    for batch in judged:
        scale = batch.xy.new_tensor([_BENCHMARK_PX / size[1], _BENCHMARK_PX / size[0]])
        error = ((batch.found - batch.xy) * scale).norm(dim=-1)
        rows.append(_figures(batch, error))
        errors.append(error[batch.counts & batch.seen])
    jaccard, delta, occlusion = torch.cat(rows).nanmean(0).tolist()
    every = torch.cat(errors)
    median = float(every.median()) if len(every) else float("nan")
    return Accuracy(jaccard, delta, occlusion, median, float(every.mean()))


def _figures(batch: Judged, error: Tensor) -> Tensor:
    """Jaccard, delta and occlusion accuracy of each clip: (B, 3), NaN where there is nothing to judge."""
    seen, claimed = batch.counts & batch.seen, batch.counts & batch.claimed
    jaccards, deltas = [], []
    for threshold in _THRESHOLDS_PX:
        near = error < threshold
        deltas.append(_ratio(seen & near, seen))
        wrong = claimed & ~(batch.seen & near)
        jaccards.append(_count(seen & claimed & near) / (_count(seen) + _count(wrong)))
    agrees = _ratio((batch.seen == batch.claimed) & batch.counts, batch.counts)
    return torch.stack([_mean(jaccards), _mean(deltas), agrees], dim=-1)


def _count(x: Tensor) -> Tensor:
    return x.sum((1, 2)).float()


def _ratio(part: Tensor, whole: Tensor) -> Tensor:
    return _count(part) / _count(whole)


def _mean(values: Sequence[Tensor]) -> Tensor:
    return torch.stack(list(values)).mean(0)
