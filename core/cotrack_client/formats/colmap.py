# SPDX-License-Identifier: Apache-2.0
"""A text model of COLMAP: a folder with cameras.txt, images.txt and points3D.txt, which says what was seen where.

Origin: outer top-left corner of the plate, x right, y down. Unit: pixels. Frame base: an image per frame; its number is
the last one in the image's name. Encoding: UTF-8. Gaps: an image has no such point. Lines with # are comments.

    cameras.txt   = ID MODEL WIDTH HEIGHT PARAMETER...             a line each
    images.txt    = ID QW QX QY QZ TX TY TZ CAMERA NAME line-end (X Y POINT)... line-end     two lines each
    points3D.txt  = ID X Y Z R G B ERROR (IMAGE PLACE)...          a line each; PLACE counts from 0

A point is a track; POINT is -1 for what belongs to none. What we write holds tracks and no solve: every camera stands
at the origin, and so does every point. Names are lost: points have numbers. Of a model that was solved, the tracks that
it kept are read.
"""

from __future__ import annotations

import re
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path

from cotrack_client.atomic import PathLike
from cotrack_client.errors import CotrackError, FormatError
from cotrack_client.formats.format import Format
from cotrack_client.formats.lines import Lines
from cotrack_client.formats.names import NumberedNames
from cotrack_client.formats.samples import SampleRows, document_of, seen
from cotrack_client.formats.source import Size, Source
from cotrack_client.tracks import Shot, TrackDocument

_FILES = ("cameras.txt", "images.txt", "points3D.txt")
_LAST_NUMBER = re.compile(r"((?:(?<=[._])-)?[0-9]{1,9})[^0-9]*\Z")
_PATTERN = re.compile(r"%0?([0-9]*)d|(#+)")
_USUAL_FOCAL = 1.2  # of the longer side, which is COLMAP's own guess
_NO_POINT = -1


def recognises(source: Source) -> bool:
    """Tell whether a folder holds a text model."""
    return source.path.is_dir() and all((source.path / name).is_file() for name in _FILES)


def read(source: Source) -> TrackDocument:
    """Read the tracks of a model. Raises FormatError that names the line."""
    size = _read_size(_lines(source, "cameras.txt"))
    tracks: dict[int, SampleRows] = {}
    lines = _lines(source, "images.txt")
    for line in lines.filled():
        if line.startswith("#"):
            continue
        frame = _frame(line, lines)
        cells = next(iter(lines), "").split()
        if len(cells) % 3:
            raise FormatError(f"{lines.where} has {len(cells)} numbers, not three for each point; export it again")
        for x, y, point in zip(cells[::3], cells[1::3], cells[2::3]):
            track = lines.integer(point, "the number of a point")
            if track != _NO_POINT:
                rows = tracks.setdefault(track, SampleRows(f"point{track}"))
                rows.add(frame, lines.number(x, "x"), lines.number(y, "y"), where=lines.where)
    return document_of((tracks[track] for track in sorted(tracks)), size, str(source), source.first)


def write(document: TrackDocument, path: PathLike) -> None:
    """Write a folder, whole or not at all. Raises CotrackError where something is there already."""
    target = Path(path)
    if target.exists():
        raise CotrackError(f"{target} is there already; name a folder that is not")
    temporary = target.with_name(f".cotrack-{secrets.token_hex(6)}")
    try:
        temporary.mkdir()
        for name, pieces in _contents(document).items():
            with (temporary / name).open("w", encoding="utf-8", newline="\n") as file:
                file.writelines(pieces)
        temporary.replace(target)
    except OSError as error:
        raise CotrackError(f"cannot write {target}: {error.strerror or error}; choose another folder") from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _contents(document: TrackDocument) -> dict[str, Iterator[str]]:
    shot = document.shot
    earliest = min(next(iter(seen(track)))[0] for track in document.tracks)
    numbering = 1 - min(earliest, shot.first)
    places: dict[int, list[str]] = {}
    points: list[str] = []
    for number, track in enumerate(document.tracks, start=1):
        elements = []
        for frame, x, y, _ in seen(track):
            row = places.setdefault(frame, [])
            elements.append(f"{frame + numbering} {len(row)}")
            row.append("%.6f %.6f %d" % (x, y, number))  # noqa: UP031  twice as fast
        points.append(f"{number} 0 0 0 255 255 255 0 {' '.join(elements)}\n")
    return {
        "cameras.txt": _camera(shot),
        "images.txt": _images(places, shot.path, numbering),
        "points3D.txt": iter(points),
    }


def _camera(shot: Shot) -> Iterator[str]:
    focal = _USUAL_FOCAL * max(shot.width, shot.height)
    yield f"1 SIMPLE_PINHOLE {shot.width} {shot.height} {focal:.6f} {shot.width / 2:.6f} {shot.height / 2:.6f}\n"


def _images(places: dict[int, list[str]], path: str, numbering: int) -> Iterator[str]:
    for frame in sorted(places):
        yield f"{frame + numbering} 1 0 0 0 0 0 0 1 {_image_name(path, frame)}\n"
        yield " ".join(places[frame]) + "\n"


def _image_name(path: str, frame: int) -> str:
    """Return the name of a frame's file, or one that it could have where the shot is a movie."""
    name = re.sub(r"\s", "_", re.split(r"[/\\]", path)[-1])
    pattern = _PATTERN.search(name)
    if pattern is None:
        return f"frame.{frame:04d}.png"
    digits = len(pattern[2]) if pattern[2] else int((pattern[1] or "1")[:2])
    named = name[: pattern.start()] + f"{frame:0{digits}d}" + name[pattern.end() :]
    return named if _LAST_NUMBER.search(named.rpartition(".")[0] or named) else f"frame.{frame:04d}.png"


def _lines(source: Source, name: str) -> Lines:
    return Lines(Source(source.path / name).text, f"{source}/{name}")


def _read_size(lines: Lines) -> Size:
    sizes = set()
    for line in lines.filled():
        if not line.startswith("#"):
            cells = line.split()
            if len(cells) < 4:
                lines.refuse(line, "a camera")
            sizes.add((lines.count(cells[2], "a width"), lines.count(cells[3], "a height")))
    if len(sizes) != 1 or not all(min(sizes)):
        raise FormatError(f"{lines.where} ends cameras of {len(sizes)} sizes; cotrack takes one plate at a time")
    return sizes.pop()


def _frame(line: str, lines: Lines) -> int:
    cells = line.split(None, 9)
    number = _LAST_NUMBER.search(cells[9].rpartition(".")[0] or cells[9]) if len(cells) == 10 else None
    if number is None:
        lines.refuse(line, "an image whose name has a number")
    return int(number[1])


COLMAP = Format(
    name="colmap",
    title="COLMAP",
    suffixes=(".colmap",),
    recognises=recognises,
    read=read,
    write=write,
    names=NumberedNames("point{}"),
    decimals=5,
)
