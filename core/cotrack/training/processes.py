# SPDX-License-Identifier: Apache-2.0
"""One process or several: what `torchrun` says of them, and what they tell each other."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

import torch
from torch import distributed

from cotrack_client.errors import CotrackError

TrainingDevice = Literal["auto", "cpu", "cuda"]


@dataclass(frozen=True)
class Processes:
    """This process's place among all that train together; its device is its own."""

    device: torch.device
    rank: int = 0
    count: int = 1

    @property
    def leads(self) -> bool:
        """Whether this one writes files and speaks."""
        return self.rank == 0

    def agree(self, value: float) -> float:
        """The leader's value, in every process."""
        if self.count == 1:
            return value
        shared = torch.tensor(value, dtype=torch.float64, device=self.device)
        distributed.broadcast(shared, src=0)
        return float(shared)

    def wait(self) -> None:
        """Until all have come here."""
        if self.count > 1:
            distributed.barrier()


@contextmanager
def joined_processes(device: TrainingDevice) -> Iterator[Processes]:
    """Join the processes that `torchrun` started with this one, if it did.

    device: of several GPUs each process takes the one of its local rank; "auto" is a GPU if there is one.
    Raises CotrackError when there is none of that name.
    """
    chosen = _choose(device)
    if chosen.type == "cuda":
        torch.cuda.set_device(chosen)
    count = int(os.environ.get("WORLD_SIZE", "1"))
    if count == 1:
        yield Processes(chosen)
        return
    distributed.init_process_group("nccl" if chosen.type == "cuda" else "gloo")
    try:
        yield Processes(chosen, distributed.get_rank(), count)
    finally:
        distributed.destroy_process_group()


def _choose(device: TrainingDevice) -> torch.device:
    has_gpu = torch.cuda.is_available()
    if device == "cpu" or (device == "auto" and not has_gpu):
        return torch.device("cpu")
    if not has_gpu:
        raise CotrackError(f"torch {torch.__version__} finds no GPU to train on; pass --device cpu, or mend its driver")
    return torch.device("cuda", int(os.environ.get("LOCAL_RANK", "0")))
