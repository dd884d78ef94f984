# SPDX-License-Identifier: Apache-2.0
"""SynthEyes' *Tracker 2-D Paths*: what File > Export and File > Import > Tracks from Text have under that name.

Origin: the middle of the plate; u from -1 in the middle of the leftmost pixels to +1 in that of the rightmost, v from
-1 in the middle of the topmost to +1 in that of the lowest. Frame base: 0 is the first frame of the plate. Encoding:
ASCII. Gaps: their rows are left out; the row after one has the key bit.

    file   = row...
    row    = NAME FRAME U V [STATUS]               separated by blanks; U and V with 9 decimals
    STATUS = sum of 1 run, 2 enabled, 4 good, 8 key, 16 jumped, 32 out of sight

Rows of one track stand together, in ascending order. A name is one word; SynthEyes reads _ as a blank. That +1 is the
middle of the last pixel follows an exporter whose author tried it in SynthEyes; another public one takes the last
pixel's outer edge: half a pixel in the middle of the plate. A key bit on every row would make SynthEyes trust every row
alike, so only the first row of a stretch has it.

*All Tracker Paths* is read as well. Origin: outer bottom-left corner (so one public reader takes it), unit pixels.

    file   = track...
    track  = NAME row...
    row    = FRAME X Y
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from cotrack_client.errors import FormatError
from cotrack_client.formats.format import Format, written_as
from cotrack_client.formats.lines import Lines
from cotrack_client.formats.names import LETTERS_AND_DIGITS
from cotrack_client.formats.samples import SampleRows, after_a_gap, document_of, seen
from cotrack_client.formats.source import Size, Source
from cotrack_client.raster import from_nuke
from cotrack_client.tracks import TrackDocument

_PROGRAM = "SynthEyes"
_ROW = re.compile(r"[^\s\"]+[ \t]+-?[0-9]+(?:[ \t]+-?[0-9]*\.[0-9]+){2}(?:[ \t]+[0-9]+)?[ \t]*(?:\n|\Z)")
_ALL_PATHS = re.compile(r"[^\s\"]+[ \t]*\n[0-9]+(?: -?[0-9]+\.[0-9]+){2}[ \t]*(?:\n|\Z)")
_ENABLED, _OUT_OF_SIGHT = 2, 32
_TRACKED, _KEYED = 7, 15  # run, enabled and good; and key


def recognises(source: Source) -> bool:
    """Tell whether a file begins like one of the two."""
    return bool(_ROW.match(source.head) or _ALL_PATHS.match(source.head))


def read(source: Source) -> TrackDocument:
    """Read either file. Raises FormatError that names the line; CotrackError without `first` and `size`."""
    first, size = source.need_first(_PROGRAM), source.need_size(_PROGRAM)
    lines = Lines(source.text, str(source))
    has_names_alone = _ALL_PATHS.match(source.head) is not None
    tracks = _read_all_paths(lines, size, first) if has_names_alone else _read_rows(lines, size, first)
    return document_of(tracks.values(), size, str(source), first)


def write(document: TrackDocument) -> Iterator[str]:
    """Write *Tracker 2-D Paths*, a piece per track."""
    across, down = (_span(side) for side in (document.shot.width, document.shot.height))
    for track in document.tracks:
        yield "".join(
            "%s %d %.9f %.9f %d\n"  # noqa: UP031  twice as fast as an f-string here
            % (track.name, frame, (x - 0.5) / across - 1, (y - 0.5) / down - 1, _KEYED if is_first else _TRACKED)
            for (frame, x, y, _), is_first in after_a_gap(seen(track))
        )


def _span(side: int) -> float:
    """Return half of the way from the middle of the first pixel to that of the last, px."""
    return max(side - 1, 1) / 2


def _read_rows(lines: Lines, size: Size, first: int) -> dict[str, SampleRows]:
    tracks: dict[str, SampleRows] = {}
    across, down = (_span(side) for side in size)
    for line in lines.filled():
        cells = line.split()
        if len(cells) not in (4, 5):
            lines.refuse(line, "a row of name, frame, u, v and status")
        name = cells[0]
        frame = lines.integer(cells[1], "a frame") + first
        u, v = (lines.number(cell, "a position") for cell in cells[2:4])
        status = lines.count(cells[4], "a status") if len(cells) == 5 else _TRACKED
        track = tracks.setdefault(name, SampleRows(name))
        visible = bool(status & _ENABLED) and not status & _OUT_OF_SIGHT
        track.add(frame, (u + 1) * across + 0.5, (v + 1) * down + 0.5, visible=visible, where=lines.where)
    return tracks


def _read_all_paths(lines: Lines, size: Size, first: int) -> dict[str, SampleRows]:
    tracks: dict[str, SampleRows] = {}
    track: SampleRows | None = None
    for line in lines.filled():
        cells = line.split()
        if len(cells) == 1:
            track = tracks.setdefault(cells[0], SampleRows(cells[0]))
        elif len(cells) == 3 and track is not None:
            x, y = (lines.number(cell, "a position") for cell in cells[1:])
            track.add(lines.integer(cells[0], "a frame") + first, *from_nuke(x, y, size[1]), where=lines.where)
        else:
            raise FormatError(f"{lines.where} is neither a name nor a row of frame, x and y; export it again")
    return tracks


SYNTHEYES = Format(
    name="syntheyes",
    title=_PROGRAM,
    suffixes=(".txt",),
    recognises=recognises,
    read=read,
    write=written_as(write, "ascii"),
    counts_from=0,
    names=LETTERS_AND_DIGITS,
    decimals=5,
    needs_size=True,
)
