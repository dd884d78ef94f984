# SPDX-License-Identifier: Apache-2.0
"""Rows of a Tracker4 and tracks: which markers an artist placed, new rows, and new samples in rows that have keys.

A position of a row is where `track_x` or `track_y` has a key. Frames where a track is not visible get none, and
`enable` is off there, as the shape of a curve does not tell a gap from frames between two keys. `error` is
1 - confidence, and 0 at keys alone. T is off in rows without a position: a Tracker4 would take them for 0 when it
averages.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from cotrack_client.errors import FormatError
from cotrack_client.formats.nuke.curve_values import ChannelValues
from cotrack_client.formats.nuke.curves import Channel, Curve, CurveKey, curve_of, number
from cotrack_client.formats.nuke.table import COLUMNS, Row, Table, curve_cell, name_cell, numbers_cell
from cotrack_client.frames import FrameRange
from cotrack_client.raster import Point, from_nuke, to_nuke
from cotrack_client.tracks import Key, Track

_AXES = ("track_x", "track_y")
_BOXES = tuple(f"{box}_{side}" for box in ("pattern", "search") for side in ("x", "y", "r", "t"))
_Kept = Mapping[str, Mapping[float, CurveKey]]
_Written = Mapping[int, "tuple[str, str]"]
"""By frame, numbers as a script has them."""

_LEAST_ERROR = 5e-5  # of what is tracked; half the last digit of a confidence, as 0 tells what was placed
_NO_ERROR_YET = (1.0, 0.0)  # the least above the most: nothing was tracked


@dataclass(frozen=True)
class RowStyle:
    """What a new row has beside its track: what it drives, and the boxes with which Nuke's own tracker would go on.

    half: half a pattern box's side, px. margin: of the search box around it, px.
    """

    half: int = 32
    margin: int = 22
    translate: bool = True
    rotate: bool = False
    scale: bool = False

    @classmethod
    def for_width(cls, width: int) -> RowStyle:
        """Return what Nuke gives a track that is added on a picture of that width."""
        half = max(1, width // 64)
        return cls(half, half * 7 // 10)


def placed_keys(row: Row, height: int) -> tuple[Key, ...]:
    """Return the positions of a row as keys in the raster, without those where it is switched off.

    height: of the format, px. Raises FormatError for positions that an expression makes, or between frames.
    """
    enabled = ChannelValues(row.channel("enable"), f"enable of track {row.name!r}")
    return tuple(
        Key(row.name, frame, *from_nuke(*position, height))
        for frame, position in positions(row).items()
        if enabled.at(frame)
    )


def read_track(row: Row, height: int) -> Track:
    """Return a row as a track in the raster: a sample at each of its positions, none of them a key.

    height: of the format, px. Raises FormatError as `placed_keys` does.
    """
    found = positions(row)
    enabled = ChannelValues(row.channel("enable"), f"enable of track {row.name!r}")
    errors = dict(_values_of(row.channel("error")))
    raster = [from_nuke(*position, height) for position in found.values()]
    return Track(
        name=row.name,
        keys=(),
        frames=tuple(found),
        x=tuple(x for x, _ in raster),
        y=tuple(y for _, y in raster),
        visible=tuple(bool(enabled.at(frame)) for frame in found),
        confidence=tuple(_confidence(errors.get(frame)) for frame in found),
    )


def positions(row: Row) -> dict[int, Point]:
    """Return frame to position, in Nuke's pixels, where either axis has a key.

    Raises FormatError for positions that an expression makes, or between frames.
    """
    across, up = (row.channel(axis) for axis in _AXES)
    if isinstance(across, Curve) and isinstance(up, Curve) and across.frames == up.frames:
        whole = (_whole(frame, row.name) for frame in across.frames)
        return dict(zip(whole, zip(across.values, up.values)))
    x, y = (ChannelValues(row.channel(axis), f"{axis} of track {row.name!r}") for axis in _AXES)
    frames = sorted({*_keys_of(across), *_keys_of(up)})
    return {_whole(frame, row.name): (x.at(frame), y.at(frame)) for frame in frames}


def new_row(track: Track, height: int, shot: FrameRange, style: RowStyle, artists: Row | None = None) -> Row:
    """Return a row for a track, keyed where it is visible.

    shot: the frames that were tracked; those of them where the track is not visible are gaps. artists: the row in which
    its keys were placed; they keep their values to the last digit, and the new row has its offset, switches and boxes.
    """
    found = positions(artists) if artists else {}
    placed = {frame: found[frame] for frame in track.keys if frame in found}
    samples = _samples(track, height, placed)
    enable = curve_of(_switching(track, shot), "K")
    cells = {"enable": curve_cell(enable), "name": name_cell(track.name), **_position_cells(samples)}
    cells.update(_error_cells(_errors(track)))
    cells.update({switch: artists.cell(switch) for switch in ("T", "R", "S")} if artists else _switches(style))
    if not samples:
        cells["T"] = "0"
    resting = curve_cell(curve_of([(min(samples, default=shot.first), 0.0)], "K"))
    for axis in ("offset_x", "offset_y"):
        cells[axis] = artists.cell(axis) if artists else resting
    cells.update({side: artists.cell(side) for side in _BOXES} if artists else _boxes(style))
    return Row(tuple(cells.get(column, "{}") for column in COLUMNS))


def marker_row(key: Key, height: int, style: RowStyle) -> Row:
    """Return a row as a track has it that is placed and was never tracked. height: of the format, px."""
    only = Track(key.track, (key.frame,), (key.frame,), (key.x,), (key.y,), (True,), (1.0,))
    return new_row(only, height, FrameRange(key.frame, key.frame), style).setting(_error_cells({}))


def merge_row(row: Row, track: Track, height: int, shot: FrameRange) -> Row:
    """Return a row with a track's samples in the frames of a shot; its own keys stay where the track says they are.

    What the row holds outside the shot stays too, and so does everything that is no sample. Raises FormatError for
    positions that an expression makes.
    """
    placed, found = frozenset(track.keys), positions(row)
    stays = frozenset(frame for frame in found if frame not in shot or frame in placed)
    samples = _samples(track, height, {frame: found[frame] for frame in stays})
    kept = {axis: _keys_with_more_than_values(row.channel(axis), stays) for axis in _AXES}
    old_errors = {int(frame): value for frame, value in _values_of(row.channel("error")) if frame in stays}
    errors = {**_errors(track), **old_errors}
    cells = {"enable": curve_cell(_enable(row, track, shot, frozenset(found))), **_position_cells(samples, kept)}
    cells.update(_error_cells({frame: errors[frame] for frame in sorted(errors)}))
    return row.setting(cells)


def merge(table: Table, tracks: Iterable[Track], height: int, shot: FrameRange, style: RowStyle) -> Table:
    """Return a table with tracks in it: those with a row of their name in that one, the others as new rows.

    height: of the format, px. shot: the frames that were tracked. Raises FormatError where two rows have one name, or
    an expression makes a row's positions.
    """
    rows = list(table.rows)
    for track in tracks:
        row = table.row(track.name)
        if row is None:
            rows.append(new_row(track, height, shot, style).on_own_line(table.line_end))
        else:
            rows[rows.index(row)] = merge_row(row, track, height, shot)
    return table.with_rows(rows)


def _keys_of(channel: Channel) -> dict[float, CurveKey]:
    return {key.frame: key for key in channel.keys} if isinstance(channel, Curve) else {}


def _values_of(channel: Channel) -> Iterable[tuple[float, float]]:
    return zip(channel.frames, channel.values) if isinstance(channel, Curve) else ()


def _keys_with_more_than_values(channel: Channel, frames: frozenset[int]) -> dict[float, CurveKey]:
    """Return the keys at these frames, none where their values are all there is to keep."""
    if isinstance(channel, Curve) and channel.is_plain:
        return {}
    return {frame: key for frame, key in _keys_of(channel).items() if frame in frames}


def _whole(frame: float, name: str) -> int:
    if frame != int(frame):
        raise FormatError(f"track {name!r} has a key at frame {number(frame)}; move it to a whole frame in Nuke")
    return int(frame)


def _confidence(error: float | None) -> float:
    return 1.0 if error is None else min(1.0, max(0.0, 1.0 - error))


def _samples(track: Track, height: int, exact: Mapping[int, Point]) -> _Written:
    """Return frame to position in Nuke's pixels, ascending: where the track is seen, and what is known exactly."""
    samples = {frame: (number(x), number(y)) for frame, (x, y) in exact.items()}
    placed = frozenset(track.keys)
    for index, frame in _seen(track).items():
        if frame not in samples:
            x, y = to_nuke(track.x[index], track.y[index], height)
            samples[frame] = (number(x), number(y)) if frame in placed else (f"{x:.10g}", f"{y:.10g}")
    return {frame: samples[frame] for frame in sorted(samples)}


def _errors(track: Track) -> dict[int, float]:
    placed = frozenset(track.keys)
    return {
        frame: 0.0 if frame in placed else max(_LEAST_ERROR, round(1.0 - track.confidence[index], 6))
        for index, frame in _seen(track).items()
    }


def _seen(track: Track) -> dict[int, int]:
    """Return index to frame where a track is visible or has a key."""
    placed = frozenset(track.keys)
    return {i: frame for i, frame in enumerate(track.frames) if track.visible[i] or frame in placed}


def _position_cells(samples: _Written, kept: _Kept | None = None) -> dict[str, str]:
    cells = {}
    for place, axis in enumerate(_AXES):
        numbers = {frame: position[place] for frame, position in samples.items()}
        own = kept[axis] if kept else {}
        if not own:
            cells[axis] = numbers_cell(numbers)
        else:
            keys = (own.get(frame) or CurveKey(frame, float(value)) for frame, value in numbers.items())
            cells[axis] = curve_cell(Curve(tuple(keys)))
    return cells


def _error_cells(errors: Mapping[int, float]) -> dict[str, str]:
    least, most = (min(errors.values()), max(errors.values())) if errors else _NO_ERROR_YET
    cell = numbers_cell({frame: number(value) for frame, value in errors.items()})
    return {"error": cell, "error_min": f"{least:g}", "error_max": f"{most:g}"}


def _switching(track: Track, shot: FrameRange) -> list[tuple[int, float]]:
    """Return the frames of a shot at which a track appears and disappears, with 1 and 0; the first in any case."""
    visible = frozenset(_seen(track).values())
    states = [(frame, float(frame in visible)) for frame in shot.numbers()]
    return [state for place, state in enumerate(states) if place == 0 or state[1] != states[place - 1][1]]


def _enable(row: Row, track: Track, shot: FrameRange, keyed: frozenset[int]) -> Curve:
    """Return a row's switch: as it was outside the shot where there is something, as the track says within."""
    channel = row.channel("enable")
    was = ChannelValues(channel, f"enable of track {row.name!r}")
    told = {frame: key.value for frame, key in _keys_of(channel).items()}
    states = {frame: value for frame, value in told.items() if frame < shot.first}
    earliest = min(keyed, default=shot.first)
    if earliest < shot.first and not states:
        states[earliest] = was.at(earliest)
    states.update(_switching(track, shot))
    if max((*keyed, *told), default=shot.last) > shot.last:
        states[shot.last + 1] = was.at(shot.last + 1)
        states.update({frame: value for frame, value in told.items() if frame > shot.last})
    return curve_of(sorted(states.items()), "K")


def _switches(style: RowStyle) -> dict[str, str]:
    return {"T": str(int(style.translate)), "R": str(int(style.rotate)), "S": str(int(style.scale))}


def _boxes(style: RowStyle) -> dict[str, str]:
    sides = (-style.half, -style.half, style.half, style.half, -style.margin, -style.margin, style.margin, style.margin)
    return dict(zip(_BOXES, map(str, sides)))
