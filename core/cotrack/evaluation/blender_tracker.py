# SPDX-License-Identifier: Apache-2.0
"""Blender's own tracker in a benchmark, in a Blender of the user's that runs as a process of its own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from cotrack.media.clip import Clip, open_clip
from cotrack.media.locate import Movie, locate
from cotrack.tracking.keys import join_keys
from cotrack.tracking.queries import Queries
from cotrack.tracking.tracks import Tracks
from cotrack.tracking.trajectories import Trajectories
from cotrack_client.errors import CotrackError
from cotrack_client.launch.environment import child_environment
from cotrack_client.raster import from_blender, to_blender
from cotrack_client.tracks import Key

VARIABLE = "COTRACK_BLENDER"
NONE = "none"

MotionModel = Literal["Loc", "Affine"]
MOTION_MODELS: tuple[MotionModel, ...] = ("Loc", "Affine")
Progress = Callable[[str, int, int], None]

_SCRIPT = Path(__file__).with_name("inside_blender.py")
_CORRELATION = 0.75
_PATTERN_PX, _PATTERN_OF_LARGE_PX, _LARGE_PX = 21, 31, 1280
_SEARCH = 1 / 20  # of the width: how far a point may go from frame to frame
_START_SECONDS, _SAMPLE_SECONDS = 300, 2  # far more than is needed: a Blender that hangs must not hang us
_TOLD_CHARACTERS = 400


@dataclass(frozen=True)
class Answer:
    """What `inside_blender.py` answers: how long and large the clip is, and [frame, u, v] wherever a marker is."""

    frames: int
    size: list[int]
    samples: list[list[tuple[int, float, float]]]


@dataclass(frozen=True)
class Blender:
    """A Blender that can be run: its binary, or a Python that has `bpy`."""

    program: Path

    def run(self, request: Mapping[str, object], timeout: float) -> Answer:
        """What `inside_blender.py` answers to a request.

        timeout: seconds. Raises CotrackError when the program does not run, or fails.
        """
        with tempfile.TemporaryDirectory(prefix="cotrack-blender-") as folder:
            asked, answer = Path(folder) / "request.json", Path(folder) / "answer.json"
            asked.write_text(json.dumps(request), "utf-8")
            said = self._ended([*self._command(), "--", str(asked), str(answer)], Path(folder), timeout)
            if not answer.exists():
                raise CotrackError(
                    f"{self.program} did not track: {said[-_TOLD_CHARACTERS:].strip() or 'it said nothing'}; "
                    "name a Blender, or a Python with bpy (--blender)"
                )
            return Answer(**json.loads(answer.read_text("utf-8")))

    def _command(self) -> list[str]:
        if self.program.name.lower().startswith("python"):
            return [str(self.program), str(_SCRIPT)]
        return [str(self.program), "--background", "--factory-startup", "--python", str(_SCRIPT)]

    def _ended(self, command: list[str], folder: Path, timeout: float) -> str:
        """Run a command to its end, and return what it said."""
        try:
            return subprocess.run(  # noqa: S603  the program is the user's choice
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
                env={**child_environment(os.environ), "BLENDER_USER_RESOURCES": str(folder)},
                timeout=timeout,
                check=False,
            ).stdout
        except OSError as error:
            raise CotrackError(
                f"{self.program} cannot be run ({error.strerror or error}); "
                "name a Blender, or a Python with bpy (--blender)"
            ) from error
        except subprocess.TimeoutExpired as error:
            raise CotrackError(
                f"{self.program} did not finish within {timeout:.0f} s; try again, or leave it out (--blender none)"
            ) from error


def find_blender(named: str | None = None) -> Blender | None:
    """The Blender that is named, or that of $COTRACK_BLENDER, or the one on PATH; None where there is none of these.

    named: a program, or "none" for none. Raises CotrackError when there is no such program.
    """
    wanted = named or os.environ.get(VARIABLE)
    program = None if wanted == NONE else shutil.which(wanted or "blender")
    if wanted not in {None, "", NONE} and program is None:
        raise CotrackError(f"there is no program {wanted}; name a Blender, or a Python with bpy (--blender)")
    return None if program is None else Blender(Path(program))


@dataclass(frozen=True)
class BlenderTracker:
    """`clip.track_markers` as an artist sets it: matching the keyframe, correlation 0.75, location alone or affine.

    The pattern is 21 px, 31 px from 1280 px of width on; the search reaches a twentieth of the width beyond it. Where
    the tracker loses a point it disables the marker, and there the track ends. Blender tells no confidence; it is 1.
    """

    blender: Blender
    model: MotionModel

    @property
    def name(self) -> str:
        """As tables have it."""
        return "blender-location" if self.model == "Loc" else "blender-affine"

    def track(self, shot: Path, keys: Sequence[Key], first: int | None, progress: Progress) -> Tracks:
        """Raises CotrackError when Blender fails, or does not see the clip as we do."""
        with open_clip(shot, first=first) as clip:
            frames, queries = np.array(clip.frames, dtype=np.int64), Queries.from_keys(keys)
            request = self._request(shot, clip, queries)
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
