# SPDX-License-Identifier: Apache-2.0
"""Labels of a real shot: closer to the truth than what is dropped, made again by the same seed, and never half."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import torch

from cotrack.examples import example_shot, example_truth
from cotrack.labelling import label
from cotrack.labelling.label import Judgement, LabelRequest, label_shots
from cotrack.labelling.shot_windows import ShotWindow
from cotrack.labelling.teachers import find_teachers
from cotrack.labelling.verdict import distance_px
from cotrack.media.clip import open_clip
from cotrack.tracking.follower import Follower
from cotrack.tracking.lucas_kanade import LucasKanade
from cotrack.tracking.trajectories import Trajectories
from cotrack.training.real_clips import read_shot
from cotrack_client.errors import CotrackError

from .conftest import TemplateMatching

CPU = torch.device("cpu")
SEED = 3
"""Takes two windows of the plate."""


class Patient:
    """Waits for the result."""

    def progress(self, _stage: str, _done: int, _total: int) -> None:
        """Nobody asks."""

    def settled(self, _trajectories: Trajectories, _final: npt.NDArray[np.bool_]) -> None:
        """The result says it all."""

    def still_wanted(self) -> None:
        """Always."""


def told(_stage: str, _done: int, _total: int) -> None:
    """Nobody watches."""


@pytest.fixture
def small(plate: Path, tmp_path: Path) -> LabelRequest:
    return LabelRequest(
        shots=(plate,),
        folder=tmp_path / "set",
        teachers=find_teachers(["lucas-kanade"], owns_weights=False),
        frames=8,
        windows=2,
        points=24,
        size=(96, 128),
        seed=SEED,
    )


@pytest.mark.parametrize("teacher", [LucasKanade, TemplateMatching])
def test_labels_that_two_teachers_agree_on_are_closer_to_the_truth(teacher: type[Follower]) -> None:
    """On the bundled shot with its exact tracks, errors in px at 256."""
    frames = np.arange(1, 49, 3)
    with np.load(example_truth()) as truth:
        seen = truth["visible"][:, frames - 1]
        rows = seen.any(1)
        seen, true = seen[rows], truth["xy"][rows][:, frames - 1].astype(np.float64)
    asked = seen.argmax(1), true[np.arange(len(true)), seen.argmax(1)]
    witness = TemplateMatching() if teacher is LucasKanade else LucasKanade()
    with open_clip(example_shot()) as clip:
        window = ShotWindow("courtyard", tuple(frames.tolist()), (0,))
        kept, found = Judgement(clip, window, asked, Patient()).kept(teacher(), witness)
        error = distance_px(found.xy, true, (clip.width, clip.height))
    told = found.visible & (np.arange(len(frames)) != asked[0][:, None])
    labels, dropped = error[told & kept], error[told & ~kept]
    assert len(labels) > 250
    assert len(dropped) > 50
    assert labels.mean() < dropped.mean() / 2
    assert np.median(labels) < np.median(dropped)
    assert (labels > 1).mean() < 0.01 < (dropped > 1).mean() / 4
    assert seen[told & kept].mean() > 0.97 > seen[told & ~kept].mean()


def test_a_set_is_read_by_the_trainer_and_says_whose_labels_it_holds(small: LabelRequest, plate: Path) -> None:
    records = label_shots(small, told)
    assert len(records) == 2
    for record in records:
        assert record["teacher"] == {"name": "lucas-kanade", "licence": "Apache-2.0", "sha256": None}
        assert Path(record["source"]).parent == plate.parent
        assert record["kept"] >= 8
    paths = sorted(small.folder.glob("*.npz"))
    assert [path.stem for path in paths] == [f"plate-{record['frames'][0]:05}" for record in records]
    shot, frames = read_shot(paths[0], small.size, CPU), np.array(records[0]["frames"])
    assert shot.video.shape == (1, 8, 3, 96, 128)
    assert int(shot.valid.sum()) == records[0]["samples"]
    with open_clip(plate) as clip:
        pictures = [clip.read(int(frame)) for frame in frames]
    np.testing.assert_allclose(shot.video[0].permute(0, 2, 3, 1), pictures, atol=0.003)
    moved = shot.xy[0, :, :, 0].numpy() - frames
    known = shot.valid[0].numpy()
    spread = [np.ptp(row[is_known]) for row, is_known in zip(moved, known, strict=True)]
    assert max(spread) < 0.2


def test_a_set_that_was_cut_goes_on(small: LabelRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = replace(small, folder=tmp_path / "whole")
    label_shots(whole, told)

    heard = []

    def interrupt(_stage: str, done: int, total: int) -> None:
        heard.append(done)
        assert total == 16
        if done > 8:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        label_shots(small, interrupt)
    assert heard == sorted(heard)
    assert len(set(heard)) > 3
    assert len(list(small.folder.glob("*.npz"))) == 1
    looked = []
    judgement = label.Judgement
    monkeypatch.setattr(label, "Judgement", lambda *given: looked.append(given) or judgement(*given))
    label_shots(small, told)
    assert len(looked) == 1
    assert {path.name: path.read_bytes() for path in small.folder.iterdir()} == {
        path.name: path.read_bytes() for path in whole.folder.iterdir()
    }


def test_a_set_is_not_gone_on_with_otherwise(small: LabelRequest) -> None:
    one = replace(small, windows=1)
    label_shots(one, told)
    with pytest.raises(CotrackError, match=r"was begun with points = 24, not 32; go on with that"):
        label_shots(replace(one, points=32), told)


def test_a_teacher_that_knows_nothing_leaves_no_labels(small: LabelRequest, untrained: Path) -> None:
    pool = find_teachers(["lucas-kanade", str(untrained)], owns_weights=True)
    (record,) = label_shots(replace(small, teachers=pool, windows=1), told)
    assert {record["teacher"]["name"], record["witness"]["name"]} == {"lucas-kanade", "mine.safetensors"}
    assert (record["asked"] >= 16, record["kept"]) == (True, 0)
    names = {path.name for path in small.folder.iterdir()}
    assert names == {"set.json", "plate-01001.json"}
    assert json.loads((small.folder / "plate-01001.json").read_text())["kept"] == 0


def test_a_shot_too_short_is_told_before_anything_is_done(small: LabelRequest) -> None:
    with pytest.raises(CotrackError, match=r"plate\.####\.png has 20 frames, fewer than a window of 60"):
        label_shots(replace(small, frames=60), told)
    assert not small.folder.exists()


def test_shots_of_one_name_are_told_apart(small: LabelRequest, plate: Path, tmp_path: Path) -> None:
    other = tmp_path / "sh020"
    shutil.copytree(plate.parent, other)
    label_shots(replace(small, shots=(plate, other / plate.name), windows=1), told)
    sources = {path.stem: json.loads(path.read_text())["source"] for path in small.folder.glob("plate*.json")}
    assert {name: Path(source).parent.name for name, source in sources.items()} == {
        "plate-01001": "sh010",
        "plate-2-01001": "sh020",
    }


def test_one_network_labels_both_ways(small: LabelRequest, untrained: Path) -> None:
    """It knows nothing, but it is asked, offline and online."""
    pool = find_teachers([str(untrained), f"online:{untrained}"], owns_weights=True)
    (record,) = label_shots(replace(small, teachers=pool, windows=1), told)
    asked = {record["teacher"]["name"], record["witness"]["name"]}
    assert asked == {"mine.safetensors", "online:mine.safetensors"}
    assert record["teacher"]["licence"] == "own (stated by whoever labelled)"
