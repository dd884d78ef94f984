# SPDX-License-Identifier: Apache-2.0
"""A real Blender tracks the same points of the same files, and what cannot be run is said."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from cotrack.evaluation.blender_program import Program, find_blender
from cotrack.evaluation.blender_tracker import MOTION_MODELS, BlenderTracker
from cotrack.evaluation.contestant import Task
from cotrack.evaluation.plates.bench import judge, task_of
from cotrack.evaluation.plates.files import write_shot
from cotrack.evaluation.plates.finish import Finish
from cotrack.evaluation.plates.points import PlateTruth, find_truth
from cotrack.evaluation.plates.shots import make_shot
from cotrack.evaluation.truth import Truth
from cotrack.media.clip import open_clip
from cotrack_client.errors import CotrackError
from cotrack_client.tracks import Key
from hosts.asking import folder_of
from hosts.prepare import python_of

SIZE, FRAMES = (480, 270), 6
MOVIE = 3


@pytest.fixture(scope="module")
def blender() -> Program:
    return Program(python_of(folder_of("bpy-4.5")))


def clean(folder: Path, *, movie: bool = False) -> tuple[Task, PlateTruth]:
    shot = make_shot(MOVIE, SIZE, FRAMES)
    shot = replace(shot, finish=Finish(compression="h264" if movie else "none"))
    truth = find_truth(shot, 24)
    return task_of(write_shot(shot, folder), truth), truth


@pytest.mark.parametrize("model", MOTION_MODELS)
@pytest.mark.parametrize("movie", [False, True])
def test_blender_finds_the_truth_on_a_clean_plate(blender: Program, tmp_path: Path, model: str, *, movie: bool) -> None:
    task, truth = clean(tmp_path, movie=movie)
    assert len({key.frame for key in task.keys}) == 2  # it goes both ways from the later ones
    judged = judge(BlenderTracker(blender, model).track(task, lambda *_: None), truth)
    textured = judged.only(np.array([kind == "textured" for kind in truth.kinds]))
    assert textured.accepted.sum() > 0.7 * (textured.counts & textured.seen).sum()
    assert np.median(np.linalg.norm(textured.error, axis=-1)[textured.accepted]) < (0.25 if movie else 0.1)


def test_all_keys_of_a_track_are_honoured_and_what_is_lost_is_hidden(blender: Program, tmp_path: Path) -> None:
    task, truth = clean(tmp_path)
    row = next(row for row, key in enumerate(task.keys) if key.frame == 1001 and truth.visible[row].all())
    end = Key(truth.names[row], 1006, *truth.xy[row, -1].tolist())
    nowhere = Key("nowhere", 1003, 0.5, 0.5)  # the tracker needs a whole pattern around its marker
    tracks = BlenderTracker(blender, "Loc").track(replace(task, keys=(task.keys[row], end, nowhere)), lambda *_: None)
    at = tracks.names.index(end.track)
    assert tracks.keyed[at].tolist() == [True, False, False, False, False, True]
    assert tracks.xy[at, -1].tolist() == [end.x, end.y]
    assert tracks.visible[tracks.names.index("nowhere")].tolist() == [False, False, True, False, False, False]


def test_a_clip_that_blender_sees_otherwise_is_refused() -> None:
    rotated = Path(__file__).parents[2] / "data/media/rotated.mp4"  # which 4.2 leaves lying on its side
    with open_clip(rotated) as clip:
        frames, middle = clip.frames, (clip.width / 2, clip.height / 2)
    truth = Truth(("a",), np.array(frames), np.array([[middle] * len(frames)]), np.ones((1, len(frames)), dtype=bool))
    old = BlenderTracker(Program(python_of(folder_of("bpy-4.2"))), "Loc")
    with pytest.raises(CotrackError, match=r"Blender sees .* px in \S+, not .*; leave Blender out"):
        old.track(Task(rotated, (Key("a", frames[0], *middle),), truth), lambda *_: None)


def test_a_program_that_is_no_blender_is_named(tmp_path: Path) -> None:
    with pytest.raises(CotrackError, match=r"did not track: .*No module named 'bpy'.*name a Blender"):
        Program(Path(sys.executable)).run({}, timeout=60)
    broken = tmp_path / "blender"
    broken.write_text("not a program")
    with pytest.raises(CotrackError, match=r"blender cannot be run \(.+\); name a Blender"):
        Program(broken).run({}, timeout=60)


@pytest.mark.skipif(os.name == "nt", reason="a script stands in for Blender")
def test_a_blender_that_hangs_does_not_hang_us(tmp_path: Path) -> None:
    hanging = tmp_path / "blender"
    hanging.write_text("#!/bin/sh\nexec sleep 60\n")
    hanging.chmod(0o755)
    with pytest.raises(CotrackError, match=r"did not finish within 1 s; try again, or leave it out"):
        Program(hanging).run({}, timeout=1)


def test_blender_is_looked_for_by_option_then_variable_then_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("COTRACK_BLENDER", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_blender() is None
    on_path = tmp_path / ("blender.exe" if os.name == "nt" else "blender")
    on_path.touch(mode=0o755)
    assert find_blender() == Program(on_path)
    monkeypatch.setenv("COTRACK_BLENDER", sys.executable)
    assert find_blender() == Program(Path(sys.executable))
    assert find_blender(str(on_path)) == Program(on_path)
    assert find_blender("none") is None
    with pytest.raises(CotrackError, match="there is no program /no/blender; name a Blender"):
        find_blender("/no/blender")
