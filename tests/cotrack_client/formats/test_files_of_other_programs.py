# SPDX-License-Identifier: Apache-2.0
"""Files that other programs wrote, their numbers checked against what stands in them, turned by hand."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cotrack_client.errors import CotrackError, FormatError
from cotrack_client.formats.converting import find_format, format_of, read_document
from cotrack_client.formats.registry import FORMATS
from cotrack_client.formats.source import Source
from cotrack_client.tracks import Track, TrackDocument
from example_tracks import parabolas

DATA = Path(__file__).parents[2] / "data/formats"
HD = (1920, 1080)
CAMEL = ["Parabolic1FromTopLeft", "Parabolic2FromBottomRight", "SingleFrameInTheMiddle"]


def read(name: str, size: tuple[int, int] | None = None, first: int | None = None) -> TrackDocument:
    source = Source(DATA / name, size, first)
    return read_document(source, format_of(source, FORMATS))


def at(track: Track, frame: int) -> tuple[float, float]:
    place = track.frames.index(frame)
    return track.x[place], track.y[place]


@pytest.mark.parametrize(
    ("name", "size", "count", "samples", "sample"),
    [
        # (how many rows there are was counted with grep) the row "40 407.384758225105315 232.449011732690479"
        ("3de_export_cube.txt", HD, 8, 701, ("01", 1040, 407.384758225105315, 1080 - 232.449011732690479)),
        # the row "23 71.7889 481.708" of a file that says 2048 x 778; its track 02 is empty
        ("3de_export_v3.txt", None, 39, 2150, ("03", 1023, 71.7889, 778 - 481.708)),
        # "Tracker1 1 -0.067728 -0.244922 15": (u + 1) / 2 of the way from 0.5 to 1919.5
        ("syntheyes_cola_plate.txt", HD, 6, 507, ("Tracker1", 1002, 0.5 + 0.466136 * 1919, 0.5 + 0.377539 * 1079)),
        ("syntheyes_one_tracker.txt", HD, 1, 49, ("Tracker1", 1002, 0.5 + 0.767085 * 1919, 0.5 + 0.631374 * 1079)),
        ("syntheyes_morePoints_sy2010.txt", HD, 26, 752,
         ("tracker1", 1001, 0.5 + 0.2408885 * 1919, 0.5 + 0.297963 * 1079)),
        # two blanks, and a status without the bit of running
        ("syntheyes_double_blanks_head400.txt", (1280, 1080), 3, 400,
         ("Tracker1", 1003, 0.5 + 0.279297 * 1279, 0.5 + 0.1805555 * 1079)),
        # a name, then "0 760.632 727.860" from the bottom
        ("syntheyes_all_paths_head300.txt", HD, 7, 293, ("Tracker2", 1001, 760.632, 1080 - 727.860)),
        # "1 356.268 150.052 0.000" counts from the middle of the lower left pixel
        ("pfmatchit_example.2dt", HD, 2, 74, ("Feature1", 1, 356.768, 1080 - 150.552)),
        ("pftrack4_head.2dt", HD, 1, 341, ("Tracker1", 41, 985.111, 1080 - 30.720)),
        ("pftrack5_empty_trackers.2dt", HD, 1, 10, ("Feature3", 9095, 615.971, 1080 - 404.457)),
        # one track seen in both clips
        ("pftrack5_stereo_head.2dt", HD, 2, 68, ("Auto_00016 Secondary", 86, 1336.109, 1080 - 1012.892)),
        ("2dtracks.rz2", None, 18, 2016, ("Track 01", 1120, 10.715, 1342.636)),
        ("EP_1000_head_trackers_v002.rz2", None, 7, 910, ("Tracker0002", 1018, 357.915802, 108.11026)),
        ("kipPointsMatchmover.rz2", None, 5, 504, ("Track 01", 2, 647.273, 431.522)),
        ("one_shake_tracker.txt", HD, 1, 46, ("track1", 1121, 379.820, 1080 - 1020.810)),
        ("one_shake_tracker_from_first.txt", HD, 1, 185, ("track1", 1001, 715.839, 1080 - 886.212)),
        ("two_shake_trackers.txt", (4096, 2304), 2, 72, ("track2", 1120, 2546.840, 2304 - 422.269)),
        # reference 350.412506, shift 0 at its first frame; a reference is where the tracker was then
        ("Flame_Stabilizer_2012.stabilizer", None, 5, 305, ("tracker1", 1001, 350.412506, 1080 - 669.783569)),
        ("flame_2012_another.stabilizer", None, 1, 100, ("tracker1", 1001, 1063.0, 1080 - 664.0)),
        ("fromTracksperanto.stabilizer", None, 3, 9, ("tracker1", 1004, 100.0, 576 - 200.0)),
        ("stabilizer_2014_stp.stabilizer", None, 2, 112, ("tracker1", 1002, 999.554565 + 0.185302734, None)),
        # patterns taken anew at 221 and 227 say where the tracker was then: 648.394, 131.998
        ("fromCombustion_fromMidClip_wSnap.stabilizer", None, 1, 232, ("tracker1", 1221, 648.394, 540 - 131.998)),
        ("stabilizer_2014_ref_for_reexport.stabilizer", None, 4, 72, ("tracker1_1", 1005, 1373.17554, None)),
    ],
)  # fmt: skip
def test_a_real_file_is_read(
    name: str, size: tuple[int, int] | None, count: int, samples: int, sample: tuple[str, int, float, float | None]
) -> None:
    document = read(f"real/{name}", size, 1001)
    assert len(document.tracks) == count
    assert sum(len(track.frames) for track in document.tracks) == samples
    track_name, frame, x, y = sample
    found_x, found_y = at(next(track for track in document.tracks if track.name == track_name), frame)
    assert found_x == pytest.approx(x, abs=1e-3)
    if y is not None:
        assert found_y == pytest.approx(y, abs=1e-3)


@pytest.mark.parametrize(
    ("name", "first"),
    [("ae_feature_centers.txt", 1001), ("fusion.setting", None), ("nuke_tracker4.nk", None)],
)
def test_a_worked_example_says_what_it_was_made_of(name: str, first: int | None) -> None:
    truth = json.loads((DATA / "real/truth.json").read_text("utf-8"))
    document = read(f"real/{name}", HD, first)
    for track, places in zip(document.tracks, truth.values()):
        assert [str(frame) for frame in track.frames] == list(places)
        for frame, place in places.items():
            assert at(track, int(frame)) == pytest.approx(tuple(place), abs=1e-5)


def test_after_effects_position_of_a_layer_is_a_track() -> None:
    (track,) = read("real/ae_position.txt", None, 1001).tracks
    assert (track.name, track.frames) == ("Position", (1001, 1002, 1003, 1006, 1007))
    assert at(track, 1006) == (105.125, 204.5)


@pytest.mark.parametrize(
    ("name", "first", "counts_from", "names", "precision"),
    [
        ("ref_equalizer.txt", 1, 1, None, 1e-9),
        ("ref_equalizer3.txt", 1, 1, None, 1e-3),
        ("ref_Syntheyes.txt", 1, 1, CAMEL, 1e-3),
        ("ref_PFMatchit.2dt", None, 1, None, 1e-3),
        ("ref_PFTrack.2dt", None, 0, None, 1e-3),
        ("ref_PFTrack5.2dt", None, 0, None, 1e-3),
        ("ref_ShakeText.txt", 1, 1, None, 1e-3),
        ("ref_NukeScript.nk", None, 1, None, 1e-3),
        ("ref_matchmover.rz2", None, 1, None, 1e-3),
        ("ref_flame.stabilizer", 1, 1, ["tracker1", "tracker2", "tracker3"], 1e-3),
        ("ref_flame_2014.stabilizer", 1, 1, ["tracker1", "tracker2", "tracker3"], 1e-3),
    ],
)  # fmt: skip
def test_reference_exports_hold_their_parabolas(
    name: str, first: int | None, counts_from: int, names: list[str] | None, precision: float
) -> None:
    """Their author read each of these into the program that it is for."""
    document, truth = read(f"reference/{name}", HD, first), parabolas()
    assert [track.name for track in document.tracks] == (names or [track.name for track in truth.tracks])
    for found, true in zip(document.tracks, truth.tracks):
        assert list(found.frames) == [frame - 1 + counts_from for frame in true.frames]
        assert found.x == pytest.approx(true.x, abs=precision)
        assert found.y == pytest.approx(true.y, abs=precision)


@pytest.mark.parametrize(
    "name",
    sorted(path.name for path in (DATA / "real").glob("*") if path.suffix != ".json")
    + sorted(f"../reference/{path.name}" for path in (DATA / "reference").glob("*")),
)
def test_a_real_file_looks_like_one_format_alone(name: str) -> None:
    assert sum(format_.recognises(Source(DATA / "real" / name)) for format_ in FORMATS) == 1


@pytest.mark.parametrize(
    "text",
    [
        "# boujou 2d tracks export: text\n# track_id    view      x    y\nTarget_track_1  5  252.046  171.677\n",
        "#  Size  1920  1080  1.78\n#  Name trackA\n0 0 -1.77 1.0 0.0\n",
        "scorer,ai,ai\nbodyparts,a,a\ncoords,x,y\n0,1.0,2.0\n",
        "hello\n",
    ],
)
def test_an_unknown_layout_is_refused(text: str, tmp_path: Path) -> None:
    (tmp_path / "tracks.txt").write_text(text)
    with pytest.raises(FormatError, match=r"looks like no format of tracks that cotrack knows; .* --from"):
        format_of(Source(tmp_path / "tracks.txt"), FORMATS)


def test_a_file_that_is_not_there_or_empty_is_named(tmp_path: Path) -> None:
    (tmp_path / "empty.txt").touch()
    with pytest.raises(FormatError, match=r"empty\.txt is empty; export it again"):
        format_of(Source(tmp_path / "empty.txt"), FORMATS)
    with pytest.raises(CotrackError, match=r"cannot read .*none\.txt: No such file"):
        format_of(Source(tmp_path / "none.txt"), FORMATS)


LINES = {
    "equalizer": "2\na\n0\n1\n1 2.5 3.5\nb\n0\n1\n1 2.5 3.5\n",
    "syntheyes": "a 0 0.1 0.2 15\na 1 0.1 0.2 7\n",
    "shake": "TrackName a\n   Frame   X   Y   Correlation\n 1.00 2.5 3.5 1.0\n",
    "pftrack": '"a"\n1\n1\n1 2.5 3.5 1.0\n',
    "matchmover": 'imageSequence "s"\n{\n10 10\n}\npointTrack "a"\n{\n1 2.5 3.5 ki( 0.8 )\n}\n',
    "after-effects": (
        "Adobe After Effects 8.0 Keyframe Data\n\nPosition\n\tFrame\tX\tY\n\t0\t1.5\t2.5\nEnd of Keyframe Data\n"
    ),
    "mmsolver": "1\na\n1\n1001 0.1 0.2 1.0\n",
    "csv": "name,frame,x,y\na,1001,2.5,3.5\n",
}


@pytest.mark.parametrize(
    ("name", "old", "new", "message"),
    [
        ("equalizer", "1 2.5 3.5", "1 2.5", "line 5 has '1 2.5' where a row of frame, x and y should be"),
        ("equalizer", "1 2.5 3.5", "1 2.5 nan", "line 5 has 'nan' where y should be"),
        ("equalizer", "b\n0\n1\n", "b\n0\n9\n", "line 10 is the last one, where a row should follow"),
        ("equalizer", "2\na", "1\na", "line 6 has 'b' where the end"),
        ("equalizer", "1 2.5 3.5\nb", "1 2.5 3.5\n1 2.5 3.5\nb", "line 7 has 'b' where"),
        ("syntheyes", "a 1 0.1", "a 0 0.1", "line 2 has frame 1001 of 'a' again"),
        ("syntheyes", "0.2 7", "0,2 7", "line 2 has '0,2' where a position should be"),
        ("shake", "2.5 3.5 1.0", "2.5 3.5", "line 3 has ' 1.00 2.5 3.5' where a row of frame"),
        ("pftrack", "1 2.5 3.5 1.0", "1 2.5 3.5", "line 4 has '1 2.5 3.5' where a row of frame"),
        ("matchmover", "1 2.5 3.5", "1 2.5 1e999", "line 7 has '1e999' where y should be"),
        ("after-effects", "\t0\t1.5\t2.5", "\t0\t1.5", r"line 5 has '0\\t1.5' where a row of frame"),
        ("after-effects", "End of Keyframe Data", "", "lacks the line 'End of Keyframe Data'"),
        ("mmsolver", "0.2 1.0", "0.2", "line 4 has '1001 0.1 0.2' where a row of frame, u, v and weight"),
        ("csv", "3.5\n", "3.5\na,1001,1,1\n", "line 3 has frame 1001 of 'a' again"),
        ("csv", "1001,", "x,", "line 2 has 'x' where a frame should be"),
    ],
)
def test_a_bad_line_is_named_by_its_number(name: str, old: str, new: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "tracks"
    assert LINES[name].count(old) >= 1
    path.write_text(LINES[name])
    source = Source(path, HD, 1001)
    assert read_document(source, find_format(FORMATS, name)).tracks
    path.write_text(LINES[name].replace(old, new, 1))
    with pytest.raises(FormatError, match=message):
        read_document(Source(path, HD, 1001), find_format(FORMATS, name))


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("name", sorted(set(LINES) - {"csv"}))
def test_line_ends_may_be_any(name: str, ends: str, tmp_path: Path) -> None:
    path = tmp_path / "tracks"
    path.write_bytes(b"\xef\xbb\xbf" + LINES[name].replace("\n", ends).encode())
    source = Source(path, HD, 1001)
    assert format_of(source, FORMATS).name == name
    assert read_document(source, find_format(FORMATS, name)).tracks
