# SPDX-License-Identifier: Apache-2.0
"""What is watched while training is what the benchmark measures."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from cotrack.evaluation.tapvid_metrics import SeenPositions, tapvid_metrics
from cotrack.training.accuracy import Judged, measure

SIZE = (128, 192)


def batch(seed: int, clips: int = 3, points: int = 7, frames: int = 9) -> tuple[Judged, torch.Tensor]:
    dice = torch.Generator().manual_seed(seed)
    xy = 100 * torch.rand(clips, points, frames, 2, generator=dice)
    found = xy + 6 * torch.randn(xy.shape, generator=dice)
    seen, claimed = (torch.rand(xy.shape[:-1], generator=dice) < share for share in (0.7, 0.6))
    query = torch.randint(0, frames - 1, (clips, points), generator=dice)
    counts = torch.arange(frames) > query[..., None]
    return Judged(xy, seen, found, claimed, counts), query


def test_the_figures_are_those_of_the_benchmark() -> None:
    batches = [batch(1), batch(2)]
    ours = measure([judged for judged, _ in batches], SIZE)
    scale = np.array([256 / SIZE[1], 256 / SIZE[0]])
    rows = []
    for judged, query in batches:
        for clip in range(len(query)):
            truth = SeenPositions(judged.xy[clip].numpy() * scale, judged.seen[clip].numpy())
            answer = SeenPositions(judged.found[clip].numpy() * scale, judged.claimed[clip].numpy())
            rows.append(tapvid_metrics(query[clip].numpy(), truth, answer, "first"))
    for figure, name in (
        (ours.jaccard, "average_jaccard"),
        (ours.delta, "average_pts_within_thresh"),
        (ours.occlusion, "occlusion_accuracy"),
    ):
        assert figure == pytest.approx(np.mean([row[name] for row in rows]), abs=1e-6)


def test_the_errors_are_over_visible_points_of_all_clips() -> None:
    judged, _ = batch(3)
    off = judged.xy + torch.tensor([3.0 * SIZE[1] / 256, 0.0])
    found = measure([Judged(judged.xy, judged.seen, off, judged.claimed, judged.counts)], SIZE)
    assert (found.median_px, found.mean_px) == pytest.approx((3.0, 3.0), abs=1e-4)


def test_a_clip_without_anything_to_judge_does_not_spoil_the_mean() -> None:
    judged, _ = batch(4)
    empty = Judged(judged.xy, judged.seen, judged.found, judged.claimed, torch.zeros_like(judged.counts))
    assert measure([judged, empty], SIZE) == measure([judged], SIZE)
