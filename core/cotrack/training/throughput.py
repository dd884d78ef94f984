# SPDX-License-Identifier: Apache-2.0
"""How much arithmetic a step is, and how fast shots are made and the device multiplies when it does nothing else."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch.utils.flop_counter import FlopCounterMode

from cotrack.training.objective import Objective
from cotrack.training.supply import Lesson, Supply

_STEPS = 64
"""Whose kinds of lessons are counted."""

_SIDE = 8192
"""Of the square matrices that a GPU's rate is measured with."""


@dataclass(frozen=True)
class Throughput:
    """What was measured before training.

    step_flop: floating-point operations of a step, forward and backward, the mean over the kinds of lessons.
    shots_per_second: how fast they are made when nothing is trained.
    device_flops: the rate of a large bfloat16 matrix product on this GPU, operations per second; None on a CPU.
    """

    step_flop: float
    shots_per_second: float
    device_flops: float | None


def measure_throughput(objective: Objective, supply: Supply, batch: int, device: torch.device) -> Throughput:
    """Measure on the lessons of the first steps, one of each kind; leaves no gradients behind."""
    kinds = Counter((cut.length, cut.windows) for cut in map(supply.cut, range(_STEPS)))
    flop = {}
    for step in range(_STEPS):
        cut = supply.cut(step)
        if (kind := (cut.length, cut.windows)) not in flop:
            flop[kind] = _flop(objective, supply.lesson(step))
    seconds = seconds_of(lambda: supply.lesson(0), device)
    mean = sum(flop[kind] * count for kind, count in kinds.items()) / _STEPS
    return Throughput(mean, batch / seconds, _matrix_rate(device))


def _flop(objective: Objective, lesson: Lesson) -> float:
    with FlopCounterMode(display=False) as counter:
        loss, _ = objective(lesson.clips, lesson.windows)
        loss.backward()
    objective.zero_grad(set_to_none=True)
    return float(counter.get_total_flops())


def _matrix_rate(device: torch.device) -> float | None:
    if device.type != "cuda":
        return None
    a, b = (torch.randn(_SIDE, _SIDE, device=device, dtype=torch.bfloat16) for _ in range(2))
    for _ in range(3):
        a @ b
    seconds = seconds_of(lambda: [a @ b for _ in range(10)], device)
    return 10 * 2 * _SIDE**3 / seconds


def seconds_of(work: Callable[[], object], device: torch.device) -> float:
    """How long some work takes, until the device has really done it."""
    _finish(device)
    began = time.perf_counter()
    work()
    _finish(device)
    return time.perf_counter() - began


def _finish(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize(device)
