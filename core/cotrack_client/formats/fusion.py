# SPDX-License-Identifier: Apache-2.0
"""A Tracker of Fusion, in Fusion Studio or DaVinci Resolve: a .setting file, or the text that copying a tool gives.

Origin: outer bottom-left corner of the plate, x right, y up. Unit: fractions of the plate, 0..1. Frame base: frames of
the composition, taken for the plate's own; Resolve counts them from 0 at the first frame of a clip. Encoding: UTF-8.
Gaps: keys are left out, and Fusion draws a line through them.

    {Tools = ordered() {
        Tracker1 = Tracker {Trackers = {{PatternTime, PatternX, PatternY}, ...}, one for each track, Inputs = {
            Name1 = Input {Value = "..."}, PatternCenter1 = Input {Value = {u, v}},
            TrackedCenter1 = Input {SourceOp = "Tracker1Path1", Source = "Value"}, ...}},
        Tracker1Path1 = XYPath {Inputs = {X = Input {SourceOp = "Tracker1Path1X", ...}, Y = ...}},
        Tracker1Path1X = BezierSpline {KeyFrames = {[1001] = {u, Flags = {Linear = true}}, ...}}, ...}}

Fusion's own tracker leaves a PolyPath, whose positions only Fusion computes; it is refused, with what to do about it.
No Fusion has read our files yet: the layout is that of a plug-in that does this.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from cotrack_client.errors import FormatError
from cotrack_client.formats.format import Format, written_as
from cotrack_client.formats.lua_tables import Table, parse_table
from cotrack_client.formats.names import NameRule, ascii_text
from cotrack_client.formats.samples import SampleRows, document_of, seen, shifted
from cotrack_client.formats.source import Size, Source
from cotrack_client.raster import from_blender, to_blender
from cotrack_client.tracks import Track, TrackDocument

_TOOL = "Tracker1"
_NAME = re.compile(r"Name([0-9]{1,6})")
_MOST_FRAME = 2**31
_AXES = ("X", "Y")


def recognises(source: Source) -> bool:
    """Tell whether a file holds tools of Fusion, a Tracker among them."""
    return (
        re.match(r"\s*\{\s*Tools\s*=", source.head) is not None
        and re.search(r"=\s*Tracker\s*\{", source.text) is not None
    )


def read(source: Source) -> TrackDocument:
    """Read every Tracker of a file. Raises FormatError; CotrackError without `size`."""
    size = source.need_size("Fusion")
    return document_of(_read_tracks(source, size), size, str(source), source.first)


def read_from_resolve(source: Source) -> TrackDocument:
    """Read a file whose frames are counted from 0. Raises FormatError; CotrackError without `size` and `first`."""
    size, first = source.need_size("DaVinci Resolve"), source.need_first("DaVinci Resolve")
    tracks = (shifted(track.track(), first) for track in _read_tracks(source, size))
    return document_of(tracks, size, str(source), first)


def write(document: TrackDocument) -> Iterator[str]:
    """Write one Tracker, then a path and two splines per track."""
    shot = document.shot
    starts = [next(iter(seen(track))) for track in document.tracks]
    patterns = [(frame, *to_blender(x, y, shot.width, shot.height)) for frame, x, y, _ in starts]
    yield "{\n\tTools = ordered() {\n"
    yield f"\t\t{_TOOL} = Tracker {{\n\t\t\tTrackers = {{\n"
    for frame, u, v in patterns:
        yield f"\t\t\t\t{{ PatternTime = {frame}, PatternX = {u:.9f}, PatternY = {v:.9f} }},\n"
    yield "\t\t\t},\n\t\t\tInputs = {\n"
    for place, (track, (_, u, v)) in enumerate(zip(document.tracks, patterns), start=1):
        yield f"\t\t\t\tName{place} = Input {{ Value = {json.dumps(track.name)}, }},\n"
        yield f"\t\t\t\tPatternCenter{place} = Input {{ Value = {{ {u:.9f}, {v:.9f} }}, }},\n"
        yield f"\t\t\t\tTrackedCenter{place} = {_input(f'{_TOOL}Path{place}')},\n"
    yield "\t\t\t},\n\t\t\tViewInfo = OperatorInfo { Pos = { 0, 0 } },\n\t\t},\n"
    for place, track in enumerate(document.tracks, start=1):
        yield from _path(f"{_TOOL}Path{place}", track, shot.width, shot.height)
    yield f'\t}},\n\tActiveTool = "{_TOOL}"\n}}\n'


def _input(source: str) -> str:
    return f'Input {{ SourceOp = "{source}", Source = "Value", }}'


def _path(name: str, track: Track, width: int, height: int) -> Iterator[str]:
    yield f'\t\t{name} = XYPath {{\n\t\t\tDrawMode = "ModifyOnly",\n\t\t\tInputs = {{\n'
    yield "".join(f"\t\t\t\t{axis} = {_input(name + axis)},\n" for axis in _AXES) + "\t\t\t},\n\t\t},\n"
    samples = [(frame, *to_blender(x, y, width, height)) for frame, x, y, _ in seen(track)]
    for axis, values in zip(_AXES, (((frame, u) for frame, u, _ in samples), ((frame, v) for frame, _, v in samples))):
        yield f"\t\t{name}{axis} = BezierSpline {{\n\t\t\tSplineColor = {{ Red = 255, Green = 0, Blue = 0 }},\n"
        yield f"\t\t\tKeyFrames = {{\n{_keys(values)}\t\t\t}},\n\t\t}},\n"


def _keys(values: Iterable[tuple[int, float]]) -> str:
    return "".join("\t\t\t\t[%d] = { %.9f, Flags = { Linear = true } },\n" % value for value in values)  # noqa: UP031  faster


def _read_tracks(source: Source, size: Size) -> Iterator[SampleRows]:
    tools = parse_table(source.text, str(source)).get("Tools")
    if not isinstance(tools, Table):
        raise FormatError(f"{source} holds no tools; copy the Tracker again")
    trackers = {name: tool for name, tool in tools.fields.items() if isinstance(tool, Table) and tool.kind == "Tracker"}
    for tool_name, tool in trackers.items():
        inputs = tool.get("Inputs")
        numbers = [_NAME.fullmatch(str(name)) for name in (inputs.fields if isinstance(inputs, Table) else ())]
        for number in (match[1] for match in numbers if match):
            name = str(tool.get("Inputs", f"Name{number}", "Value"))
            rows = SampleRows(name if len(trackers) == 1 else f"{tool_name} {name}")
            path = tool.get("Inputs", f"TrackedCenter{number}", "SourceOp")
            for frame, u, v in _positions(tools, path, f"{source}: {name}"):
                rows.add(frame, *from_blender(u, v, *size), where=str(source))
            yield rows


def _positions(tools: Table, name: object, where: str) -> Iterator[tuple[int, float, float]]:
    """Return frame, u and v of a path, where both splines have a key; none where a track has no path."""
    path = tools.get(name) if isinstance(name, str) else None
    if not isinstance(path, Table):
        return
    if path.kind != "XYPath":
        raise FormatError(
            f"{where} has a {path.kind}, whose positions only Fusion computes; right-click its path there, "
            "and choose Convert to XY Path"
        )
    across, up = (_spline(tools, path.get("Inputs", axis, "SourceOp"), where) for axis in _AXES)
    for frame, u in across.items():
        if frame in up:
            yield frame, u, up[frame]


def _spline(tools: Table, name: object, where: str) -> dict[int, float]:
    keys = tools.get(name, "KeyFrames") if isinstance(name, str) else None
    if not isinstance(keys, Table):
        return {}
    return {_frame(frame, where): _value(key, where) for frame, key in keys.fields.items()}


def _frame(frame: float | str, where: str) -> int:
    if isinstance(frame, str) or frame != int(frame) or abs(frame) >= _MOST_FRAME:
        raise FormatError(f"{where} has a key at {frame!r}, which is no whole frame; move it to one in Fusion")
    return int(frame)


def _value(key: object, where: str) -> float:
    value = key.fields.get(1.0) if isinstance(key, Table) else key
    if not isinstance(value, float) or isinstance(value, bool):
        raise FormatError(f"{where} has a key without a number; copy the tool again")
    return value


FUSION = Format(
    name="fusion",
    title="Fusion",
    suffixes=(".setting",),
    recognises=recognises,
    read=read,
    write=written_as(write, "ascii"),
    fills_gaps=True,
    names=NameRule("ASCII without quotes and backslashes", lambda name: re.sub(r'["\\]', "_", ascii_text(name))),
    decimals=5,
    needs_size=True,
)

RESOLVE = replace(
    FUSION,
    name="resolve",
    title="Fusion in DaVinci Resolve",
    recognises=lambda _: False,  # it looks like one of Fusion Studio; only who has it knows how it counts
    read=read_from_resolve,
    counts_from=0,
    chosen_by_suffix=False,
)
