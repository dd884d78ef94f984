# SPDX-License-Identifier: Apache-2.0
"""PFTrack's and PFMatchit's 2D tracks: what the nodes *User Track* and *Auto Track* import and export.

Origin: the centre of the bottom-left pixel, x right, y up; the picture spans -0.5 to width - 0.5. Unit: pixels. Frame
base: the frames as PFTrack numbers them, taken for the plate's own. Encoding: ASCII. Gaps: their rows are left out.

    file    = [comment...] block...
    comment = "#" text
    block   = blank line '"' NAME '"' clip...
    clip    = [CAMERA] COUNT row...                COUNT rows follow
    CAMERA  = number of the clip (2011 and later) | '"' name '"' (5) | nothing (4)
    row     = FRAME X Y SCORE [DEPTH]              one blank between numbers, none behind them

SCORE is a similarity in 0..1, our confidence, where the comments say so, as ours do, and a residual, which is not read,
where they do not. We write the layout of 2011. A track seen in several clips comes back as a track per clip, the clip's
name behind it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from cotrack_client.errors import FormatError
from cotrack_client.formats.format import Format, written_as
from cotrack_client.formats.lines import Lines
from cotrack_client.formats.names import ASCII_WORD
from cotrack_client.formats.samples import SampleRows, document_of, seen
from cotrack_client.formats.source import Size, Source
from cotrack_client.tracks import TrackDocument

_PROGRAM = "PFTrack"
_HEAD = '# "Name"\n# clipNumber\n# frameCount\n# frame, xpos, ypos, similarity\n'
_CLIP = 1
_COMMENT = re.compile(r"^#.*", re.MULTILINE)
_BEGIN = re.compile(r'(?:#[^\n]*\n|[ \t]*\n)*"[^"\n]*"[ \t]*\n(?:[0-9]+|"[^"\n]*")[ \t]*(?:\n|\Z)')


def recognises(source: Source) -> bool:
    """Tell whether a file begins with a name in quotes and a number, or a camera, after comments."""
    return _BEGIN.match(source.head) is not None


def read(source: Source) -> TrackDocument:
    """Read a file of any release. Raises FormatError that names the line; CotrackError without `size`."""
    size = source.need_size(_PROGRAM)
    has_similarity = "similarity" in source.head
    tracks: dict[str, SampleRows] = {}
    for block in Lines(_COMMENT.sub("", source.text), str(source)).paragraphs():
        name = _read_name(block)
        for camera, rows in _read_clips(block):
            track = SampleRows(name if name not in tracks else f"{name} {camera}")
            if track.name in tracks:
                raise FormatError(f"{block.where} begins {track.name!r} again; rename one of the two")
            for line in rows:
                _add_row(track, block, line, size, has_similarity=has_similarity)
            if len(track):
                tracks[track.name] = track
    return document_of(tracks.values(), size, str(source), source.first)


def write(document: TrackDocument) -> Iterator[str]:
    """Write a file, a piece per track."""
    height = document.shot.height
    yield _HEAD
    for track in document.tracks:
        rows = [
            "%d %.6f %.6f %.6f\n" % (frame, x - 0.5, height - y - 0.5, confidence)  # noqa: UP031  twice as fast
            for frame, x, y, confidence in seen(track)
        ]
        yield f'\n"{track.name}"\n{_CLIP}\n{len(rows)}\n{"".join(rows)}'


def _read_name(block: Lines) -> str:
    line = block.take("a name")
    name = line.strip().strip('"').strip()
    if not line.startswith('"') or not name:
        block.refuse(line, "a name in quotes")
    return name


def _read_clips(block: Lines) -> Iterator[tuple[str, Iterator[str]]]:
    """Return the clips of a block: which camera, and the rows, to be taken before the next clip is."""
    while block.peek() is not None:
        camera = block.take("a camera")
        following = block.peek()
        if not camera.startswith('"') and (following is None or len(following.split()) > 1):
            camera, count = "", camera
        else:
            count = block.take("the number of rows")
        rows = range(block.count(count, "the number of rows"))
        yield camera.strip('"'), (block.take("a row") for _ in rows)


def _add_row(track: SampleRows, lines: Lines, line: str, size: Size, *, has_similarity: bool) -> None:
    cells = line.split()
    if len(cells) not in (4, 5):
        lines.refuse(line, "a row of frame, x, y and score")
    x, y, score = (lines.number(cell, what) for cell, what in zip(cells[1:], ("x", "y", "a score")))
    position = x + 0.5, size[1] - y - 0.5
    track.add(lines.integer(cells[0], "a frame"), *position, score if has_similarity else 1.0, where=lines.where)


PFTRACK = Format(
    name="pftrack",
    title=_PROGRAM,
    suffixes=(".2dt", ".txt"),
    recognises=recognises,
    read=read,
    write=written_as(write, "ascii"),
    keeps=frozenset({"confidence"}),
    names=ASCII_WORD,
    decimals=5,
    needs_size=True,
)
