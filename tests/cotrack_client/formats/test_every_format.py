# SPDX-License-Identifier: Apache-2.0
"""What is asked of every format: any tracks survive it as far as it says, and damage ends in a sentence."""

from __future__ import annotations

import contextlib
import filecmp
import itertools
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cotrack_client.errors import CotrackError
from cotrack_client.formats.converting import Fitted, fit, format_of
from cotrack_client.formats.format import Format
from cotrack_client.formats.registry import FORMATS
from cotrack_client.formats.source import Source
from cotrack_client.tracks import Shot, Track, TrackDocument
from example_tracks import GOLDEN, GOLDEN_PIN

GOLDEN_FILES = Path(__file__).parents[2] / "data/formats/golden"

BOTH_WAYS = [format_ for format_ in FORMATS if format_.read]

each_way = pytest.mark.parametrize("format_", BOTH_WAYS, ids=lambda format_: format_.name)
each_format = pytest.mark.parametrize("format_", FORMATS, ids=lambda format_: format_.name)
positions = st.floats(-30_000, 30_000)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("formats")


def golden_file(format_: Format) -> Path:
    return GOLDEN_FILES / f"{format_.name}{format_.suffixes[0]}"


def text_file(path: Path) -> Path:
    """The file that has the positions: what is written, or one in a folder that is."""
    return path / "images.txt" if path.is_dir() else path


def fresh(path: Path) -> Path:
    """The same path with nothing there."""
    shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
    return path


def copy_of_golden(format_: Format, folder: Path) -> Path:
    path, golden = fresh(folder / f"damaged{format_.suffixes[0]}"), golden_file(format_)
    return Path(shutil.copytree(golden, path) if golden.is_dir() else shutil.copy(golden, path))


def example(format_: Format) -> TrackDocument:
    return GOLDEN if format_.exactly is None else GOLDEN_PIN


def written_and_read(document: TrackDocument, format_: Format, folder: Path) -> tuple[Fitted, TrackDocument]:
    fitted = fit(document, format_)
    path = fresh(folder / f"tracks{format_.suffixes[0]}")
    assert format_.write is not None
    assert format_.read is not None
    format_.write(fitted.document, path)
    shot = document.shot
    return fitted, format_.read(Source(path, (shot.width, shot.height), shot.first))


def samples(track: Track, *, with_guesses: bool) -> dict[int, tuple[float, float]]:
    kept = zip(track.frames, track.x, track.y, track.visible)
    return {f: (x, y) for f, x, y, visible in kept if visible or with_guesses or f in track.keys}


def assert_survived(fitted: Fitted, document: TrackDocument, again: TrackDocument, format_: Format) -> None:
    shift = document.shot.first - fitted.document.shot.first
    with_guesses = "guesses" in format_.keeps
    wanted = [track for track in fitted.document.tracks if samples(track, with_guesses=with_guesses)]
    found = {track.name: track for track in again.tracks}
    assert sorted(found) == sorted(track.name for track in wanted)
    for old in wanted:
        new = found[old.name]
        before = {frame + shift: place for frame, place in samples(old, with_guesses=with_guesses).items()}
        after = samples(new, with_guesses=with_guesses)
        assert list(after) == list(before)
        for frame, place in before.items():
            assert after[frame] == pytest.approx(place, rel=0, abs=0.51 * 10.0**-format_.decimals)
        if "confidence" in format_.keeps:
            sure = {f + shift: c for f, c in zip(old.frames, old.confidence)}
            assert {f: sure[f] for f in new.frames} == pytest.approx(dict(zip(new.frames, new.confidence)), abs=1e-4)
        if "refined" in format_.keeps:
            assert new.refined == old.refined
            for known, again_known in zip(old.covariance, new.covariance):
                assert again_known == (None if known is None else pytest.approx(known, rel=1e-5))
        if "keys" in format_.keeps:
            assert [frame + shift for frame in old.keys] == list(new.keys)


@st.composite
def tracks(draw: st.DrawFn, name: str, frames: range) -> Track:
    """A track with gaps, sure where it was placed, and where it begins."""
    chosen = sorted(draw(st.sets(st.sampled_from(frames), min_size=1, max_size=8)))
    visible = draw(st.lists(st.booleans(), min_size=len(chosen), max_size=len(chosen)))
    keys = draw(st.sets(st.sampled_from(chosen), max_size=2))
    values = st.lists(positions, min_size=len(chosen), max_size=len(chosen))
    seen = [visible_ or frame in keys for visible_, frame in zip(visible, chosen)]
    begin = next((frame for frame, is_seen in zip(chosen, seen) if is_seen), None)
    sure = (draw(st.floats(0, 1)) for _ in chosen)
    confidence = [1.0 if frame in keys or frame == begin else value for frame, value in zip(chosen, sure)]
    x, y = tuple(draw(values)), tuple(draw(values))
    refined = tuple(draw(st.booleans()) and frame not in keys for frame in chosen)
    covariance = tuple((0.001, -0.0002, 0.12345) if is_refined else None for is_refined in refined)
    return Track(name, tuple(sorted(keys)), tuple(chosen), x, y, tuple(seen), tuple(confidence), refined, covariance)


@st.composite
def documents(draw: st.DrawFn, least_frame: int) -> TrackDocument:
    """Any tracks that a shot may have, one of them visible somewhere."""
    first = draw(st.integers(least_frame, 5000))
    frames = range(first, first + draw(st.integers(1, 40)))
    names = draw(st.lists(st.text(max_size=12), min_size=1, max_size=5, unique=True))
    size = draw(st.sampled_from([(1920, 1080), (1, 1), (7680, 4320), (2048, 778)]))
    shot = Shot("plate.####.exr", *size, frames[0], frames[-1], draw(st.none() | st.just(23.976)))
    seen = Track("seen, also", (), (first,), (1.5,), (-2.25,), (True,), (1.0,))
    made = [draw(tracks(name, frames)) for name in names if name != seen.name]
    return TrackDocument(shot, (*made, seen))


@each_way
@settings(max_examples=30)
@given(data=st.data())
def test_any_tracks_survive_to_the_stated_precision(format_: Format, folder: Path, data: st.DataObject) -> None:
    least = -1000 if format_.least_frame is None else format_.least_frame
    document = data.draw(documents(least)) if format_.exactly is None else data.draw(quadrilaterals())
    fitted, again = written_and_read(document, format_, folder)
    assert_survived(fitted, document, again, format_)
    assert (again.shot.width, again.shot.height) == (document.shot.width, document.shot.height)
    names = [track.name for track in fitted.document.tracks]
    assert len(set(names)) == len(names)


@st.composite
def quadrilaterals(draw: st.DrawFn) -> TrackDocument:
    """Four tracks in any order that are corners at the first frame, and go anywhere later."""
    first = draw(st.integers(-1000, 5000))
    corners = draw(st.permutations([(10.0, 10.0), (1900.0, 30.0), (1890.0, 1000.0), (20.0, 1010.0)]))
    made = []
    for place, corner in enumerate(corners):
        later = draw(st.dictionaries(st.integers(first + 1, first + 30), st.tuples(positions, positions), max_size=6))
        places = {first: corner, **{frame: later[frame] for frame in sorted(later)}}
        x, y = (tuple(where[axis] for where in places.values()) for axis in (0, 1))
        made.append(Track(f"c{place}", (), tuple(places), x, y, (True,) * len(x), (1.0,) * len(x)))
    return TrackDocument(Shot("", 1920, 1080, first, first + 30), tuple(made))


@each_way
def test_ten_thousand_frames_survive(format_: Format, folder: Path) -> None:
    frames = tuple(range(1001, 11_001))
    starts = [(300.0, 200.0), (1700.0, 250.0), (1650.0, 900.0), (350.0, 950.0)][: format_.exactly or 1]
    made = []
    for place, (x, y) in enumerate(starts):
        xs, ys = (tuple(start + 0.0625 * n for n in range(len(frames))) for start in (x, y))
        made.append(Track(f"long{place}", (), frames, xs, ys, (True,) * len(frames), (1.0,) * len(frames)))
    document = TrackDocument(Shot("", 1920, 1080, frames[0], frames[-1]), tuple(made))
    fitted, again = written_and_read(document, format_, folder)
    assert_survived(fitted, document, again, format_)


@each_format
def test_what_is_written_is_the_golden_file(format_: Format, tmp_path: Path) -> None:
    assert format_.write is not None
    format_.write(fit(example(format_), format_).document, tmp_path / "tracks")
    written, golden = tmp_path / "tracks", golden_file(format_)
    if written.is_dir():
        comparison = filecmp.dircmp(written, golden)
        assert (comparison.left_only, comparison.right_only, comparison.diff_files) == ([], [], [])
    else:
        assert written.read_bytes() == golden.read_bytes()


@each_way
def test_its_files_are_told_from_those_of_others(format_: Format) -> None:
    found = format_of(Source(golden_file(format_)), FORMATS)
    read_by = {"resolve": "fusion", "after-effects-corner-pin": "after-effects"}
    assert found.name == read_by.get(format_.name, format_.name)


@each_way
@settings(max_examples=40)
@given(data=st.data())
def test_a_damaged_file_is_read_or_refused(format_: Format, folder: Path, data: st.DataObject) -> None:
    text = text_file(golden_file(format_)).read_bytes()
    pieces = [
        b"",
        b"\n",
        b"\t",
        b" ",
        b"{",
        b"}",
        b'"',
        b"-",
        b"9" * 12,
        b"1e999",
        b"nan",
        b"\xff",
        b"0",
        b"#",
        b"\r",
        b"x",
    ]
    for _ in range(data.draw(st.integers(1, 3))):
        start = data.draw(st.integers(0, len(text)))
        end = min(len(text), start + data.draw(st.sampled_from([0, 1, 2, 30, 400])))
        text = text[:start] + data.draw(st.sampled_from(pieces)) + text[end:]
    path = copy_of_golden(format_, folder)
    text_file(path).write_bytes(text)
    assert format_.read is not None
    with contextlib.suppress(CotrackError):
        for track in format_.read(Source(path, (1920, 1080), 1001)).tracks:
            assert len(track.frames) == len(track.x)


@each_way
def test_a_file_cut_short_is_refused_or_ends_early(format_: Format, folder: Path) -> None:
    path = copy_of_golden(format_, folder)
    whole = text_file(path).read_bytes()
    assert format_.read is not None
    for length in itertools.chain(range(0, len(whole), max(1, len(whole) // 60)), [len(whole) - 1]):
        text_file(path).write_bytes(whole[:length])
        with contextlib.suppress(CotrackError):
            format_.read(Source(path, (1920, 1080), 1001))


@each_format
def test_a_track_that_is_never_visible_is_named(format_: Format) -> None:
    hidden = Track("hidden", (), (1001,), (5.0,), (6.0,), (False,), (0.1,))
    document = example(format_)
    if format_.exactly is None:
        fitted = fit(replace(document, tracks=(*document.tracks, hidden)), format_)
        assert ("guesses" in format_.keeps) == (len(fitted.document.tracks) == 3)
        assert ("guesses" in format_.keeps) != any("hidden is never visible" in note for note in fitted.notes)
    if "guesses" not in format_.keeps:
        with pytest.raises(CotrackError, match="none of the tracks is visible"):
            fit(replace(document, tracks=(hidden,)), format_)


@each_way
def test_size_and_first_frame_are_asked_for_where_the_file_does_not_say_them(format_: Format) -> None:
    assert format_.read is not None
    source = Source(golden_file(format_))
    if format_.needs_size:
        with pytest.raises(CotrackError, match="pass --size WxH"):
            format_.read(replace(source, first=1001))
    if format_.counts_from is not None:
        with pytest.raises(CotrackError, match="--first 1001"):
            format_.read(replace(source, size=(1920, 1080)))
    again = format_.read(replace(source, size=(1920, 1080), first=1001))
    assert {frame for track in again.tracks for frame in track.frames} == {
        frame for track in example(format_).tracks for frame in track.frames
    }
