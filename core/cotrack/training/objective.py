# SPDX-License-Identifier: Apache-2.0
"""The loss of a batch of clips: the network goes through all windows, and the paper's losses say how well."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from cotrack.training.clips import Clips
from cotrack.training.losses import Truth, training_loss
from cotrack.training.network import TrainableCoTracker3
from cotrack.training.windows import Followed, Windows, follow

FIGURES = ("loss", "error_px")
"""What is told of a step: the loss, and the mean distance of visible points after the last iteration, network px."""


class Objective(nn.Module):
    """A network and how it is trained, as one module, so that gradients may be shared between processes."""

    def __init__(self, network: TrainableCoTracker3, iterations: int) -> None:
        super().__init__()
        self.network = network
        self.iterations = iterations

    def forward(self, clips: Clips, windows: Windows | None) -> tuple[Tensor, Tensor]:
        """The loss, and the figures (2,) by the names of `FIGURES`, without gradients.

        windows: see `follow`. The mean over the clips of a batch is what several processes average, too.
        """
        half = self.network.working_dtype
        features = self.network.encode(clips.video.flatten(0, 1), half)
        losses, errors = [], []
        with torch.autocast(clips.video.device.type, dtype=half, enabled=half is not None):
            pyramid = self.network.pyramid(torch.unflatten(features, 0, clips.video.shape[:2]))
            for window in follow(self.network, pyramid, clips.queries, self.iterations, windows):
                truth = _truth_in(window, clips, from_queries_on=windows is not None)
                losses.append(training_loss(window.states, truth))
                errors.append(_mean_error(window, truth))
        loss = torch.stack(losses).mean()
        return loss, torch.stack([loss.detach(), torch.stack(errors).mean()])


def _truth_in(window: Followed, clips: Clips, *, from_queries_on: bool) -> Truth:
    """The truth about a window's frames; online, positions before a query are nobody's business."""
    truth, span = clips.truth, window.span
    valid = truth.valid[:, :, span]
    if from_queries_on:
        frame = torch.arange(span.start, span.stop, device=valid.device)
        valid = valid & (frame >= clips.queries[..., :1])
    return Truth(truth.coords[:, :, span], truth.visible[:, :, span], valid, truth.judged)


def _mean_error(window: Followed, truth: Truth) -> Tensor:
    seen = truth.visible & truth.valid
    distance = (window.states[-1].coords.detach() - truth.coords).square().sum(-1).sqrt()
    return (distance * seen).sum() / seen.sum().clamp_min(1)
