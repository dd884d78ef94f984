# SPDX-License-Identifier: Apache-2.0
"""`cotrack clean`, `cotrack summary` and `cotrack check` on files as people have them."""

from __future__ import annotations

import json
from importlib.resources import as_file, files
from pathlib import Path

import pytest

import cotrack.examples
from cotrack.cli.main import DONE, INPUT_AT_FAULT, run
from cotrack.tracking.track_files import read_document, write_document
from cotrack_client.tracks import Shot, TrackDocument
from plain_tracks import moving, seen

SHOT = Shot("plate.####.exr", 1920, 1080, 1001, 1040)


@pytest.fixture(params=[".json", ".npz"])
def tracks(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """A pan with a spike at frame 1021 and a gap of three frames; a key at 1001."""
    x = [2.5 * step for step in range(40)]
    x[20] += 30
    path = tmp_path / f"tracks{request.param}"
    write_document(TrackDocument(SHOT, (moving(x, keys=[1001], gaps=[1030, 1031, 1032]),)), path)
    return path


def test_tracks_are_cleaned_into_another_file(tracks: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cleaned = tracks.with_stem("cleaned")
    before = tracks.read_bytes()
    assert run(["clean", str(tracks), "-o", str(cleaned), "--despike", "--fill", "4", "--smooth", "7"]) == DONE
    assert "spikes    1 samples of 1 tracks" in capsys.readouterr().out
    document = read_document(cleaned)
    assert seen(document.tracks[0]) == set(range(1001, 1041))
    assert document.tracks[0].x == pytest.approx([2.5 * step for step in range(40)])
    assert document.settings["cleaning"] == {"despike": True, "fill": 4, "smooth": 7}
    assert tracks.read_bytes() == before


def test_what_was_changed_is_told_as_json(tracks: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cleaned = tracks.with_stem("cleaned")
    options = ["--max-error", "0.1", "--min-confidence", "0.95", "--min-length", "3", "--json"]
    assert run(["clean", str(tracks), "-o", str(cleaned), *options]) == DONE
    told = json.loads(capsys.readouterr().out)
    assert [(change["operation"], change["samples"]) for change in told["changes"]] == [
        ("confidence", 36),
        ("error", 0),
        ("short", 0),
    ]
    assert seen(read_document(cleaned).tracks[0]) == {1001}


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ([], "nothing is to be cleaned"),
        (["--smooth", "6"], "cannot be smoothed over 6 frames; choose an odd number from 5 to 101"),
        (["--min-confidence", "2"], "--min-confidence"),
    ],
)
def test_what_cannot_be_done_is_said(
    options: list[str], said: str, tracks: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cleaned = tracks.with_stem("cleaned")
    assert run(["clean", str(tracks), "-o", str(cleaned), *options]) == INPUT_AT_FAULT
    assert said in capsys.readouterr().err
    assert not cleaned.exists()


def test_the_file_itself_is_written_over_only_when_asked(tracks: Path, capsys: pytest.CaptureFixture[str]) -> None:
    line = ["clean", str(tracks), "-o", str(tracks), "--despike"]
    assert run(line) == INPUT_AT_FAULT
    assert "is the file to be cleaned; choose another name with -o, or pass --overwrite" in capsys.readouterr().err
    assert run([*line, "--overwrite"]) == DONE
    assert 1021 not in seen(read_document(tracks).tracks[0])


def test_tracks_without_covariance_cannot_be_judged_by_their_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plain = moving(float, keys=[1001])
    bare = type(plain)(plain.name, plain.keys, plain.frames, plain.x, plain.y, plain.visible, plain.confidence)
    write_document(TrackDocument(SHOT, (bare,)), tmp_path / "t.json")
    line = ["clean", str(tmp_path / "t.json"), "-o", str(tmp_path / "c.json"), "--max-error", "0.5"]
    assert run(line) == INPUT_AT_FAULT
    assert "does not say how exact its tracks are" in capsys.readouterr().err


def test_a_summary_has_a_line_per_track(tracks: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["summary", str(tracks)]) == DONE
    head, nose = capsys.readouterr().out.splitlines()
    assert head.split()[:3] == ["keys", "coverage", "gaps"]
    assert nose.split()[:5] == ["nose", "1", "92", "%", "1"]
    assert nose.endswith("33.5 px at 1021")
    assert len(head) == len(nose)


def test_a_summary_as_json_has_every_figure(tracks: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["summary", str(tracks), "--json"]) == DONE
    (nose,) = json.loads(capsys.readouterr().out)["tracks"]
    assert (nose["name"], nose["keys"], nose["gaps"], nose["gap"], nose["refined"]) == ("nose", [1001], 1, 1030, 1.0)
    assert nose["stray"]["frame"] == 1021


def test_points_are_checked_before_they_are_tracked(capsys: pytest.CaptureFixture[str]) -> None:
    with as_file(files(cotrack.examples) / "courtyard.mp4") as clip:
        line = ["check", str(clip), "--point", "brick=1,600,200", "--point", "wall=1,340,230"]
        assert run(line) == DONE
        brick, wall = capsys.readouterr().out.splitlines()
        assert run([*line, "--json"]) == DONE
        told = json.loads(capsys.readouterr().out)["points"]
        assert run(["check", str(clip)]) == INPUT_AT_FAULT
    assert brick.startswith("brick at 1  good, to 0.0")
    assert wall.startswith("wall at 1   wall lies on a featureless area; move it to a corner")
    assert [(point["track"], point["problem"]) for point in told] == [("brick", None), ("wall", "bare")]


def test_tracking_warns_first_and_goes_on(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    output = tmp_path / "t.json"
    with as_file(files(cotrack.examples) / "courtyard.mp4") as clip:
        points = ["--point", "brick=1,600,200", "--point", "wall=1,340,230"]
        line = ["track", str(clip), "--frames", "1-3", *points, "--no-refine", "-o", str(output), "--json"]
        assert run(line) == DONE
    heard = capsys.readouterr()
    said = "wall lies on a featureless area at frame 1; move it to a corner or a spot with texture"
    assert said in heard.err.replace("\n", " ")
    assert json.loads(heard.out)["warnings"] == [said]
    assert [track.name for track in read_document(output).tracks] == ["brick", "wall"]
