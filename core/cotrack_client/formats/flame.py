# SPDX-License-Identifier: Apache-2.0
"""Flame's and Smoke's .stabilizer: the tracks of a Stabilizer, versions 5.0 and 6.0 (2014 and later) read, 6.0 written.

Origin: outer bottom-left corner of the plate, x right, y up. Unit: pixels. Frame base: 1 is the first frame of the
plate. Encoding: ASCII. Gaps: keys are left out, and Flame draws a line through them. Names: tracker1, tracker2, ...

    file    = "StabilizerFileVersion" VERSION setting... "Anim" channel... "ChannelEnd" tracker... "End"
    setting = NAME VALUE                           FrameWidth and FrameHeight among them
    channel = "Channel" TRACKER "/" WHAT attribute... "End"        attributes begin with a tab
    key     = "Key" NUMBER "Frame" FRAME "Value" VALUE ... "End"   within a channel, further in, a line each

A position is `ref` less `shift`: where the reference lies, and how far the picture has to be moved for the track to be
there. A later key of `ref` says that the pattern was taken anew; what `shift` says is still relative to the first one
(in a file from Combustion the difference of two references is that of their shifts, to the last digit).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from cotrack_client.errors import FormatError
from cotrack_client.formats.format import Format, written_as
from cotrack_client.formats.lines import Lines
from cotrack_client.formats.names import NumberedNames
from cotrack_client.formats.samples import Row, SampleRows, document_of, seen
from cotrack_client.formats.source import Size, Source
from cotrack_client.raster import from_nuke, to_nuke
from cotrack_client.tracks import TrackDocument

_BEGIN = "StabilizerFileVersion"
_SETTINGS = (
    "Selected 0", "FrameWidth {}", "FrameHeight {}", "AutoKey yes", "MotionPath yes", "Icons yes", "AutoPan no",
    "EditMode 0", "Format 0", "Padding", "\tRed 0", "\tGreen 100", "\tBlue 0", "Oversampling no", "Opacity 50",
    "Zoom 3", "Field no", "Backward no", "Anim",
)  # fmt: skip
_TRACKER = (
    "Tracker {}\n\tActive yes\n\tColour\n\t\tRed 0\n\t\tGreen 100\n\t\tBlue 0\n\tFixedRef yes\n\tFixedX no\n"
    "\tFixedY no\n\tTolerance 100\n\tOffsetsX 0\n\tOffsetsY 0\n\tFirstRefFrame {}\n"
)
_GREY = "\tColour 50 50 50\n"
_BOXES = {"track": 15, "ref": 10}  # half sides of search and pattern, px


def recognises(source: Source) -> bool:
    """Tell whether a file begins like one."""
    return source.head.startswith(_BEGIN)


def read(source: Source) -> TrackDocument:
    """Read a file. Raises FormatError that names the line; CotrackError without `first`."""
    first = source.need_first("Flame")
    lines = Lines(source.text, str(source))
    settings: dict[str, str] = {}
    channels: dict[str, _Channel] = {}
    for line in lines.filled():
        word, _, value = line.partition(" ")
        if word == "ChannelEnd":
            break
        if word == "Channel":
            channels[value] = _read_channel(lines)
        else:
            settings.setdefault(word, value)
    else:
        raise FormatError(f"{source} lacks the line 'ChannelEnd'; export it again")
    size = _size(settings, lines)
    names = dict.fromkeys(name.rpartition("/shift/")[0] for name in channels if "/shift/" in name)
    tracks = [_track(name, channels, size, first, str(source)) for name in names]
    return document_of(tracks, size, str(source), first)


def write(document: TrackDocument) -> Iterator[str]:
    """Write version 6.0, a piece per track."""
    shot = document.shot
    yield f"{_BEGIN} 6.0\nCreationDate Thu Jan 1 00:00:00 1970\n\n\nNbTrackers {len(document.tracks)}\n"
    yield "\n".join(_SETTINGS).format(shot.width, shot.height) + "\n"
    starts = []
    for track in document.tracks:
        rows = list(seen(track))
        starts.append(rows[0][0])
        yield from _channels(track.name, rows, (shot.width, shot.height))
    yield "ChannelEnd\n"
    for place, start in enumerate(starts):
        yield _TRACKER.format(place, start)
    yield "End\n"


@dataclass
class _Channel:
    """An animated number: what it is without keys, and its keys by frame."""

    value: float = 0.0
    keys: dict[int, float] = field(default_factory=dict)

    @property
    def first(self) -> float:
        return self.keys[min(self.keys)] if self.keys else self.value


def _read_channel(lines: Lines) -> _Channel:
    """Read up to the channel's end. Raises FormatError."""
    channel = _Channel()
    frame: int | None = None
    is_in_key = False
    while True:
        line = lines.take("the end of a channel")
        word, _, value = line.strip().partition(" ")
        if not line.startswith("\t"):
            lines.refuse(line, "the end of a channel")
        if word == "Key":
            is_in_key, frame = True, None
        elif word == "End" and not is_in_key:
            return channel
        elif word == "End":
            is_in_key = False
        elif word == "Frame":
            frame = lines.integer(value, "a frame")
        elif word == "Value" and not is_in_key:
            channel.value = lines.number(value, "a value")
        elif word == "Value":
            if frame is None or frame in channel.keys:
                raise FormatError(
                    f"{lines.where} is the value of no frame, or of one that has a value; export it again"
                )
            channel.keys[frame] = lines.number(value, "a value")


def _size(settings: dict[str, str], lines: Lines) -> Size:
    width, height = (lines.count(settings.get(f"Frame{side}", ""), f"Frame{side}") for side in ("Width", "Height"))
    if not (width and height):
        raise FormatError(f"{lines.where} ends a file for a plate of {width} x {height}; export it again")
    return width, height


def _track(name: str, channels: dict[str, _Channel], size: Size, first: int, where: str) -> SampleRows:
    shift_x, shift_y, ref_x, ref_y = (
        channels.get(f"{name}/{what}/{axis}", _Channel()) for what in ("shift", "ref") for axis in ("x", "y")
    )
    if shift_x.keys.keys() != shift_y.keys.keys():
        raise FormatError(f"{where} has keys of {name}/shift/x and /y at different frames; export it again")
    rows = SampleRows(name)
    for frame, shift in shift_x.keys.items():
        x, y = ref_x.first - shift, ref_y.first - shift_y.keys[frame]
        rows.add(frame + first - 1, *from_nuke(x, y, size[1]), where=where)
    return rows


def _channels(name: str, rows: list[Row], size: Size) -> Iterator[str]:
    places = [(frame, *to_nuke(x, y, size[1])) for frame, x, y, _ in rows]
    for axis, side in zip("xy", size):
        yield _still(f"{name}/track/{axis}", side // 2)
    for box, half in _BOXES.items():
        yield _still(f"{name}/{box}/width", half) + _still(f"{name}/{box}/height", half)
    for axis, place in zip("xy", (1, 2)):
        yield _reference(f"{name}/ref/{axis}", places[0][place])
    for axis in "xy":
        yield _locked(f"{name}/ref/d{axis}")
    for axis, place in zip("xy", (1, 2)):
        start = round(places[0][place], 6)
        yield f"Channel {name}/shift/{axis}\n\tExtrapolation constant\n\tValue 0\n\tSize {len(rows)}\n\tKeyVersion 2\n"
        yield "".join(_shift_keys([(row[0], start - row[place]) for row in places])) + "\tEnd\n"
    for axis in "xy":
        yield f"Channel {name}/offset/{axis}\n\tExtrapolation constant\n\tValue 0\n\tEnd\n"


def _still(name: str, value: int) -> str:
    return f"Channel {name}\n\tExtrapolation constant\n\tValue {value}\n{_GREY}\tEnd\n"


def _reference(name: str, value: float) -> str:
    key = f"\tKey 0\n\t\tFrame 1\n\t\tValue {value:.6f}\n\t\tCurveMode hermite\n\t\tCurveOrder constant\n\t\tEnd\n"
    opening = f"Channel {name}\n\tExtrapolation constant\n\tValue {value:.6f}\n{_GREY}"
    return f"{opening}\tSize 1\n\tKeyVersion 2\n{key}\tEnd\n"


def _locked(name: str) -> str:
    lock = (
        "\t\tValue 0\n\t\tValueLock yes\n\t\tDeleteLock yes\n\t\tCurveMode hermite\n\t\tCurveOrder constant\n\t\tEnd\n"
    )
    keys = "".join(f"\tKey {place}\n\t\tFrame {place}\n{lock}" for place in (0, 1))
    return f"Channel {name}\n\tExtrapolation constant\n\tValue 0\n{_GREY}\tSize 2\n\tKeyVersion 2\n{keys}\tEnd\n"


def _shift_keys(shifts: list[tuple[int, float]]) -> Iterator[str]:
    """Write the keys of a shift; the first one, 0, without a point."""
    for place, (frame, shift) in enumerate(shifts):
        value = f"{shift:.6f}" if place else "0"
        yield (
            f"\tKey {place}\n\t\tFrame {frame}\n\t\tValue {value}\n"
            "\t\tCurveMode hermite\n\t\tCurveOrder linear\n\t\tEnd\n"
        )


FLAME = Format(
    name="flame",
    title="Flame",
    suffixes=(".stabilizer",),
    recognises=recognises,
    read=read,
    write=written_as(write, "ascii"),
    fills_gaps=True,
    counts_from=1,
    names=NumberedNames("tracker{}"),
    decimals=5,
)
