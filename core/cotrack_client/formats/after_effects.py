# SPDX-License-Identifier: Apache-2.0
"""After Effects' keyframe data: the text on its clipboard, which Mocha and others save as a file.

Origin: outer top-left corner of the composition, x right, y down. Unit: pixels; After Effects keeps 1/65536 of one.
Frame base: 0 is the first frame of the plate, taken for that of the composition. Encoding: ASCII. Gaps: their rows are
left out, and After Effects draws a line through them.

    file   = "Adobe After Effects 8.0 Keyframe Data" blank setting... block... "End of Keyframe Data"
    setting = tab NAME tab VALUE                   Units Per Second (frames), Source Width, Source Height, pixel aspects
    block  = blank HEAD titles row...              HEAD of words with tabs between them
    titles = tab "Frame" tab TITLE...              what the columns are
    row    = tab FRAME tab NUMBER... [tab]         FRAME is empty for what does not move

Read are the positions among the blocks, other blocks are passed over:

    "Motion Trackers" "Tracker #1" "Track Point #1" "Feature Center"
    ["Transform"] "Position"                       with or, in the old dialect 6.0, without the first word
    "Effects" "Corner Pin #1" "Upper Left"         also Upper Right, Lower Left, Lower Right
    "Effects" "CC Power Pin #1" "CC Power Pin-0002"    to -0005: upper left, upper right, lower left, lower right

Written are Feature Centers, or the four corners of a Corner Pin. Names are lost: After Effects numbers its points. What
is pasted begins at the current time, and needs the same kind of thing selected: a tracker with as many points.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from cotrack_client.corner_pinning import CORNERS, in_order_of_corners
from cotrack_client.errors import FormatError
from cotrack_client.formats.format import Format, written_as
from cotrack_client.formats.lines import Lines
from cotrack_client.formats.names import FixedNames, NumberedNames
from cotrack_client.formats.samples import SampleRows, document_of, seen
from cotrack_client.formats.source import Source
from cotrack_client.tracks import Shot, Track, TrackDocument

_PROGRAM = "After Effects"
_BEGIN, _END = "Adobe After Effects", "End of Keyframe Data"
_POSITION = "Position"
_CORNERS = ("Lower Left", "Lower Right", "Upper Right", "Upper Left")
_PASTED = ("Upper Left", "Upper Right", "Lower Left", "Lower Right")
_POWER_PIN = {
    "CC Power Pin-0002": "Upper Left",
    "CC Power Pin-0003": "Upper Right",
    "CC Power Pin-0004": "Lower Left",
    "CC Power Pin-0005": "Lower Right",
}


def recognises(source: Source) -> bool:
    """Tell whether a file begins like keyframe data."""
    return source.head.startswith(_BEGIN)


def read(source: Source) -> TrackDocument:
    """Read the positions of a file. Raises FormatError that names the line; CotrackError without `first`."""
    first = source.need_first(_PROGRAM)
    lines = Lines(source.text, str(source))
    settings: dict[str, str] = {}
    tracks: dict[str, SampleRows] = {}
    track: SampleRows | None = None
    is_at_settings = True
    lines.take("the title")
    for line in lines.filled():
        if line == _END:
            break
        cells = line.split("\t")
        if cells[0]:
            track, is_at_settings = _begin(cells, tracks), False
        elif is_at_settings:
            settings[cells[1]] = cells[-1]
        elif track is not None and cells[1] not in ("", "Frame"):
            _add_row(track, lines, cells, first)
    else:
        raise FormatError(f"{source} lacks the line {_END!r}; copy it again")
    document = document_of(tracks.values(), _size(settings, lines, source), str(source), first)
    rate, aspect = (_positive(settings, name, lines) for name in ("Units Per Second", "Source Pixel Aspect Ratio"))
    return replace(document, shot=replace(document.shot, fps=rate, pixel_aspect=aspect or 1.0))


def write(document: TrackDocument) -> Iterator[str]:
    """Write a block of Feature Centers per track."""
    heads = (("Motion Trackers", "Tracker #1", track.name, "Feature Center") for track in document.tracks)
    return _write(document, zip(heads, document.tracks))


def write_corner_pin(document: TrackDocument) -> Iterator[str]:
    """Write the blocks of a Corner Pin out of four tracks that are named after the corners."""
    named = {track.name: track for track in document.tracks}
    return _write(document, ((("Effects", "Corner Pin #1", name), named[name]) for name in _PASTED))


def _write(document: TrackDocument, blocks: Iterable[tuple[tuple[str, ...], Track]]) -> Iterator[str]:
    yield _head(document.shot)
    for head, track in blocks:
        rows = ["\t%d\t%.6f\t%.6f\t\n" % (frame, x, y) for frame, x, y, _ in seen(track)]  # noqa: UP031  faster
        yield "\n" + "\t".join(head) + "\n\tFrame\tX pixels\tY pixels\t\n" + "".join(rows)
    yield f"\n\n{_END}\n"


def _head(shot: Shot) -> str:
    settings = {
        "Units Per Second": f"{shot.fps:.6g}",
        "Source Width": str(shot.width),
        "Source Height": str(shot.height),
        "Source Pixel Aspect Ratio": f"{shot.pixel_aspect:.6g}",
        "Comp Pixel Aspect Ratio": f"{shot.pixel_aspect:.6g}",
    }
    return f"{_BEGIN} 8.0 Keyframe Data\n\n" + "".join(f"\t{name}\t{value}\n" for name, value in settings.items())


def _begin(head: list[str], tracks: dict[str, SampleRows]) -> SampleRows | None:
    """Return the track that a block with this head belongs to, None where it holds no positions."""
    words = [word for word in head if word]
    what = words[-1]
    if what == "Feature Center" and len(words) == 4:
        name = words[2]
    elif what == _POSITION and len(words) <= 2:
        name = _POSITION
    elif what in _CORNERS or what in _POWER_PIN:
        name = _POWER_PIN.get(what, what)
    else:
        return None
    if name in tracks:
        name = " ".join([*words[1:-1], name] if what != "Feature Center" else words[1:3])
    if name in tracks:
        name = f"{name} {len(tracks) + 1}"
    return tracks.setdefault(name, SampleRows(name))


def _add_row(track: SampleRows, lines: Lines, cells: list[str], first: int) -> None:
    if len(cells) < 4:
        lines.refuse("\t".join(cells).strip(), "a row of frame, x and y")
    x, y = (lines.number(cell, "a position") for cell in cells[2:4])
    track.add(lines.integer(cells[1], "a frame") + first, x, y, where=lines.where)


def _positive(settings: dict[str, str], name: str, lines: Lines) -> float | None:
    if name not in settings:
        return None
    number = lines.number(settings[name], name)
    if number <= 0:
        lines.refuse(settings[name], name)
    return number


def _size(settings: dict[str, str], lines: Lines, source: Source) -> tuple[int, int]:
    if "Source Width" not in settings or "Source Height" not in settings:
        return source.need_size(_PROGRAM)
    width, height = (lines.count(settings[f"Source {side}"], f"Source {side}") for side in ("Width", "Height"))
    if not (width and height):
        raise FormatError(f"{source} says that the plate is {width} x {height}; copy it again")
    return width, height


AFTER_EFFECTS = Format(
    name="after-effects",
    title="After Effects",
    suffixes=(".txt",),
    recognises=recognises,
    read=read,
    write=written_as(write, "ascii"),
    fills_gaps=True,
    counts_from=0,
    needs_rate=True,
    names=NumberedNames("Track Point #{}"),
    decimals=5,
)

AFTER_EFFECTS_CORNER_PIN = Format(
    name="after-effects-corner-pin",
    title="After Effects' Corner Pin",
    suffixes=(".txt",),
    recognises=lambda _: False,  # AFTER_EFFECTS reads both
    read=read,
    write=written_as(write_corner_pin, "ascii"),
    arrange=in_order_of_corners,
    fills_gaps=True,
    counts_from=0,
    needs_rate=True,
    names=FixedNames(_CORNERS),
    decimals=5,
    exactly=CORNERS,
)
