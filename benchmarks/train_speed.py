# SPDX-License-Identifier: Apache-2.0
"""Where a training step's time goes, and what would make it shorter.

    PYTHONPATH=core python3 benchmarks/train_speed.py core/cotrack/training/configs/compact.toml --device cuda

Needs torch, numpy and safetensors alone. For the configuration as it is, then with correlations recomputed, with its
parts compiled, and with other batches: milliseconds of making a lesson, of the forward and backward pass and of the
whole step (medians), clips per second, the most memory that was taken, and the seconds of the first pass over all
lessons, which has the compilation in it. Measure on a device that has nothing else to do.
"""

from __future__ import annotations

import argparse
import dataclasses
import statistics
from functools import partial
from pathlib import Path

import torch

from cotrack.training.config import TrainingConfig, load_config
from cotrack.training.processes import Processes, joined_processes
from cotrack.training.shots.generator import ShotGenerator
from cotrack.training.shots.textures import TextureBank
from cotrack.training.supply import Lesson, Supply
from cotrack.training.throughput import seconds_of
from cotrack.training.trainer import Trainer


def main() -> None:
    """Measure and print a table, a row as soon as it is known."""
    parser = argparse.ArgumentParser(description="Measure training steps.")
    parser.add_argument("config", type=Path)
    parser.add_argument("--device", choices=["auto", "cpu", "cuda"], default="auto")
    parser.add_argument("--steps", type=int, default=10)
    parser.add_argument("--batches", type=int, nargs="*", default=[], help="other batches to try")
    parser.add_argument("--variants", nargs="*", choices=list(VARIANTS), default=list(VARIANTS))
    given = parser.parse_args()
    config = load_config(given.config)
    with joined_processes(given.device) as processes:
        columns = ("lesson", "forward", "backward", "step", "clips/s", "peak GB", "first s")
        print(f"{'':24}" + "".join(f"{column:>9}" for column in columns))
        for name in given.variants:
            _row(name, _with_run(config, **VARIANTS[name]), processes, given.steps)
        for batch in given.batches:
            lessons = dataclasses.replace(config.lessons, batch=batch)
            _row(f"batch {batch}", dataclasses.replace(config, lessons=lessons), processes, given.steps)


VARIANTS: dict[str, dict[str, bool]] = {
    "as configured": {},
    "recompute": {"recompute": True},
    "compile": {"compile": True},
}


def _with_run(config: TrainingConfig, **changes: bool) -> TrainingConfig:
    return dataclasses.replace(config, run=dataclasses.replace(config.run, **changes))


def _row(name: str, config: TrainingConfig, processes: Processes, steps: int) -> None:
    device = processes.device
    if device.type == "cuda":
        torch.cuda.empty_cache()
        torch.cuda.reset_peak_memory_stats(device)
    textures = TextureBank.procedural(device, **dataclasses.asdict(config.textures))
    supply = Supply(config, ShotGenerator(config.shots, textures, device), processes)
    trainer = Trainer(config, processes)
    if config.run.compile:
        trainer.network.compile_parts()
    lessons = [supply.lesson(step) for step in range(steps)]
    first = seconds_of(lambda: [trainer.learn(lesson, 0, 1e-4) for lesson in lessons], device)

    make = [seconds_of(partial(supply.lesson, step), device) for step in range(steps)]
    forward, backward = zip(*(_halves(trainer, lesson, device) for lesson in lessons), strict=True)
    trainer.objective.zero_grad(set_to_none=True)
    learn = [seconds_of(partial(trainer.learn, lesson, 1, 1e-4), device) for lesson in lessons]
    peak = torch.cuda.max_memory_allocated(device) / 1e9 if device.type == "cuda" else float("nan")
    times = "".join(f"{1000 * statistics.median(seconds):9.1f}" for seconds in (make, forward, backward, learn))
    print(f"{name:24}{times}{config.lessons.batch * steps / sum(learn):9.2f}{peak:9.1f}{first:9.1f}", flush=True)


def _halves(trainer: Trainer, lesson: Lesson, device: torch.device) -> tuple[float, float]:
    """Seconds of the forward and of the backward pass."""
    losses: list[torch.Tensor] = []
    forward = seconds_of(lambda: losses.append(trainer.objective(lesson.clips, lesson.windows)[0]), device)
    return forward, seconds_of(losses[0].backward, device)


if __name__ == "__main__":
    main()
