# SPDX-License-Identifier: Apache-2.0
"""Labelled clips beside synthetic shots: how many, what is learnt from them, and what is left as it is."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from cotrack.models.cotracker3 import TrackState
from cotrack.training.config import BUNDLED, ConfigError, TrainingConfig, load_config
from cotrack.training.labelled_clips import LabelledSet, Labels
from cotrack.training.losses import Truth, confidence_loss, huber, position_loss, visibility_loss
from cotrack.training.processes import Processes
from cotrack.training.run import RunRequest, train
from cotrack.training.shots.generator import ShotGenerator
from cotrack.training.shots.textures import TextureBank
from cotrack.training.state import read_state
from cotrack.training.supply import Supply
from cotrack_client.errors import CotrackError

CPU = torch.device("cpu")
FRAMES, POINTS = 8, 5


def write_clip(path: Path, frames: int = FRAMES) -> None:
    """A clip whose every pixel says which frame it is, and whose points move by a pixel per frame."""
    shade = (10 * np.arange(frames, dtype=np.uint8))[:, None, None, None]
    xy = np.stack([4.5 + np.arange(POINTS)[:, None] + np.arange(frames), np.full((POINTS, frames), 8.5)], axis=-1)
    known = np.ones((POINTS, frames), dtype=bool)
    known[0, ::2] = False
    video = np.broadcast_to(shade, (frames, 64, 64, 3))
    np.savez(path, video=video, xy=xy, visible=np.ones_like(known), annotated=known)


@pytest.fixture
def labels(tmp_path: Path) -> Path:
    folder = tmp_path / "labels"
    folder.mkdir()
    for name in ("a", "b"):
        write_clip(folder / f"{name}.npz")
    return folder


def mixed(config: TrainingConfig, folder: Path, **changes: object) -> TrainingConfig:
    lessons = replace(config.lessons, batch=5, points=POINTS)
    return replace(config, lessons=lessons, labels=Labels(str(folder), **changes))  # type: ignore[arg-type]


def supply_of(config: TrainingConfig) -> Supply:
    textures = TextureBank.procedural(CPU, count=4, size=32, shapes=2, seed=0)
    return Supply(config, ShotGenerator(config.shots, textures, CPU), Processes(CPU))


def test_a_fifth_of_every_batch_stays_synthetic(tiny: TrainingConfig, labels: Path) -> None:
    config = mixed(tiny, labels)
    supply = supply_of(config)
    for step in range(4):
        clips = supply.lesson(step).clips
        assert clips.truth.judged is not None
        assert clips.truth.judged.tolist() == [True, False, False, False, False]
        plain = [float(clip.std(dim=(1, 2, 3)).max()) < 1e-3 for clip in clips.video]
        assert plain == [False, True, True, True, True]


def test_a_labelled_clip_is_what_it_was(tiny: TrainingConfig, labels: Path) -> None:
    clips = supply_of(mixed(tiny, labels)).lesson(1).clips
    first = (clips.video[1, 0, 0, 0, 0] / 10).round()
    time = first + torch.arange(clips.video.shape[1])
    torch.testing.assert_close(clips.video[1, :, 0, 0, 0], 10 * time, rtol=0, atol=0.01)
    known = clips.truth.valid[1]
    rows = (clips.truth.coords[1] + 0.5) * 2  # the network sees 32 px of 64
    torch.testing.assert_close(rows[known][:, 1], torch.full((int(known.sum()),), 8.5))
    moved = rows[..., 0] - 4.5 - time
    assert set(moved[known].round().int().tolist()) <= set(range(POINTS))
    at = clips.queries[1, :, 0].long()
    assert known.gather(-1, at[:, None]).all()


def test_lessons_follow_from_the_step(tiny: TrainingConfig, labels: Path) -> None:
    config = mixed(tiny, labels)
    once, again = supply_of(config).lesson(3).clips, supply_of(config).lesson(3).clips
    assert torch.equal(once.video, again.video)
    assert torch.equal(once.queries, again.queries)


def test_what_teachers_think_of_visibility_is_not_learnt() -> None:
    dice = torch.Generator().manual_seed(0)
    coords = torch.rand(2, 3, 4, 2, generator=dice)
    logits = torch.randn(2, 3, 4, generator=dice)
    states = [TrackState(coords + 1, logits, logits)]
    seen = torch.rand(2, 3, 4, generator=dice) < 0.5
    known = torch.ones_like(seen)
    both = Truth(coords, seen, known, torch.tensor([True, False]))
    alone = Truth(coords[:1], seen[:1], known[:1])
    first = [TrackState(s.coords[:1], s.visibility[:1], s.confidence[:1]) for s in states]
    for loss in (visibility_loss, confidence_loss):
        torch.testing.assert_close(loss(states, both), loss(first, alone))
        assert loss(states, Truth(coords, seen, known, torch.tensor([False, False]))) == 0
    assert position_loss(states, both, known, huber) > 0


def test_a_run_learns_from_labels_and_leaves_the_head_of_visibility_alone(
    tiny: TrainingConfig, labels: Path, tmp_path: Path
) -> None:
    first = tmp_path / "first"
    short = replace(tiny, run=replace(tiny.run, steps=1, state="small"))
    train(RunRequest(short, first, device="cpu"), lambda _: None)
    before, _ = read_state(first)
    for positions_only in (True, False):
        second = tmp_path / str(positions_only)
        config = mixed(tiny, labels, positions_only=positions_only)
        config = replace(config, run=replace(config.run, steps=3))
        train(RunRequest(config, second, resume=first, device="cpu"), lambda _: None)
        after, _ = read_state(second)
        learnt = [name for name in before if name.startswith("weights.")]
        changed = {name for name in learnt if not torch.equal(before[name], after[name])}
        head = {name for name in changed if "transformer.judge" in name}
        assert changed - head
        assert bool(head) is not positions_only


def test_an_empty_folder_and_a_short_clip_are_named(tmp_path: Path) -> None:
    (tmp_path / ".cotrack-0123.npz").write_bytes(b"cut while it was written")
    with pytest.raises(CotrackError, match="holds no labelled clips"):
        LabelledSet(tmp_path, (32, 32), 6, CPU)
    write_clip(tmp_path / "short.npz", frames=5)
    with pytest.raises(CotrackError, match=r"short\.npz has 5 frames, but lessons have 6"):
        LabelledSet(tmp_path, (32, 32), 6, CPU)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[labels]\nshare = 0.9", "a fifth of every batch stays synthetic"),
        ("[labels]\nfolder = 'x'\n[lessons]\nbatch = 1", "labels.share of lessons.batch must be at least one clip"),
    ],
)
def test_a_mixture_that_cannot_be_is_refused(text: str, sentence: str, tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(ConfigError, match=sentence):
        load_config(path)


def test_the_bundled_mixture_is_for_the_compact_network() -> None:
    compact, finetune = (load_config(BUNDLED / name) for name in ("compact.toml", "finetune.toml"))
    assert (finetune.network, finetune.shots) == (compact.network, compact.shots)
    assert finetune.labels.clips_in(finetune.lessons.batch) == 12
    assert finetune.optimisation.rate_at(0, 0.0) == finetune.optimisation.rate == 5e-5
