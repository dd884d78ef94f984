# SPDX-License-Identifier: Apache-2.0
"""Queries are drawn from what is seen, and what is changed in the picture is changed in the truth."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from cotrack.training.augment import Augmentation, augmented
from cotrack.training.clips import QueryChoice, clips_of
from cotrack.training.shots.generator import ShotBatch

NOTHING = Augmentation(mirror=0, reverse=0, recolour=0, erase=0)


def dice(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def dots(clips: int = 3, points: int = 4, frames: int = 5) -> ShotBatch:
    """Each point is a bright pixel on black, somewhere else in every frame."""
    video = torch.zeros(clips, frames, 3, 20, 30)
    x = torch.randint(0, 30, (clips, points, frames), generator=dice(1))
    y = torch.randint(0, 20, (clips, points, frames), generator=dice(2))
    for clip in range(clips):
        for point in range(points):
            for frame in range(frames):
                video[clip, frame, :, y[clip, point, frame], x[clip, point, frame]] = 1
    everywhere = torch.ones(clips, points, frames, dtype=torch.bool)
    return ShotBatch(video, torch.stack([x, y], dim=-1) + 0.5, everywhere, everywhere)


def colour_at_points(shots: ShotBatch) -> Tensor:
    x, y = shots.xy.floor().long().unbind(-1)
    clip = torch.arange(len(x))[:, None, None].expand_as(x)
    frame = torch.arange(x.shape[2]).expand_as(x)
    return shots.video[clip, frame, :, y, x]


def test_queries_lie_where_a_point_is_seen() -> None:
    shots = dots(points=40)
    seen = torch.rand(shots.visible.shape, generator=dice(5)) < 0.3
    clips = clips_of(ShotBatch(shots.video, shots.xy, seen, shots.valid), QueryChoice(30, 0.5), dice())
    frame = clips.queries[..., 0].long()[..., None]
    assert clips.truth.visible.gather(2, frame).all()
    here = clips.truth.coords.gather(2, frame[..., None].expand(-1, -1, -1, 2))[:, :, 0]
    assert torch.equal(here, clips.queries[..., 1:])


def test_network_px_begin_at_the_centre_of_the_first_pixel() -> None:
    shots = dots()
    clips = clips_of(shots, QueryChoice(4, 1.0), dice())
    x, y = clips.truth.coords[0, 0, 0].long().tolist()
    assert clips.video[0, 0, :, y, x].tolist() == [255, 255, 255]


def test_a_share_of_one_asks_for_every_point_where_it_is_first_seen() -> None:
    shots = dots()
    seen = shots.visible.clone()
    seen[:, :, :2] = False
    clips = clips_of(ShotBatch(shots.video, shots.xy, seen, shots.valid), QueryChoice(4, 1.0), dice())
    assert (clips.queries[..., 0] == 2).all()


def test_points_that_are_never_seen_are_not_asked_for() -> None:
    shots = dots(points=6)
    seen = shots.visible.clone()
    seen[:, 2:] = False
    clips = clips_of(ShotBatch(shots.video, shots.xy, seen, shots.valid), QueryChoice(5, 0.0), dice())
    assert clips.truth.visible.all()
    assert clips.truth.coords.shape == (3, 5, 5, 2)


def test_all_points_are_asked_for_before_any_is_repeated() -> None:
    shots = dots(points=6)
    clips = clips_of(shots, QueryChoice(6, 0.0), dice())
    for asked, made in zip(clips.truth.coords, shots.xy, strict=True):
        assert sorted(asked.flatten(1).tolist()) == sorted((made - 0.5).flatten(1).tolist())


def test_what_is_not_known_never_reaches_the_loss_as_a_number() -> None:
    shots = dots()
    xy, valid = shots.xy.clone(), shots.valid.clone()
    xy[0, 0, 0], valid[0, 0, 0] = float("inf"), False
    clips = clips_of(ShotBatch(shots.video, xy, shots.visible & valid, valid), QueryChoice(4, 0.0), dice())
    assert clips.truth.coords.isfinite().all()


def test_positions_far_outside_are_not_learnt() -> None:
    shots = dots()
    xy = shots.xy.clone()
    xy[:, :, 1, 0], xy[:, :, 2, 0] = 30 + 14, 30 + 16  # of 30 px
    clips = clips_of(ShotBatch(shots.video, xy, shots.visible, shots.valid), QueryChoice(4, 1.0), dice())
    assert clips.truth.valid[:, :, 1].all()
    assert not clips.truth.valid[:, :, 2].any()


@pytest.mark.parametrize("change", [{"mirror": 1.0}, {"reverse": 1.0}, {"mirror": 0.5, "reverse": 0.5}])
def test_points_stay_on_what_they_mark(change: dict[str, float]) -> None:
    shots = dots()
    changed = augmented(shots, Augmentation(**{"recolour": 0, "erase": 0, "mirror": 0, "reverse": 0, **change}), dice())
    assert not torch.equal(changed.xy, shots.xy)
    assert (colour_at_points(changed) == 1).all()


def test_what_an_eraser_covers_is_hidden_and_the_first_frame_is_spared() -> None:
    shots = dots(clips=8, points=30)
    changed = augmented(shots, Augmentation(mirror=0, reverse=0, recolour=0, erase=1.0, patches=2, patch_px=16), dice())
    covered = (colour_at_points(changed) != 1).any(-1)
    assert covered.any()
    assert torch.equal(covered, ~changed.visible)
    assert changed.visible[:, :, 0].all()


def test_colours_change_within_a_clip_alike_and_stay_in_range() -> None:
    shots = dots()
    video = torch.rand(shots.video[:, :1].shape, generator=dice(9)).expand(shots.video.shape)
    changed = augmented(ShotBatch(video, shots.xy, shots.visible, shots.valid), Augmentation(0, 0, 1.0, 0), dice())
    assert not torch.equal(changed.video, video)
    assert torch.equal(changed.video[:, 0], changed.video[:, -1])
    assert 0 <= changed.video.min() <= changed.video.max() <= 1


def test_without_chances_nothing_changes() -> None:
    shots = dots()
    changed = augmented(shots, NOTHING, dice())
    assert torch.equal(changed.video, shots.video)
    assert torch.equal(changed.xy, shots.xy)
    assert torch.equal(changed.visible, shots.visible)
