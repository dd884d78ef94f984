# SPDX-License-Identifier: Apache-2.0
"""Points files: the positions that an artist or another program placed, to be tracked from.

Origin: outer top-left corner of the display window, x right, y down; the centre of the first pixel is (0.5, 0.5).
Unit: pixels of the plate. Frame base: the shot's own frame numbers. Encoding: UTF-8.

    file   = [header] row...
    header = the words name, frame, x, y in any order, further columns are ignored
    row    = name SEPARATOR frame SEPARATOR x SEPARATOR y       in the order of the header, or in this one
    SEPARATOR = "," or ";" or a tab, the same in the whole file; with the latter two a decimal comma is understood

Empty lines are skipped; quotes around a name work as in any CSV. Several rows of one name are keys of one track. A
`tracks.json` is a points file too: its keys become the points, and a track without keys starts where it is first
visible.
"""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Iterator, Mapping

from cotrack_client.atomic import PathLike
from cotrack_client.errors import FormatError
from cotrack_client.formats import tracks_json
from cotrack_client.tracks import Key, Track, TrackDocument

_COLUMNS = ("name", "frame", "x", "y")
_FRAME = re.compile(r"[+-]?[0-9]{1,9}(\.0*)?")
_POSITION = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)(e[+-]?[0-9]{1,3})?", re.IGNORECASE)


def read_points(path: PathLike) -> tuple[Key, ...]:
    """Read a points file, CSV or tracks.json as its content says, in the order of the file.

    Raises CotrackError when it cannot be opened, FormatError with the line number when a line is at fault.
    """
    text = tracks_json.read_utf8(path)
    if text.lstrip().startswith("{"):
        return keys_of(tracks_json.from_text(text, str(path)), str(path))
    return from_text(text, str(path))


def from_text(text: str, name: str = "points.csv") -> tuple[Key, ...]:
    """Read the keys out of CSV text; `name` is what errors call it. Raises FormatError."""
    separator = _separator(text)
    places: dict[str, int] = {column: place for place, column in enumerate(_COLUMNS)}
    lines: dict[tuple[str, int], int] = {}
    keys: list[Key] = []
    for line, cells in _rows(text, separator, name):
        if not keys and _is_header(cells):
            places = {cell.lower(): place for place, cell in enumerate(cells)}
            continue
        key = _read_key(cells, places, separator, f"{name} line {line}")
        earlier = lines.setdefault((key.track, key.frame), line)
        if earlier != line:
            again = f"places {key.track!r} at frame {key.frame} again, after line {earlier}"
            raise FormatError(f"{name} line {line} {again}; keep one of the two")
        keys.append(key)
    if not keys:
        raise FormatError(f"{name} holds no points; write one per line as name,frame,x,y")
    return tuple(keys)


def keys_of(document: TrackDocument, name: str = "tracks.json") -> tuple[Key, ...]:
    """The keys of every track of a document, or its first visible position where it has none.

    Raises FormatError when there is neither in the whole document.
    """
    keys = tuple(key for track in document.tracks for key in _keys_of_track(track))
    if not keys:
        raise FormatError(f"{name} holds no track with a key or a visible frame; place a point in it first")
    return keys


def parse_point(text: str) -> Key:
    """Read "NAME=FRAME,X,Y" as the command line takes it. Raises FormatError."""
    name, equals, place = text.rpartition("=")
    cells = [cell.strip() for cell in place.split(",")]
    if not equals or len(cells) != 3:
        raise FormatError(f"{text!r} is not a point; write it as NAME=FRAME,X,Y, for example nose=1001,512.5,300")
    frame, x, y = cells
    return _key({"name": name.strip(), "frame": frame, "x": x, "y": y}, f"point {text!r}")


def _separator(text: str) -> str:
    """Tab or semicolon where the first line with something in it has one, else the comma."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    return next((mark for mark in "\t;" if mark in first), ",")


def _rows(text: str, separator: str, name: str) -> Iterator[tuple[int, list[str]]]:
    """Line number and cells of every row that is not empty."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    try:
        for row in reader:
            cells = [cell.strip() for cell in row]
            if any(cells):
                yield reader.line_num, cells
    except csv.Error as error:
        raise FormatError(f"{name} line {reader.line_num} is not CSV ({error}); save it as plain text") from error


def _is_header(cells: list[str]) -> bool:
    return set(_COLUMNS) <= {cell.lower() for cell in cells}


def _read_key(cells: list[str], places: Mapping[str, int], separator: str, where: str) -> Key:
    if len(cells) != len(places):
        wanted = separator.join(places) if separator.isprintable() else ", ".join(places)
        raise FormatError(f"{where} has {len(cells)} values, not {len(places)}; write it as {wanted}")
    values = {column: cells[places[column]] for column in _COLUMNS}
    if separator != ",":
        values.update({axis: values[axis].replace(",", ".") for axis in ("x", "y")})
    return _key(values, where)


def _key(values: Mapping[str, str], where: str) -> Key:
    """The key that four texts describe. Raises FormatError naming the one that does not fit."""
    if not values["name"]:
        raise FormatError(f"{where} has no name; give the track one")
    if not _FRAME.fullmatch(values["frame"]):
        raise FormatError(f"{where} has {values['frame']!r} for a frame; write a whole number")
    for axis in ("x", "y"):
        if not _is_position(values[axis]):
            raise FormatError(f"{where} has {values[axis]!r} for {axis}; write a number of pixels")
    return Key(values["name"], int(values["frame"].partition(".")[0]), float(values["x"]), float(values["y"]))


def _is_position(text: str) -> bool:
    return _POSITION.fullmatch(text) is not None and math.isfinite(float(text))


def _keys_of_track(track: Track) -> Iterator[Key]:
    first_visible = [frame for index, frame in enumerate(track.frames) if track.visible[index]][:1]
    wanted = set(track.keys or first_visible)
    for index, frame in enumerate(track.frames):
        if frame in wanted:
            yield Key(track.name, frame, track.x[index], track.y[index])
