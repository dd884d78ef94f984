# SPDX-License-Identifier: Apache-2.0
"""Two keys at the truth are placed where the point is seen, and what they do is told of the tracks that had drifted."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pytest

from cotrack.evaluation import corrections as module
from cotrack.evaluation.contestant import Progress, Task
from cotrack.evaluation.corrections import CorrectionsRequest, corrections, run_corrections
from cotrack.evaluation.plates.points import find_truth
from cotrack.evaluation.plates.shots import make_shot
from cotrack.tracking.keys import join_keys
from cotrack.tracking.queries import Queries
from cotrack.tracking.tracks import Tracks
from cotrack.tracking.trajectories import Trajectories
from cotrack_client.errors import CotrackError

FRAMES = 20
STEP_PX = np.array([0.3, -0.2])


@dataclass(frozen=True)
class Drifting:
    """Goes astray by the same step in each frame from its query on, along every other track."""

    name: str = "drifting"

    def track(self, task: Task, progress: Progress) -> Tracks:  # noqa: ARG002
        queries, truth = Queries.from_keys(task.keys), task.truth
        rows = np.array([truth.names.index(queries.names[track]) for track in queries.track])
        found = Trajectories.nothing(len(queries), len(truth.frames))
        away = truth.frames[None, :] - queries.frame[:, None]
        found.xy[:] = truth.xy[rows] + (rows % 2)[:, None, None] * away[..., None] * STEP_PX
        found.visible[:] = truth.visible[rows]
        found.confidence[:] = 1.0
        return join_keys(found, queries, truth.frames)


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> CorrectionsRequest:
    monkeypatch.setitem(module.SIZES, "1080p", (320, 180))
    return CorrectionsRequest(frames=FRAMES, points=24)


def test_only_drifted_tracks_are_corrected_and_even_drift_is_gone(small: CorrectionsRequest) -> None:
    (outcome,) = run_corrections(small, [Drifting()], lambda *_: None)
    assert 0 < outcome.drifted < outcome.tracks
    assert outcome.before_px > 1
    assert outcome.ratio > 100
    assert outcome.keys_exact


def test_nothing_is_told_of_what_did_not_drift(small: CorrectionsRequest) -> None:
    (outcome,) = run_corrections(replace(small, drifted_px=50.0), [Drifting()], lambda *_: None)
    assert outcome.drifted == 0
    assert np.isnan(outcome.ratio)


def test_keys_are_placed_where_the_point_is_seen() -> None:
    truth = find_truth(make_shot(0, (320, 180), FRAMES), 24)
    row = int(np.flatnonzero(truth.visible[:, 0] & ~truth.visible[:, -1])[0])
    for key in corrections(truth, row):
        at = int(np.searchsorted(truth.frames, key.frame))
        assert truth.visible[row, at]
        assert (key.x, key.y) == tuple(truth.xy[row, at])


def test_too_few_frames_are_refused(small: CorrectionsRequest) -> None:
    with pytest.raises(CotrackError, match="no point of this shot is seen in 10 frames; ask for more points"):
        run_corrections(replace(small, frames=5), [Drifting()], lambda *_: None)
