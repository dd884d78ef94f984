# SPDX-License-Identifier: Apache-2.0
"""A picture or a shot laid onto a plane of a plate: from files to files."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from cotrack.media.clip import Clip, open_clip
from cotrack.media.plate_writer import PlateWriter, writing_like
from cotrack.motion.compositing import lay, moments, over
from cotrack.motion.inserts import front_at, insert_at
from cotrack.motion.pin_curves import check_suffix, write_pin
from cotrack.motion.planar import Plane, corner_positions, follow_plane
from cotrack.motion.shot_tracks import check_size, shared_frames
from cotrack.motion.warps import Floats
from cotrack.tracking.track_archive import TrackArchive
from cotrack.tracking.tracks import Tracks
from cotrack_client.errors import CotrackError

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class PinRequest:
    """What is pinned where.

    corners: four names of tracks, or four raster positions at the reference frame.
    reference: None is the first frame. on_plane: names of the tracks on the plane; empty: those within the corners.
    insert: picture or shot to be laid in. insert_space: its colour space, None is what its files say.
    matte: what lies before it, white. shutter: how long it is open, in frames; 0 is no motion blur.
    output, curves: where the shot, and its corners as .nk or .json, are written.
    """

    shot: Path
    corners: tuple[str, ...] | tuple[tuple[float, float], ...]
    reference: int | None = None
    on_plane: tuple[str, ...] = ()
    insert: Path | None = None
    insert_space: str | None = None
    matte: Path | None = None
    shutter: float = 0.0
    first: int | None = None
    output: Path | None = None
    curves: tuple[Path, ...] = ()


def pin(request: PinRequest, archive: TrackArchive, progress: Progress) -> Plane:
    """Follow the plane, and write the plate with the insert on it, its corners, or both.

    Raises CotrackError for whatever the user can cure.
    """
    _check(request)
    with ExitStack() as files:
        plate = files.enter_context(open_clip(request.shot, first=request.first))
        check_size(plate, archive)
        tracks = shared_frames(plate, archive.tracks)
        reference = int(tracks.frames[0]) if request.reference is None else request.reference
        plane = follow_plane(tracks, _corners(request.corners, tracks, reference), reference, request.on_plane)
        insert = request.insert and files.enter_context(open_clip(request.insert, colorspace=request.insert_space))
        matte = request.matte and files.enter_context(open_clip(request.matte))
        size = (insert.width, insert.height) if insert else None
        for path in request.curves:
            write_pin(plane, path, plate.height, size)
        if request.output is not None and insert:
            writer = files.enter_context(writing_like(plate, request.output, plane.motion.frames.tolist()))
            _render(plane, _Sources(plate, insert, matte or None), request.shutter, writer, progress)
    return plane


@dataclass(frozen=True)
class _Sources:
    plate: Clip
    insert: Clip
    matte: Clip | None


def _check(request: PinRequest) -> None:
    if request.output is None and not request.curves:
        raise CotrackError("nothing is to be written; name a shot (-o), or curves (--curves)")
    if request.output is not None and request.insert is None:
        raise CotrackError("there is nothing to lay into the shot; name a picture or a shot (--insert)")
    if not 0 <= request.shutter <= 1:
        raise CotrackError(f"a shutter is open for 0 to 1 frames, not {request.shutter:g}; 0.5 is usual (--shutter)")
    for path in request.curves:
        check_suffix(path)


def _corners(corners: Sequence[str | tuple[float, float]], tracks: Tracks, reference: int) -> Floats:
    names = [corner for corner in corners if isinstance(corner, str)]
    return corner_positions(tracks, names, reference) if names else np.array(corners, dtype=np.float64)


def _render(plane: Plane, sources: _Sources, shutter: float, writer: PlateWriter, progress: Progress) -> None:
    frames = plane.motion.frames.tolist()
    size = (sources.plate.width, sources.plate.height)
    speeds = (
        np.gradient(plane.quads, plane.motion.frames.astype(np.float64), axis=0) if len(frames) > 1 else plane.quads * 0
    )
    is_still = len(sources.insert.frames) == 1
    kept = insert_at(sources.insert, 0, sources.plate.info.colorspace).reduced(plane.quads) if is_still else None
    for place, frame in enumerate(frames):
        insert = kept or insert_at(sources.insert, place, sources.plate.info.colorspace).reduced(plane.quads)
        layer = lay(insert, moments(plane.quads[place], speeds[place], shutter), size)
        picture = sources.plate.read_stored(frame)
        if layer is not None:
            front = None if sources.matte is None else front_at(sources.matte, frame, size)
            picture = over(layer, picture, front)
        writer.write(frame, picture)
        progress("rendering", place + 1, len(frames))
