# SPDX-License-Identifier: Apache-2.0
r"""Tracks as a table for spreadsheets and scripts: a row per sample, with all that a track file says of it.

Origin: outer top-left corner of the plate, x right, y down; the centre of the first pixel is (0.5, 0.5). Unit: pixels.
Frame base: the plate's own numbers. Encoding: UTF-8, lines end in \r\n as in any CSV. Gaps: `visible` is 0.

    file   = header row...
    header = "name,frame,x,y,visible,confidence,key" [",refined,xx,xy,yy"]
    row    = NAME FRAME X Y VISIBLE CONFIDENCE KEY [REFINED XX XY YY]

Commas stand between; X and Y have 6 decimals; VISIBLE, KEY and REFINED are 1 or 0. The last four are there where
anything was refined: XX, XY and YY are the position's covariance, px^2, and empty where nothing is known.

Read is also a file whose header has the first four columns alone, or in another order: what it does not say is that
positions are visible, sure, and not keys. The plate's size is not in it.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import repeat

from cotrack_client.errors import FormatError
from cotrack_client.formats.format import Format, written_as
from cotrack_client.formats.lines import integer_of, number_of
from cotrack_client.formats.samples import SampleRows, document_of
from cotrack_client.formats.source import Source
from cotrack_client.tracks import Covariance, Track, TrackDocument

_COLUMNS = ("name", "frame", "x", "y", "visible", "confidence", "key")
_COLUMNS_OF_REFINED = ("refined", "xx", "xy", "yy")
_NEEDED = frozenset(_COLUMNS[:4])
_SWITCHES = {"1": True, "0": False}


def recognises(source: Source) -> bool:
    """Tell whether a file begins with such a header."""
    return set(_cells(source.head.partition("\n")[0])) >= _NEEDED


def read(source: Source) -> TrackDocument:
    """Read a table. Raises FormatError that names the line; CotrackError without `size`."""
    size = source.need_size("spreadsheets")
    tracks: dict[str, SampleRows] = {}
    keys: dict[str, list[int]] = {}
    refined: dict[str, dict[int, Covariance | None]] = {}
    columns: list[str] = []
    reader = csv.reader(io.StringIO(source.text, newline=""))
    try:
        for cells in reader:
            where = f"{source} line {reader.line_num}"
            if not columns:
                columns = _header(cells, where)
            elif any(cells):
                row = _row(cells, columns, where)
                frame = _add(tracks, row, where)
                if _switch(row, "key", "0", where):
                    keys.setdefault(row["name"], []).append(frame)
                if _switch(row, "refined", "0", where):
                    refined.setdefault(row["name"], {})[frame] = _covariance(row, where)
    except csv.Error as error:
        raise FormatError(f"{source} line {reader.line_num} is not CSV ({error}); save it as plain text") from error
    made = [
        _with_refined(track.track(sorted(keys.get(name, ()))), refined.get(name, {})) for name, track in tracks.items()
    ]
    return document_of(made, size, str(source), source.first)


def write(document: TrackDocument) -> Iterator[str]:
    """Write a table, a piece per track."""
    with_refined = any(any(track.refined) for track in document.tracks)
    yield ",".join((*_COLUMNS, *_COLUMNS_OF_REFINED) if with_refined else _COLUMNS) + "\r\n"
    for track in document.tracks:
        endings = map(_ending, track.refined, track.covariance) if with_refined else repeat("")
        yield "".join(map("{}{}\r\n".format, _rows(track), endings))


def _rows(track: Track) -> Iterator[str]:
    name, keys = _quoted(track.name), frozenset(track.keys)
    for frame, x, y, visible, confidence in zip(track.frames, track.x, track.y, track.visible, track.confidence):
        yield "%s,%d,%.6f,%.6f,%d,%.6g,%d" % (name, frame, x, y, visible, confidence, frame in keys)  # noqa: UP031  faster


def _ending(refined: bool, covariance: Covariance | None) -> str:  # noqa: FBT001  a column, like its neighbour
    known = ",,," if covariance is None else ",{:.6g},{:.6g},{:.6g}".format(*covariance)
    return f",{refined:d}{known}"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"' if any(mark in name for mark in ',"') else name


def _cells(line: str) -> list[str]:
    return [cell.strip().lower() for cell in line.split(",")]


def _header(cells: list[str], where: str) -> list[str]:
    columns = [cell.strip().lower() for cell in cells]
    if not set(columns) >= _NEEDED:
        raise FormatError(f"{where} is no header with name, frame, x and y; add one")
    return columns


def _row(cells: list[str], columns: list[str], where: str) -> dict[str, str]:
    if len(cells) != len(columns):
        raise FormatError(f"{where} has {len(cells)} values, not {len(columns)} as the header; save it again")
    return {column: cell.strip() for column, cell in zip(columns, cells)}


def _add(tracks: dict[str, SampleRows], row: Mapping[str, str], where: str) -> int:
    name = row["name"]
    if not name:
        raise FormatError(f"{where} has no name; give the track one")
    frame = integer_of(row["frame"], "a frame", where)
    x, y = (number_of(row[axis], axis, where) for axis in ("x", "y"))
    confidence = number_of(row.get("confidence") or "1", "a confidence", where)
    track = tracks.setdefault(name, SampleRows(name))
    track.add(frame, x, y, confidence, visible=_switch(row, "visible", "1", where), where=where)
    return frame


def _covariance(row: Mapping[str, str], where: str) -> Covariance | None:
    values = [row.get(column, "") for column in _COLUMNS_OF_REFINED[1:]]
    if not any(values):
        return None
    xx, xy, yy = (number_of(value, "a variance", where) for value in values)
    return xx, xy, yy


def _with_refined(track: Track, known: Mapping[int, Covariance | None]) -> Track:
    """Return a track with the frames that are known to be refined, and their covariance."""
    refined = tuple(frame in known for frame in track.frames)
    return replace(track, refined=refined, covariance=tuple(known.get(frame) for frame in track.frames))


def _switch(row: Mapping[str, str], column: str, usual: str, where: str) -> bool:
    value = row.get(column) or usual
    if value not in _SWITCHES:
        raise FormatError(f"{where} has {value!r} for {column}; write 1 or 0")
    return _SWITCHES[value]


TRACKS_CSV = Format(
    name="csv",
    title="CSV",
    suffixes=(".csv",),
    recognises=recognises,
    read=read,
    write=written_as(write),
    keeps=frozenset({"confidence", "keys", "guesses", "refined"}),
    decimals=5,
    needs_size=True,
)
