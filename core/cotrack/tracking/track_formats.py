# SPDX-License-Identifier: Apache-2.0
"""Every format of tracks: those of the client, and those that need NumPy."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np

from cotrack.tracking.registered import no_covariance
from cotrack.tracking.track_archive import TrackArchive, read_archive, write_archive
from cotrack.tracking.tracks import Tracks
from cotrack_client.atomic import PathLike
from cotrack_client.formats import registry
from cotrack_client.formats.format import Format
from cotrack_client.formats.names import AS_IT_IS
from cotrack_client.formats.source import Source
from cotrack_client.tracks import TrackDocument


def archive_of(document: TrackDocument) -> TrackArchive:
    """The same with the tracks as arrays, over all frames at which any of them has a sample."""
    tracks = document.tracks
    frames = np.array(sorted({frame for track in tracks for frame in track.frames}), dtype=np.int64)
    shape = (len(tracks), len(frames))
    xy = np.full((*shape, 2), np.nan)
    visible, keyed = np.zeros(shape, dtype=np.bool_), np.zeros(shape, dtype=np.bool_)
    refined, covariance = np.zeros(shape, dtype=np.bool_), no_covariance(shape)
    confidence = np.zeros(shape, dtype=np.float32)
    for i, track in enumerate(tracks):
        places = np.searchsorted(frames, track.frames)
        xy[i, places, 0], xy[i, places, 1] = track.x, track.y
        visible[i, places] = track.visible
        confidence[i, places] = track.confidence
        refined[i, places] = track.refined
        for place, known in zip(places, track.covariance, strict=True):
            if known is not None:
                xx, xy_, yy = known
                covariance[i, place] = [[xx, xy_], [xy_, yy]]
        keyed[i, np.searchsorted(frames, track.keys)] = True
    arrays = Tracks(tuple(track.name for track in tracks), frames, xy, visible, confidence, keyed, refined, covariance)
    return TrackArchive(arrays, document.shot, document.model, document.settings, document.software)


def _is_archive(source: Source) -> bool:
    path = Path(source.path)
    if not path.is_file() or not zipfile.is_zipfile(path):
        return False
    with zipfile.ZipFile(path) as archive:
        return {"xy.npy", "metadata.npy"} <= set(archive.namelist())


def _write(document: TrackDocument, path: PathLike) -> None:
    write_archive(archive_of(document), path)


NPZ = Format(
    name="npz",
    title="NumPy",
    suffixes=(".npz",),
    recognises=_is_archive,
    read=lambda source: read_archive(source.path).document(),
    write=_write,
    keeps=frozenset({"confidence", "keys", "guesses", "refined"}),
    names=AS_IT_IS,
    decimals=9,
)

FORMATS: tuple[Format, ...] = (*registry.FORMATS, NPZ)
