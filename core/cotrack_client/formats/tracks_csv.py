# SPDX-License-Identifier: Apache-2.0
r"""Tracks as a table for spreadsheets and scripts: a row per sample, with all that a track file says of it.

Origin: outer top-left corner of the plate, x right, y down; the centre of the first pixel is (0.5, 0.5). Unit: pixels.
Frame base: the plate's own numbers. Encoding: UTF-8, lines end in \r\n as in any CSV. Gaps: `visible` is 0.

    file   = header row...
    header = "name,frame,x,y,visible,confidence,key"
    row    = NAME FRAME X Y VISIBLE CONFIDENCE KEY     commas between; X and Y with 6 decimals; VISIBLE and KEY 1 or 0

Read is also a file whose header has the first four columns alone, or in another order: what it does not say is that
positions are visible, sure, and not keys. The plate's size is not in it.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping

from cotrack_client.errors import FormatError
from cotrack_client.formats.format import Format, written_as
from cotrack_client.formats.lines import integer_of, number_of
from cotrack_client.formats.samples import SampleRows, document_of
from cotrack_client.formats.source import Source
from cotrack_client.tracks import TrackDocument

_COLUMNS = ("name", "frame", "x", "y", "visible", "confidence", "key")
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
    except csv.Error as error:
        raise FormatError(f"{source} line {reader.line_num} is not CSV ({error}); save it as plain text") from error
    made = [track.track(sorted(keys.get(name, ()))) for name, track in tracks.items()]
    return document_of(made, size, str(source), source.first)


def write(document: TrackDocument) -> Iterator[str]:
    """Write a table, a piece per track."""
    yield ",".join(_COLUMNS) + "\r\n"
    for track in document.tracks:
        name, keys = _quoted(track.name), frozenset(track.keys)
        yield "".join(
            "%s,%d,%.6f,%.6f,%d,%.6g,%d\r\n" % (name, frame, x, y, visible, confidence, frame in keys)  # noqa: UP031
            for frame, x, y, visible, confidence in zip(track.frames, track.x, track.y, track.visible, track.confidence)
        )


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
    keeps=frozenset({"confidence", "keys", "guesses"}),
    decimals=5,
    needs_size=True,
)
