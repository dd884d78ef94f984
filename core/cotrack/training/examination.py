# SPDX-License-Identifier: Apache-2.0
"""Examines a network on clips that it is not trained on: held-out synthetic shots, and real clips with truth."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import torch

from cotrack.models.cotracker3 import CoTracker3
from cotrack.training.accuracy import Accuracy, Judged, claims, measure
from cotrack.training.clips import Clips, first_seen, network_px, queries_at
from cotrack.training.losses import Truth
from cotrack.training.shots.generator import ShotBatch
from cotrack.training.windows import Windows, follow


@torch.inference_mode()
def examine(network: CoTracker3, clips: Iterable[Clips], iterations: int, windows: Windows | None) -> Accuracy:
    """Track every clip from its queries on, as one window or in several, and measure how well.

    Only points that are ever seen count, in frames after their query where the truth is known.
    """
    return measure(_judge(network, clips, iterations, windows), network.config.resolution)


def asked_when_first_seen(shots: ShotBatch) -> Clips:
    """All points of some shots, each asked for where it is first seen, in the benchmark's way."""
    xy = network_px(shots.xy, shots.valid)
    frame = first_seen(shots.visible & shots.valid)
    return Clips(shots.video * 255, Truth(xy, shots.visible, shots.valid), queries_at(frame, xy))


def _judge(network: CoTracker3, clips: Iterable[Clips], iterations: int, windows: Windows | None) -> Iterator[Judged]:
    for batch in clips:
        features = torch.cat([network.encode(video)[None] for video in batch.video])
        answers = follow(network, network.pyramid(features), batch.queries, iterations, windows)
        xy, truth = torch.zeros_like(batch.truth.coords), batch.truth
        claimed = torch.zeros_like(truth.visible)
        for window in answers:
            state = window.states[-1]
            xy[:, :, window.span] = state.coords
            claimed[:, :, window.span] = claims(state.visibility, state.confidence)
        frame = torch.arange(xy.shape[2], device=xy.device)
        ever = (truth.visible & truth.valid).any(-1, keepdim=True)
        counts = (frame > batch.queries[..., :1]) & truth.valid & ever
        yield Judged(truth.coords, truth.visible, xy, claimed, counts)
