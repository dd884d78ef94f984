# SPDX-License-Identifier: Apache-2.0
"""`cotrack convert` and `cotrack export`: what is written, what is said, what is refused."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from cotrack.cli.main import DONE, INPUT_AT_FAULT, run
from cotrack.tracking.track_archive import read_archive
from cotrack_client.formats.tracks_json import read_tracks, write_tracks

DATA = Path(__file__).parents[2] / "data/formats"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand in a folder with a track file."""
    shutil.copy(DATA / "golden/tracks.json", tmp_path / "tracks.json")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_track_file_is_exported_beside_others(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["export", "tracks.json", "--format", "equalizer"]) == DONE
    assert (folder / "tracks.equalizer.txt").read_bytes() == (DATA / "golden/equalizer.txt").read_bytes()
    heard = capsys.readouterr()
    assert "written  tracks.equalizer.txt" in heard.out
    assert "note: frame 1001 of the shot is frame 1 in the file; pass --first" in heard.err


def test_a_suffix_chooses_the_format(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["convert", "tracks.json", "out.nk", "--json"]) == DONE
    assert (folder / "out.nk").read_bytes() == (DATA / "golden/nuke.nk").read_bytes()
    assert json.loads(capsys.readouterr().out) == {
        "from": "tracks", "to": "nuke", "tracks": 2, "frames": "1001-1010", "size": "1920 x 1080", "notes": [],
        "written": "out.nk",
    }  # fmt: skip


def test_what_a_file_does_not_say_is_taken_from_the_command_line(folder: Path) -> None:
    source = str(DATA / "golden/equalizer.txt")
    assert run(["convert", source, "back.json", "--size", "1920x1080", "--first", "1001"]) == DONE
    document = read_tracks(folder / "back.json")
    assert document.tracks == read_tracks(folder / "tracks.json").tracks
    assert (document.shot.width, document.shot.height, document.shot.first) == (1920, 1080, 1001)
    assert document.software.startswith("cotrack ")


def test_every_pair_by_way_of_numpy(folder: Path) -> None:
    assert run(["convert", "tracks.json", "tracks.npz"]) == DONE
    archive = read_archive(folder / "tracks.npz")
    np.testing.assert_array_equal(archive.tracks.frames, [1001, 1002, 1004, 1006, 1007])
    np.testing.assert_array_equal(archive.tracks.visible.sum(axis=1), [4, 1])
    assert run(["convert", "tracks.npz", "again.json"]) == DONE
    assert read_tracks(folder / "again.json").tracks == read_tracks(folder / "tracks.json").tracks


def test_what_refinement_found_stays_in_arrays(folder: Path) -> None:
    document = read_tracks(folder / "tracks.json")
    first, second = document.tracks
    known = (None, (0.0016, 0.0001, 0.0021), None, None)
    refined = replace(first, refined=tuple(value is not None for value in known), covariance=known)
    write_tracks(replace(document, tracks=(refined, second)), folder / "refined.json")
    for path in ("refined.npz", "again.json"):
        assert run(["convert", "refined.json" if path == "refined.npz" else "refined.npz", path]) == DONE
    found, other = read_tracks(folder / "again.json").tracks
    assert found.refined == refined.refined
    assert found.covariance[1] == pytest.approx(known[1], abs=1e-5)
    assert [found.covariance[place] for place in (0, 2, 3)] == [None] * 3
    assert other.refined == (False,)


def test_the_format_of_a_file_may_be_said(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    resolve = str(DATA / "golden/resolve.setting")
    options = ["--size", "1920x1080", "--first", "1001"]
    assert run(["convert", resolve, "out.json", "--from", "resolve", *options]) == DONE
    assert read_tracks(folder / "out.json").tracks[1].frames == (1004,)
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["convert"], "nothing to convert; name a file with tracks, or pass --formats for a list"),
        (["convert", "tracks.json"], "nothing says what to convert to; name a file to write, or pass --format"),
        (["convert", "tracks.json", "a.txt"], "may be for several programs; pass --format with one of"),
        (["convert", "tracks.json", "a.nk", "--format", "word"], "'word' is no format of tracks; choose one of"),
        (["convert", "tracks.json", "a.nk", "--size", "10x10"], "is 1920 x 1080, not 10 x 10; leave out --size"),
        (["convert", "tracks.json", "a.nk", "--size", "10"], "'10' is no size of a plate; write it as 1920x1080"),
        (["convert", "none.json", "a.nk"], "cannot read none.json: No such file or directory; check the path"),
        (["convert", ".", "a.nk"], "looks like no format of tracks"),
        (["convert", "notes.txt", "a.nk"], "no format of tracks that cotrack knows; name its format with"),
        (["convert", "tracks.json", "no/such/a.nk"], "cannot write no/such/a.nk"),
        (["convert", "tracks.json", "a.json", "--from", "after-effects-nulls"], "are written, not read"),
        (["export", "tracks.json", "--format", "nuke-corner-pin"], "takes 4 tracks, not 2; give it those alone"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_one_sentence(
    arguments: list[str], sentence: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "notes.txt").write_text("call the client\n")
    before = set(folder.iterdir())
    assert run(arguments) == INPUT_AT_FAULT
    said = capsys.readouterr().err
    assert sentence in said
    assert said.count("\n") == 1
    assert set(folder.iterdir()) == before


def test_the_formats_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["convert", "--formats"]) == DONE
    assert "equalizer                 3DEqualizer (.txt); without confidence, keys" in capsys.readouterr().out
    assert run(["convert", "--formats", "--json"]) == DONE
    listed = {facts["name"]: facts for facts in json.loads(capsys.readouterr().out)}
    assert listed["flame"]["cannot_say"] == ["confidence", "keys", "guesses", "refined", "gaps"]
    assert listed["equalizer"]["may_ask_for"] == ["--size", "--first"]
    assert (listed["after-effects-nulls"]["reads"], listed["npz"]["reads"]) == (False, True)
