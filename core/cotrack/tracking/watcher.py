# SPDX-License-Identifier: Apache-2.0
"""The seam between followers and whoever waits for them: how far they are, what is certain by now, whether to go on."""

from __future__ import annotations

from typing import Protocol

import numpy as np
import numpy.typing as npt

from cotrack.tracking.trajectories import Trajectories


class Watcher(Protocol):
    """Watches a follower at work. Whatever a method raises ends the job and passes through."""

    def progress(self, stage: str, done: int, total: int) -> None:
        """Told what the follower is at, how many frames of it are done, and how many there are."""

    def settled(self, trajectories: Trajectories, final: npt.NDArray[np.bool_]) -> None:
        """Told as answers become certain: `final` (Q, T) marks those that will not change any more, old and new.

        The follower goes on writing into `trajectories` when this returns: take what is needed out of it.
        """

    def still_wanted(self) -> None:
        """Called many times a second of work; raises to end the job."""
