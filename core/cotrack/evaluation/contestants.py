# SPDX-License-Identifier: Apache-2.0
"""Who takes part in a benchmark: our own trackers, along the path that every job takes, OpenCV's and Blender's."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from cotrack.evaluation.blender_program import Program
from cotrack.evaluation.blender_tracker import MOTION_MODELS, BlenderTracker
from cotrack.evaluation.contestant import Contestant, Progress, Task
from cotrack.evaluation.disturbed import NETWORK_WIDTH, SIGMA_NETWORK_PX, DisturbedTruth
from cotrack.media.clip import open_clip
from cotrack.models.cards import card_named, default_model
from cotrack.models.store import card_of_weights, require_weights
from cotrack.pipeline import PointChoice, ProgressOnly, TrackRequest, track_shot
from cotrack.tracking.follower import FollowerSettings
from cotrack.tracking.keys import join_keys
from cotrack.tracking.pictures import Pictures, luma
from cotrack.tracking.queries import Queries
from cotrack.tracking.tracks import Tracks
from cotrack.tracking.trajectories import Trajectories
from cotrack_client.errors import CotrackError
from cotrack_client.tracks import Key

Grey = npt.NDArray[np.uint8]

_WINDOW, _COARSEST_LEVEL = 21, 4
_STOP = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, 30, 0.01)


@dataclass(frozen=True)
class OurTracker:
    """A model of `cotrack models`, or a file of weights, with default settings."""

    name: str
    model: str | None = None
    weights: Path | None = None
    settings: FollowerSettings = field(default_factory=FollowerSettings)

    def track(self, task: Task, progress: Progress) -> Tracks:
        """Take the path that the command line takes. Raises CotrackError as `track_shot` does."""
        request = TrackRequest(
            shot=task.shot,
            points=PointChoice(keys=task.keys),
            first=task.first,
            model=self.model,
            weights=self.weights,
            settings=self.settings,
        )
        return track_shot(request, ProgressOnly(progress)).tracks


@dataclass(frozen=True)
class DisturbedTracker:
    """The truth, disturbed as a network would miss it, and refined: what our refinement makes of a network's answer.

    It looks at the truth: visible where the point truly is, and off by 2 px of a picture 512 px wide.
    """

    name: str = "disturbed-truth"

    def track(self, task: Task, progress: Progress) -> Tracks:
        """Take the path that the command line takes, but for the follower."""
        with open_clip(task.shot, first=task.first) as clip:
            sigma = SIGMA_NETWORK_PX * clip.width / NETWORK_WIDTH
        truth = task.truth
        follower = DisturbedTruth(truth.names, truth.frames, truth.xy, truth.visible, sigma)
        request = TrackRequest(shot=task.shot, points=PointChoice(keys=task.keys), first=task.first)
        return track_shot(request, ProgressOnly(progress), follower=follower).tracks


@dataclass(frozen=True)
class OpenCvTracker:
    """OpenCV's pyramidal Lucas-Kanade from frame to frame, nothing more: 8-bit grey, 21 x 21 px, five levels.

    A point is visible until OpenCV loses it or it leaves the plate, and then no more. Its confidence is 1 / (1 + e),
    where e is the mean difference of the two patches in grey levels, as OpenCV reports it.
    """

    name: str = "opencv-lk"

    def track(self, task: Task, progress: Progress) -> Tracks:
        """Raises CotrackError when the shot cannot be read."""
        with open_clip(task.shot, first=task.first) as clip:
            return self.follow(clip, task.keys, progress)

    def follow(self, pictures: Pictures, keys: Sequence[Key], progress: Progress = lambda *_: None) -> Tracks:
        """The same on pictures that are at hand."""
        queries, frames = Queries.from_keys(keys), np.array(pictures.frames, dtype=np.int64)
        walk = _Walk(pictures, queries, np.searchsorted(frames, queries.frame), len(frames))
        forward, backward = np.arange(walk.at.min(), len(frames)), np.arange(walk.at.max(), -1, -1)
        walk.go(forward)
        progress("opencv", 1, 2)
        walk.go(backward)
        progress("opencv", 2, 2)
        return join_keys(walk.found, queries, frames)


def contestants(
    models: Sequence[str] = (),
    weights: Sequence[Path] = (),
    blender: Program | None = None,
    *,
    disturbed: bool = False,
) -> list[Contestant]:
    """Our default tracker first, then the models and files that are named, OpenCV's, and Blender's if there is one.

    disturbed: last, the truth as a network would miss it, refined.

    Raises CotrackError for a model that nobody knows, or whose weights are not here, or that is named twice.
    """
    names = dict.fromkeys([default_model().name, *models])
    for name in names:
        require_weights(card_named(name))
    own = [OurTracker(name=name, model=name) for name in names]
    files = [OurTracker(name=card_of_weights(file).name, weights=file) for file in weights]
    theirs = [] if blender is None else [BlenderTracker(blender, model) for model in MOTION_MODELS]
    taking_part: list[Contestant] = [*own, *files, OpenCvTracker(), *theirs]
    taking_part += [DisturbedTracker()] if disturbed else []
    for name, count in Counter(one.name for one in taking_part).items():
        if count > 1:
            raise CotrackError(f"{name} takes part twice; name it once (--model, --weights)")
    return taking_part


class _Walk:
    """Goes through pictures, carrying along every point that it has reached and not lost."""

    def __init__(self, pictures: Pictures, queries: Queries, at: npt.NDArray[np.int64], frames: int) -> None:
        self.at = at
        self.found = Trajectories.nothing(len(queries), frames)
        self._pictures, self._queries = pictures, queries

    def go(self, order: npt.NDArray[np.int64]) -> None:
        """Over the frames at these places, from neighbour to neighbour."""
        places = order.tolist()
        grey: Grey | None = None
        shown = self._pictures.iterate([self._pictures.frames[place] for place in places])
        for last, place, (_, picture) in zip([None, *places], places, shown, strict=False):
            before, grey = grey, np.round(luma(picture) * 255).astype(np.uint8)
            if before is not None and last is not None:
                reached = self.at >= last if last > place else self.at <= last
                self._carry(before, grey, np.flatnonzero(self.found.visible[:, last] & reached), last, place)
            starts = self.at == place
            self._note(np.flatnonzero(starts), place, self._queries.xy[starts], np.ones(int(starts.sum())))

    def _carry(self, before: Grey, grey: Grey, rows: npt.NDArray[np.int64], last: int, place: int) -> None:
        """Follow points from the place `last` to the next one, and forget those that are lost."""
        if len(rows) == 0:
            return
        start = (self.found.xy[rows, last] - 0.5).astype(np.float32)[:, None]
        moved, status, difference = cv2.calcOpticalFlowPyrLK(
            before,
            grey,
            start,
            np.empty_like(start),
            winSize=(_WINDOW, _WINDOW),
            maxLevel=_COARSEST_LEVEL,
            criteria=_STOP,
        )
        xy = moved[:, 0].astype(np.float64) + 0.5
        kept = (status[:, 0] == 1) & ((xy >= 0) & (xy < grey.shape[::-1])).all(axis=1)
        self._note(rows[kept], place, xy[kept], 1 / (1 + difference[kept, 0].astype(np.float64)))

    def _note(
        self,
        rows: npt.NDArray[np.int64],
        place: int,
        xy: npt.NDArray[np.float64],
        confidence: npt.NDArray[np.float64],
    ) -> None:
        self.found.xy[rows, place] = xy
        self.found.visible[rows, place] = True
        self.found.confidence[rows, place] = confidence
