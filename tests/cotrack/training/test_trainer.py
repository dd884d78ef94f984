# SPDX-License-Identifier: Apache-2.0
"""A step of training: what it changes, what it leaves alone, and that several processes take the same one."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import torch
from torch import Tensor

from cotrack.training.average import RunningAverage
from cotrack.training.clips import Clips
from cotrack.training.config import BUNDLED, TrainingConfig, load_config
from cotrack.training.losses import Truth
from cotrack.training.processes import Processes
from cotrack.training.schedule import Leg, Optimisation
from cotrack.training.shots.generator import ShotGenerator
from cotrack.training.shots.textures import TextureBank
from cotrack.training.state import read_state
from cotrack.training.supply import Lesson, Supply
from cotrack.training.trainer import Trainer
from cotrack.training.windows import Windows

ALONE = Processes(torch.device("cpu"))
_OFFLINE_STEP, _ONLINE_STEP = 0, 2


def lesson(seed: int, windows: Windows | None = None, clips: int = 2) -> Lesson:
    dice = torch.Generator().manual_seed(seed)
    coords = 32 * torch.rand(clips, 5, 6, 2, generator=dice)
    visible = torch.rand(coords.shape[:-1], generator=dice) < 0.6
    queries = torch.cat([torch.randint(0, 6, (clips, 5, 1), generator=dice), coords[:, :, 0]], dim=-1)
    video = 255 * torch.rand(clips, 6, 3, 32, 32, generator=dice)
    return Lesson(Clips(video, Truth(coords, visible, torch.ones_like(visible)), queries), windows)


def weights(trainer: Trainer) -> list[Tensor]:
    return [weight.detach().clone() for weight in trainer.network.parameters()]


def test_a_step_changes_every_weight_that_can_matter(tiny: TrainingConfig) -> None:
    trainer = Trainer(tiny, ALONE)
    trainer.learn(lesson(0), 0, 1e-3)
    before = weights(trainer)
    trainer.learn(lesson(1), 1, 1e-3)
    assert all(not torch.equal(a, b) for a, b in zip(before, weights(trainer), strict=True))


def test_a_step_that_is_not_finite_changes_no_weight(tiny: TrainingConfig) -> None:
    trainer = Trainer(tiny, ALONE)
    trainer.learn(lesson(0), 0, 1e-3)
    before, kept = weights(trainer), trainer.tensors("exact")
    moments = {name: value.clone() for name, value in kept.items() if name.startswith(("first", "second", "steps"))}
    poisoned = lesson(1)
    poisoned.clips.video[0, 0, 0, 0, 0] = float("nan")
    trainer.learn(poisoned, 1, 1e-3)
    assert all(torch.equal(a, b) for a, b in zip(before, weights(trainer), strict=True))
    assert all(torch.equal(value, trainer.tensors("exact")[name]) for name, value in moments.items())
    assert (trainer.skipped.item(), trainer.longest_skip.item()) == (1, 1)
    trainer.learn(lesson(2), 2, 1e-3)
    assert (trainer.skipped.item(), trainer.longest_skip.item()) == (1, 1)
    assert all(weight.isfinite().all() for weight in trainer.network.parameters())


def test_a_young_mean_follows_and_an_old_one_hesitates() -> None:
    module = torch.nn.Linear(1, 1, bias=False)
    torch.nn.init.zeros_(module.weight)
    young, old = RunningAverage(module, 0.9), RunningAverage(module, 0.9)
    torch.nn.init.ones_(module.weight)
    young.update(module, 0)
    old.update(module, 1000)
    assert young.weights["weight"].item() == pytest.approx(0.9)
    assert old.weights["weight"].item() == pytest.approx(0.1)


def test_the_rate_rises_and_falls() -> None:
    schedule = Optimisation(rate=1.0, warm_up=10, final_share=0.1)
    assert schedule.rate_at(0, 0.0) == pytest.approx(0.1)
    assert schedule.rate_at(10, 0.0) == 1.0
    assert schedule.rate_at(1000, 0.5) == pytest.approx(0.55)
    assert schedule.rate_at(1000, 1.0) == pytest.approx(0.1)
    assert schedule.rate_at(1000, 1.2) == pytest.approx(0.1)


def test_a_leg_counts_steps_or_seconds() -> None:
    assert Leg(100, 300).progress(150, elapsed=1e9) == 0.25
    assert Leg(100, 300, seconds=60).progress(299, elapsed=15) == 0.25


def test_two_processes_take_the_steps_of_one_that_sees_both_batches(tmp_path: Path) -> None:
    config = load_config(BUNDLED / "smoke.toml")
    shots = ShotGenerator(config.shots, TextureBank.procedural("cpu", count=4, size=32, shapes=2), "cpu")
    supplies = [Supply(config, shots, Processes(torch.device("cpu"), rank, 2)) for rank in range(2)]
    joined = Trainer(config, ALONE)
    for step in (_OFFLINE_STEP, _ONLINE_STEP):
        joined.learn(_joined([supply.lesson(step) for supply in supplies]), step, 1e-3)
    assert [supplies[0].cut(step).windows is None for step in (_OFFLINE_STEP, _ONLINE_STEP)] == [True, False]
    launcher = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2"]
    done = subprocess.run(
        [*launcher, Path(__file__).with_name("two_steps.py"), tmp_path], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    for rank in range(2):
        found, _ = read_state(tmp_path / str(rank))
        for name, ours in joined.tensors("exact").items():
            torch.testing.assert_close(found[name], ours, rtol=1e-3, atol=1e-6, msg=name)


def _joined(parts: list[Lesson]) -> Lesson:
    def join(pick: str) -> Tensor:
        return torch.cat([getattr(part.clips.truth, pick) for part in parts])

    truth = Truth(join("coords"), join("visible"), join("valid"))
    video, queries = (torch.cat([getattr(part.clips, name) for part in parts]) for name in ("video", "queries"))
    return Lesson(Clips(video, truth, queries), parts[0].windows)
