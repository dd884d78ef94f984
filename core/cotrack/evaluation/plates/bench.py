# SPDX-License-Identifier: Apache-2.0
"""The plates benchmark itself: every contestant on the same points of the same files, one shot after the other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from cotrack.evaluation.contestant import Contestant, Task
from cotrack.evaluation.measures import Judged, measure
from cotrack.evaluation.plates.kept import shot_files
from cotrack.evaluation.plates.points import PlateTruth, find_truth
from cotrack.evaluation.plates.shots import SIZES, PlateSize, make_shot
from cotrack.evaluation.truth import Truth
from cotrack.media.clip import open_clip
from cotrack.refine.point_warnings import judge_keys
from cotrack.tracking.tracks import Tracks
from cotrack_client.errors import CotrackError

Progress = Callable[[str, int, int], None]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class PlatesRequest:
    """What is measured: so many shots of so many frames, with about so many points each.

    keep: where the pictures are kept for the next time; None makes them anew, and takes them away.
    """

    size: PlateSize = "1080p"
    shots: int = 7
    frames: int = 24
    points: int = 60
    keep: Path | None = None


@dataclass(frozen=True, eq=False)
class ShotResult:
    """One tracker on one shot. textured: (N,) the points that an artist would choose."""

    shot: str
    judged: Judged
    textured: Flags


@dataclass(frozen=True, eq=False)
class Standing:
    """One tracker on all shots."""

    name: str
    results: tuple[ShotResult, ...]

    def figures(self) -> dict[str, float]:
        """All figures over all shots, of textured points, except `confidence_auc`, which is over every point."""
        return _figures(self.results)

    def by_shot(self) -> dict[str, dict[str, float]]:
        """The same for each shot."""
        return {result.shot: _figures([result]) for result in self.results}


@dataclass(frozen=True, eq=False)
class PlatesOutcome:
    """What came of it: every tracker's standing, and the shares of points of each kind that are warned about."""

    standings: tuple[Standing, ...]
    warned: dict[str, float]


def run_plates(request: PlatesRequest, contestants: Sequence[Contestant], progress: Progress) -> PlatesOutcome:
    """Make the shots, have them tracked, judge.

    Raises CotrackError when no shot is asked for, or a contestant cannot start.
    """
    if request.shots < 1 or request.points < 1:
        raise CotrackError(f"{request.shots} shots of {request.points} points tell nothing; ask for 1 or more")
    results: dict[str, list[ShotResult]] = {contestant.name: [] for contestant in contestants}
    warned: dict[str, list[bool]] = {}
    for number in range(request.shots):
        progress("plates", number, request.shots)
        shot = make_shot(number, SIZES[request.size], request.frames)
        truth = find_truth(shot, request.points)
        textured = np.array([kind == "textured" for kind in truth.kinds])
        with shot_files(shot, request.keep) as path:
            for kind, is_warned in zip(truth.kinds, _warned(path, truth), strict=True):
                warned.setdefault(kind, []).append(is_warned)
            task = task_of(path, truth)
            for contestant in contestants:
                judged = judge(contestant.track(task, lambda *_: None), truth)
                results[contestant.name].append(ShotResult(f"{number} {shot.theme}", judged, textured))
    progress("plates", request.shots, request.shots)
    return PlatesOutcome(
        tuple(Standing(name, tuple(found)) for name, found in results.items()),
        {kind: float(np.mean(those)) for kind, those in warned.items()},
    )


def task_of(path: Path, truth: PlateTruth) -> Task:
    """The points of a shot whose files are at hand."""
    answer = Truth(truth.names, truth.frames, truth.xy, truth.visible)
    return Task(path, truth.keys, answer, first=int(truth.frames[0]))


def judge(tracks: Tracks, truth: PlateTruth) -> Judged:
    """Tracks of the same points over the same frames beside the truth."""
    order = np.array([tracks.names.index(name) for name in truth.names], dtype=np.intp)
    return Judged(
        error=tracks.xy[order] - truth.xy,
        true_xy=truth.xy,
        query_xy=np.array([(key.x, key.y) for key in truth.keys]),
        query_at=np.searchsorted(truth.frames, [key.frame for key in truth.keys]),
        seen=truth.visible,
        claimed=tracks.visible[order],
        confidence=tracks.confidence[order].astype(np.float64),
        counts=~tracks.keyed[order],
        refined=tracks.refined[order],
    )


def _warned(path: Path, truth: PlateTruth) -> list[bool]:
    """For each point, whether an artist who chooses it is warned."""
    with open_clip(path, first=int(truth.frames[0])) as clip:
        return [found.problem is not None for found in judge_keys(clip, truth.keys)]


def _figures(results: Sequence[ShotResult]) -> dict[str, float]:
    figures = measure([result.judged.only(result.textured) for result in results])
    figures["confidence_auc"] = measure([result.judged for result in results])["confidence_auc"]
    return figures
