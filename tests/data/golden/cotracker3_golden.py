# SPDX-License-Identifier: Apache-2.0
"""The networks, videos and queries that the golden files of CoTracker3 were made with; see SOURCES.md."""

from __future__ import annotations

import functools
import json
import os
from pathlib import Path

import numpy as np
import torch
from data.golden import cotracker_rules

from cotrack.models.checkpoint import from_official
from cotrack.models.cotracker3 import CoTracker3

if "PYTEST_XDIST_WORKER" in os.environ:
    torch.set_num_threads(1)  # the workers share the cores already

_HERE = Path(__file__).parent


@functools.cache
def golden(name: str) -> dict[str, np.ndarray]:
    with np.load(_HERE / f"{name}.npz") as file:
        return dict(file)


@functools.cache
def official_shapes(model: str) -> dict[str, tuple[int, ...]]:
    """Every entry of an official state dict ("v3_offline_w60", "v3_online_w16") and its shape."""
    return {
        name: tuple(entry["shape"])
        for name, entry in json.loads((_HERE / "cotracker_keys.json").read_text())[model].items()
    }


@functools.cache
def official_weights(model: str) -> dict[str, torch.Tensor]:
    """The state dict by the rule; the time table, a buffer that follows a formula, is left as zeros."""
    return {
        name: torch.zeros(shape) if name == "time_emb" else torch.from_numpy(cotracker_rules.fill(name, shape))
        for name, shape in official_shapes(model).items()
    }


@functools.cache
def network(*, online: bool) -> CoTracker3:
    config, weights = from_official(official_weights("v3_online_w16" if online else "v3_offline_w60"))
    network = CoTracker3(config)
    network.load_state_dict(weights)
    return network.eval()


@functools.cache
def video(seed: int, frames: int, height: int, width: int) -> torch.Tensor:
    """(T, 3, H, W) float32, 0..255."""
    pixels = cotracker_rules.make_video(seed, frames, height, width)
    return torch.from_numpy(pixels).permute(0, 3, 1, 2).float()


def queries(seed: int, count: int, frames: list[int], height: int, width: int) -> torch.Tensor:
    """(N, 3): frame, x, y."""
    return torch.from_numpy(cotracker_rules.make_queries(seed, count, frames, height, width))
