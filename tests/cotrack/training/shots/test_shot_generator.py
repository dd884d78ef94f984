# SPDX-License-Identifier: Apache-2.0
"""What a batch of synthetic shots promises to whoever trains with it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from cotrack.training.shots.generator import ShotBatch, ShotGenerator
from cotrack.training.shots.render import look_at
from cotrack.training.shots.settings import ShotSettings
from cotrack.training.shots.textures import TextureBank
from cotrack_client.errors import CotrackError

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


def test_autocast_changes_nothing(generator: ShotGenerator, shots: ShotBatch) -> None:
    with torch.autocast("cpu", dtype=torch.bfloat16):
        again = generator.make(7, 3)
    assert torch.equal(again.video, shots.video)
    assert torch.equal(again.xy, shots.xy)


def test_every_point_is_visible_somewhere(shots: ShotBatch) -> None:
    assert shots.visible.any(-1).all()


def test_what_is_visible_is_known_and_in_the_picture(shots: ShotBatch) -> None:
    assert shots.valid[shots.visible].all()
    seen = shots.xy[shots.visible]
    assert (seen > 0).all()
    assert (seen < torch.tensor([64.0, 48.0])).all()


_WAITING = ("_local_scalar_dense", "nonzero", "_unique", "masked_select", "lift_fresh")


class NoWaiting(TorchDispatchMode):
    """Lets no operation pass that makes the host wait for the device's numbers."""

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):  # noqa: ANN001, ANN204 (torch's own signature)
        assert not any(word in str(func) for word in _WAITING)
        return func(*args, **(kwargs or {}))


def test_nothing_waits_for_the_device(generator: ShotGenerator) -> None:
    generator.make(2, 1)
    with NoWaiting():
        generator.make(3, 1)


def test_a_ray_is_one_graph() -> None:
    """Torch refuses to compile with `fullgraph` what it cannot trace to its end."""
    small = replace(SETTINGS, cards=1, lattices=1, ellipsoids=1, boxes=1)
    bank = TextureBank.procedural("cpu", count=2, size=64, shapes=4)
    made = []

    def keep(graph: torch.fx.GraphModule, inputs: list[torch.Tensor]) -> Callable[..., object]:
        made.append(len(inputs))
        return graph.forward

    traced = ShotGenerator(small, bank, "cpu")
    eager = traced.make(1, 1).video
    traced._looking = torch.compile(look_at, fullgraph=True, dynamic=False, backend=keep)
    assert torch.equal(traced.make(1, 1).video, eager)
    assert len(made) == 1


def test_points_leave_and_return_and_hide() -> None:
    """Shares over 24 shots of 24 frames, of which the pictures are tiny: the tracks are those of any size."""
    settings = replace(SETTINGS, frames=24, height=16, width=16, samples=1, points=64)
    shots = ShotGenerator(settings, TextureBank.procedural("cpu", count=2, size=64, shapes=24), "cpu").make(1, 24)
    inside = ((shots.xy > 0) & (shots.xy < 16)).all(-1) & shots.valid
    seen = shots.visible.float().mean()
    hidden = (inside & ~shots.visible).float().mean()
    assert 0.65 < seen < 0.9
    assert 0.04 < hidden < 0.2
    assert 0.05 < (~inside).float().mean() < 0.25
    returning = (inside.cumsum(-1)[..., :-1] > 0) & ~inside[..., :-1] & inside[..., 1:]
    assert returning.any(-1).float().mean() > 0.02
    both = shots.visible[..., 1:] & shots.visible[..., :-1]
    step = (shots.xy[:, :, 1:] - shots.xy[:, :, :-1]).norm(dim=-1)[both] / 16
    assert 0.004 < step.median() < 0.016
    assert 0.02 < step.quantile(0.95) < 0.1


def test_without_motion_nothing_moves() -> None:
    still = replace(SETTINGS, motion=0.0, parallax=0.0, deformation=0.0)
    shots = ShotGenerator(still, TextureBank.procedural("cpu", count=2, size=64, shapes=4), "cpu").make(1, 2)
    torch.testing.assert_close(shots.xy, shots.xy[:, :, :1].expand_as(shots.xy))
    assert torch.equal(shots.visible, shots.visible[:, :, :1].expand_as(shots.visible))


def test_a_shot_of_nothing_is_refused() -> None:
    with pytest.raises(CotrackError, match="a shot with cards = 0 cannot be made; give it at least 1"):
        ShotSettings(cards=0)
