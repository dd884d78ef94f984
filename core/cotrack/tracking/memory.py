# SPDX-License-Identifier: Apache-2.0
"""How a memory budget is spent: how long a window may be, and how many points go together."""

from __future__ import annotations

from dataclasses import dataclass

from cotrack.models.cotracker3 import STRIDE, CoTracker3
from cotrack_client.errors import CotrackError

LONGEST_WINDOW = 240
"""Frames. The offline networks were made for 60, and hold for 250, the longest of the public benchmarks."""

_MOST_POINTS = 4096
_FEATURES_SHARE = 0.6  # of the budget may go to a window's features, the rest is for points
_PICTURES_SHARE = 0.125  # of the budget is the clip's, see `cotrack.pipeline`


@dataclass(frozen=True)
class WindowPlan:
    """What fits the memory: frames seen at once, frames to move on by, points tracked together (support included)."""

    window: int
    step: int
    together: int


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
        window = min(LONGEST_WINDOW, int(_FEATURES_SHARE * budget) // per_frame)
    step = window // 2 if config.online else window - window // 4
    features = network.window_bytes(0, window, size)
    per_point = max(1, network.window_bytes(1, window, size) - features)
    together = min(_MOST_POINTS, (budget - features) // per_point)
    if window < config.window // 4 or together < config.virtual_tracks:
        raise CotrackError(f"{memory / 1e9:.2g} GB do not hold this network's windows; pass a larger --memory")
    return WindowPlan(window, step, together)
