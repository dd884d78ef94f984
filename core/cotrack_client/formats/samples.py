# SPDX-License-Identifier: Apache-2.0
"""Tracks as rows of samples, which is how most formats write them, and back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from cotrack_client.errors import CotrackError, FormatError
from cotrack_client.formats.source import Size
from cotrack_client.tracks import Shot, Track, TrackDocument

Row = tuple[int, float, float, float]
"""Frame, x and y in raster px, confidence."""


def seen(track: Track) -> Iterable[Row]:
    """Return a row for each frame where the track is visible, or was placed by the artist."""
    rows = zip(track.frames, track.x, track.y, track.confidence)
    if all(track.visible):
        return rows
    placed = frozenset(track.keys)
    return (row for row, visible in zip(rows, track.visible) if visible or row[0] in placed)


def is_seen(track: Track) -> bool:
    """Tell whether there is any such frame."""
    return any(track.visible) or bool(track.keys)


def after_a_gap(rows: Iterable[Row]) -> Iterator[tuple[Row, bool]]:
    """Go through rows, and say of each whether it is the first one or the first after a gap."""
    expected: int | None = None
    for row in rows:
        yield row, row[0] != expected
        expected = row[0] + 1


class SampleRows:
    """The samples of a track while they are read, in any order."""

    def __init__(self, name: str) -> None:
        """Take the name of the track."""
        self.name = name
        self._rows: dict[int, tuple[float, float, float, bool]] = {}

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._rows)

    def add(
        self, frame: int, x: float, y: float, confidence: float = 1.0, *, visible: bool = True, where: str = ""
    ) -> None:
        """Add a sample, raster px; `where` is what errors call its line. Raises FormatError for a second one."""
        if frame in self._rows:
            raise FormatError(f"{where} has frame {frame} of {self.name!r} again; keep one of the two")
        self._rows[frame] = (x, y, min(1.0, max(0.0, confidence)), visible)

    def track(self, keys: Sequence[int] = ()) -> Track:
        """Return the track."""
        frames = sorted(self._rows)
        rows = [self._rows[frame] for frame in frames]
        return Track(
            name=self.name,
            keys=tuple(keys),
            frames=tuple(frames),
            x=tuple(row[0] for row in rows),
            y=tuple(row[1] for row in rows),
            visible=tuple(row[3] for row in rows),
            confidence=tuple(row[2] for row in rows),
        )


def document_of(
    tracks: Iterable[SampleRows | Track], size: Size, name: str, first: int | None = None, path: str = ""
) -> TrackDocument:
    """Return what was read as a document; tracks without any sample are left out.

    size: of the plate. name: what errors call the file. first: of the plate's frames, else the first of the samples.
    path: of the plate. Raises FormatError where no track is left, or two have one name.
    """
    made = [track if isinstance(track, Track) else track.track() for track in tracks]
    kept = tuple(track for track in made if track.frames)
    if not kept:
        raise FormatError(f"{name} holds no track with a position; export it again")
    check_names(kept, name)
    start = min(track.frames[0] for track in kept)
    last = max(track.frames[-1] for track in kept)
    return TrackDocument(Shot(path, *size, start if first is None else min(first, start), last), kept)


def check_names(tracks: Iterable[Track], name: str) -> None:
    """Raise FormatError where two tracks have one name."""
    names: set[str] = set()
    for track in tracks:
        if track.name in names:
            raise FormatError(f"{name} has two tracks called {track.name!r}; rename one of them")
        names.add(track.name)


def counting_from(document: TrackDocument, number: int) -> TrackDocument:
    """Return a document whose frames are counted from a number at the shot's first frame.

    Raises CotrackError where a track begins before the shot.
    """
    shift = number - document.shot.first
    for track in document.tracks:
        if track.frames and track.frames[0] < document.shot.first:
            raise CotrackError(
                f"track {track.name!r} has frame {track.frames[0]}, before the plate's first, {document.shot.first}; "
                "pass --first with the number that the plate begins with"
            )
    if shift == 0:
        return document
    shot = replace(document.shot, first=number, last=document.shot.last + shift)
    return replace(document, shot=shot, tracks=tuple(shifted(track, shift) for track in document.tracks))


def shifted(track: Track, shift: int) -> Track:
    """Return a track with a number added to its frames."""
    return replace(
        track,
        frames=tuple(frame + shift for frame in track.frames),
        keys=tuple(frame + shift for frame in track.keys),
    )
