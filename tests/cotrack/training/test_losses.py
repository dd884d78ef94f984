# SPDX-License-Identifier: Apache-2.0
"""The golden losses, and the golden gradients of every weight of the network."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pytest
import torch

from cotrack.models.checkpoint import from_official
from cotrack.models.cotracker3 import CoTracker3, TrackState
from cotrack.training.losses import Truth, confidence_loss, huber, l1, position_loss, training_loss, visibility_loss
from data.golden.cotracker3_golden import golden, network, official_weights, queries, video

HELPERS = golden("cot3_helpers")


def points_first(array: npt.NDArray[np.float32]) -> torch.Tensor:
    return torch.from_numpy(array).transpose(1, 2)


def window(index: int) -> tuple[list[TrackState], Truth]:
    """One window's iterations and truth."""
    states = [
        TrackState(points_first(xy), points_first(visible).logit(), points_first(confident).logit())
        for xy, visible, confident in zip(
            *(HELPERS[f"loss_{k}"][index] for k in ("pred", "pvis", "pconf")), strict=True
        )
    ]
    visible, valid = (points_first(HELPERS[f"loss_{name}"][index]) > 0 for name in ("vis", "valid"))
    return states, Truth(points_first(HELPERS["loss_gt"][index]), visible, valid)


@pytest.mark.parametrize(
    ("name", "loss"),
    [
        ("huber_visible", lambda states, truth: position_loss(states, truth, truth.valid & truth.visible, huber)),
        ("l1_invisible", lambda states, truth: position_loss(states, truth, truth.valid & ~truth.visible, l1)),
        ("l1_all", lambda states, truth: position_loss(states, truth, truth.valid, l1)),
        ("bce_vis", visibility_loss),
        ("conf", confidence_loss),
    ],
)
def test_losses_are_the_golden_ones(name: str, loss: Callable[[list[TrackState], Truth], torch.Tensor]) -> None:
    mean = np.mean([loss(*window(index)).item() for index in range(2)])
    assert mean == pytest.approx(float(HELPERS[f"loss_{name}"]), rel=1e-5)


def test_the_training_loss_and_its_gradients_are_the_golden_ones() -> None:
    config, weights = from_official(official_weights("v3_offline_w60"))
    net = CoTracker3(config)
    net.load_state_dict(weights)
    states = net(video(521, 6, 48, 64)[None], queries(522, 5, [0, 2, 5], 48, 64)[None], iterations=2)
    known = torch.ones(1, 5, 6, dtype=torch.bool)
    loss = training_loss(
        states, Truth(points_first(HELPERS["train_gt"]), points_first(HELPERS["train_vis"]) > 0, known)
    )
    loss.backward()
    assert loss.item() == pytest.approx(float(HELPERS["train_loss"]), rel=1e-5)

    named = [str(name) for name in HELPERS["train_grad_names"]]
    ours, _ = zip(
        *from_official({name: torch.zeros(1, 1, 1, 1) for name in ["time_emb", *named]})[1].items(), strict=True
    )
    gradients = {name: weight.grad for name, weight in net.named_parameters()}
    norms = [gradients.pop(name).norm().item() for name in ours]
    assert gradients == {}
    assert norms == pytest.approx(HELPERS["train_grad_norms"].tolist(), rel=1e-3, abs=1e-6)


def test_a_window_without_truth_costs_nothing() -> None:
    states, truth = window(0)
    nothing = torch.zeros_like(truth.valid)
    assert position_loss(states, truth, nothing, huber).item() == 0


def test_the_golden_network_is_not_trained_by_tests() -> None:
    assert all(weight.grad is None for weight in network(online=False).parameters())
