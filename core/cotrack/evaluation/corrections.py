# SPDX-License-Identifier: Apache-2.0
"""What two corrections do for a track that has drifted: a long shot tracked from one key, then from three."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from cotrack.evaluation.contestant import Contestant, Task
from cotrack.evaluation.plates.bench import judge, task_of
from cotrack.evaluation.plates.kept import shot_files
from cotrack.evaluation.plates.points import PlateTruth, find_truth
from cotrack.evaluation.plates.shots import SIZES, PlateSize, make_shot
from cotrack_client.errors import CotrackError
from cotrack_client.tracks import Key

Progress = Callable[[str, int, int], None]
Flags = npt.NDArray[np.bool_]

_FEWEST_SEEN = 10  # samples, for two more keys to leave something to judge


@dataclass(frozen=True)
class CorrectionsRequest:
    """What is measured: which shot, and from which mean error on a track has drifted, px."""

    size: PlateSize = "1080p"
    shot: int = 0
    frames: int = 200
    points: int = 30
    drifted_px: float = 1.0
    keep: Path | None = None


@dataclass(frozen=True)
class Correction:
    """What two keys did for one tracker's drifted tracks; errors are means over the same visible samples, px.

    tracks: textured ones that were followed; drifted: how many of these had drifted. keys_exact: all keys are
    honoured to the last bit. NaN where nothing had drifted.
    """

    name: str
    tracks: int
    drifted: int
    before_px: float
    after_px: float
    keys_exact: bool

    @property
    def ratio(self) -> float:
        """How many times smaller the error is."""
        return self.before_px / self.after_px if self.drifted else float("nan")


def run_corrections(
    request: CorrectionsRequest, contestants: Sequence[Contestant], progress: Progress
) -> list[Correction]:
    """Track from one key; put two more at the truth of what has drifted, half way and at the end; track again.

    Both keys are placed where the point is visible, at the middle and the last one of its visible frames after the
    first key. Raises CotrackError when a contestant cannot start.
    """
    shot = make_shot(request.shot, SIZES[request.size], request.frames)
    truth = _of_first_frame(find_truth(shot, request.points))
    outcome = []
    with shot_files(shot, request.keep) as path:
        task = task_of(path, truth)
        for number, contestant in enumerate(contestants):
            progress("corrections", number, len(contestants))
            outcome.append(_correction(contestant, task, truth, request.drifted_px))
    progress("corrections", len(contestants), len(contestants))
    return outcome


def corrections(truth: PlateTruth, row: int) -> tuple[Key, Key]:
    """Two more keys for a point whose first frame is its key."""
    seen = np.flatnonzero(truth.visible[row, 1:]) + 1
    at = (int(seen[len(seen) // 2]), int(seen[-1]))
    first, second = (Key(truth.names[row], int(truth.frames[i]), *truth.xy[row, i].tolist()) for i in at)
    return first, second


def _correction(contestant: Contestant, task: Task, truth: PlateTruth, drifted_px: float) -> Correction:
    before = judge(contestant.track(task, lambda *_: None), truth)
    found = np.linalg.norm(before.error, axis=-1)
    judged = before.counts & before.seen & before.followed
    means = np.array([one[some].mean() if some.any() else np.nan for one, some in zip(found, judged, strict=True)])
    rows = np.flatnonzero(means >= drifted_px)
    if len(rows) == 0:
        return Correction(contestant.name, len(truth.names), 0, float("nan"), float("nan"), keys_exact=True)
    added = tuple(key for row in rows for key in corrections(truth, int(row)))
    firsts = tuple(key for key in task.keys if truth.names.index(key.track) in rows)
    tracks = contestant.track(replace(task, keys=firsts + added), lambda *_: None)
    order = [tracks.names.index(truth.names[row]) for row in rows]
    missed = np.linalg.norm(tracks.xy[order] - truth.xy[rows], axis=-1)
    counts = judged[rows] & ~tracks.keyed[order] & tracks.followed[order]
    honoured = [
        tracks.xy[tracks.names.index(key.track), np.searchsorted(tracks.frames, key.frame)].tolist() == [key.x, key.y]
        for key in firsts + added
    ]
    return Correction(
        name=contestant.name,
        tracks=len(truth.names),
        drifted=len(rows),
        before_px=float(found[rows][counts].mean()),
        after_px=float(missed[counts].mean()),
        keys_exact=all(honoured),
    )


def _of_first_frame(truth: PlateTruth) -> PlateTruth:
    """Its textured points that are asked for in the first frame, and seen often enough after it."""
    chosen = [
        kind == "textured" and key.frame == truth.frames[0] and truth.visible[row].sum() >= _FEWEST_SEEN
        for row, (kind, key) in enumerate(zip(truth.kinds, truth.keys, strict=True))
    ]
    if not any(chosen):
        raise CotrackError(
            f"no point of this shot is seen in {_FEWEST_SEEN} frames; ask for more points, or more frames (--frames)"
        )
    rows = np.flatnonzero(chosen)
    return PlateTruth(
        names=tuple(truth.names[row] for row in rows),
        frames=truth.frames,
        xy=truth.xy[rows],
        visible=truth.visible[rows],
        keys=tuple(truth.keys[row] for row in rows),
        kinds=tuple(truth.kinds[row] for row in rows),
    )
