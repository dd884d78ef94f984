# SPDX-License-Identifier: Apache-2.0
"""The network that is trained is the network that tracks."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from cotrack.models.cotracker3 import CoTracker3, CoTracker3Config, TrackState
from cotrack.models.windows import sweep
from cotrack.training.config import TrainingConfig
from cotrack.training.network import TrainableCoTracker3
from cotrack.training.windows import Windows, follow


def both(config: CoTracker3Config, *, recompute: bool = False) -> tuple[CoTracker3, TrainableCoTracker3]:
    """The same weights, large enough that positions move."""
    torch.manual_seed(3)
    plain, trainable = CoTracker3(config), TrainableCoTracker3(config, recompute=recompute)
    torch.nn.init.normal_(plain.transformer.move.weight, std=0.3)
    torch.nn.init.normal_(plain.transformer.judge.weight, std=0.3)
    trainable.load_state_dict(plain.state_dict())
    return plain, trainable


def clip(frames: int = 6, clips: int = 2) -> tuple[Tensor, Tensor]:
    dice = torch.Generator().manual_seed(1)
    video = 255 * torch.rand(clips, frames, 3, 32, 32, generator=dice)
    queries = 36 * torch.rand(clips, 5, 3, generator=dice) - 2  # some outside the picture
    queries[..., 0] = torch.tensor([0, 1, 2, 4, 5])
    return video, queries


def values(states: list[TrackState]) -> Tensor:
    return torch.cat([torch.cat([s.coords.flatten(), s.visibility.flatten(), s.confidence.flatten()]) for s in states])


@pytest.mark.parametrize("recompute", [False, True])
def test_it_answers_and_learns_like_the_network_that_tracks(tiny: TrainingConfig, recompute: bool) -> None:
    plain, trainable = both(tiny.network, recompute=recompute)
    video, queries = clip()
    answers = [values(network(video, queries, iterations=3)) for network in (plain, trainable)]
    torch.testing.assert_close(*answers, rtol=1e-5, atol=1e-5)
    for answer in answers:
        answer.square().mean().backward()
    for (name, ours), theirs in zip(trainable.named_parameters(), plain.parameters(), strict=True):
        torch.testing.assert_close(ours.grad, theirs.grad, rtol=1e-3, atol=1e-4, msg=name)


def test_half_precision_changes_little(tiny: TrainingConfig) -> None:
    plain, _ = both(tiny.network)
    half = TrainableCoTracker3(tiny.network, working_dtype=torch.bfloat16)
    half.load_state_dict(plain.state_dict())
    video, queries = clip()
    exact = values(plain(video, queries, iterations=2))
    features = torch.unflatten(half.encode(video.flatten(0, 1), torch.bfloat16), 0, video.shape[:2])
    with torch.autocast("cpu", torch.bfloat16):
        (window,) = follow(half, half.pyramid(features), queries, 2)
    rough = values(window.states)
    assert rough.dtype == torch.float32
    assert (rough - exact).norm() < 0.02 * (exact - exact.mean()).norm()
    rough.square().mean().backward()
    assert all(weight.grad is not None and weight.grad.dtype == torch.float32 for weight in half.parameters())


def test_one_window_is_the_whole_of_the_network(tiny: TrainingConfig) -> None:
    plain, trainable = both(tiny.network)
    video, queries = clip()
    pyramid = trainable.pyramid(torch.unflatten(trainable.encode(video.flatten(0, 1)), 0, video.shape[:2]))
    (window,) = follow(trainable, pyramid, queries, iterations=3)
    assert window.span == slice(0, 6)
    torch.testing.assert_close(values(window.states), values(plain(video, queries, 3)), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("frames", [3, 4, 6, 7, 8])
def test_windows_are_those_of_tracking(tiny: TrainingConfig, frames: int) -> None:
    plain, trainable = both(tiny.network)
    video, queries = clip(frames, clips=1)
    queries[..., 0].clamp_(max=frames - 1)
    features = plain.encode(video[0]).detach()
    with torch.inference_mode():
        tracked = sweep(plain, features.__getitem__, frames, queries[0], window=4, step=2, iterations=3)
    coords = torch.zeros(1, 5, frames, 2)
    for window in follow(trainable, trainable.pyramid(features[None]), queries, 3, Windows(4, 2)):
        coords[:, :, window.span] = window.states[-1].coords.detach()
    torch.testing.assert_close(coords[0], tracked.coords, rtol=1e-5, atol=1e-5)
