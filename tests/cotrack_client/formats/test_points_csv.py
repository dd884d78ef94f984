# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import contextlib
import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cotrack_client.errors import CotrackError, FormatError
from cotrack_client.formats.points_csv import from_text, parse_point, read_points
from cotrack_client.formats.tracks_json import write_tracks
from cotrack_client.tracks import Key, Shot, Track, TrackDocument

NOSE_AND_EAR = (Key("nose", 1001, 12.5, 30.25), Key("nose", 1010, 14.0, 31.0), Key("left ear", 1001, -3.0, 0.001))

names = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Z"]), min_size=1, max_size=10)
any_keys = st.lists(
    st.builds(Key, names, st.integers(-999_999_999, 999_999_999), st.floats(-1e20, 1e20), st.floats(-1e20, 1e20)),
    min_size=1,
    max_size=5,
    unique_by=lambda key: (key.track, key.frame),
)


@given(any_keys, st.sampled_from(",;\t"))
def test_what_a_spreadsheet_writes_is_read(keys: list[Key], separator: str) -> None:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=separator)
    writer.writerow(["name", "frame", "x", "y"])
    writer.writerows([key.track, key.frame, key.x, key.y] for key in keys)
    assert from_text(out.getvalue()) == tuple(keys)


@pytest.mark.parametrize(
    "text",
    [
        "name,frame,x,y\nnose,1001,12.5,30.25\nnose,1010,14,31\nleft ear,1001,-3,1e-3\n",
        "nose,1001,12.5,30.25\nnose,1010,14,31\nleft ear,1001,-3,.001",
        '\n name , frame , x , y\r\nnose, 1001, 12.5, 30.25\r\n\r\nnose,1010.0,14.,31\r\n"left ear",1001,-3,0.001\r\n',
        "name;frame;x;y\nnose;1001;12,5;30,25\nnose;1010;14;31\nleft ear;1001;-3;0,001\n",
        "nose\t1001\t12.5\t30.25\nnose\t1010\t14\t31\nleft ear\t1001\t-3\t0.001\n",
        "Y,X,Note,Frame,Name\n30.25,12.5,hi,1001,nose\n31,14,,1010,nose\n0.001,-3,,1001,left ear\n",
    ],
    ids=["header", "bare", "windows", "semicolon and decimal comma", "tab", "columns in another order"],
)
def test_the_forms_of_a_points_file(text: str, tmp_path: Path) -> None:
    path = tmp_path / "points.txt"
    path.write_bytes(text.encode())
    assert read_points(path) == NOSE_AND_EAR


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "holds no points; write one per line as name,frame,x,y"),
        ("name,frame,x,y\n", "holds no points"),
        ("name,frame,x,y\nnose,1001,5\n", "line 2 has 3 values, not 4; write it as name,frame,x,y"),
        ("name;frame;x;y\nnose;1001;5\n", "line 2 has 3 values, not 4; write it as name;frame;x;y"),
        ("nose,1001,12,5,30,25\n", "line 1 has 6 values, not 4"),
        ("a,1,2,3\n\nnose,first,2,3\n", "line 3 has 'first' for a frame; write a whole number"),
        ("nose,10.5,2,3\n", "line 1 has '10.5' for a frame"),
        ("nose,9999999999,2,3\n", "line 1 has '9999999999' for a frame"),
        ("nose,1001,nan,3\n", "line 1 has 'nan' for x; write a number of pixels"),
        ("nose,1001,2,inf\n", "line 1 has 'inf' for y"),
        ("nose,1001,2,1_0\n", "line 1 has '1_0' for y"),
        ("nose,1001,,3\n", "line 1 has '' for x"),
        (",1001,2,3\n", "line 1 has no name; give the track one"),
        ("a,1,2,3\nb,1,2,3\na,1,5,6\n", "line 3 places 'a' at frame 1 again, after line 1; keep one of the two"),
        ("a,1,2,3\n" + "b" * 200_000 + ",1,2,3\n", "line 2 is not CSV"),
    ],
)
def test_a_bad_line_is_named_by_its_number(text: str, message: str) -> None:
    with pytest.raises(FormatError, match=f"points.csv.*{message}"):
        from_text(text, "points.csv")


@given(st.text())
def test_no_text_raises_anything_but_a_format_error(text: str) -> None:
    with contextlib.suppress(FormatError):
        from_text(text)


@given(st.binary(max_size=40))
def test_no_bytes_raise_anything_but_a_format_error(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "points.bin"
    path.write_bytes(data)
    with contextlib.suppress(FormatError):
        read_points(path)


def test_a_file_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(CotrackError, match=r"cannot read .*none.csv: No such file"):
        read_points(tmp_path / "none.csv")


def track(name: str, *, keys: tuple[int, ...], visible: tuple[bool, ...]) -> Track:
    frames = tuple(range(1001, 1001 + len(visible)))
    return Track(
        name, keys, frames, tuple(float(f) for f in frames), (2.0,) * len(frames), visible, (1.0,) * len(frames)
    )


def test_the_keys_of_a_track_file_are_its_points(tmp_path: Path) -> None:
    tracks = (
        track("keyed", keys=(1001, 1003), visible=(True, True, False)),
        track("found", keys=(), visible=(False, True, True)),
        track("never seen", keys=(), visible=(False,)),
    )
    write_tracks(TrackDocument(Shot("a.mov", 9, 9, 1001, 1003), tracks), tmp_path / "tracks.json")
    assert read_points(tmp_path / "tracks.json") == (
        Key("keyed", 1001, 1001.0, 2.0),
        Key("keyed", 1003, 1003.0, 2.0),
        Key("found", 1002, 1002.0, 2.0),
    )


def test_a_track_file_without_a_point_is_refused(tmp_path: Path) -> None:
    tracks = (track("never seen", keys=(), visible=(False,)),)
    write_tracks(TrackDocument(Shot("a.mov", 9, 9, 1001, 1003), tracks), tmp_path / "tracks.json")
    with pytest.raises(FormatError, match=r"tracks.json holds no track with a key or a visible frame"):
        read_points(tmp_path / "tracks.json")


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("nose=1001,512.5,300", Key("nose", 1001, 512.5, 300.0)),
        (" left ear = -5 , .5 , 1e2 ", Key("left ear", -5, 0.5, 100.0)),
        ("a=b=1,2,3", Key("a=b", 1, 2.0, 3.0)),
        ("a,b=1,2,3", Key("a,b", 1, 2.0, 3.0)),
    ],
)
def test_a_point_of_the_command_line(text: str, key: Key) -> None:
    assert parse_point(text) == key


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "'' is not a point; write it as NAME=FRAME,X,Y, for example nose=1001,512.5,300"),
        ("1001,512,300", "'1001,512,300' is not a point"),
        ("nose=1001,512", "'nose=1001,512' is not a point"),
        ("nose=1001,512,300,1", "is not a point"),
        ("=1001,512,300", "point '=1001,512,300' has no name"),
        ("nose=f,512,300", "point 'nose=f,512,300' has 'f' for a frame"),
        ("nose=1001,nan,300", "has 'nan' for x"),
        ("nose=1001,512,1e999", "has '1e999' for y"),
    ],
)
def test_what_is_no_point_is_refused_by_name(text: str, message: str) -> None:
    with pytest.raises(FormatError, match=message):
        parse_point(text)
