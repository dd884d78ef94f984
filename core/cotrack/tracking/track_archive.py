# SPDX-License-Identifier: Apache-2.0
"""The .npz form of a track file: tracks as arrays, for whoever computes with them.

Origin: outer top-left corner of the display window, x right, y down; the centre of the first pixel is (0.5, 0.5).
Unit: pixels of the plate. Frame base: the shot's own frame numbers. A zip of NumPy arrays without pickled objects:

    names       (N,) text
    frames      (T,) int64, ascending
    xy          (N, T, 2) float64; NaN where a track was not followed
    visible     (N, T) bool
    confidence  (N, T) float32, 0..1
    keyed       (N, T) bool; the artist placed this position
    refined     (N, T) bool; this position was registered at the plate's resolution
    covariance  (N, T, 2, 2) float32, px^2, of a refined position; NaN elsewhere
    metadata    () text: {"schema", "shot", "model", "settings", "software"} as in tracks.json

`refined` and `covariance` may be left out: then nothing was refined. Arrays that are not listed here are ignored.
"""

from __future__ import annotations

import io
import json
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from cotrack.tracking.tracks import Tracks
from cotrack_client.atomic import PathLike, replacing
from cotrack_client.errors import CotrackError, FormatError
from cotrack_client.formats import tracks_json
from cotrack_client.json_values import OBJECT, one, parse
from cotrack_client.tracks import ModelRecord, Shot, TrackDocument

_KINDS = {"names": "U", "frames": "i", "xy": "f", "visible": "b", "confidence": "f", "keyed": "b", "metadata": "U"}
_REFINED = {"refined": np.bool_, "covariance": np.float32}  # may be left out
_DAMAGE = (ValueError, KeyError, EOFError, RuntimeError, MemoryError, zipfile.BadZipFile, zlib.error)


@dataclass(frozen=True, eq=False)
class TrackArchive:
    """Everything that a track file holds, the tracks as arrays."""

    tracks: Tracks
    shot: Shot
    model: ModelRecord | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)
    software: str = ""

    def document(self) -> TrackDocument:
        """The same as plain values, which is what tracks.json holds."""
        return TrackDocument(self.shot, self.tracks.as_values(), self.model, self.settings, self.software)


def write_archive(archive: TrackArchive, path: PathLike) -> None:
    """Write the archive whole or not at all. Raises CotrackError where the file system refuses."""
    head = TrackDocument(archive.shot, (), archive.model, archive.settings, archive.software)
    metadata = {"schema": tracks_json.SCHEMA, **tracks_json.head_to_json(head)}
    with replacing(path) as temporary, temporary.open("wb") as file:
        np.savez_compressed(
            file,
            allow_pickle=False,
            names=np.array(archive.tracks.names, dtype=np.str_),
            frames=archive.tracks.frames,
            xy=archive.tracks.xy,
            visible=archive.tracks.visible,
            confidence=archive.tracks.confidence,
            keyed=archive.tracks.keyed,
            refined=archive.tracks.refined,
            covariance=archive.tracks.covariance,
            metadata=np.array(json.dumps(metadata, allow_nan=False)),
        )


def read_archive(path: PathLike) -> TrackArchive:
    """Read an archive. Raises CotrackError when it cannot be opened, FormatError when it does not follow the format."""
    arrays = _load(path)
    values = one(parse(str(arrays["metadata"]), f"{path}: metadata"), OBJECT, f"{path}: metadata")
    tracks_json.check_schema(values, str(path))
    head = tracks_json.head_from_json(values, str(path))
    tracks = Tracks(
        names=tuple(arrays["names"].tolist()),
        frames=arrays["frames"].astype(np.int64),
        xy=arrays["xy"].astype(np.float64),
        visible=arrays["visible"],
        confidence=arrays["confidence"].astype(np.float32),
        keyed=arrays["keyed"],
        **{name: arrays[name].astype(kind) for name, kind in _REFINED.items() if name in arrays},
    )
    _check(tracks, str(path))
    return TrackArchive(tracks, head.shot, head.model, head.settings, head.software)


def _load(path: PathLike) -> dict[str, npt.NDArray[Any]]:
    try:
        data = io.BytesIO(Path(path).read_bytes())
    except OSError as error:
        raise CotrackError(f"cannot read {path}: {error.strerror or error}; check the path") from error
    try:
        with np.load(data, allow_pickle=False) as stored:
            arrays = {name: stored[name] for name in _KINDS}
            arrays |= {name: stored[name] for name in _REFINED if name in stored}
    except _DAMAGE as error:
        raise FormatError(f"{path} is no track archive, or damaged ({error}); write it anew") from error
    for name, kind in {**_KINDS, "refined": "b", "covariance": "f"}.items():
        if name in arrays and arrays[name].dtype.kind != kind:
            raise FormatError(f"{path}: {name} holds {arrays[name].dtype}, which it should not; write the file anew")
    return arrays


def _check(tracks: Tracks, path: str) -> None:
    """Raise FormatError when the arrays contradict each other, or hold what no tracker writes."""
    shape = (len(tracks.names), len(tracks.frames))
    shapes: dict[str, tuple[int, ...]] = dict.fromkeys(("visible", "confidence", "keyed", "refined"), shape)
    shapes |= {"xy": (*shape, 2), "covariance": (*shape, 2, 2)}
    for name, wanted in shapes.items():
        found = getattr(tracks, name).shape
        if found != wanted:
            raise FormatError(f"{path}: {name} has the shape {found}, not {wanted}; write the file anew")
    doubts = {
        "names repeat": len(set(tracks.names)) < len(tracks.names),
        "frames do not ascend": bool((np.diff(tracks.frames) <= 0).any()),
        "xy holds infinity": bool(np.isinf(tracks.xy).any()),
        "confidence leaves 0..1": not ((tracks.confidence >= 0) & (tracks.confidence <= 1)).all(),
        "a key has no position": bool((tracks.keyed & ~tracks.followed).any()),
    }
    for doubt, is_so in doubts.items():
        if is_so:
            raise FormatError(f"{path}: {doubt}; write the file anew")
