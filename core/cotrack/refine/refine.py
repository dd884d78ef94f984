# SPDX-License-Identifier: Apache-2.0
"""The stage after the follower: trajectories in, the same trajectories at the plate's resolution out.

Every trajectory is on its own, also where many are refined together: nothing of another one enters it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from cotrack.refine.confidence import Evidence, Followed, Judgement, judge
from cotrack.refine.plate_levels import PlateLevels
from cotrack.refine.point_warnings import judge_keys
from cotrack.refine.points import RefinedPoints
from cotrack.refine.resting import REACH, settle
from cotrack.refine.trackability import Trackability
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
    judge:    what the evidence on some samples amounts to.
    """

    pictures: Pictures
    error_px: float
    device: torch.device
    kept: LastUsed[Sized]
    judge: Callable[[Evidence], Judgement] = judge

    @torch.inference_mode()
    def refine(
        self,
        trajectories: Trajectories,
        queries: Queries,
        frames: npt.NDArray[np.int64],
        direction: Direction,
        watcher: Watcher,
        *,
        trackability: Sequence[Trackability] | None = None,
    ) -> Trajectories:
        """Register every sample that can be, and judge all of them; `frames` (T,) as for the follower.

        trackability: of the queries, where that is known already; else their frames are read for it.
        Forward, pictures are read once each from the earliest query on; backward from the latest query down. Whatever
        `watcher` raises passes through.
        """
        at = np.searchsorted(frames, queries.frame)
        passes = plan_passes(at, len(frames), direction, window=2, step=1, sees_both_sides=False)
        refined = trajectories.copy()
        if trackability is None:
            trackability = judge_keys(self.pictures, queries.keys(), watcher.still_wanted, self.kept)
        walk = _Walk(self, trajectories, refined.copy(), queries.xy, frames, watcher, tuple(trackability))
        settling = Settling(len(queries), len(frames), passes)
        total, before = sum(len(one.order) for one in passes), 0
        watcher.progress("refining", 0, total)
        watcher.settled(refined, settling.final)
        for one in passes:
            settled = 0
            for done in walk.go(one):
                watcher.progress("refining", before + done, total)
                certain = done if done == len(one.order) else done - REACH
                if certain - settled >= _FRAMES_PER_SETTLING or certain == len(one.order):
                    walk.settle(one, range(settled, certain), refined)
                    settling.close(one, np.arange(len(queries)), range(settled, certain))
                    settled = certain
                    watcher.settled(refined, settling.final)
            before += len(one.order)
        return refined


@dataclass(frozen=True, eq=False)
class _Walk:
    """What is refined where. registered: what came of it, frame by frame. xy: (Q, 2) the queries' own positions."""

    refiner: Refiner
    trajectories: Trajectories
    registered: Trajectories
    xy: npt.NDArray[np.float64]
    frames: npt.NDArray[np.int64]
    watcher: Watcher
    trackability: tuple[Trackability, ...]

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

    def settle(self, one: Pass, places: range, refined: Trajectories) -> None:
        """Write what was registered at some places of a pass into `refined`, where a point rests as time has it."""
        around = range(max(0, places.start - REACH), min(len(one.order), places.stop + REACH))
        seen, asked = one.order[around.start : around.stop], one.order[places.start : places.stop]
        behind = np.arange(around.start, around.stop) > one.queries[:, None]
        xy, covariance = settle(
            self.registered.xy[:, seen],
            self.registered.covariance[:, seen].astype(np.float64),
            self.registered.refined[:, seen] & behind,
            range(places.start - around.start, places.stop - around.start),
        )
        rows, columns = np.nonzero(behind[:, places.start - around.start : places.stop - around.start])
        frames = asked[columns]
        refined.xy[rows, frames] = xy[rows, columns]
        refined.covariance[rows, frames] = covariance[rows, columns]
        for name in ("refined", "visible", "confidence"):
            getattr(refined, name)[rows, frames] = getattr(self.registered, name)[rows, frames]

    def _find(self, points: RefinedPoints, picture: PlateLevels, rows: npt.NDArray[np.intp], frame: np.int64) -> None:
        """Refine those of the rows that were followed to this frame, and judge all of them."""
        rows = rows[np.isfinite(self.trajectories.xy[rows, frame]).all(axis=1)]
        if len(rows) == 0:
            return
        guess = self._on_device(self.trajectories.xy[rows, frame] - 0.5)
        visible = self._on_device(self.trajectories.visible[rows, frame])
        found = points.find(self._on_device(rows), picture, guess, visible)
        accepted = found.accepted.cpu().numpy()
        good = rows[accepted]
        self.registered.xy[good, frame] = found.centre.cpu().numpy()[accepted] + 0.5
        self.registered.covariance[good, frame] = found.covariance.cpu().numpy()[accepted]
        self.registered.refined[good, frame] = True
        judged = self.refiner.judge(Evidence.of(self._followed(rows, frame), found))
        self.registered.confidence[rows, frame] = judged.confidence
        xy = self.registered.xy[rows, frame]
        inside = ((xy >= 0) & (xy <= (self.refiner.pictures.width, self.refiner.pictures.height))).all(axis=1)
        self.registered.visible[rows, frame] = judged.visible & inside

    def _followed(self, rows: npt.NDArray[np.intp], frame: np.int64) -> Followed:
        expected = [self.trackability[row] for row in rows.tolist()]
        return Followed(
            confidence=self.trajectories.confidence[rows, frame].astype(np.float64),
            visible=self.trajectories.visible[rows, frame],
            error_px=self.refiner.error_px,
            uncertainty=np.array([one.uncertainty for one in expected]),
            repeated=np.array([one.problem == "repeated" for one in expected]),
        )

    def _levels(self) -> FrameMaker[PlateLevels]:
        device = self.refiner.device
        return FrameMaker(
            PlateLevels, lambda shown: PlateLevels.of(shown, device), ("refine", device), self.refiner.kept
        )

    def _on_device(self, values: npt.NDArray[np.generic]) -> Tensor:
        return torch.from_numpy(values).to(self.refiner.device)
