# SPDX-License-Identifier: Apache-2.0
"""MatchMover's .rz2 (REALVIZ ascii): the program is gone, its files are still read, by mmSolver among others.

Origin: outer top-left corner of the plate, x right, y down. Unit: pixels of the plate, whose size the file says. Frame
base: the plate's own numbers, never negative. Encoding: ASCII. Gaps: their rows are left out.

    file     = sequence track...
    sequence = "imageSequence" NAME "{" WIDTH HEIGHT ["f(" PATH ")" "b(" FIRST LAST STEP ")"] "}"
    track    = "pointTrack" NAME [colour] "{" row... "}"         a line each
    row      = FRAME X Y [key | followed]
    key      = "ki( 0.8 )" boxes                   placed by hand; also kb, ka, ke
    followed = "p+(" CORRELATION ")"               also p and p*; the correlation is our confidence

A track begins with a key, whether somebody placed that or not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from cotrack_client.errors import FormatError
from cotrack_client.formats.format import Format, written_as
from cotrack_client.formats.lines import Lines, number_of
from cotrack_client.formats.names import ASCII_WORD
from cotrack_client.formats.samples import SampleRows, document_of, seen
from cotrack_client.formats.source import Source
from cotrack_client.tracks import Track, TrackDocument

_HEAD = re.compile(r'imageSequence\s+"[^"\n]*"\s*\{\s*([0-9]{1,6})\s+([0-9]{1,6})([^}]*)\}')
_PATH = re.compile(r'f\(\s*"([^"]*)"\s*\)')
_RANGE = re.compile(r"b\(\s*([0-9]{1,9})\s+([0-9]{1,9})\s+[0-9]{1,9}\s*\)")
_TRACK = re.compile(r'pointTrack\s+"([^"]*)"')
_KIND = re.compile(r"(k[a-z])\(|p[*+]?\(\s*([^\s()]+)\s*\)")
_BOXES = "ki( 0.8 )\t    s( 66 66 64 64 )  p( 24 24 25 25 )"  # the program's own sizes, px


def recognises(source: Source) -> bool:
    """Tell whether a file begins with a sequence."""
    return source.head.lstrip().startswith("imageSequence")


def read(source: Source) -> TrackDocument:
    """Read a file. Raises FormatError that names the line."""
    head = _HEAD.match(source.text.lstrip())
    if head is None:
        raise FormatError(f"{source} line 1 begins no imageSequence with a size; export it again")
    size = int(head[1]), int(head[2])
    if not all(size):
        raise FormatError(f"{source} says that the plate is {size[0]} x {size[1]}; export it again")
    blank = len(source.text) - len(source.text.lstrip())
    end = blank + head.end()
    path, frames = _PATH.search(head[3]), _RANGE.search(head[3])
    tracks = _read_tracks(Lines(source.text[end:], str(source), source.text.count("\n", 0, end)))
    return document_of(
        tracks, size, str(source), int(frames[1]) if frames else None, path[1].replace("\n", "") if path else ""
    )


def write(document: TrackDocument) -> Iterator[str]:
    """Write a file, a piece per track."""
    shot = document.shot
    path = re.sub(r'[^ -~]|["{}]', "_", shot.path) or "plate.%04d.exr"
    yield 'imageSequence\t"Sequence 01"\n{\n'
    yield f'\t{shot.width}\t{shot.height}\tf( "{path}" )\tb( {shot.first} {shot.last} 1 )\t\n}}\n'
    for track in document.tracks:
        yield f'pointTrack  "{track.name}"  rgb( 255 0 0 )\t\n{{\n'
        yield "".join(_rows(track))
        yield "}\n"


def _rows(track: Track) -> Iterator[str]:
    placed = set(track.keys)
    for place, (frame, x, y, confidence) in enumerate(seen(track)):
        if place == 0 or frame in placed:
            yield "\t%d\t   %.6f     %.6f    %s\n" % (frame, x, y, _BOXES)  # noqa: UP031  twice as fast
        else:
            yield "\t%d\t   %.6f     %.6f     p+( %.6f )\t\n" % (frame, x, y, confidence)  # noqa: UP031


def _read_tracks(lines: Lines) -> Iterator[Track]:
    for line in lines.filled():
        name = _TRACK.match(line.strip())
        if name is None:
            raise FormatError(f"{lines.where} begins no pointTrack; export it again")
        if lines.take("{").strip() != "{":
            raise FormatError(f"{lines.where} does not open the track with {{; export it again")
        rows, keys = SampleRows(name[1]), []
        while (row := lines.take("a row or }").strip()) != "}":
            if _add_row(rows, lines, row):
                keys.append(lines.integer(row.split()[0], "a frame"))
        yield rows.track(sorted(keys))


def _add_row(rows: SampleRows, lines: Lines, line: str) -> bool:
    """Read a row, and tell whether it is a key."""
    cells = line.split(None, 3)
    if len(cells) < 3:
        lines.refuse(line, "a row of frame, x and y")
    x, y = (lines.number(cell, axis) for cell, axis in zip(cells[1:], ("x", "y")))
    kind = _KIND.match(cells[3]) if len(cells) == 4 else None
    followed = kind is not None and kind[2] is not None
    confidence = number_of(kind[2], "a correlation", lines.where) if kind is not None and followed else 1.0
    rows.add(lines.count(cells[0], "a frame"), x, y, confidence, where=lines.where)
    return kind is not None and not followed


MATCHMOVER = Format(
    name="matchmover",
    title="MatchMover",
    suffixes=(".rz2",),
    recognises=recognises,
    read=read,
    write=written_as(write, "ascii"),
    keeps=frozenset({"confidence"}),
    least_frame=0,
    names=ASCII_WORD,
    decimals=5,
)
