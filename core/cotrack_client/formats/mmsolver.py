# SPDX-License-Identifier: Apache-2.0
"""mmSolver's .uv tracks, for Maya, and through mmSolver's script for 3DEqualizer: versions 1 to 5 read, 4 written.

Origin: outer bottom-left corner of the plate, x right, y up. Unit: fractions of the plate, 0..1. Frame base: the
plate's own numbers. Encoding: ASCII; version 1 is lines of text, the others JSON. Gaps: their frames are left out.

    version 1  = COUNT track...
    track      = NAME COUNT row...                 a line each
    row        = FRAME U V WEIGHT                  four numbers, always

    version 2+ = {"version", "num_points", "is_undistorted", "points": [point, ...], "camera": camera}
    point      = {"name", "id": int | null, "set_name", "per_frame": [sample, ...], "3d": {"x", "y", "z", ...}}
    sample     = {"frame", "pos": [u, v], "pos_dist": [u, v] from 3 on, "weight"}
    camera     = {"resolution": [w, h], "film_back_cm", "lens_center_offset_cm", "per_frame"} from 4 on

`pos` is without, `pos_dist` with the lens's distortion. We read the latter where it is there, and write the plate's
positions as both, as Maya's loader takes the former unless it is told otherwise. The weight is our confidence. Its
readers want numbers of `3d` to have a point, and `film_back_cm` to be there: ours is 3.6 cm wide, for want of a lens.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping

from cotrack_client.errors import FormatError
from cotrack_client.formats.format import Format, written_as
from cotrack_client.formats.lines import Lines
from cotrack_client.formats.names import ASCII_WORD
from cotrack_client.formats.samples import SampleRows, document_of, seen
from cotrack_client.formats.source import Size, Source
from cotrack_client.json_values import INTEGER, LIST, NUMBER, OBJECT, TEXT, Kind, field, one, parse
from cotrack_client.raster import from_blender, to_blender
from cotrack_client.tracks import Track, TrackDocument

_PROGRAM = "mmSolver"
_ASCII = re.compile(r"[0-9]+[ \t]*\n[^\n]+\n[0-9]+[ \t]*\n[^\s]+[ \t]+\S+[ \t]+\S+[ \t]+\S+[ \t]*(?:\n|\Z)")
_JSON = re.compile(r'"num_points"\s*:|"per_frame"\s*:')
_VERSIONS = range(2, 6)
_FILM_BACK_CM = 3.6
_FOCAL_LENGTH_CM = 3.5
_UV: Kind[tuple[float, float]] = Kind(
    "two numbers",
    lambda value: isinstance(value, list) and len(value) == 2 and all(map(NUMBER.holds, value)),
    lambda value: (float(value[0]), float(value[1])),
)
_RESOLUTION: Kind[Size] = Kind(
    "two positive integers",
    lambda value: isinstance(value, list) and len(value) == 2 and all(INTEGER.holds(v) and v > 0 for v in value),
    lambda value: (value[0], value[1]),
)


def recognises(source: Source) -> bool:
    """Tell whether a file is of either kind."""
    if source.head.lstrip().startswith("{"):
        return '"cotrack.tracks/' not in source.head and _JSON.search(source.text) is not None
    return _ASCII.match(source.head) is not None


def read(source: Source) -> TrackDocument:
    """Read a file of any version. Raises FormatError; CotrackError without `size` where the file has no camera."""
    if not source.text.lstrip().startswith("{"):
        size = source.need_size(_PROGRAM)
        return document_of(_read_ascii(Lines(source.text, str(source)), size), size, str(source), source.first)
    values = one(parse(source.text, str(source)), OBJECT, str(source))
    version = field(values, "version", INTEGER, f"{source}:")
    if version not in _VERSIONS:
        raise FormatError(f"{source} is version {version} of mmSolver's tracks, not 1 to 5; export an earlier one")
    size = _resolution(values, source) or source.need_size(_PROGRAM)
    points = field(values, "points", LIST, f"{source}:")
    tracks = [_read_point(point, f"{source}: points[{index}]", size) for index, point in enumerate(points)]
    return document_of(tracks, size, str(source), source.first)


def write(document: TrackDocument) -> Iterator[str]:
    """Write version 4, a piece per track."""
    shot = document.shot
    head = {"version": 4, "num_points": len(document.tracks), "is_undistorted": None}
    yield json.dumps(head)[:-1] + ', "points": [\n'
    for place, track in enumerate(document.tracks):
        yield (",\n" if place else "") + "".join(_point(track, shot.width, shot.height))
    film = [_FILM_BACK_CM, _FILM_BACK_CM * shot.height * shot.pixel_aspect / shot.width]
    camera = {
        "resolution": [shot.width, shot.height],
        "film_back_cm": film,
        "lens_center_offset_cm": [0.0, 0.0],
        "per_frame": [{"frame": shot.first, "focal_length_cm": _FOCAL_LENGTH_CM}],
    }
    yield f'\n], "camera": {json.dumps(camera)}}}\n'


def _point(track: Track, width: int, height: int) -> Iterator[str]:
    nowhere = {**dict.fromkeys("xyz"), **dict.fromkeys(("x_lock", "y_lock", "z_lock"), False)}
    head = {"name": track.name, "id": None, "set_name": "cotrack", "3d": nowhere}
    yield json.dumps(head)[:-1] + ', "per_frame": [\n'
    samples = ((frame, *to_blender(x, y, width, height), confidence) for frame, x, y, confidence in seen(track))
    yield ",\n".join(
        '{"frame": %d, "pos": [%.12f, %.12f], "pos_dist": [%.12f, %.12f], "weight": %.6f}'  # noqa: UP031  faster
        % (frame, u, v, u, v, weight)
        for frame, u, v, weight in samples
    )
    yield "]}"


def _read_ascii(lines: Lines, size: Size) -> Iterator[SampleRows]:
    for _ in range(lines.count(lines.take("the number of tracks"), "the number of tracks")):
        track = SampleRows(lines.take("a name").strip())
        for _ in range(lines.count(lines.take("the number of rows"), "the number of rows")):
            line = lines.take("a row")
            cells = line.split()
            if len(cells) != 4:
                lines.refuse(line, "a row of frame, u, v and weight")
            u, v, weight = (lines.number(cell, "a number") for cell in cells[1:])
            track.add(lines.integer(cells[0], "a frame"), *from_blender(u, v, *size), weight, where=lines.where)
        yield track
    if (rest := lines.peek()) is not None:
        lines.take("")
        lines.refuse(rest, "the end, as all announced tracks are there")


def _resolution(values: Mapping[str, object], source: Source) -> Size | None:
    if not isinstance(values.get("camera"), dict):
        return None
    return one(
        field(values, "camera", OBJECT, f"{source}:").get("resolution"),
        _RESOLUTION.or_null(),
        f"{source}: camera.resolution",
    )


def _read_point(value: object, where: str, size: Size) -> SampleRows:
    point = one(value, OBJECT, where)
    track = SampleRows(field(point, "name", TEXT, where))
    for index, sample in enumerate(_samples(point, where)):
        _read_sample(track, sample, f"{where}.per_frame[{index}]", size)
    return track


def _samples(point: Mapping[str, object], where: str) -> list[object]:
    return field(point, "per_frame", LIST, where) if "per_frame" in point else []


def _read_sample(track: SampleRows, value: object, where: str, size: Size) -> None:
    sample = one(value, OBJECT, where)
    distorted = one(sample.get("pos_dist"), _UV.or_null(), f"{where}.pos_dist")
    u, v = field(sample, "pos", _UV, where) if distorted is None else distorted
    weight = one(sample.get("weight"), NUMBER.or_null(), f"{where}.weight")
    frame = field(sample, "frame", INTEGER, where)
    track.add(frame, *from_blender(u, v, *size), 1.0 if weight is None else weight, where=where)


MMSOLVER = Format(
    name="mmsolver",
    title=_PROGRAM,
    suffixes=(".uv",),
    recognises=recognises,
    read=read,
    write=written_as(write, "ascii"),
    keeps=frozenset({"confidence"}),
    names=ASCII_WORD,
    decimals=5,
)
