# SPDX-License-Identifier: Apache-2.0
"""Real clips with known truth: a folder per clip, which holds the shot and one file of truth.

The shot is a folder `frames` or the only movie. `truth.npz` has the arrays of `Truth`, in raster px, and perhaps
`annotated` (N, T) bool, False where nothing is known. `gt.npz`, as data sets deliver it, has `tracks_xy` (N, T, 2) px
with the centre of the first pixel at (0, 0), `visible` and `annotated` (N, T), `names` (N,), over the shot's frames in
turn.
"""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from cotrack.evaluation.contestant import Contestant, Task
from cotrack.evaluation.measures import Judged, measure, shares
from cotrack.evaluation.truth import Truth
from cotrack.media.clip import open_clip
from cotrack.media.kinds import is_movie
from cotrack.tracking.tracks import Tracks
from cotrack_client.errors import CotrackError
from cotrack_client.tracks import Key

Progress = Callable[[str, int, int], None]
Flags = npt.NDArray[np.bool_]

COARSE_PX = (2, 4, 8)

_OWN, _FOREIGN = "truth.npz", "gt.npz"


@dataclass(frozen=True, eq=False)
class MeasuredClip:
    """A clip with its truth; annotated: (N, T) the truth is known there."""

    name: str
    shot: Path
    truth: Truth
    annotated: Flags

    @property
    def seen(self) -> Flags:
        """(N, T) known to be visible."""
        return self.truth.visible & self.annotated


@dataclass(frozen=True)
class ClipResult:
    """One tracker on one clip, by the names of `cotrack evaluate clips --json`; NaN where there is nothing to judge."""

    tracker: str
    clip: str
    figures: dict[str, float]


def find_clips(folder: Path) -> list[MeasuredClip]:
    """The clip that a folder holds, or those of the folders in it, by name.

    Raises CotrackError when there is none, or one is damaged.
    """
    if not folder.is_dir():
        raise CotrackError(f"{folder} is no folder; name one that holds clips with {_OWN} or {_FOREIGN}")
    found = [place for place in (folder, *sorted(folder.iterdir())) if _truth_in(place) is not None]
    if not found:
        raise CotrackError(f"{folder} holds no clip with {_OWN} or {_FOREIGN}; see docs/evaluation.md for the layout")
    return [read_clip(place) for place in found]


def read_clip(folder: Path) -> MeasuredClip:
    """One clip; points that are never seen are left out.

    Raises CotrackError when the truth is damaged, or is not that of the shot.
    """
    path, shot = _truth_in(folder), _shot_in(folder)
    if path is None:
        raise CotrackError(f"{folder} holds neither {_OWN} nor {_FOREIGN}; see docs/evaluation.md for the layout")
    with open_clip(shot) as clip:
        frames = np.array(clip.frames, dtype=np.int64)
    try:
        truth, annotated = _own(path) if path.name == _OWN else _foreign(path, frames)
    except (OSError, ValueError, KeyError, AttributeError, zipfile.BadZipFile) as error:
        raise CotrackError(f"{path} is no truth ({error}); see docs/evaluation.md for its arrays") from error
    if not np.isin(truth.frames, frames).all():
        raise CotrackError(f"{path} speaks of {len(truth.frames)} frames, not all of which {shot} has; pair them anew")
    asked = np.flatnonzero((truth.visible & annotated).any(axis=1))
    names = tuple(truth.names[row] for row in asked)
    kept = Truth(names, truth.frames, truth.xy[asked], truth.visible[asked])
    return MeasuredClip(folder.resolve().name, shot, kept, annotated[asked])


def run_clips(clips: Sequence[MeasuredClip], contestants: Sequence[Contestant], progress: Progress) -> list[ClipResult]:
    """Track every clip from where each point is first seen, both ways, with every contestant, and judge."""
    results: list[ClipResult] = []
    total = len(clips) * len(contestants)
    for clip in clips:
        keys = first_seen(clip)
        for contestant in contestants:
            progress("clips", len(results), total)
            tracks = contestant.track(Task(clip.shot, keys, clip.truth), lambda *_: None)
            results.append(ClipResult(contestant.name, clip.name, clip_figures(judge(tracks, clip))))
    progress("clips", total, total)
    return results


def first_seen(clip: MeasuredClip) -> tuple[Key, ...]:
    """A key per point, where it is known to be visible first."""
    at = clip.seen.argmax(axis=1)
    xy = clip.truth.xy[np.arange(len(at)), at]
    frames = clip.truth.frames[at]
    places = zip(clip.truth.names, frames.tolist(), xy.tolist(), strict=True)
    return tuple(Key(name, frame, x, y) for name, frame, (x, y) in places)


def judge(tracks: Tracks, clip: MeasuredClip) -> Judged:
    """Tracks of a clip's points beside its truth, at the frames that the truth has."""
    rows = np.array([tracks.names.index(name) for name in clip.truth.names], dtype=np.intp)
    found = np.ix_(rows, np.searchsorted(tracks.frames, clip.truth.frames))
    keys = first_seen(clip)
    return Judged(
        error=tracks.xy[found] - clip.truth.xy,
        true_xy=clip.truth.xy,
        query_xy=np.array([(key.x, key.y) for key in keys]),
        query_at=clip.seen.argmax(axis=1),
        seen=clip.seen,
        claimed=tracks.visible[found],
        confidence=tracks.confidence[found].astype(np.float64),
        counts=clip.annotated & ~tracks.keyed[found],
        refined=tracks.refined[found],
    )


def clip_figures(judged: Judged) -> dict[str, float]:
    """The figures of the plates, coarser shares, and how many samples, visible or not, are called what they are."""
    right = (judged.claimed == judged.seen)[judged.counts]
    return {
        **measure([judged]),
        **shares([judged], limits=COARSE_PX),
        "occlusion_accuracy": float(right.mean()) if len(right) else float("nan"),
    }


def _own(path: Path) -> tuple[Truth, Flags]:
    truth = Truth.load(path)
    with np.load(path, allow_pickle=False) as arrays:
        annotated = arrays["annotated"].astype(np.bool_) if "annotated" in arrays else np.ones_like(truth.visible)
    return _checked(truth, annotated)


def _foreign(path: Path, frames: npt.NDArray[np.int64]) -> tuple[Truth, Flags]:
    with np.load(path, allow_pickle=False) as arrays:
        truth = Truth(
            names=tuple(map(str, arrays["names"].tolist())),
            frames=frames[: arrays["visible"].shape[1]],
            xy=arrays["tracks_xy"].astype(np.float64) + 0.5,
            visible=arrays["visible"].astype(np.bool_),
        )
        return _checked(truth, arrays["annotated"].astype(np.bool_))


def _checked(truth: Truth, annotated: Flags) -> tuple[Truth, Flags]:
    shape = (len(truth.names), len(truth.frames))
    if not truth.xy.shape[:2] == truth.visible.shape == annotated.shape == shape:
        raise ValueError(f"its arrays disagree on there being {shape[0]} points in {shape[1]} frames of the shot")
    if len(set(truth.names)) < len(truth.names):
        raise ValueError("a name is taken twice")
    return truth, annotated


def _truth_in(folder: Path) -> Path | None:
    return next((folder / name for name in (_OWN, _FOREIGN) if (folder / name).is_file()), None)


def _shot_in(folder: Path) -> Path:
    if (folder / "frames").is_dir():
        return folder / "frames"
    movies = [path for path in sorted(folder.iterdir()) if is_movie(path)]
    if len(movies) != 1:
        raise CotrackError(f"{folder} holds {len(movies)} movies and no folder frames; a clip has one or the other")
    return movies[0]
