# SPDX-License-Identifier: Apache-2.0
"""A small plate on disk, and small networks that move points through it."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from cotrack.models.checkpoint import save_network
from cotrack.models.cotracker3 import CoTracker3, CoTracker3Config

WIDTH, HEIGHT, FIRST, FRAMES = 96, 72, 1001, 29


@pytest.fixture(scope="session")
def plate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("plate")
    grain = np.random.default_rng(2).integers(0, 255, (HEIGHT // 6, WIDTH // 6 + 12, 3), dtype=np.uint8)
    texture = cv2.resize(grain, None, fx=6, fy=6, interpolation=cv2.INTER_CUBIC)
    for i in range(FRAMES):
        cv2.imwrite(str(folder / f"plate.{FIRST + i}.png"), texture[:, 2 * i : 2 * i + WIDTH])
    return folder / "plate.####.png"


@pytest.fixture(scope="session")
def weights(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return {
        "offline": saved_network(tmp_path_factory.mktemp("weights") / "offline.safetensors", online=False),
        "online": saved_network(tmp_path_factory.mktemp("weights") / "online.safetensors", online=True),
    }


def saved_network(path: Path, *, online: bool) -> Path:
    """A small network of which every weight tells."""
    torch.manual_seed(5)
    config = CoTracker3Config(
        online=online,
        window=16 if online else 60,
        resolution=(48, 64),
        feature_widths=(8, 8, 8, 8),
        feature_dim=16,
        levels=2,
        radius=2,
        correlation_hidden=16,
        correlation_dim=8,
        hidden=32,
        heads=4,
        depth=2,
        virtual_tracks=4,
    )
    network = CoTracker3(config).eval()
    with torch.no_grad():
        for parameter in network.parameters():
            if parameter.dim() > 1:
                parameter.normal_(0, 1.2 / np.sqrt(parameter[0].numel()))
    save_network(network, path)
    return path
