# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import contextlib
import dataclasses
import json
import math
import string
from collections.abc import Callable
from itertools import compress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cotrack_client.errors import CotrackError, FormatError
from cotrack_client.formats.tracks_json import from_text, read_tracks, to_text, write_tracks
from cotrack_client.tracks import ModelRecord, Shot, Track, TrackDocument

SHOT = Shot("plate.####.exr", 1920, 1080, 1001, 1003, fps=24000 / 1001, pixel_aspect=2.0, colorspace="ACEScg")
NOSE = Track("nose", (1001,), (1001, 1003), (0.1 + 0.2, -4.0), (3.0, 1e-7), (True, False), (1.0, 0.25))
DOCUMENT = TrackDocument(
    shot=SHOT,
    tracks=(NOSE, Track("Ödön 目", (), (), (), (), (), ())),
    model=ModelRecord("lucas-kanade", "Apache-2.0", commercial_use=True),
    settings={"direction": "both", "frames": [1001, 1003], "nested": {"a": None}},
    software="cotrack 0.1.0",
)

finite = st.floats(allow_nan=False, allow_infinity=False)
frame_lists = st.lists(st.integers(-(2**31) + 1, 2**31 - 1), unique=True, max_size=6).map(sorted)


@st.composite
def any_track(draw: Callable[..., Any]) -> Track:
    frames = draw(frame_lists)

    def column(values: st.SearchStrategy[Any]) -> tuple[Any, ...]:
        return tuple(draw(st.lists(values, min_size=len(frames), max_size=len(frames))))

    return Track(
        name=draw(st.text(max_size=12)),
        keys=tuple(compress(frames, column(st.booleans()))),
        frames=tuple(frames),
        x=column(finite),
        y=column(finite),
        visible=column(st.booleans()),
        confidence=column(st.floats(0, 1)),
        refined=column(st.just(True)),  # where nothing is, the columns are left out
        covariance=column(st.none() | st.tuples(finite, finite, finite)),
    )


any_document = st.builds(
    TrackDocument,
    shot=st.builds(
        Shot,
        path=st.text(),
        width=st.integers(1, 10**6),
        height=st.integers(1, 10**6),
        first=st.integers(-1000, 0),
        last=st.integers(0, 10**6),
        fps=st.none() | st.floats(0.1, 1000),
        pixel_aspect=st.floats(0.1, 4),
        colorspace=st.none() | st.text(),
    ),
    tracks=st.lists(any_track(), unique_by=lambda track: track.name, max_size=3).map(tuple),
    model=st.none() | st.builds(ModelRecord, st.text(), st.text(), st.booleans(), st.none() | st.text()),
    settings=st.dictionaries(st.text(), st.none() | st.booleans() | finite | st.text(), max_size=3),
    software=st.text(),
)


@settings(max_examples=50)
@given(any_document)
def test_every_document_reads_as_it_was_written(document: TrackDocument) -> None:
    assert from_text(to_text(document)) == document


def test_a_document_survives_the_disk(tmp_path: Path) -> None:
    write_tracks(DOCUMENT, tmp_path / "out.json")
    assert read_tracks(tmp_path / "out.json") == DOCUMENT
    assert [path.name for path in tmp_path.iterdir()] == ["out.json"]


def test_a_path_that_is_no_text_survives_the_disk(tmp_path: Path) -> None:
    document = TrackDocument(Shot("plate_\udcff.mov", 8, 8, 1, 1), ())
    write_tracks(document, tmp_path / "out.json")
    assert read_tracks(tmp_path / "out.json") == document


def test_the_text_holds_one_column_per_line_and_the_shortest_exact_numbers() -> None:
    lines = to_text(DOCUMENT).splitlines()
    assert lines[:2] == ["{", ' "schema": "cotrack.tracks/1",']
    assert lines[6:14] == [
        ' "tracks": [',
        '  {"name": "nose", "keys": [1001],',
        '   "frames": [1001, 1003],',
        '   "x": [0.30000000000000004, -4.0],',
        '   "y": [3.0, 1e-07],',
        '   "visible": [true, false],',
        '   "confidence": [1.0, 0.25]},',
        '  {"name": "Ödön 目", "keys": [],',
    ]
    assert json.loads(to_text(DOCUMENT))["shot"] == vars(SHOT)


def test_a_file_without_tracks_is_a_file() -> None:
    assert from_text(to_text(TrackDocument(SHOT, ()))) == TrackDocument(SHOT, ())


def test_a_settings_value_that_is_no_number_is_never_written() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        to_text(TrackDocument(SHOT, (), settings={"memory": math.nan}))


def edited(**fields: object) -> str:
    """The document as JSON text with some top-level fields replaced."""
    return json.dumps({**json.loads(to_text(DOCUMENT)), **fields})


def with_shot(**fields: object) -> str:
    return edited(shot={**vars(SHOT), **fields})


def with_track(**fields: object) -> str:
    nose = {"name": "nose", "keys": [1], "frames": [1, 2], "x": [1, 2], "y": [3, 4.5], "visible": [True, False]}
    return edited(tracks=[{**nose, "confidence": [1, 0.5], **fields}])


def without(text: str, *path: str | int) -> str:
    values = json.loads(text)
    parent = values
    for step in path[:-1]:
        parent = parent[step]
    del parent[path[-1]]
    return json.dumps(values)


@pytest.mark.parametrize("schema", ["cotrack.tracks/1", "cotrack.tracks/1.3", "cotrack.tracks/1.12"])
def test_a_higher_minor_schema_is_read_and_what_it_adds_is_ignored(schema: str) -> None:
    values = json.loads(edited(schema=schema, licence_of_the_plate="mine"))
    values["shot"]["lens"] = 35
    values["model"]["year"] = 2030
    values["tracks"][0].update(error=[0.5, 2], colour="red")
    assert from_text(json.dumps(values)) == DOCUMENT


def test_what_was_refined_is_written_and_read() -> None:
    refined = dataclasses.replace(NOSE, refined=(False, True), covariance=(None, (0.01, -0.002, 0.02)))
    text = to_text(dataclasses.replace(DOCUMENT, tracks=(refined,)))
    assert '"covariance": [null, [0.01, -0.002, 0.02]]' in text
    assert from_text(text).tracks == (refined,)


def test_a_track_that_was_not_refined_has_no_columns_of_that() -> None:
    assert "refined" not in to_text(DOCUMENT)
    assert from_text(to_text(DOCUMENT)).tracks[0].refined == (False, False)


@pytest.mark.parametrize("schema", ["cotrack.tracks/2", "cotrack.tracks/2.1", "cotrack.tracks/10", "cotrack.tracks/0"])
def test_another_major_schema_is_refused(schema: str) -> None:
    with pytest.raises(FormatError, match=f"clip.json has the schema '{schema}', but .* update cotrack"):
        from_text(edited(schema=schema), "clip.json")


@pytest.mark.parametrize("schema", ["", "cotrack.tracks", "cotrack.tracks/", "cotrack.tracks/1.", "cotrack.tracks/one"])
def test_another_schema_is_refused(schema: str) -> None:
    with pytest.raises(FormatError, match="is no cotrack track file"):
        from_text(edited(schema=schema))


def test_what_may_be_left_out_gets_its_default() -> None:
    text = edited()
    for field in ("model", "settings", "software"):
        text = without(text, field)
    for field in ("fps", "pixel_aspect", "colorspace"):
        text = without(text, "shot", field)
    document = from_text(text)
    assert document.shot == Shot("plate.####.exr", 1920, 1080, 1001, 1003)
    assert (document.model, document.settings, document.software) == (None, {}, "")


def test_whole_numbers_are_positions_too() -> None:
    track = from_text(with_track()).tracks[0]
    assert track.x == (1.0, 2.0)
    assert all(type(value) is float for value in track.x + track.confidence)


NOSE_AT = r"clip.json: tracks\[0\] 'nose'"

DAMAGED = [
    ("[1, 2]", r"clip.json is \[1, 2\], not an object"),
    ("", "clip.json is damaged or cut short"),
    (to_text(DOCUMENT)[:-30], "clip.json is damaged or cut short"),
    ("[" * 100_000, "clip.json is not JSON that can be read"),
    ("9" * 5000, "clip.json is not JSON that can be read"),
    (with_track().replace("4.5", "NaN"), "clip.json holds NaN, which is no number"),
    (with_track().replace("4.5", "-Infinity"), "clip.json holds -Infinity, which is no number"),
    (with_track().replace("4.5", "1e999"), rf"{NOSE_AT}.y\[1\] is Infinity, not a finite number"),
    (with_track(x=[1, "2"]), rf"{NOSE_AT}.x\[1\] is \"2\", not a finite number"),
    (with_track(x=[1, True]), rf"{NOSE_AT}.x\[1\] is true, not a finite number"),
    (with_track(x=[1, None]), rf"{NOSE_AT}.x\[1\] is null, not a finite number"),
    (with_track(x=[1, 10**400]), rf"{NOSE_AT}.x\[1\] is 10+…, not a finite number"),
    (with_track(x=1), rf"{NOSE_AT}.x is 1, not a list"),
    (with_track(x=[1]), f"{NOSE_AT}: track 'nose' has 2 frames but 1 values of x"),
    (with_track(frames=[1, 1]), f"{NOSE_AT}: track 'nose' has frame 1 after 1"),
    (with_track(frames=[2, 1]), f"{NOSE_AT}: track 'nose' has frame 1 after 2"),
    (with_track(frames=[1, 2.5]), rf"{NOSE_AT}.frames\[1\] is 2.5, not an integer"),
    (with_track(frames=[1, 2**40]), rf"{NOSE_AT}.frames\[1\] is {2**40}, not an integer"),
    (with_track(keys=[3]), f"{NOSE_AT}: track 'nose' has a key but no position at frame 3"),
    (with_track(visible=[1, 0]), rf"{NOSE_AT}.visible\[0\] is 1, not true or false"),
    (with_track(confidence=[1, 1.5]), rf"{NOSE_AT}.confidence\[1\] is 1.5, not a number from 0 to 1"),
    (with_track(name=7), r"clip.json: tracks\[0\].name is 7, not text"),
    (without(with_track(), "tracks", 0, "confidence"), f"{NOSE_AT} lacks 'confidence'"),
    (edited(tracks=["nose"]), r"clip.json: tracks\[0\] is \"nose\", not an object"),
    (edited(tracks=json.loads(with_track())["tracks"] * 2), r"tracks\[0\] and tracks\[1\] are both called 'nose'"),
    (edited(tracks=None), "clip.json: tracks is null, not a list"),
    (without(edited(), "schema"), "clip.json: lacks 'schema'"),
    (without(edited(), "shot"), "clip.json: lacks 'shot'"),
    (without(edited(), "shot", "height"), "clip.json: shot lacks 'height'"),
    (with_shot(width=0), "clip.json: shot.width is 0, not a positive integer"),
    (with_shot(width=19.2), "clip.json: shot.width is 19.2, not a positive integer"),
    (with_shot(pixel_aspect=None), "clip.json: shot.pixel_aspect is null, not a positive number"),
    (with_shot(fps=-24), "clip.json: shot.fps is -24, not a positive number or null"),
    (with_shot(last=1000), "clip.json: shot.last is 1000, before clip.json: shot.first, 1001"),
    (edited(model="tapir"), r"clip.json: model is \"tapir\", not an object or null"),
    (without(edited(), "model", "commercial_use"), "clip.json: model lacks 'commercial_use'"),
    (edited(settings=[]), r"clip.json: settings is \[\], not an object"),
    (edited(software=None), "clip.json: software is null, not text"),
]


@pytest.mark.parametrize(("text", "message"), DAMAGED, ids=[message[:50] for _, message in DAMAGED])
def test_a_damaged_file_is_refused_with_the_place_of_the_damage(text: str, message: str) -> None:
    with pytest.raises(FormatError, match=message):
        from_text(text, "clip.json")


@settings(max_examples=200)
@given(st.text(string.printable, max_size=30), st.integers(0, len(to_text(DOCUMENT))), st.integers(0, 40))
def test_no_damage_raises_anything_but_a_format_error(inserted: str, place: int, removed: int) -> None:
    text = to_text(DOCUMENT)
    with contextlib.suppress(FormatError):
        from_text(text[:place] + inserted + text[place + removed :])


def test_a_file_that_is_not_utf8_is_named(tmp_path: Path) -> None:
    (tmp_path / "latin.json").write_bytes(b'{"schema": "\xff"}')
    with pytest.raises(FormatError, match=r"latin\.json is not UTF-8 text from byte 12 on; save it as UTF-8"):
        read_tracks(tmp_path / "latin.json")


def test_a_byte_order_mark_is_skipped(tmp_path: Path) -> None:
    (tmp_path / "bom.json").write_text(to_text(DOCUMENT), encoding="utf-8-sig")
    assert read_tracks(tmp_path / "bom.json") == DOCUMENT


def test_a_file_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(CotrackError, match=r"cannot read .*nothing.json: No such file or directory; check the path"):
        read_tracks(tmp_path / "nothing.json")
