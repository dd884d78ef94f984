# SPDX-License-Identifier: Apache-2.0
"""A shot held still by its tracks, or anything made to move as they do: from files to files."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cotrack.media.clip import Clip, open_clip
from cotrack.media.plate_writer import writing_like
from cotrack.motion import warps
from cotrack.motion.curves import MotionCurves, check_suffix, write_curves
from cotrack.motion.joint import CommonMotion, common_motion
from cotrack.motion.rendering import render
from cotrack.motion.shot_tracks import check_size, shared_frames
from cotrack.motion.steadying import Fill, filling, steady_lookups, zoomed
from cotrack.motion.warps import Floats, MotionKind
from cotrack.tracking.track_archive import TrackArchive
from cotrack_client.errors import CotrackError

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class StabiliseRequest:
    """What is done to a shot.

    kind: what the motion may do. reference: the frame that stays as it is; None is the first.
    smooth: frames over which the camera's path is averaged and kept; 0 holds it still.
    is_match_move: give the shot the motion instead of taking it away; of a single picture every frame is made.
    fill: what shows where the shot has moved away: "crop" enlarges until nothing does.
    first: number of a movie's first frame.
    output, curves: where the shot, and its curves as .nk or .json, are written.
    """

    shot: Path
    kind: MotionKind = "similarity"
    reference: int | None = None
    smooth: int = 0
    is_match_move: bool = False
    fill: Fill = "black"
    first: int | None = None
    output: Path | None = None
    curves: tuple[Path, ...] = ()


@dataclass(frozen=True, eq=False)
class Stabilised:
    """What came of it. zoom: by which "crop" enlarged."""

    motion: CommonMotion
    frames: tuple[int, ...]
    zoom: float


def stabilise(request: StabiliseRequest, archive: TrackArchive, progress: Progress) -> Stabilised:
    """Solve the tracks' motion, and write the shot, its curves, or both.

    Raises CotrackError for whatever the user can cure; nothing is written before all of it is checked.
    """
    _check(request)
    with open_clip(request.shot, first=request.first) as clip:
        check_size(clip, archive)
        is_still = request.is_match_move and len(clip.frames) == 1
        tracks = archive.tracks if is_still else shared_frames(clip, archive.tracks)
        reference = int(tracks.frames[0]) if request.reference is None else request.reference
        motion = common_motion(tracks, request.kind, reference, clip.info.pixel_aspect)
        lookups, zoom = _lookups(request, motion, clip)
        curves = MotionCurves(motion, warps.inverse(lookups), (clip.width, clip.height), clip.info.pixel_aspect, zoom)
        for path in request.curves:
            write_curves(curves, path, "MatchMove" if request.is_match_move else "Stabilise")
        frames = tuple(motion.frames.tolist())
        if request.output is not None:
            shown = clip.frames * len(frames) if is_still else frames
            _render(clip, request, list(zip(frames, shown, lookups, strict=True)), progress)
    return Stabilised(motion, frames, zoom)


def _check(request: StabiliseRequest) -> None:
    if request.output is None and not request.curves:
        raise CotrackError("nothing is to be written; name a shot (-o), or curves (--curves)")
    if request.is_match_move and request.fill == "crop":
        raise CotrackError("--fill crop enlarges, which would misplace a match-move; use black or extend")
    for path in request.curves:
        check_suffix(path)


def _lookups(request: StabiliseRequest, motion: CommonMotion, clip: Clip) -> tuple[Floats, float]:
    """(T, 3, 3) from each new frame to the shot, and the zoom in it."""
    size = (clip.width, clip.height)
    lookups = steady_lookups(motion, size, request.smooth, clip.info.pixel_aspect)
    if request.is_match_move:
        return warps.inverse(lookups), 1.0
    if request.fill != "crop":
        return lookups, 1.0
    x, y, width, height = clip.info.data_window
    zoom = filling(lookups, size, (x, y, x + width, y + height))
    return zoomed(lookups, size, zoom), zoom


def _render(clip: Clip, request: StabiliseRequest, lookups: list[tuple[int, int, Floats]], progress: Progress) -> None:
    assert request.output is not None  # noqa: S101  `stabilise` has looked
    done = 0

    def tell() -> None:
        nonlocal done
        done += 1
        progress("rendering", done, len(lookups))

    frames = [frame for frame, _, _ in lookups]
    with writing_like(clip, request.output, frames) as writer:
        render(clip, lookups, writer, "black" if request.fill == "black" else "extend", tell)
