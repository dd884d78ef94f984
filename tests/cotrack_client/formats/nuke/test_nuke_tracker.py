# SPDX-License-Identifier: Apache-2.0
"""Tracks into a Tracker4 and back: what the artist placed keeps its last digit, and gaps stay gaps."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cotrack_client.errors import FormatError
from cotrack_client.formats.nuke.curve_values import ChannelValues
from cotrack_client.formats.nuke.curves import Curve
from cotrack_client.formats.nuke.pieces import make_node
from cotrack_client.formats.nuke.placing import tracker_knobs
from cotrack_client.formats.nuke.script import parse, read_script
from cotrack_client.formats.nuke.table import COLUMNS, Row, Table, new_table, read_table
from cotrack_client.formats.nuke.tracker import (
    RowStyle,
    merge,
    merge_row,
    new_row,
    placed_keys,
    positions,
    read_track,
)
from cotrack_client.frames import FrameRange
from cotrack_client.tracks import Key, Track

DATA = Path(__file__).parents[3] / "data/nuke"
HEIGHT = 1080
STYLE = RowStyle.for_width(1920)

coordinates = st.floats(-5000, 9000)  # overscan
names = st.text(max_size=12) | st.sampled_from(
    ['a "b" {c}', "[x] $y \\z", "track 1", "\u00fcber\u2192", "{", "}", "\\"]
)


@st.composite
def tracks_in_shots(draw: st.DrawFn) -> tuple[Track, FrameRange]:
    """A track with gaps, and the frames it was tracked in, some of them without a position at all."""
    first = draw(st.integers(-20, 2000))
    shot = FrameRange(first, first + draw(st.integers(0, 40)))
    frames = [frame for frame in shot.numbers() if draw(st.booleans())]
    keys = tuple(frame for frame in frames if draw(st.integers(0, 5)) == 0)
    return Track(
        name=draw(names),
        keys=keys,
        frames=tuple(frames),
        x=tuple(draw(coordinates) for _ in frames),
        y=tuple(draw(coordinates) for _ in frames),
        visible=tuple(frame in keys or draw(st.booleans()) for frame in frames),
        confidence=tuple(round(draw(st.floats(0, 1)), 4) for _ in frames),
    ), shot


def through_a_script(row: Row) -> Row:
    """The row of a script that was written with it and read again."""
    node = make_node("Tracker4", tracker_knobs(new_table().with_rows([row]), 1))
    (found,) = parse(parse(node.text).text).nodes()
    (read,) = read_table(found.node.get("tracks") or "").rows
    return read


def track(
    name: str = "nose", frames: range = range(1001, 1006), *, hidden: tuple[int, ...] = (), **columns: object
) -> Track:
    """A track that goes 1 px right and down per frame from (100, 200), its key at its first frame."""
    steps = [frame - frames[0] for frame in frames]
    values = {
        "keys": (frames[0],),
        "x": tuple(100.0 + step for step in steps),
        "y": tuple(200.0 + step for step in steps),
        "confidence": tuple(0.75 for _ in steps),
        **columns,
    }
    return Track(name=name, frames=tuple(frames), visible=tuple(frame not in hidden for frame in frames), **values)


def table_of(*cells: dict[str, str]) -> Table:
    return new_table().with_rows([Row(tuple(one.get(column, "{}") for column in COLUMNS)) for one in cells])


MARKER = {
    "enable": "{curve K x1003 1}",
    "name": '"nose"',
    "track_x": "{curve x1003 812.3456789012345}",
    "track_y": "{curve x1003 0.1}",
    "offset_x": "{curve K x1003 2.5}",
    "offset_y": "{curve K x1003 0}",
    "T": "1",
    "R": "1",
    "S": "0",
    "error": "{curve x1003 0}",
    "error_min": "1",
    "error_max": "0",
    **{f"{box}_{side}": "7" for box in ("pattern", "search") for side in "xyrt"},
}


@given(tracks_in_shots())
def test_any_track_comes_back_where_it_was_visible(case: tuple[Track, FrameRange]) -> None:
    track, shot = case
    row = through_a_script(new_row(track, HEIGHT, shot, STYLE))
    back = read_track(row, HEIGHT)
    seen = [place for place, visible in enumerate(track.visible) if visible]
    assert back.name == track.name
    assert back.frames == tuple(track.frames[place] for place in seen)
    assert all(back.visible)
    for place, index in enumerate(seen):
        assert back.x[place] == pytest.approx(track.x[index], rel=1e-9, abs=1e-6)
        assert back.y[place] == pytest.approx(track.y[index], rel=1e-9, abs=1e-6)
        expected = 1.0 if track.frames[index] in track.keys else track.confidence[index]
        assert back.confidence[place] == pytest.approx(expected, abs=6e-5)


@given(tracks_in_shots())
def test_the_switch_is_on_exactly_where_a_track_is_visible(case: tuple[Track, FrameRange]) -> None:
    track, shot = case
    row = new_row(track, HEIGHT, shot, STYLE)
    enabled = ChannelValues(row.channel("enable"))
    visible = {frame for index, frame in enumerate(track.frames) if track.visible[index]}
    assert {frame for frame in shot.numbers() if enabled.at(frame)} == visible


@given(tracks_in_shots())
def test_the_error_is_0_at_keys_alone(case: tuple[Track, FrameRange]) -> None:
    track, shot = case
    errors = new_row(track, HEIGHT, shot, STYLE).channel("error")
    assert isinstance(errors, Curve)
    assert tuple(key.frame for key in errors.keys if key.value == 0) == track.keys


@given(tracks_in_shots(), st.integers(1, 5000))
def test_keys_come_back_as_they_were_placed(case: tuple[Track, FrameRange], height: int) -> None:
    track, shot = case
    row = through_a_script(new_row(track, height, shot, STYLE))
    placed = {key.frame: key for key in placed_keys(row, height)}
    for frame in track.keys:
        index = track.frames.index(frame)
        assert placed[frame].x == pytest.approx(track.x[index], rel=1e-9, abs=1e-6)
        assert placed[frame].y == pytest.approx(track.y[index], rel=1e-9, abs=1e-6)


@given(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6), st.integers(1, 10_000))
def test_what_the_artist_placed_keeps_its_last_digit(x: float, y: float, height: int) -> None:
    artists = table_of({**MARKER, "track_x": f"{{curve x1003 {x!r}}}", "track_y": f"{{curve x1003 {y!r}}}"}).rows[0]
    (key,) = placed_keys(artists, height)
    tracked = track(keys=(1003,), x=(1.0, 2.0, key.x, 4.0, 5.0), y=(1.0, 2.0, key.y, 4.0, 5.0))
    shot = FrameRange(1001, 1005)
    for row in (new_row(tracked, height, shot, STYLE, artists), merge_row(artists, tracked, height, shot)):
        assert positions(through_a_script(row))[1003] == (x, y)


def test_a_new_row_reads_as_nukes_own() -> None:
    row = new_row(track(hidden=(1003, 1004)), HEIGHT, FrameRange(1000, 1007), STYLE)
    assert row.text == (
        ' \n { {curve K x1000 0 x1001 1 x1003 0 x1005 1 x1006 0} "nose" {curve x1001 100 x1002 101 x1005 104} '
        "{curve x1001 880 x1002 879 x1005 876} {curve K x1001 0} {curve K x1001 0} 1 0 0 "
        "{curve x1001 0 x1002 0.25 x1005 0.25} 0 0.25 -30 -30 30 30 -21 -21 21 21 "
        "{} {}  {}  {}  {}  {}  {}  {}  {}  {}  {}   }"
    )


@pytest.mark.parametrize(
    ("width", "half", "margin"),
    [(1920, 30, 21), (2048, 32, 22), (2304, 36, 25), (2496, 39, 27), (4608, 72, 50), (4800, 75, 52), (10, 1, 0)],
)
def test_boxes_are_those_that_nuke_gives_a_track(width: int, half: int, margin: int) -> None:
    assert (RowStyle.for_width(width).half, RowStyle.for_width(width).margin) == (half, margin)


def test_a_row_without_a_position_drives_nothing() -> None:
    row = new_row(track(hidden=tuple(range(1001, 1006)), keys=()), HEIGHT, FrameRange(1001, 1005), STYLE)
    assert (row.cell("T"), row.cell("track_x"), row.cell("error_min"), row.cell("error_max")) == ("0", "{}", "1", "0")
    assert row.cell("enable") == "{curve K x1001 0}"


def test_a_new_row_is_like_the_one_with_the_marker() -> None:
    artists = table_of(MARKER).rows[0]
    row = new_row(track(keys=(1003,)), HEIGHT, FrameRange(1001, 1005), STYLE, artists)
    for column in ("offset_x", "offset_y", "T", "R", "S", "pattern_x", "search_t"):
        assert row.cell(column) == artists.cell(column)
    assert row.cell("track_x") == "{curve x1001 100 x1002 101 x1003 812.3456789012345 x1004 103 x1005 104}"


def test_merging_replaces_what_is_no_key() -> None:
    cells = {**MARKER, "track_x": "{curve x1001 1 2 3 4 5 x1010 9}", "track_y": "{curve x1001 1 2 3 4 5 x1010 9}"}
    cells["error"] = "{curve x1001 0.5 0.5 0.125 0.5}"
    merged = merge(table_of(cells), [track(keys=(1003,))], HEIGHT, FrameRange(1001, 1005), STYLE).rows[0]
    assert merged.cell("track_x") == "{curve x1001 100 x1002 101 x1003 3 x1004 103 x1005 104 x1010 9}"
    assert merged.cell("track_y") == "{curve x1001 880 x1002 879 x1003 3 x1004 877 x1005 876 x1010 9}"
    assert merged.cell("error") == "{curve x1001 0.25 x1002 0.25 x1003 0.125 x1004 0.25 x1005 0.25}"
    assert merged.cell("enable") == "{curve K x1001 1 x1006 1}"
    assert merged.cell("offset_x") == cells["offset_x"]


def test_merging_leaves_what_lies_outside_the_shot() -> None:
    cells = {**MARKER, "track_x": "{curve L x995 1 x1020 9}", "track_y": "{curve x995 1 x1020 9}"}
    cells["enable"] = "{curve K x990 1 x996 0 x1003 1 x1015 0 x1018 1}"
    merged = merge_row(table_of(cells).rows[0], track(keys=(), hidden=(1002,)), HEIGHT, FrameRange(1001, 1005))
    enabled = ChannelValues(merged.channel("enable"))
    assert {frame: enabled.at(frame) for frame in (990, 997, 1001, 1002, 1003, 1005, 1006, 1015, 1018)} == {
        990: 1,
        997: 0,
        1001: 1,
        1002: 0,
        1003: 1,
        1005: 1,
        1006: 1,
        1015: 0,
        1018: 1,
    }
    x = merged.channel("track_x")
    assert isinstance(x, Curve)
    assert [key.frame for key in x.keys] == [995, 1001, 1003, 1004, 1005, 1020]
    assert [key.letter for key in x.keys] == ["L", "S", "S", "S", "S", "L"]


def test_merging_keeps_the_slopes_of_keys_and_writes_the_axis_that_has_none() -> None:
    cells = {**MARKER, "track_x": "{curve x1003 812.5 s2 t3 x1005 900}", "track_y": "{curve L x1001 10 x1007 40}"}
    merged = merge_row(table_of(cells).rows[0], track(keys=(1003,)), HEIGHT, FrameRange(1001, 1005))
    assert merged.cell("track_x") == "{curve x1001 100 x1002 101 x1003 812.5 s2 t3 x1004 103 x1005 104 x1007 900}"
    assert merged.cell("track_y") == "{curve x1001 880 x1002 879 x1003 20 x1004 877 x1005 876 L x1007 40}"


def test_merging_leaves_other_tracks_and_adds_new_ones() -> None:
    text = read_script(DATA / "T4_7.0v2_two_tracks.nk").find("Tracker1").node.get("tracks") or ""
    table = read_table(text)
    merged = merge(table, [track("ear")], HEIGHT, FrameRange(1001, 1005), STYLE)
    assert [row.name for row in merged.rows] == ["track 1", "track 2", "ear"]
    assert merged.rows[:2] == table.rows
    assert merged.text.replace("{ 1 31 3 }", "{ 1 31 2 }").replace(merged.rows[2].text, "") == text


@settings(max_examples=30)
@given(tracks_in_shots(), tracks_in_shots())
def test_merging_keeps_every_key_whatever_was_there(
    before: tuple[Track, FrameRange], after: tuple[Track, FrameRange]
) -> None:
    row = new_row(before[0], HEIGHT, before[1], STYLE)
    old = positions(row)
    tracked, shot = after
    keys = tuple(frame for frame in tracked.frames if frame in old)
    visible = tuple(tracked.visible[index] or frame in keys for index, frame in enumerate(tracked.frames))
    tracked = Track(row.name, keys, tracked.frames, tracked.x, tracked.y, visible, tracked.confidence)
    merged = positions(through_a_script(merge_row(row, tracked, HEIGHT, shot)))
    stay = {frame: position for frame, position in old.items() if frame not in shot or frame in keys}
    assert {frame: merged[frame] for frame in stay} == stay
    assert set(merged) == set(stay) | {frame for index, frame in enumerate(tracked.frames) if visible[index]}


@given(st.floats(-1e5, 1e5))
def test_a_key_that_no_row_holds_is_written_to_the_last_digit(x: float) -> None:
    tracked = track(keys=(1003,), x=(x,) * 5, hidden=(1003,))
    row = through_a_script(new_row(tracked, HEIGHT, FrameRange(1001, 1005), STYLE))
    assert positions(row)[1003] == (x, HEIGHT - 202.0)


def test_ten_thousand_frames_pass() -> None:
    frames = range(1001, 11001)
    wave = tuple(960 + 900 * math.sin(frame / 100) for frame in frames)
    long = track(frames=frames, x=wave, y=wave, hidden=tuple(range(5000, 6000)))
    row = through_a_script(new_row(long, HEIGHT, FrameRange(1001, 11000), STYLE))
    back = read_track(row, HEIGHT)
    assert len(back.frames) == 9000
    assert max(abs(back.x[index] - wave[frame - 1001]) for index, frame in enumerate(back.frames)) < 1e-6
    assert row.cell("enable") == "{curve K x1001 1 x5000 0 x6000 1}"


def test_markers_come_out_of_a_real_script_in_the_raster() -> None:
    """Frame 10 of the second track is (106.75, 77.01) by the account of tracksperanto's own tests."""
    table = read_table(read_script(DATA / "T4_7.0v2_two_tracks.nk").find("Tracker1").node.get("tracks") or "")
    keys = placed_keys(table.rows[1], 720)
    assert len(keys) == 15
    key = next(key for key in keys if key.frame == 10)
    assert (key.x, 720 - key.y) == pytest.approx((106.75, 77.01), abs=0.01)


def test_rows_that_are_switched_off_hold_no_markers() -> None:
    cells = {
        **MARKER,
        "enable": "{curve K x1 0 x1004 1}",
        "track_x": "{curve x1003 5 6}",
        "track_y": "{curve x1003 7 8}",
    }
    assert placed_keys(table_of(cells).rows[0], 100) == (Key("nose", 1004, 6.0, 92.0),)
    assert placed_keys(table_of({**cells, "enable": "0"}).rows[0], 100) == ()


def test_an_axis_without_a_key_is_what_its_curve_says() -> None:
    cells = {**MARKER, "track_x": "{curve L x1 0 x5 8}", "track_y": "{curve x3 7}"}
    assert positions(table_of(cells).rows[0]) == {1: (0.0, 7.0), 3: (4.0, 7.0), 5: (8.0, 7.0)}


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        ({"track_x": "{parent.A.x}"}, "track_x of track 'nose' is the expression 'parent.A.x'"),
        ({"track_y": "{curve+5 x1003 1}"}, "track_y of track 'nose' is the expression"),
        ({"track_x": "{curve x1.5 3}"}, r"'nose' has a key at frame 1\.5; move it to a whole frame"),
        ({"enable": "{a.disable}"}, "enable of track 'nose' is the expression"),
        ({"track_x": "{curve x1 nan}"}, "track_x of track 'nose' holds 'nan'"),
    ],
)
def test_rows_that_only_nuke_understands_are_named(cells: dict[str, str], message: str) -> None:
    with pytest.raises(FormatError, match=message):
        placed_keys(table_of({**MARKER, **cells}).rows[0], HEIGHT)
