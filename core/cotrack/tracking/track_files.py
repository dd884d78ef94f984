# SPDX-License-Identifier: Apache-2.0
"""Track files of either kind as plain values: .npz by its suffix, tracks.json otherwise."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from cotrack.tracking.track_archive import TrackArchive, read_archive, write_archive
from cotrack.tracking.tracks import Tracks
from cotrack_client.errors import CotrackError
from cotrack_client.formats.tracks_json import read_tracks, write_tracks
from cotrack_client.tracks import Track, TrackDocument

ARCHIVE, DOCUMENT = ".npz", ".json"


def read_document(path: Path) -> TrackDocument:
    """Read a track file. Raises CotrackError when it cannot be opened, FormatError when it breaks its format."""
    return read_archive(path).document() if path.suffix == ARCHIVE else read_tracks(path)


def read_track_file(path: Path) -> TrackArchive:
    """The same with the tracks as arrays."""
    return read_archive(path) if path.suffix == ARCHIVE else archive_of(read_tracks(path))


def write_document(document: TrackDocument, path: Path) -> None:
    """Write a track file whole or not at all.

    Raises CotrackError where the suffix is of neither kind, or the file system refuses.
    """
    if path.suffix == ARCHIVE:
        write_archive(archive_of(document), path)
    elif path.suffix == DOCUMENT:
        write_tracks(document, path)
    else:
        raise CotrackError(f"{path}: cannot tell what to write; end it in {DOCUMENT} or {ARCHIVE}")


def archive_of(document: TrackDocument) -> TrackArchive:
    """The same with the tracks as arrays."""
    return TrackArchive(tracks_of(document.tracks), document.shot, document.model, document.settings, document.software)


def tracks_of(values: Sequence[Track]) -> Tracks:
    """The same as arrays, over every frame that one of the tracks has."""
    frames = np.array(sorted({frame for track in values for frame in track.frames}), dtype=np.int64)
    shape = (len(values), len(frames))
    tracks = Tracks(
        names=tuple(track.name for track in values),
        frames=frames,
        xy=np.full((*shape, 2), np.nan),
        visible=np.zeros(shape, dtype=np.bool_),
        confidence=np.zeros(shape, dtype=np.float32),
        keyed=np.zeros(shape, dtype=np.bool_),
        refined=np.zeros(shape, dtype=np.bool_),
        covariance=np.full((*shape, 2, 2), np.nan, dtype=np.float32),
    )
    for row, track in enumerate(values):
        places = np.searchsorted(frames, track.frames)
        tracks.xy[row, places] = np.array([track.x, track.y]).T
        for column in ("visible", "confidence", "refined"):
            getattr(tracks, column)[row, places] = getattr(track, column)
        tracks.keyed[row, np.searchsorted(frames, track.keys)] = True
        for place, covariance in zip(places, track.covariance, strict=True):
            if covariance is not None:
                xx, xy, yy = covariance
                tracks.covariance[row, place] = ((xx, xy), (xy, yy))
    return tracks


def with_tracks(document: TrackDocument, tracks: Sequence[Track], **settings: object) -> TrackDocument:
    """The document with other tracks, and what was done to them among its settings."""
    return dataclasses.replace(document, tracks=tuple(tracks), settings={**document.settings, **settings})
