# SPDX-License-Identifier: Apache-2.0
"""Neighbourhoods of feature maps: the golden sampler's values, and what lies beyond a border."""

import numpy as np
import torch

from cotrack.models.cotracker3_sampling import gather_blocks, interpolate_blocks
from data.golden.cotracker3_golden import golden

HELPERS = golden("cot3_helpers")


def sample(maps: torch.Tensor, frame: torch.Tensor, centre: torch.Tensor, radius: int = 0) -> torch.Tensor:
    """(..., 2 radius + 1, 2 radius + 1, C) samples of maps (F, h, w, C)."""
    return interpolate_blocks(*gather_blocks(maps.contiguous(), frame, centre, radius))


def test_single_samples_are_the_golden_ones() -> None:
    maps = torch.from_numpy(HELPERS["samp2d_in"]).permute(0, 2, 3, 1)
    centres = torch.from_numpy(HELPERS["samp2d_xy"])
    frame = torch.arange(2)[:, None, None].expand(centres.shape[:-1])
    samples = sample(maps, frame, centres)[..., 0, 0, :]
    assert np.abs(samples.permute(0, 3, 1, 2).numpy() - HELPERS["samp2d_border_1"]).max() < 1e-5


def test_samples_between_frames_are_the_golden_ones() -> None:
    volume = torch.from_numpy(HELPERS["samp5d_in"])  # (B, C, T, h, w)
    where = torch.from_numpy(HELPERS["samp5d_txy"])
    expected = HELPERS["samp5d_out"]
    time = where[..., 0].clamp(0, volume.shape[2] - 1)
    before = time.floor().long()
    after = (before + 1).clamp_max(volume.shape[2] - 1)
    for clip in range(2):
        maps = volume[clip].permute(1, 2, 3, 0)
        pair = [sample(maps, frame[clip], where[clip, ..., 1:])[..., 0, 0, :] for frame in (before, after)]
        samples = torch.lerp(*pair, (time - before)[clip, ..., None])
        assert np.abs(samples.numpy() - expected[clip]).max() < 1e-5


def test_a_map_that_is_one_pixel_high_or_wide_is_read_there() -> None:
    volume = torch.from_numpy(HELPERS["samp1_in"])  # (1, C, 1, 1, w)
    where = torch.from_numpy(HELPERS["samp1_txy"])
    samples = sample(volume[0].permute(1, 2, 3, 0), where[0, ..., 0].long(), where[0, ..., 1:])[..., 0, 0, :]
    assert np.abs(samples.numpy() - HELPERS["samp1_out"][0]).max() < 1e-5


def test_beyond_a_border_its_pixels_go_on() -> None:
    maps = torch.arange(12.0).view(1, 3, 4, 1)
    far = torch.tensor([[-1e9, -1e9], [1e9, 1e9], [-0.4, 1.0], [3.7, 1.0]])
    samples = sample(maps, torch.zeros(4, dtype=torch.long), far)[..., 0, 0, 0]
    assert samples.tolist() == [0.0, 11.0, 4.0, 7.0]


def test_a_neighbourhood_runs_along_y_first() -> None:
    maps = torch.arange(100.0).view(1, 10, 10, 1)
    samples = sample(maps, torch.tensor([0]), torch.tensor([[5.0, 4.0]]), radius=1)[0, ..., 0]
    assert samples.flatten().tolist() == [34, 44, 54, 35, 45, 55, 36, 46, 56]
