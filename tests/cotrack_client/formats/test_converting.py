# SPDX-License-Identifier: Apache-2.0
"""What happens between two formats: names, frames, and sentences on what is lost."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cotrack_client.errors import CotrackError
from cotrack_client.formats.converting import find_format, fit, format_to_write, read_document
from cotrack_client.formats.names import ASCII_NAME, ASCII_WORD, LETTERS_AND_DIGITS, NameRule, printable
from cotrack_client.formats.registry import FORMATS
from cotrack_client.formats.source import Source, parse_size
from cotrack_client.tracks import ModelRecord, Track, TrackDocument
from example_tracks import CORNERS_AND_GAP, GOLDEN, GOLDEN_PIN, document, track

LOSSY = Track(
    "nose", (1001,), (1001, 1002, 1003), (1.0, 2.0, 3.0), (4.0, 5.0, 6.0), (True, False, True), (1.0, 0.1, 0.9)
)


def notes(wanted: str, made: TrackDocument, first: int | None = None) -> str:
    return "\n".join(fit(made, find_format(FORMATS, wanted), first).notes)


def test_what_a_format_cannot_say_is_said_once() -> None:
    said = notes("equalizer", document(LOSSY))
    lost = "how sure a position is, which positions were placed by hand and where a hidden point may be"
    assert said.count(f"3DEqualizer cannot say {lost}; that is left out") == 1
    assert "cannot say which positions were placed by hand and where" in notes("shake", document(LOSSY))
    assert notes("csv", document(LOSSY)) == notes("tracks", document(LOSSY)) == ""


def test_a_program_that_fills_gaps_says_whose() -> None:
    assert "Fusion knows no gaps: it draws lines through those of nose" in notes("fusion", document(LOSSY))
    assert "gaps" not in notes("fusion", document(track("whole", {1001: (1, 2), 1002: (3, 4)})))
    assert "gaps" not in notes("mmsolver", document(LOSSY))


def test_frames_are_counted_from_the_plates_first() -> None:
    equalizer = find_format(FORMATS, "equalizer")
    fitted = fit(GOLDEN, equalizer)
    assert fitted.document.tracks[0].frames == (1, 2, 6, 7)
    assert "frame 1001 of the shot is frame 1 in the file; pass --first" in fitted.notes[-1]
    told = fit(GOLDEN, equalizer, 991)
    assert told.document.tracks[0].frames == (11, 12, 16, 17)
    assert told.notes[-1] == "frame 991 of the shot is frame 1 in the file"
    with pytest.raises(CotrackError, match=r"'trackA' has frame 1001, before the plate's first, 1002; pass --first"):
        fit(GOLDEN, equalizer, 1002)


def test_a_format_without_negative_frames_says_so() -> None:
    early = document(track("early", {-5: (1.0, 2.0)}), first=-5)
    with pytest.raises(
        CotrackError, match=r"MatchMover counts frames from 0, but track 'early' has frame -5; renumber"
    ):
        fit(early, find_format(FORMATS, "matchmover"))


def test_names_that_change_are_told() -> None:
    made = document(*(track(name, CORNERS_AND_GAP) for name in ("left eye", "left_eye", "nöse", "1", "")))
    assert "3DEqualizer takes ASCII without # before it: 'nöse' is nose and '' is track" in notes("equalizer", made)
    said = notes("syntheyes", made)
    assert "'left eye' is leftEye, 'left_eye' is leftEye2, 'nöse' is nose and '' is track" in said


def test_many_names_are_not_all_told() -> None:
    made = document(*(track(f"p {n}", CORNERS_AND_GAP) for n in range(9)))
    assert "'p 3' is p_3 and 5 more" in notes("pftrack", made)


def test_four_tracks_become_corners_by_their_place() -> None:
    pin = fit(GOLDEN_PIN, find_format(FORMATS, "nuke-corner-pin"))
    assert [made.x[0] for made in pin.document.tracks] == [220.5, 1500.0, 1601.5, 200.25]
    assert "'door' is to1, 'sign' is to2, 'lamp' is to3 and 'roof' is to4" in "\n".join(pin.notes)


@pytest.mark.parametrize(
    ("made", "message"),
    [
        (GOLDEN, "takes 4 tracks, not 2; give it those alone"),
        (document(*(track(str(n), {1001 + n: (n, n)}) for n in range(4))), "at no frame are all 4 tracks visible"),
        (
            document(*(track(str(n), {1001: (n, n)}) for n in range(4))),
            "span no quadrilateral at the reference frame 1001",
        ),
    ],
)
def test_what_are_no_corners_is_refused(made: TrackDocument, message: str) -> None:
    with pytest.raises(CotrackError, match=message):
        fit(made, find_format(FORMATS, "nuke-corner-pin"))


def test_the_licence_of_the_model_goes_along() -> None:
    made = replace(GOLDEN, model=ModelRecord("net", "CC-BY-NC-4.0", commercial_use=False))
    assert "the licence of net is CC-BY-NC-4.0: its tracks are not for paid work" in notes("equalizer", made)


@pytest.mark.parametrize(
    ("name", "wanted"),
    [("a.nk", "nuke"), ("A.RZ2", "matchmover"), ("a.setting", "fusion"), ("a.json", "tracks"), ("a.2dt", "pftrack")],
)
def test_a_suffix_says_what_is_meant(name: str, wanted: str) -> None:
    assert format_to_write(FORMATS, Path(name)).name == wanted


def test_a_suffix_that_says_nothing_is_asked_about() -> None:
    with pytest.raises(
        CotrackError, match=r"may be for several programs; pass --format with one of equalizer, syntheyes"
    ):
        format_to_write(FORMATS, Path("a.txt"))
    with pytest.raises(CotrackError, match="does not end as files with tracks do; pass --format"):
        format_to_write(FORMATS, Path("a.doc"))
    with pytest.raises(CotrackError, match="'word' is no format of tracks; choose one of nuke, "):
        find_format(FORMATS, "word")


@given(st.lists(st.text(max_size=8), max_size=8))
@pytest.mark.parametrize(
    "rule",
    [ASCII_NAME, ASCII_WORD, LETTERS_AND_DIGITS, NameRule("", printable, longest=6)],
    ids=lambda rule: rule.words or "short",
)
def test_names_fit_and_differ(rule: NameRule, names: list[str]) -> None:
    fitting = rule.fit_all(names)
    assert len(fitting) == len(names)
    assert len(set(fitting)) == len(fitting) or len(set(names)) < len(names)
    assert all(rule.fit(name) == name for name in fitting)
    assert all(len(name.encode()) <= rule.longest for name in fitting)
    assert fitting == rule.fit_all(fitting) or len(set(names)) < len(names)


@pytest.mark.parametrize("text", ["1920", "1920x", "0x1080", "-1x2", "1920x1080x3", "a x b", ""])
def test_a_size_is_two_positive_numbers(text: str) -> None:
    with pytest.raises(CotrackError, match="is no size of a plate; write it as 1920x1080"):
        parse_size(text)


def test_a_size_may_be_written_with_blanks() -> None:
    assert parse_size(" 1920 x 1080 ") == parse_size("1920X1080") == parse_size("1920×1080") == (1920, 1080)


@pytest.mark.parametrize(
    ("version", "sample", "place"),
    [
        (2, '"pos": [0.25, 0.75]', (480.0, 270.0)),
        (3, '"pos": [0, 0], "pos_dist": [0.25, 0.75]', (480.0, 270.0)),
        (5, '"pos": [0.5, 0.5], "pos_dist": [0.25, 0.75]', (480.0, 270.0)),
    ],
)
def test_every_version_of_mmsolver_is_read(
    version: int, sample: str, place: tuple[float, float], tmp_path: Path
) -> None:
    point = f'{{"name": "a", "id": 7, "set_name": "s", "per_frame": [{{"frame": 1001, {sample}, "weight": 0.5}}]}}'
    empty = '{"name": "b", "id": null, "set_name": "s"}'
    path = tmp_path / "a.uv"
    path.write_text(f'{{"version": {version}, "num_points": 2, "is_undistorted": true, "points": [{point}, {empty}]}}')
    (found,) = read_document(Source(path, (1920, 1080)), find_format(FORMATS, "mmsolver")).tracks
    assert (found.frames, found.x, found.y, found.confidence) == ((1001,), place[:1], place[1:], (0.5,))


def test_an_unknown_version_of_mmsolver_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.uv").write_text('{"version": 6, "num_points": 0, "points": []}')
    with pytest.raises(CotrackError, match="is version 6 of mmSolver's tracks, not 1 to 5"):
        read_document(Source(tmp_path / "a.uv", (1920, 1080)), find_format(FORMATS, "mmsolver"))


def test_a_path_that_only_fusion_computes_is_refused_with_what_to_do(tmp_path: Path) -> None:
    text = (
        (Path(__file__).parents[2] / "data/formats/golden/fusion.setting").read_text().replace("XYPath", "PolyPath", 1)
    )
    (tmp_path / "a.setting").write_text(text)
    with pytest.raises(CotrackError, match=r"trackA has a PolyPath, .* choose Convert to XY Path"):
        read_document(Source(tmp_path / "a.setting", (1920, 1080)), find_format(FORMATS, "fusion"))


def test_a_rate_that_nobody_said_is_told() -> None:
    silent = replace(GOLDEN, shot=replace(GOLDEN.shot, fps=None))
    assert "nobody said how many frames a second of the shot has; After Effects is told 24" in notes(
        "after-effects", silent
    )
    assert "second" not in notes("after-effects", GOLDEN) + notes("equalizer", silent)


def test_after_effects_says_rate_and_pixel_aspect(tmp_path: Path) -> None:
    anamorphic = replace(GOLDEN, shot=replace(GOLDEN.shot, fps=23.976, pixel_aspect=2.0))
    after_effects = find_format(FORMATS, "after-effects")
    assert after_effects.write is not None
    after_effects.write(fit(anamorphic, after_effects).document, tmp_path / "a.txt")
    shot = read_document(Source(tmp_path / "a.txt", None, 1001), after_effects).shot
    assert (shot.fps, shot.pixel_aspect) == (23.976, 2.0)


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        (
            "pftrack",
            '"a"\n1\n1\n1 2 3 1\n\n"a"\n2\n1\n1 2 3 1\n\n"a"\n2\n1\n2 2 3 1\n',
            "begins 'a 2' again; rename one",
        ),
        ("equalizer", "2\na\n0\n1\n1 2.5 3.5\na\n0\n1\n1 2.5 3.5\n", "two tracks called 'a'; rename one of them"),
    ],
)
def test_two_tracks_of_one_name_are_not_made_one(name: str, text: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "tracks").write_text(text)
    with pytest.raises(CotrackError, match=message):
        read_document(Source(tmp_path / "tracks", (1920, 1080), 1001), find_format(FORMATS, name))


def test_refinement_is_lost_where_a_format_cannot_say_it() -> None:
    refined = replace(LOSSY, keys=(), refined=(True, False, False), covariance=((0.1, 0.0, 0.1), None, None))
    assert "how exact refined positions are" in notes("mmsolver", document(refined))
    assert notes("csv", document(refined)) == ""
