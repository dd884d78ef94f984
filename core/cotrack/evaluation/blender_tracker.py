# SPDX-License-Identifier: Apache-2.0
"""Blender's own tracker in a benchmark: what is asked of it, and what it answers, in both sides' terms."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from cotrack.evaluation.blender_program import Answer, Program
from cotrack.evaluation.contestant import Progress, Task
from cotrack.media.clip import Clip, open_clip
from cotrack.media.locate import Movie, locate
from cotrack.tracking.keys import join_keys
from cotrack.tracking.queries import Queries
from cotrack.tracking.tracks import Tracks
from cotrack.tracking.trajectories import Trajectories
from cotrack_client.errors import CotrackError
from cotrack_client.raster import from_blender, to_blender

MotionModel = Literal["Loc", "Affine"]
MOTION_MODELS: tuple[MotionModel, ...] = ("Loc", "Affine")

_CORRELATION = 0.75
_PATTERN_PX, _PATTERN_OF_LARGE_PX, _LARGE_PX = 21, 31, 1280
_SEARCH = 1 / 20  # of the width: how far a point may go from frame to frame
_START_SECONDS, _SAMPLE_SECONDS = 300, 2  # far more than is needed: a Blender that hangs must not hang us


@dataclass(frozen=True)
class BlenderTracker:
    """`clip.track_markers` as an artist sets it: matching the keyframe, normalised, correlation 0.75.

    Location alone, or affine. The pattern is 21 px, 31 px from 1280 px of width on; the search reaches a twentieth of
    the width beyond it. Where the tracker loses a point it disables the marker, and there the track ends. Blender tells
    no confidence; it is 1.
    """

    blender: Program
    model: MotionModel

    @property
    def name(self) -> str:
        """As tables have it."""
        return "blender-location" if self.model == "Loc" else "blender-affine"

    def track(self, task: Task, progress: Progress) -> Tracks:
        """Raises CotrackError when Blender fails, or does not see the clip as we do."""
        with open_clip(task.shot, first=task.first) as clip:
            frames, queries = np.array(clip.frames, dtype=np.int64), Queries.from_keys(task.keys)
            request = self._request(task.shot, clip, queries)
            progress("blender", 0, 1)
            answer = self.blender.run(request, _START_SECONDS + _SAMPLE_SECONDS * len(queries) * len(frames))
            progress("blender", 1, 1)
            return join_keys(_found(answer, clip), queries, frames)

    def _request(self, shot: Path, clip: Clip, queries: Queries) -> dict[str, object]:
        width, height = clip.width, clip.height
        half = (_PATTERN_PX if width < _LARGE_PX else _PATTERN_OF_LARGE_PX) / 2
        reach = half + _SEARCH * width
        starts = zip(queries.frame.tolist(), queries.xy.tolist(), strict=True)
        return {
            "clip": str(_first_file(shot).absolute()),
            "motion_model": self.model,
            "correlation": _CORRELATION,
            "pattern": (half / width, half / height),
            "search": (reach / width, reach / height),
            "markers": [
                {"frame": frame - clip.frames[0] + 1, "at": to_blender(x, y, width, height)} for frame, (x, y) in starts
            ],
        }


def _first_file(shot: Path) -> Path:
    found = locate(shot)
    return found.path if isinstance(found, Movie) else found.files[min(found.files)]


def _found(answer: Answer, clip: Clip) -> Trajectories:
    """The same in our own terms."""
    width, height = clip.width, clip.height
    if answer.size != [width, height] or answer.frames != len(clip.frames):
        raise CotrackError(
            f"Blender sees {answer.frames} frames of {answer.size} px in {clip.info.path}, "
            f"not {len(clip.frames)} of [{width}, {height}]; leave Blender out of this (--blender none)"
        )
    found = Trajectories.nothing(len(answer.samples), answer.frames)
    for row, samples in enumerate(answer.samples):
        for frame, u, v in samples:
            if 1 <= frame <= answer.frames:
                found.xy[row, frame - 1] = from_blender(u, v, width, height)
                found.visible[row, frame - 1] = True
                found.confidence[row, frame - 1] = 1.0
    return found
