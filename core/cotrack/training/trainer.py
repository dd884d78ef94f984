# SPDX-License-Identifier: Apache-2.0
"""One step of training after another, and everything that changes by it: weights, optimiser, running mean.

Nothing here waits for the device. A step whose gradients are not finite changes no weight: the fused optimiser leaves
it out by itself when `found_inf` says so, as it does for gradient scalers.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel

from cotrack.training.average import RunningAverage
from cotrack.training.config import TrainingConfig
from cotrack.training.network import TrainableCoTracker3
from cotrack.training.objective import Objective
from cotrack.training.processes import Processes
from cotrack.training.state import Kept
from cotrack.training.supply import Lesson

_WORKING_DTYPES = {"float32": None, "bfloat16": torch.bfloat16}
_MOMENTS = {"first": "exp_avg", "second": "exp_avg_sq"}


class Trainer:
    """A network that learns."""

    def __init__(self, config: TrainingConfig, processes: Processes) -> None:
        torch.manual_seed(config.run.seed)
        self.network = TrainableCoTracker3(
            config.network, working_dtype=_WORKING_DTYPES[config.run.precision], recompute=config.run.recompute
        ).to(processes.device)
        self.objective = Objective(self.network, config.lessons.iterations)
        self.average = RunningAverage(self.network, config.optimisation.average)
        if config.labels.freezes_head:
            self.network.transformer.judge.requires_grad_(requires_grad=False)
        self._learning = {name: weight for name, weight in self.network.named_parameters() if weight.requires_grad}
        self._parameters = list(self._learning.values())
        self._clip_norm = config.optimisation.clip_norm
        self._shared: nn.Module = self.objective
        if processes.count > 1:
            self._shared = DistributedDataParallel(self.objective, gradient_as_bucket_view=True)
        self._optimiser = torch.optim.AdamW(
            self._parameters, config.optimisation.rate, weight_decay=config.optimisation.weight_decay, fused=True
        )
        self.skipped = torch.zeros((), device=processes.device)
        self._skipped_in_a_row = torch.zeros((), device=processes.device)
        self.longest_skip = torch.zeros((), device=processes.device)

    def learn(self, lesson: Lesson, step: int, rate: float) -> Tensor:
        """One step; returns `FIGURES` and the norm of the gradients, (3,), on the device."""
        loss, figures = self._shared(lesson.clips, lesson.windows)
        loss.backward()
        norm = nn.utils.clip_grad_norm_(self._parameters, self._clip_norm)
        self._note(~norm.isfinite())
        for group in self._optimiser.param_groups:
            group["lr"] = rate
        self._optimiser.step()
        self._optimiser.zero_grad(set_to_none=True)
        self.average.update(self.network, step)
        return torch.cat([figures, norm.detach()[None]])

    def _note(self, is_bad: Tensor) -> None:
        bad = is_bad.float()
        self._optimiser.found_inf = bad  # type: ignore[attr-defined]  # GradScaler's way of telling it
        self.skipped += bad
        self._skipped_in_a_row = (self._skipped_in_a_row + 1) * bad
        self.longest_skip = torch.maximum(self.longest_skip, self._skipped_in_a_row)

    def tensors(self, kept: Kept) -> dict[str, Tensor]:
        """What it takes to go on; see `cotrack.training.state`."""
        names = list(self._learning)
        moments = [self._optimiser.state[weight] for weight in self._parameters]
        tensors = {f"weights.{name}": weight.detach() for name, weight in self.network.named_parameters()}
        if kept == "exact":
            tensors |= {f"mean.{name}": mean for name, mean in self.average.weights.items()}
        if not any(moments):
            return tensors
        for moment, key in _MOMENTS.items():
            if kept == "exact":
                tensors |= {f"{moment}.{name}": state[key] for name, state in zip(names, moments, strict=True)}
            elif moment == "second":
                tensors |= {f"{moment}.{n}": state[key].bfloat16() for n, state in zip(names, moments, strict=True)}
        return tensors | {"steps": moments[0]["step"]}

    def restore(self, tensors: Mapping[str, Tensor], mean: Mapping[str, Tensor] | None) -> None:
        """Go on from `tensors`; the running mean from `mean` where they do not hold it."""
        self.network.load_state_dict(_under("weights", tensors))
        self.average.load(_under("mean", tensors) or mean or _under("weights", tensors))
        if "steps" not in tensors:
            return
        for name, weight in self._learning.items():
            state: dict[str, Any] = {"step": tensors["steps"].to(weight.device, copy=True)}
            for moment, key in _MOMENTS.items():
                state[key] = torch.zeros_like(
                    weight
                )  # laid out in memory like the weight, as the fused optimiser wants it
                if (kept := tensors.get(f"{moment}.{name}")) is not None:
                    state[key].copy_(kept)
            self._optimiser.state[weight] = state


def _under(prefix: str, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {name.removeprefix(f"{prefix}."): value for name, value in tensors.items() if name.startswith(f"{prefix}.")}
