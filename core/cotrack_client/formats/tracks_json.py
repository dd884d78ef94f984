# SPDX-License-Identifier: Apache-2.0
"""tracks.json, schema `cotrack.tracks/1`: the track file that other programs build on.

Origin: outer top-left corner of the display window, x right, y down; the centre of the first pixel is (0.5, 0.5).
Unit: pixels of the plate. Frame base: the shot's own frame numbers. Encoding: UTF-8.

    file   = {"schema": "cotrack.tracks/1", "shot": shot, "model": model | null, "settings": {...},
              "software": text, "tracks": [track, ...]}
    shot   = {"path": text, "width": int, "height": int, "first": int, "last": int,
              "fps": number | null, "pixel_aspect": number, "colorspace": text | null}
    model  = {"name": text, "licence": text, "commercial_use": bool, "sha256": text | null}
    track  = {"name": text, "keys": [int, ...], "frames": [int, ...], "x": [number, ...], "y": [number, ...],
              "visible": [bool, ...], "confidence": [number 0..1, ...],
              "refined": [bool, ...], "covariance": [[xx, xy, yy] | null, ...]}

The columns of a track are as long as its `frames`, which ascend; `keys` are those of them that the artist placed.
`refined` and
`covariance` (px^2, null where nothing is known) may be left out: then nothing was refined. Names do not repeat. Every
number is finite. Fields that are not listed here are ignored, so that 1.1, 1.2, ... may add some; another major version
is refused. `docs/formats.md` says the same to the programs that read it.
"""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cotrack_client.atomic import PathLike, write_bytes
from cotrack_client.errors import CotrackError, FormatError
from cotrack_client.formats.format import Format
from cotrack_client.formats.names import AS_IT_IS
from cotrack_client.json_values import FLAG, INTEGER, LIST, NUMBER, OBJECT, TEXT, Kind, column, field, one, parse
from cotrack_client.tracks import Covariance, ModelRecord, Shot, Track, TrackDocument

SCHEMA = "cotrack.tracks/1"

_SCHEMA = re.compile(r"cotrack\.tracks/([0-9]{1,9})(\.[0-9]{1,9})?")
_MAJOR = 1

_SIZE = INTEGER.that(lambda value: value > 0, "a positive integer")
_RATE = NUMBER.that(lambda value: value > 0, "a positive number")
_SHARE = NUMBER.that(lambda value: 0 <= value <= 1, "a number from 0 to 1")
_COLUMNS = ("frames", "x", "y", "visible", "confidence")
_COLUMNS_OF_REFINED = ("refined", "covariance")
_COVARIANCE: Kind[Covariance] = Kind(
    "a list of three numbers",
    lambda value: isinstance(value, list) and len(value) == 3 and all(NUMBER.holds(item) for item in value),
    lambda value: (float(value[0]), float(value[1]), float(value[2])),
)


def write_tracks(document: TrackDocument, path: PathLike) -> None:
    """Write the document whole or not at all. Raises CotrackError where the file system refuses."""
    # A path may hold bytes that are no text; Python's escape for them is JSON's escape too.
    write_bytes(path, to_text(document).encode("utf-8", errors="backslashreplace"))


def read_tracks(path: PathLike) -> TrackDocument:
    """Read a track file. Raises CotrackError when it cannot be opened, FormatError when it breaks the schema."""
    return from_text(read_utf8(path), name=str(path))


def to_text(document: TrackDocument) -> str:
    """Write the document as text, one column of a track per line, floats in their shortest exact form."""
    head = {"schema": SCHEMA, **head_to_json(document)}
    fields = [f" {_dumps(name)}: {_dumps(value)}" for name, value in head.items()]
    tracks = ",\n".join(_track_to_text(track) for track in document.tracks)
    return "{\n" + ",\n".join([*fields, f' "tracks": [\n{tracks}\n ]']) + "\n}\n"


def from_text(text: str, name: str = "tracks.json") -> TrackDocument:
    """Read a document from text; `name` is what errors call it. Raises FormatError."""
    values = one(parse(text, name), OBJECT, name)
    check_schema(values, name)
    listed = field(values, "tracks", LIST, f"{name}:")
    tracks = tuple(_read_track(value, f"{name}: tracks[{index}]") for index, value in enumerate(listed))
    _check_names(tracks, name)
    return dataclasses.replace(head_from_json(values, name), tracks=tracks)


def head_to_json(document: TrackDocument) -> dict[str, Any]:
    """Everything but the tracks: shot, model, settings and software, as JSON values."""
    return {
        "shot": dataclasses.asdict(document.shot),
        "model": None if document.model is None else dataclasses.asdict(document.model),
        "settings": dict(document.settings),
        "software": document.software,
    }


def head_from_json(values: Mapping[str, object], name: str) -> TrackDocument:
    """A document without tracks, from what `head_to_json` made. Raises FormatError."""
    shot = field(values, "shot", OBJECT, f"{name}:")
    model = one(values.get("model"), OBJECT.or_null(), f"{name}: model")
    settings = one(values.get("settings", {}), OBJECT, f"{name}: settings")
    return TrackDocument(
        shot=_read_shot(shot, f"{name}: shot"),
        tracks=(),
        model=None if model is None else _read_model(model, f"{name}: model"),
        settings=settings,
        software=one(values.get("software", ""), TEXT, f"{name}: software"),
    )


def check_schema(values: Mapping[str, object], name: str) -> None:
    """Raise FormatError unless the schema is one that this module reads."""
    schema = field(values, "schema", TEXT, f"{name}:")
    match = _SCHEMA.fullmatch(schema)
    if match is None:
        raise FormatError(f"{name} has the schema {schema!r}, not {SCHEMA!r}; it is no cotrack track file")
    if int(match[1]) != _MAJOR:
        raise FormatError(f"{name} has the schema {schema!r}, but this program reads {SCHEMA!r}; update cotrack")


def read_utf8(path: PathLike) -> str:
    """Read a whole text file. Raises CotrackError when it cannot be opened, FormatError when it is not UTF-8."""
    try:
        return Path(path).read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise CotrackError(f"cannot read {path}: {error.strerror or error}; check the path") from error
    except UnicodeDecodeError as error:
        raise FormatError(f"{path} is not UTF-8 text from byte {error.start} on; save it as UTF-8") from error


def _track_to_text(track: Track) -> str:
    head = f'{{"name": {_dumps(track.name)}, "keys": {_dumps(track.keys)}'
    names = (*_COLUMNS, *_COLUMNS_OF_REFINED) if any(track.refined) else _COLUMNS
    columns = [f"{_dumps(column)}: {_dumps(getattr(track, column))}" for column in names]
    return "  " + ",\n   ".join([head, *columns]) + "}"


def _dumps(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def _check_names(tracks: tuple[Track, ...], name: str) -> None:
    seen: dict[str, int] = {}
    for index, track in enumerate(tracks):
        if seen.setdefault(track.name, index) != index:
            where = f"tracks[{seen[track.name]}] and tracks[{index}]"
            raise FormatError(f"{name}: {where} are both called {track.name!r}; rename one")


def _read_shot(values: Mapping[str, object], where: str) -> Shot:
    defaults = {"fps": None, "pixel_aspect": 1.0, "colorspace": None}
    values = {**defaults, **values}
    first, last = field(values, "first", INTEGER, where), field(values, "last", INTEGER, where)
    if last < first:
        raise FormatError(f"{where}.last is {last}, before {where}.first, {first}; write the file anew")
    return Shot(
        path=field(values, "path", TEXT, where),
        width=field(values, "width", _SIZE, where),
        height=field(values, "height", _SIZE, where),
        first=first,
        last=last,
        fps=field(values, "fps", _RATE.or_null(), where),
        pixel_aspect=field(values, "pixel_aspect", _RATE, where),
        colorspace=field(values, "colorspace", TEXT.or_null(), where),
    )


def _read_model(values: Mapping[str, object], where: str) -> ModelRecord:
    return ModelRecord(
        name=field(values, "name", TEXT, where),
        licence=field(values, "licence", TEXT, where),
        commercial_use=field(values, "commercial_use", FLAG, where),
        sha256=one(values.get("sha256"), TEXT.or_null(), f"{where}.sha256"),
    )


def _read_track(value: object, where: str) -> Track:
    values = one(value, OBJECT, where)
    name = field(values, "name", TEXT, where)
    where = f"{where} {name!r}"
    try:
        return Track(
            name=name,
            keys=column(values, "keys", INTEGER, where),
            frames=column(values, "frames", INTEGER, where),
            x=column(values, "x", NUMBER, where),
            y=column(values, "y", NUMBER, where),
            visible=column(values, "visible", FLAG, where),
            confidence=column(values, "confidence", _SHARE, where),
            refined=column(values, "refined", FLAG, where) if "refined" in values else (),
            covariance=column(values, "covariance", _COVARIANCE.or_null(), where) if "covariance" in values else (),
        )
    except FormatError:
        raise
    except CotrackError as error:
        raise FormatError(f"{where}: {error}") from error


TRACKS_JSON = Format(
    name="tracks",
    title="a track file of cotrack",
    suffixes=(".json",),
    recognises=lambda source: source.head.lstrip().startswith("{") and '"cotrack.tracks/' in source.head,
    read=lambda source: read_tracks(source.path),
    write=write_tracks,
    keeps=frozenset({"confidence", "keys", "guesses", "refined"}),
    names=AS_IT_IS,
    decimals=12,
)
