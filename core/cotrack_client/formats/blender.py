# SPDX-License-Identifier: Apache-2.0
"""A Python script that puts tracks into the clip that is open in Blender, 2.93 to 5: nothing has to be installed.

Origin: outer bottom-left corner of the plate, x right, y up. Unit: fractions of the plate, 0..1. Frame base: 1 is the
first frame of the plate; the clip's own offset is seen to by the script. Encoding: ASCII. Gaps: disabled markers.

    file   = title "TRACKS = json.loads(r'''" JSON "''')" program
    JSON   = {"size": [w, h], "tracks": [track, ...]}
    track  = {"name", "frames": [n, ...], "u": [u, ...], "v": [v, ...], "muted": [0 | 1, ...], "keyed": [n, ...]}

Only a file that begins with our title is read, and only its data: the program is not run. Markers of hidden frames are
disabled where they may be, and a disabled marker stands behind each stretch, as Blender would hold the last one. It
keeps 63 bytes of a name, and has a weight per track but no confidence per marker.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from cotrack_client.errors import CotrackError, FormatError
from cotrack_client.formats.format import Format, written_as
from cotrack_client.formats.names import NameRule, printable
from cotrack_client.formats.samples import document_of
from cotrack_client.formats.source import Size, Source
from cotrack_client.json_values import INTEGER, LIST, NUMBER, OBJECT, TEXT, Kind, column, field, one, parse
from cotrack_client.raster import from_blender, to_blender
from cotrack_client.tracks import Track, TrackDocument

_TITLE = "# Tracks of cotrack for Blender, version 1."
_DATA = re.compile(r"^TRACKS = json\.loads\(r'''(.*?)'''\)$", re.DOTALL | re.MULTILINE)
_SWITCH: Kind[bool] = Kind("0 or 1", lambda value: value in (0, 1) and not isinstance(value, bool), bool)
_SIDE = INTEGER.that(lambda value: value > 0, "a positive integer")

_OPENING = f"""\
{_TITLE}
# SPDX-License-Identifier: Apache-2.0 (the program; the tracks are yours)
# Open the plate in a Movie Clip Editor, then run this in a Text Editor (Alt P), or: blender shot.blend --python FILE
import json

import bpy

TRACKS = json.loads(r'''"""

_PROGRAM = """''')


def open_clip():
    for window in bpy.context.window_manager.windows:
        for area in window.screen.areas:
            if area.type == "CLIP_EDITOR" and area.spaces.active.clip:
                return area.spaces.active.clip
    clips = list(bpy.data.movieclips)
    if len(clips) != 1:
        raise RuntimeError("open the plate in a Movie Clip Editor first")
    return clips[0]


def write(track, tracks, offset):
    frames = [frame - offset for frame in track["frames"]]
    rows = [row for row in zip(frames, track["u"], track["v"], track["muted"]) if row[0] > 0]
    if not rows:
        return
    made = tracks.new(name=track["name"], frame=rows[0][0])
    pattern = [tuple(corner) for corner in made.markers[0].pattern_corners]
    search = made.markers[0].search_min[:], made.markers[0].search_max[:]
    keyed = {frame - offset for frame in track["keyed"]}
    there = set(frames)
    ends = [(f + 1, u, v, 1) for f, u, v, muted in rows if not muted and f + 1 not in there]
    for frame, u, v, muted in rows + ends:
        marker = made.markers.insert_frame(frame, co=(u, v))
        marker.pattern_corners = pattern
        marker.search_min, marker.search_max = search
        marker.is_keyed = frame in keyed
        marker.mute = bool(muted)


def main():
    clip = open_clip()
    if tuple(clip.size) != tuple(TRACKS["size"]):
        sizes = "%d x %d, not %d x %d" % (*clip.size, *TRACKS["size"])
        raise RuntimeError("the clip %s is %s; open the plate that was tracked" % (clip.name, sizes))
    for track in TRACKS["tracks"]:
        write(track, clip.tracking.objects.active.tracks, clip.frame_offset)
    print("cotrack: %d tracks in the clip %s" % (len(TRACKS["tracks"]), clip.name))


main()
"""


def recognises(source: Source) -> bool:
    """Tell whether a file begins with our title."""
    return source.head.startswith(_TITLE)


def read(source: Source) -> TrackDocument:
    """Read the data of a script of ours. Raises FormatError; CotrackError without `first`."""
    first = source.need_first("Blender")
    data = _DATA.search(source.text)
    if data is None:
        raise FormatError(f"{source} holds no tracks of cotrack for Blender; write it again")
    values = one(parse(data[1], str(source)), OBJECT, str(source))
    sides = column(values, "size", _SIDE, f"{source}:")
    if len(sides) != 2:
        raise FormatError(f"{source}: size has {len(sides)} numbers, not 2; write it again")
    size = sides[0], sides[1]
    listed = field(values, "tracks", LIST, f"{source}:")
    tracks = [_read_track(value, f"{source}: tracks[{place}]", size, first) for place, value in enumerate(listed)]
    return document_of(tracks, size, str(source), first)


def write(document: TrackDocument) -> Iterator[str]:
    """Write the script, a piece per track."""
    shot = document.shot
    yield f'{_OPENING}{{"size": [{shot.width}, {shot.height}], "tracks": [\n'
    for place, track in enumerate(document.tracks):
        yield (",\n" if place else "") + _track(track, (shot.width, shot.height))
    yield f"\n]}}{_PROGRAM}"


def _track(track: Track, size: Size) -> str:
    placed = frozenset(track.keys)
    places = [to_blender(x, y, *size) for x, y in zip(track.x, track.y)]
    muted = ("0" if seen or frame in placed else "1" for frame, seen in zip(track.frames, track.visible))
    name = json.dumps(track.name).replace("'", r"\u0027")  # three of them would end the text
    return (
        f'{{"name": {name}, "keyed": {list(track.keys)},\n "frames": {list(track.frames)},\n'
        f' "u": [{", ".join(["%.12f" % u for u, _ in places])}],\n'  # noqa: UP031  faster
        f' "v": [{", ".join(["%.12f" % v for _, v in places])}],\n'  # noqa: UP031
        f' "muted": [{", ".join(muted)}]}}'
    )


def _read_track(value: object, where: str, size: Size, first: int) -> Track:
    values = one(value, OBJECT, where)
    frames = column(values, "frames", INTEGER, where)
    u, v = (column(values, axis, NUMBER, where) for axis in ("u", "v"))
    muted = column(values, "muted", _SWITCH, where)
    places = [from_blender(*place, *size) for place in zip(u, v)]
    shift = first - 1
    try:
        return Track(
            name=field(values, "name", TEXT, where),
            keys=tuple(frame + shift for frame in column(values, "keyed", INTEGER, where)),
            frames=tuple(frame + shift for frame in frames),
            x=tuple(x for x, _ in places),
            y=tuple(y for _, y in places),
            visible=tuple(not is_muted for is_muted in muted),
            confidence=(1.0,) * len(frames),
        )
    except FormatError:
        raise
    except CotrackError as error:
        raise FormatError(f"{where}: {error}") from error


BLENDER = Format(
    name="blender",
    title="Blender",
    suffixes=(".py",),
    recognises=recognises,
    read=read,
    write=written_as(write, "ascii"),
    keeps=frozenset({"keys", "guesses"}),
    counts_from=1,
    names=NameRule("63 bytes of a name", printable, joint=".", longest=63),
    decimals=8,
)
