# SPDX-License-Identifier: Apache-2.0
"""The seam between a tracker and whatever follows points for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

import numpy as np
import numpy.typing as npt

from cotrack.models.cards import ModelCard
from cotrack.tracking.device import DeviceName, choose_device
from cotrack.tracking.pictures import Pictures
from cotrack.tracking.queries import Queries
from cotrack.tracking.trajectories import Direction, Trajectories
from cotrack.tracking.warm import Warm
from cotrack.tracking.watcher import Watcher

Support = Literal["auto", "reference", "none"]

GIGABYTE = 10**9


@dataclass(frozen=True)
class FollowerSettings:
    """How a network is run; the classic tracker needs none of it.

    device:  where.
    memory:  bytes that features, activations and decoded pictures may take together, beside program and weights.
    support: which extra points are tracked along to steady the others, see `docs/tracking.md`.
    isolate: track each point alone with its support points, so that no other selected point can change it.
    """

    device: DeviceName = "auto"
    memory: int = 4 * GIGABYTE
    support: Support = "auto"
    isolate: bool = False


class Follower(Protocol):
    """Follows each query through the pictures, on its own terms."""

    def follow(
        self,
        pictures: Pictures,
        queries: Queries,
        frames: npt.NDArray[np.int64],
        direction: Direction,
        watcher: Watcher,
    ) -> Trajectories:
        """One trajectory per query over `frames` (T,), ascending. Whatever `watcher` raises passes through."""

    def error_px(self, width: int, height: int) -> float:
        """How far off an estimate of a visible point usually is on a plate of that size, standard deviation in px."""

    def record(self) -> Mapping[str, object]:
        """What a result must say so that it can be had again: everything that positions depend on beside the query."""


def make_follower(card: ModelCard, weights: Path | None, settings: FollowerSettings, warm: Warm) -> Follower:
    """The follower that runs a model, with what `warm` has kept for it.

    Raises CotrackError when the device is not there or the weights cannot be loaded.
    """
    if card.kind == "lucas-kanade":
        from cotrack.tracking.lucas_kanade import LucasKanade  # noqa: PLC0415  a network needs no OpenCV, and this no torch

        return LucasKanade(warm.frames)
    from cotrack.models.checkpoint import load_network  # noqa: PLC0415
    from cotrack.tracking.cotracker3_follower import CoTracker3Follower  # noqa: PLC0415

    assert weights is not None  # noqa: S101  a card of a network always has a file
    device = choose_device(settings.device)
    identity, network = warm.networks.get(weights, lambda: load_network(weights, device), device)
    return CoTracker3Follower(network, settings, identity, warm.frames)
