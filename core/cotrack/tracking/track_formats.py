# SPDX-License-Identifier: Apache-2.0
"""Every format of tracks: those of the client, and those that need NumPy."""

from __future__ import annotations

import zipfile
from pathlib import Path

from cotrack.tracking.track_archive import read_archive, write_archive
from cotrack.tracking.track_files import archive_of
from cotrack_client.atomic import PathLike
from cotrack_client.formats import registry
from cotrack_client.formats.format import Format
from cotrack_client.formats.names import AS_IT_IS
from cotrack_client.formats.source import Source
from cotrack_client.tracks import TrackDocument


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
