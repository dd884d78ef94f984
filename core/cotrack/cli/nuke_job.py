# SPDX-License-Identifier: Apache-2.0
"""A Tracker4 of a saved script as a job: its plate, its markers, and the script that comes of them.

Inside the script positions and frames are Nuke's; the pipeline sees the raster and the frames of the files.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from cotrack.cli.summary import summarise
from cotrack.media.colour import load_colours
from cotrack.media.errors import MediaError
from cotrack.pipeline import PointChoice, TrackRequest, open_request_clip
from cotrack.tracking.track_archive import TrackArchive
from cotrack_client.errors import CotrackError
from cotrack_client.formats.nuke.placing import add_beside, tracker_knobs
from cotrack_client.formats.nuke.plate import Plate, plate_of
from cotrack_client.formats.nuke.script import Found, Script, read_script, write_script
from cotrack_client.formats.nuke.table import Row, Table, read_table
from cotrack_client.formats.nuke.tracker import RowStyle, new_row, placed_keys
from cotrack_client.frames import FrameRange
from cotrack_client.tracks import Key, Track

KeyChoice = Literal["all", "first", "reference"]

_WHOLE = re.compile(r"(-?[0-9]{1,9})(?:\.0*)?")


@dataclass(frozen=True)
class Tracker:
    """A Tracker4 in a script: the node, its tracks, and what it looks at."""

    script: Script
    found: Found
    table: Table
    plate: Plate

    @property
    def name(self) -> str:
        """The node's full name."""
        return self.found.full_name

    @property
    def shot(self) -> Path:
        """The files that its Read names."""
        return Path(self.plate.file)

    @property
    def reference_frame(self) -> int | None:
        """What the node's knob says, None where it is not a whole number."""
        text = self.found.node.text_of("reference_frame") or "1"
        match = _WHOLE.fullmatch(text)
        return int(match[1]) if match else None

    def file_frames(self, frames: FrameRange | None) -> FrameRange:
        """Frames of the script, or all that the Read shows, as numbers of the files.

        Raises CotrackError for frames that the Read does not show.
        """
        shown = self.plate.frames
        wanted = shown if frames is None else frames
        if wanted.first not in shown or wanted.last not in shown:
            raise CotrackError(f"{self.plate.reader} shows the frames {shown}, not all of {wanted}; ask for fewer")
        return FrameRange(wanted.first - self.plate.shift, wanted.last - self.plate.shift)

    def in_script_frames(self, archive: TrackArchive) -> TrackArchive:
        """A result of the pipeline in the frames of the script."""
        return replace(archive, tracks=replace(archive.tracks, frames=archive.tracks.frames + self.plate.shift))

    def summarise(self, archive: TrackArchive) -> dict[str, object]:
        """Figures of a finished job in the frames of the script."""
        return summarise(self.in_script_frames(archive))

    def write_script_with(self, archive: TrackArchive, path: Path) -> None:
        """Write the script with a Tracker4 of the result beside this one. Raises CotrackError where that fails."""
        tracks = self.in_script_frames(archive).tracks.as_values()
        frames = FrameRange(archive.shot.first + self.plate.shift, archive.shot.last + self.plate.shift)
        style = RowStyle.for_width(archive.shot.width)
        rows = (new_row(track, archive.shot.height, frames, style, self.table.row(track.name)) for track in tracks)
        table = self.table.with_rows(row.on_own_line(self.table.line_end) for row in rows)
        knobs = tracker_knobs(table, self._reference_for(tracks, frames))
        name = f"{self.found.node.name}_ai"
        write_script(add_beside(self.script, self.found, "Tracker4", knobs, name), path)

    def _reference_for(self, tracks: tuple[Track, ...], frames: FrameRange) -> int:
        own = self.reference_frame
        if own is not None and own in frames:
            return own
        return min((key for track in tracks for key in track.keys), default=frames.first)


def open_tracker(path: Path, name: str) -> Tracker:
    """Read a script and find a Tracker4 in it.

    Raises CotrackError where it is not there, has no tracks, or looks at something that only Nuke can compute.
    """
    script = read_script(path)
    found = script.find(name)
    kind = found.node.class_name or "clone"
    if kind != "Tracker4":
        raise CotrackError(f"{found.full_name} is a {kind}, not a Tracker4; name the Tracker that has the markers")
    text = found.node.get("tracks")
    if text is None:
        raise CotrackError(f"{found.full_name} has no tracks; add one in Nuke and place it on the plate")
    table = read_table(text, f"the tracks of {found.full_name}")
    return Tracker(script, found, table, plate_of(script, found))


def with_markers(request: TrackRequest, tracker: Tracker, choice: KeyChoice) -> TrackRequest:
    """The request with the markers of a Tracker4 as its points.

    Raises CotrackError where the plate is not what the script takes it for, or no marker leaves anything to track.
    """
    with open_request_clip(request) as clip:
        size, frames = (clip.width, clip.height), frozenset(clip.frames)
    own = tracker.plate.format
    if own is not None and (own.width, own.height) != size:
        sizes = f"{own.width} x {own.height}, but its files are {size[0]} x {size[1]}"
        raise CotrackError(f"{tracker.plate.reader} has the format {sizes}; reload it in Nuke, without a proxy")
    shift = tracker.plate.shift
    keys = [
        Key(key.track, key.frame - shift, key.x, key.y)
        for row in tracker.table.rows
        for key in _chosen(row, size[1], choice, tracker)
        if key.frame - shift in frames
    ]
    if not keys:
        raise CotrackError(f"{tracker.name} has no marker in the frames that are tracked; place one, or try --keys all")
    if len(frames) > 1 and len(keys) == len(frames) * len({key.track for key in keys}):
        raise CotrackError(f"{tracker.name} has keys at every frame already; pass --keys reference to track from one")
    return replace(request, points=PointChoice(keys=tuple(keys)))


def colorspace_of(plate: Plate) -> str | None:
    """The colour space of a plate. Raises CotrackError where the OCIO config in use does not have it."""
    if plate.colorspace is None:
        return None
    colours = load_colours()
    try:
        return colours.find(plate.colorspace)
    except MediaError as error:
        asked = f"{plate.reader} is in the colour space {plate.colorspace!r}, which {colours.name} does not have"
        raise CotrackError(f"{asked}; set $OCIO to the config of the script, or pass --colorspace") from error


def output_path(script: Path, asked: Path | None, *, overwrite: bool) -> Path:
    """Where the new script goes. Raises CotrackError where that is the old one and nobody said that it may be."""
    path = script.with_name(f"{script.stem}_ai.nk") if asked is None else asked
    if path.exists() and script.exists() and path.samefile(script) and not overwrite:
        raise CotrackError(f"{path} is the script itself; choose another name with -o, or pass --overwrite")
    return path


def _chosen(row: Row, height: int, choice: KeyChoice, tracker: Tracker) -> tuple[Key, ...]:
    tracker.table.row(row.name)  # two tracks of one name would become one
    keys = placed_keys(row, height)
    if choice == "first":
        return keys[:1]
    if choice == "reference":
        return tuple(key for key in keys if key.frame == tracker.reference_frame)
    return keys
