# SPDX-License-Identifier: Apache-2.0
"""What a batch of synthetic shots promises to whoever trains with it."""

from __future__ import annotations

import pytest
import torch

from cotrack.training.shots.generator import ShotBatch, ShotGenerator
from cotrack.training.shots.settings import ShotSettings
from cotrack.training.shots.textures import TextureBank

SETTINGS = ShotSettings(frames=6, height=48, width=64, points=32, samples=2)


@pytest.fixture(scope="module")
def generator() -> ShotGenerator:
    return ShotGenerator(SETTINGS, TextureBank.procedural("cpu", count=8, size=64, shapes=8), "cpu")


@pytest.fixture(scope="module")
def shots(generator: ShotGenerator) -> ShotBatch:
    return generator.make(7, 3)


def test_shapes_and_ranges(shots: ShotBatch) -> None:
    assert shots.video.shape == (3, 6, 3, 48, 64)
    assert shots.video.dtype == torch.float32
    assert 0.0 <= shots.video.min() < shots.video.max() <= 1.0
    assert shots.xy.shape == (3, 32, 6, 2)
    assert shots.visible.shape == shots.valid.shape == (3, 32, 6)
    assert torch.isfinite(shots.xy).all()


def test_a_seed_gives_the_same_batch_again(generator: ShotGenerator, shots: ShotBatch) -> None:
    again, other = generator.make(7, 3), generator.make(8, 3)
    for name in ("video", "xy", "visible", "valid"):
        assert torch.equal(getattr(again, name), getattr(shots, name))
    assert not torch.equal(other.video, shots.video)


def test_every_point_is_visible_somewhere(shots: ShotBatch) -> None:
    assert shots.visible.any(-1).all()


def test_what_is_visible_is_known_and_in_the_picture(shots: ShotBatch) -> None:
    assert shots.valid[shots.visible].all()
    seen = shots.xy[shots.visible]
    assert (seen > 0).all()
    assert (seen < torch.tensor([64.0, 48.0])).all()
