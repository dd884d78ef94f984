# SPDX-License-Identifier: Apache-2.0
"""A real clip can be packed and is what it was: the bundled example shot with its exact truth."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import torch

from cotrack.examples import example_shot, example_truth
from cotrack.training.real_clips import read_clip

SCRIPT = Path(__file__).parents[3] / "examples/train_h200/pack_clip.py"


def test_a_packed_clip_has_its_points_where_they_were(tmp_path: Path) -> None:
    packed = tmp_path / "clips/courtyard.npz"
    options = ["--size", "64x96", "--frames", "4"]
    done = subprocess.run(
        [sys.executable, SCRIPT, example_shot(), example_truth(), packed, *options],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr

    clip = read_clip(packed, (32, 48), torch.device("cpu"))
    with np.load(example_truth()) as truth:
        seen = truth["visible"][:, :4]
        share = truth["xy"][:, :4][seen.any(1)] / [truth_width(), truth_height()]
    assert clip.video.shape == (1, 4, 3, 32, 48)
    assert torch.equal(clip.truth.visible[0], torch.from_numpy(seen[seen.any(1)]))
    expected = torch.from_numpy(share * [48, 32] - 0.5).float()
    torch.testing.assert_close(clip.truth.coords[0], expected, rtol=0, atol=1e-3)


def truth_width() -> int:
    return 1280


def truth_height() -> int:
    return 720
