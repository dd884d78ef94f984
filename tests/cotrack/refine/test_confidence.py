# SPDX-License-Identifier: Apache-2.0
"""Confidence is low where the follower went wrong, high where it did not, and gaps begin and end where they do."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np
import pytest
import torch

from cotrack.refine import confidence
from cotrack.refine.confidence import Evidence, Model, judge
from cotrack.refine.refine import Refiner
from cotrack.tracking.keys import join_keys
from cotrack.tracking.trajectories import Trajectories
from cotrack.tracking.warm import LastUsed
from watchers import Quiet
from wave_scenes import WIDTH, Floats, Waves, follower_of, moving, queries_of

POINTS = np.array([[70.3, 60.7], [121.8, 100.1], [170.4, 139.6]])
SIGMA_PX = 2.0
PLAIN_FROM = 172
MODELS = [model for model in vars(confidence).values() if isinstance(model, Model)]


def refined(scene: Waves, followed: Trajectories, points: Floats = POINTS) -> Trajectories:
    refiner = Refiner(scene, SIGMA_PX, torch.device("cpu"), LastUsed(0))
    return refiner.refine(followed, queries_of(scene, points), np.array(scene.frames), "both", Quiet())


def followed(scene: Waves, points: Floats = POINTS) -> Trajectories:
    queries = queries_of(scene, points)
    return follower_of(scene, points, SIGMA_PX).follow(scene, queries, np.array(scene.frames), "both", Quiet())


@dataclass(frozen=True)
class Bar:
    """Stripes that cross the picture from left to right, and cover what they cross.

    Below, the picture is plain: there grain can be told from texture.
    """

    width: float = 62.0
    speed: float = 19.0

    def covers(self, later: int, x: Floats) -> np.ndarray:
        right = self.speed * later
        return (x > right - self.width) & (x < right)

    def laid_over(self, later: int, grey: Floats) -> Floats:
        x, y = np.meshgrid(np.arange(grey.shape[1]) + 0.5, np.arange(grey.shape[0]) + 0.5)
        stripes = 0.5 + 0.3 * np.sin((x - self.speed * later) / 2.3) * np.cos(y / 3.1)
        plain = np.where(y > PLAIN_FROM, 0.5, grey)
        return np.where(self.covers(later, x), stripes, plain)


@pytest.mark.parametrize("speed", [11.0, 19.0, 31.0])
def test_gaps_begin_and_end_with_what_hides_the_point_though_the_follower_sees_it_throughout(speed: float) -> None:
    bar = Bar(speed=speed)
    scene = Waves(moving(0.4, 0.2), frames=24, grain=2.0, change=bar.laid_over)
    found = refined(scene, followed(scene))
    truth = scene.truth(POINTS)
    hidden = np.stack([bar.covers(later, truth[:, later, 0]) for later in range(24)], axis=1)
    assert hidden[:, 1:].any(axis=1).all()
    for said, true in zip(~found.visible, hidden, strict=True):
        gap = runs(true)[0]
        touching = [run for run in runs(said) if run[0] < gap[1] and run[1] > gap[0]]
        assert len(touching) == 1
        assert np.abs(touching[0] - gap).max() <= 1
    assert found.confidence[hidden].max() < 0.5


def runs(flags: np.ndarray) -> np.ndarray:
    return np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]]).astype(int))).reshape(-1, 2)


def test_a_jump_to_something_else_gets_no_confidence_and_the_others_keep_theirs() -> None:
    scene = Waves(moving(0.7, -0.3), frames=12, grain=2.0)
    wrong = followed(scene)
    wrong.xy[1, 5:] += [21.0, 13.0]
    found = refined(scene, wrong)
    assert found.confidence[1, 5:].max() < 0.1
    assert found.confidence[1, 1:5].min() > 0.9
    assert found.confidence[[0, 2], 1:].min() > 0.9


def test_a_point_that_the_follower_has_lost_is_seen_where_it_is_recognised() -> None:
    scene = Waves(moving(0.7, -0.3), frames=8, grain=2.0)
    lost = followed(scene)
    lost.visible[:, 3:], lost.confidence[:, 3:] = False, 0.1
    lost.xy[:, 3:] += 2.0 * SIGMA_PX
    found = refined(scene, lost)
    assert found.visible.all()
    assert found.refined[:, 1:].all()


def test_what_lies_outside_the_picture_is_not_seen() -> None:
    scene = Waves(moving(24.0, 0.0), frames=10)
    found = refined(scene, followed(scene))
    outside = scene.truth(POINTS)[..., 0] > WIDTH + 3 * SIGMA_PX
    assert outside.any()
    assert not found.visible[outside].any()


def test_a_key_is_certain_and_nothing_is_more() -> None:
    scene = Waves(moving(0.7, -0.3), grain=2.0)
    tracks = join_keys(refined(scene, followed(scene)), queries_of(scene, POINTS), np.array(scene.frames))
    assert (tracks.confidence[tracks.keyed] == 1).all()
    assert ((tracks.confidence >= 0) & (tracks.confidence <= 1)).all()


def doubtful(count: int = 1) -> Evidence:
    values = {field.name: np.full(count, 0.5) for field in fields(Evidence)}
    return Evidence(**{**values, "error_px": 2.0, "accepted": np.ones(count, bool), "visible": np.ones(count, bool)})


@pytest.mark.parametrize("accepted", [True, False])
@pytest.mark.parametrize(
    ("reason", "worst_to_best"),
    [
        ("confidence", [0.0, 0.3, 0.8, 1.0]),
        ("agreement", [0.1, 0.5, 0.9, 1.0]),
        ("fitting", [0.0, 0.5, 1.0, 1.0]),
        ("inner", [0.0, 0.5, 0.9, 1.0]),
        ("strange", [np.nan, 9.0, 2.0, 0.1]),
        ("closure", [np.nan, 0.5, 0.1, 0.0]),
        ("sigma", [np.nan, 3.0, 0.3, 0.0]),
        ("departure", [np.nan, 7.0, 0.5, 0.0]),
    ],
)
def test_better_evidence_never_lowers_confidence(*, accepted: bool, reason: str, worst_to_best: list[float]) -> None:
    evidence = replace(doubtful(4), accepted=np.full(4, accepted), **{reason: np.array(worst_to_best)})
    said = judge(evidence).confidence
    assert (np.diff(said) >= 0).all()
    assert ((said >= 0) & (said <= 1)).all()


def test_no_reason_counts_against_a_sample() -> None:
    assert len(MODELS) == 3
    assert all(weight >= 0 for model in MODELS for weight in model.weights.values())
    assert all(set(model.weights) <= set(doubtful().reasons()) for model in MODELS)


def test_a_sample_is_judged_alike_alone_and_among_others() -> None:
    random = np.random.default_rng(3)
    many = {field.name: random.uniform(0, 1, 37) for field in fields(Evidence)}
    many |= {"accepted": random.uniform(size=37) < 0.5, "visible": random.uniform(size=37) < 0.5}
    together = judge(Evidence(**{**many, "error_px": 2.0}))
    for i in range(37):
        alone = judge(Evidence(**{**{name: values[i : i + 1] for name, values in many.items()}, "error_px": 2.0}))
        assert alone.confidence[0] == together.confidence[i]
        assert alone.visible[0] == together.visible[i]
