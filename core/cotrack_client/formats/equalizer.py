# SPDX-License-Identifier: Apache-2.0
r"""3DEqualizer's 2D tracks: what its scripts *Import 2D Tracks* and *Export 2D Tracks* read and write.

Origin: outer bottom-left corner of the plate, x right, y up; the centre of the first pixel is (0.5, 0.5). Unit: pixels
of the plate that the project has loaded, which the file does not name. Frame base: 1 is the first frame of the plate,
whatever its number. Encoding: ASCII, lines end in \n. Gaps: their rows are left out.

    file   = COUNT track...                        COUNT tracks follow
    track  = NAME COLOUR COUNT row...              a line each; COUNT rows follow; COLOUR is 0 (red) to 11
    row    = FRAME X Y                             15 decimals, never an exponent

Release 3 wrote another file, which is read as well: a title, then names, and rows that begin with a tab.

    file   = "// 3DE Multiple Tracking Curves Export" WIDTH "x" HEIGHT "*" FRAMES "frames" track...
    track  = NAME row...
    row    = tab FRAME tab X tab Y

3DEqualizer stumbles over frames beyond the plate, takes 0 for its end, and (-1, -1) for no position. Lines that begin
with # are comments to some readers, not to 3DEqualizer.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from cotrack_client.errors import FormatError
from cotrack_client.formats.format import Format, written_as
from cotrack_client.formats.lines import Lines
from cotrack_client.formats.names import NameRule, ascii_text
from cotrack_client.formats.samples import SampleRows, document_of, seen
from cotrack_client.formats.source import Size, Source
from cotrack_client.raster import from_nuke, to_nuke
from cotrack_client.tracks import TrackDocument

_PROGRAM = "3DEqualizer"
_OLD_TITLE = re.compile(r"// 3DE Multiple Tracking Curves Export ([0-9]{1,6}) x ([0-9]{1,6}) \* [0-9]+ frames")
_NEW = re.compile(r"[0-9]+[ \t]*\n[^\n]+\n[0-9]+[ \t]*\n[0-9]+[ \t]*(?:\n|\Z)")
_COLOUR = 0


def recognises(source: Source) -> bool:
    """Tell whether a file begins like one of the two."""
    return bool(_NEW.match(source.head) or _OLD_TITLE.match(source.head))


def read(source: Source) -> TrackDocument:
    """Read a file of 3DEqualizer 4 or 3. Raises FormatError that names the line; CotrackError without `first`."""
    lines = Lines(source.text, str(source))
    first = source.need_first(_PROGRAM)
    title = _OLD_TITLE.match(source.head)
    size = (int(title[1]), int(title[2])) if title else source.need_size(_PROGRAM)
    tracks = list(_read_old(lines, size, first) if title else _read_tracks(lines, size, first))
    return document_of(tracks, size, str(source), first)


def write(document: TrackDocument) -> Iterator[str]:
    """Write a file of 3DEqualizer 4, a piece per track."""
    height = document.shot.height
    yield f"{len(document.tracks)}\n"
    for track in document.tracks:
        rows = [
            "%d %.15f %.15f\n" % (frame, *to_nuke(x, y, height))  # noqa: UP031  twice as fast as an f-string here
            for frame, x, y, _ in seen(track)
        ]
        yield f"{track.name}\n{_COLOUR}\n{len(rows)}\n{''.join(rows)}"


def _read_tracks(lines: Lines, size: Size, first: int) -> Iterator[SampleRows]:
    for _ in range(lines.count(lines.take("the number of tracks"), "the number of tracks")):
        track = SampleRows(lines.take("a name").strip())
        lines.count(lines.take("a colour"), "a colour")
        for _ in range(lines.count(lines.take("the number of rows"), "the number of rows")):
            _add_row(track, lines, lines.take("a row"), size, first)
        yield track
    if (rest := lines.peek()) is not None:
        lines.take("")
        lines.refuse(rest, "the end, as all announced tracks are there")


def _read_old(lines: Lines, size: Size, first: int) -> Iterator[SampleRows]:
    lines.take("the title")
    track: SampleRows | None = None
    for line in lines.filled():
        if line.startswith("\t"):
            if track is None:
                raise FormatError(f"{lines.where} has a row before the first name; export it again")
            _add_row(track, lines, line, size, first)
            continue
        if track is not None:
            yield track
        track = SampleRows(line.strip())
    if track is not None:
        yield track


def _add_row(track: SampleRows, lines: Lines, line: str, size: Size, first: int) -> None:
    cells = line.split()
    if len(cells) != 3:
        lines.refuse(line.strip(), "a row of frame, x and y")
    x, y = (lines.number(cell, axis) for cell, axis in zip(cells[1:], ("x", "y")))
    frame = lines.integer(cells[0], "a frame") + first - 1
    track.add(frame, *from_nuke(x, y, size[1]), where=lines.where)


def _legal(name: str) -> str:
    return ascii_text(name).lstrip("# ")


EQUALIZER = Format(
    name="equalizer",
    title=_PROGRAM,
    suffixes=(".txt",),
    recognises=recognises,
    read=read,
    write=written_as(write, "ascii"),
    counts_from=1,
    names=NameRule("ASCII without # before it", _legal),
    decimals=9,
    needs_size=True,
)
