# SPDX-License-Identifier: Apache-2.0
"""How a memory budget is spent: how long a window may be, and how many points go together; and what happens without."""

from __future__ import annotations

from dataclasses import dataclass
from types import TracebackType
from typing import Self

import torch

from cotrack.models.cotracker3 import STRIDE, CoTracker3
from cotrack_client.errors import CotrackError

LONGEST_WINDOWS = 4
"""An offline network's longest window, in those that it was trained with.

The official ones were made for 60 frames, and hold for 250, the longest of the public benchmarks.
"""

_MOST_POINTS = 4096
_FEATURES_SHARE = 0.6  # of the budget may go to a window's features, the rest is for points
_PICTURES_SHARE = 0.125  # of the budget is the clip's, see `cotrack.pipeline`
_SIGNS_OF_NO_MEMORY = (
    "DefaultCPUAllocator",  # torch on the CPU
    "bad_alloc",  # C++
    "could not create a primitive",  # oneDNN, which has no room for the code it generates
    "could not create a memory",
    "out of memory",  # Apple's GPUs
    "Insufficient memory",  # OpenCV
)
"""In errors that have no type of their own."""


class MemoryShortageError(CotrackError):
    """The machine has no memory left for a job."""

    def __init__(
        self,
        sentence: str = "there is not enough free memory for this job, even in the smallest pieces; "
        "close other programs, or track fewer frames at a time",
    ) -> None:
        super().__init__(sentence)


class NoticeShortage:
    """In `with`: running out of memory within is noted in `noticed` instead of raised.

    What the block held is free again behind it, as nothing refers to the error any more.
    """

    noticed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        self.noticed = is_shortage(error)
        if self.noticed and torch.cuda.is_available():
            torch.cuda.empty_cache()
        return self.noticed


class TellShortage:
    """In `with`: running out of memory within becomes a `MemoryShortageError`."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if is_shortage(error):
            raise MemoryShortageError from error


def is_shortage(error: BaseException | None) -> bool:
    """Whether an exception, Python's or of a library, says that there is no memory left."""
    if isinstance(error, MemoryError | torch.OutOfMemoryError):
        return True
    return isinstance(error, Exception) and any(sign in str(error) for sign in _SIGNS_OF_NO_MEMORY)


@dataclass(frozen=True)
class WindowPlan:
    """What fits the memory: frames seen at once, frames to move on by, points tracked together (support included)."""

    window: int
    step: int
    together: int

    def means_the_same(self, other: WindowPlan, frames: int, points: int) -> bool:
        """Whether another plan tracks so many points through so many frames in the same windows and groups."""
        ours, theirs = ((min(plan.window, frames), min(plan.together, points)) for plan in (self, other))
        return ours == theirs


def plan_windows(network: CoTracker3, memory: int) -> WindowPlan:
    """Spend `memory` bytes: first on a window as long as the network is good for, then on points.

    The plan depends on the budget and the network alone, never on the shot or on what else the machine does, so that
    the same budget gives the same tracks everywhere. Raises CotrackError when not even a short window fits.
    """
    config = network.config
    size = (config.resolution[0] // STRIDE, config.resolution[1] // STRIDE)
    budget = int(memory * (1 - _PICTURES_SHARE))
    if config.online:
        window = config.window
    else:
        per_frame = network.window_bytes(0, 1, size)
        window = min(LONGEST_WINDOWS * config.window, int(_FEATURES_SHARE * budget) // per_frame)
    step = window // 2 if config.online else window - window // 4
    features = network.window_bytes(0, window, size)
    per_point = max(1, network.window_bytes(1, window, size) - features)
    together = min(_MOST_POINTS, (budget - features) // per_point)
    if window < config.window // 4 or together < config.virtual_tracks:
        raise CotrackError(f"{memory / 1e9:.2g} GB do not hold this network's windows; allow more memory (--memory)")
    return WindowPlan(window, step, together)


def plan_with_less(
    network: CoTracker3, plan: WindowPlan, memory: int, frames: int, points: int
) -> tuple[WindowPlan, int]:
    """Halve a budget of `memory` bytes until so many points take less memory in so many frames than by `plan`.

    Returns the new plan, and its budget. Raises MemoryShortageError when none is left that works.
    """
    less = plan
    while less.means_the_same(plan, frames, points):
        memory //= 2
        try:
            less = plan_windows(network, memory)
        except CotrackError as error:
            raise MemoryShortageError(
                f"there is not enough free memory to track {points} points at once, even in windows of {plan.window} "
                "frames; close other programs, or track fewer points or frames at a time"
            ) from error
    return less, memory
