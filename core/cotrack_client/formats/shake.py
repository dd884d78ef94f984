# SPDX-License-Identifier: Apache-2.0
"""Shake's tracker text: today the format of user tracks in Nuke's CameraTracker, and of Silhouette under "Shake".

Origin: outer bottom-left corner of the plate, x right, y up. Unit: pixels. Frame base: 1 is the first frame of the
plate. Encoding: ASCII. Gaps: their rows are left out. Apple's manual of Shake 4 has it on page 740.

    file   = track...                              a blank line behind each
    track  = "TrackName" NAME title row...
    title  = "Frame" "X" "Y" "Correlation"
    row    = FRAME X Y CORRELATION                 FRAME with two decimals; CORRELATION 0..1, our confidence
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from cotrack_client.errors import FormatError
from cotrack_client.formats.format import Format, written_as
from cotrack_client.formats.lines import Lines
from cotrack_client.formats.names import ASCII_WORD
from cotrack_client.formats.samples import SampleRows, document_of, seen
from cotrack_client.formats.source import Source
from cotrack_client.raster import from_nuke, to_nuke
from cotrack_client.tracks import TrackDocument

_PROGRAM = "Shake"
_TRACK = "TrackName"
_TITLE = ["Frame", "X", "Y", "Correlation"]


def recognises(source: Source) -> bool:
    """Tell whether a file begins with a track."""
    return re.match(rf"{_TRACK}\s", source.head) is not None


def read(source: Source) -> TrackDocument:
    """Read a file. Raises FormatError that names the line; CotrackError without `first` and `size`."""
    first, size = source.need_first(_PROGRAM), source.need_size(_PROGRAM)
    lines = Lines(source.text, str(source))
    tracks: list[SampleRows] = []
    for line in lines.filled():
        cells = line.split()
        if cells[0] == _TRACK:
            tracks.append(SampleRows(line.partition(_TRACK)[2].strip()))
        elif not tracks:
            raise FormatError(f"{lines.where} has a row before the first {_TRACK}; export it again")
        elif cells != _TITLE:
            if len(cells) != len(_TITLE):
                lines.refuse(line, "a row of frame, x, y and correlation")
            at, x, y, correlation = (lines.number(cell, what) for cell, what in zip(cells, _TITLE))
            frame = lines.integer(f"{at:.0f}", "a frame") + first - 1
            tracks[-1].add(frame, *from_nuke(x, y, size[1]), correlation, where=lines.where)
    return document_of(tracks, size, str(source), first)


def write(document: TrackDocument) -> Iterator[str]:
    """Write a file, a piece per track."""
    height = document.shot.height
    for track in document.tracks:
        rows = [
            "%7d.00 %16.6f %16.6f %9.4f\n" % (frame, *to_nuke(x, y, height), confidence)  # noqa: UP031  faster
            for frame, x, y, confidence in seen(track)
        ]
        yield f"{_TRACK} {track.name}\n   Frame             X             Y   Correlation\n{''.join(rows)}\n"


SHAKE = Format(
    name="shake",
    title=_PROGRAM,
    suffixes=(".txt",),
    recognises=recognises,
    read=read,
    write=written_as(write, "ascii"),
    keeps=frozenset({"confidence"}),
    counts_from=1,
    names=ASCII_WORD,
    decimals=5,
    needs_size=True,
)
