# SPDX-License-Identifier: Apache-2.0
"""The stage after the follower: trajectories in, the same trajectories at the plate's resolution out.

Every trajectory is on its own, also where many are refined together: nothing of another one enters it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from cotrack.refine.plate_levels import PlateLevels
from cotrack.refine.points import RefinedPoints
from cotrack.tracking.passes import Pass, plan_passes
from cotrack.tracking.pictures import Pictures
from cotrack.tracking.queries import Queries
from cotrack.tracking.settling import Settling
from cotrack.tracking.trajectories import Direction, Trajectories
from cotrack.tracking.warm import FrameMaker, LastUsed, Sized
from cotrack.tracking.watcher import Watcher

_FRAMES_PER_SETTLING = 8
"""How many frames are told of at once as they become certain."""


@dataclass(frozen=True, eq=False)
class Refiner:
    """Refines the trajectories of a follower through some pictures.

    error_px: how far off its estimates usually are, standard deviation in px of the plate.
    kept:     what earlier jobs have made of frames, see `Warm`.
    """

    pictures: Pictures
    error_px: float
    device: torch.device
    kept: LastUsed[Sized]

    @torch.inference_mode()
    def refine(
        self,
        trajectories: Trajectories,
        queries: Queries,
        frames: npt.NDArray[np.int64],
        direction: Direction,
        watcher: Watcher,
    ) -> Trajectories:
        """Register every sample that can be; the others stay what they are. `frames` (T,) as for the follower.

        Forward, pictures are read once each from the earliest query on; backward from the latest query down. Whatever
        `watcher` raises passes through.
        """
        at = np.searchsorted(frames, queries.frame)
        passes = plan_passes(at, len(frames), direction, window=2, step=1, sees_both_sides=False)
        refined = Trajectories(*(values.copy() for values in vars(trajectories).values()))
        walk = _Walk(self, trajectories, refined, queries.xy, frames, watcher)
        settling = Settling(len(queries), len(frames), passes)
        total, before = sum(len(one.order) for one in passes), 0
        watcher.progress("refining", 0, total)
        watcher.settled(refined, settling.final)
        for one in passes:
            settled = 0
            for done in walk.go(one):
                watcher.progress("refining", before + done, total)
                if done - settled == _FRAMES_PER_SETTLING or done == len(one.order):
                    settling.close(one, np.arange(len(queries)), range(settled, done))
                    settled = done
                    watcher.settled(refined, settling.final)
            before += len(one.order)
        return refined


@dataclass(frozen=True, eq=False)
class _Walk:
    """What is refined where, and what came of it. xy: (Q, 2) the queries' own positions."""

    refiner: Refiner
    trajectories: Trajectories
    refined: Trajectories
    xy: npt.NDArray[np.float64]
    frames: npt.NDArray[np.int64]
    watcher: Watcher

    def go(self, one: Pass) -> Iterator[int]:
        """Go from frame to frame, and say after each how many of the pass are done."""
        pictures, device = self.refiner.pictures, self.refiner.device
        size = (pictures.width, pictures.height)
        points = RefinedPoints(len(self.xy), size, self.refiner.error_px, self.watcher.still_wanted, device)
        for place, picture in enumerate(self._levels().each(pictures, self.frames[one.order].tolist())):
            self.watcher.still_wanted()
            self._find(points, picture, np.flatnonzero(one.queries < place), one.order[place])
            new = np.flatnonzero(one.queries == place)
            if len(new):
                points.start(self._on_device(new), picture, self._on_device(self.xy[new] - 0.5))
            yield place + 1

    def _find(self, points: RefinedPoints, picture: PlateLevels, rows: npt.NDArray[np.intp], frame: np.int64) -> None:
        """Refine those of the rows that were followed to this frame."""
        rows = rows[np.isfinite(self.trajectories.xy[rows, frame]).all(axis=1)]
        if len(rows) == 0:
            return
        guess = self._on_device(self.trajectories.xy[rows, frame] - 0.5)
        visible = self._on_device(self.trajectories.visible[rows, frame])
        found = points.find(self._on_device(rows), picture, guess, visible)
        accepted = found.accepted.cpu().numpy()
        good = rows[accepted]
        self.refined.xy[good, frame] = found.centre.cpu().numpy()[accepted] + 0.5
        self.refined.covariance[good, frame] = found.covariance.cpu().numpy()[accepted]
        self.refined.refined[good, frame] = True

    def _levels(self) -> FrameMaker[PlateLevels]:
        device = self.refiner.device
        return FrameMaker(
            PlateLevels, lambda shown: PlateLevels.of(shown, device), ("refine", device), self.refiner.kept
        )

    def _on_device(self, values: npt.NDArray[np.generic]) -> Tensor:
        return torch.from_numpy(values).to(self.refiner.device)
