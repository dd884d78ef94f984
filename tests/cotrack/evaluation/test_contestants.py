# SPDX-License-Identifier: Apache-2.0
"""Our default tracker comes first, OpenCV's last, and nobody twice."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from cotrack.evaluation.blender_program import Program
from cotrack.evaluation.contestants import contestants
from cotrack.models.checkpoint import save_network
from cotrack.models.cotracker3 import CoTracker3, CoTracker3Config
from cotrack_client.errors import CotrackError


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    path = tmp_path / "mine.safetensors"
    torch.manual_seed(1)
    config = CoTracker3Config(
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
    save_network(CoTracker3(config), path)
    return path


def test_ours_come_first_and_the_default_is_not_repeated(weights: Path) -> None:
    names = [one.name for one in contestants(["lucas-kanade"], [weights])]
    assert names == ["lucas-kanade", "mine.safetensors", "opencv-lk"]


def test_blender_comes_after_opencv_and_the_disturbed_truth_last(tmp_path: Path) -> None:
    names = [one.name for one in contestants(blender=Program(tmp_path), disturbed=True)]
    assert names == ["lucas-kanade", "opencv-lk", "blender-location", "blender-affine", "disturbed-truth"]


def test_a_file_that_is_named_twice_is_refused(weights: Path) -> None:
    with pytest.raises(CotrackError, match=r"mine\.safetensors takes part twice; name it once"):
        contestants([], [weights, weights])
