# SPDX-License-Identifier: Apache-2.0
"""The smallest run that has everything in it."""

from __future__ import annotations

import dataclasses

import pytest

from cotrack.models.cotracker3 import CoTracker3Config
from cotrack.training.config import HeldOut, Lessons, Run, Textures, TrainingConfig
from cotrack.training.schedule import Optimisation
from cotrack.training.shots.settings import ShotSettings

NETWORK = CoTracker3Config(
    window=4,
    resolution=(32, 32),
    feature_widths=(4, 4, 4, 4),
    feature_dim=4,
    levels=2,
    radius=1,
    correlation_hidden=8,
    correlation_dim=4,
    octaves=3,
    hidden=8,
    heads=2,
    depth=1,
    virtual_tracks=3,
)


@pytest.fixture
def tiny() -> TrainingConfig:
    """A run of six steps."""
    shots = ShotSettings(frames=6, height=32, width=32, points=8, samples=1, cards=1, lattices=0, ellipsoids=0, boxes=0)
    return TrainingConfig(
        network=NETWORK,
        shots=dataclasses.replace(shots, motion_blur=0.0, defocus=0.0, compression=0.0, occlusion=0.0),
        textures=Textures(count=4, size=32, shapes=2),
        lessons=Lessons(batch=2, points=6, lengths=(4, 5), window=4, step=2, iterations=2),
        optimisation=Optimisation(rate=1e-3, warm_up=2, average=0.9),
        run=Run(steps=6, precision="float32", log_every=2, evaluate_every=100),
        held_out=HeldOut(clips=2, batch=2),
    )
