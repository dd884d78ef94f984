# SPDX-License-Identifier: Apache-2.0
"""Where the truth says a point is, the sensor sees it: a dot's centroid is there to some thousandths of a pixel."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from cotrack.evaluation.plates.finish import blur_disc
from cotrack.evaluation.plates.layers import Layer, LayeredScene
from cotrack.evaluation.plates.motion import Motion, Path, Waves
from cotrack.evaluation.plates.scene import DENSITY, expose, positions
from dots import centroids

WIDTH, HEIGHT = 160, 120
DOT_PX = 1.6  # standard deviation
REACH = 11  # px, of the window whose centroid is taken
DOTS = np.array([[-40.3, -30.2], [-39.9, 20.45], [0.15, -4.6], [30.65, 25.25], [45.5, -27.75]])

WAVES = Waves(
    strength=np.array([[2.5, -1.0], [0.5, 2.0]]),
    number=np.array([[0.008, 0.02], [0.025, -0.012]]),
    phase=np.array([0.3, 1.9]),
    speed=np.array([0.4, -0.3]),
)


def motion(*rest: float, waves: Waves | None = None, drift: tuple[float, ...] = (0.31, 0.17)) -> Motion:
    values, drifts = np.zeros(8), np.zeros(8)
    values[: len(rest)] = rest
    values[:2] += WIDTH / 2, HEIGHT / 2
    drifts[: len(drift)] = drift
    nothing = np.zeros(8)
    return Motion(Path(values, drifts, nothing, nothing, nothing), waves)


MOTIONS = {
    "still": motion(drift=()),
    "translation": motion(),
    "affine": motion(0.2, -0.4, 0.2, 0.1, 0.05, 0.08, drift=(0.31, 0.17, 0.01, 0.01)),
    "perspective": motion(0.1, 0.3, 0.1, 0.0, 0.0, 0.0, 2e-4, -1.5e-4),
    "free-form": motion(0.0, 0.0, 0.1, waves=WAVES),
}


def dotted(over: Motion) -> Layer:
    """A black sheet with round dots of light."""
    columns, rows = round(240 * DENSITY), round(180 * DENSITY)
    x = (np.arange(columns) + 0.5) / DENSITY - columns / DENSITY / 2
    y = (np.arange(rows) + 0.5) / DENSITY - rows / DENSITY / 2
    light = sum(np.exp(-((x - u) ** 2 + (y[:, None] - v) ** 2) / (2 * DOT_PX**2)) for u, v in DOTS)
    texture = np.stack([light, light, light, np.ones_like(light)]).astype(np.float32)
    return Layer(torch.from_numpy(texture), over)


@pytest.mark.parametrize("name", MOTIONS)
def test_dots_lie_where_the_truth_says(name: str) -> None:
    scene = LayeredScene(WIDTH, HEIGHT, (dotted(MOTIONS[name]),))
    times = np.array([0.0, 1.0, 2.0, 7.0])
    truth = positions(scene, 0, DOTS, times)
    for place, time in enumerate(times.tolist()):
        error = centroids(expose(scene, time), truth[:, place], REACH) - truth[:, place]
        assert np.abs(error).max() < TOLERANCE[name], np.abs(error).max()


TOLERANCE = {"still": 0.002, "translation": 0.002, "affine": 0.005, "perspective": 0.005, "free-form": 0.005}
"""px. A dot is no point: what bends or foreshortens it also moves its centroid, by this much."""


def test_a_dot_in_motion_blur_lies_where_its_light_does() -> None:
    """It turns round within the exposure, so that its place in the middle of that would be off by half a pixel."""
    swing, speed, nothing = np.zeros(8), np.full(8, 2.0), np.zeros(8)
    swing[:2] = 12.0, -6.0
    rest = np.array([WIDTH / 2, HEIGHT / 2, 0, 0, 0, 0, 0, 0])
    scene = LayeredScene(WIDTH, HEIGHT, (dotted(Motion(Path(rest, nothing, swing, nothing, speed))),))
    truth = positions(scene, 0, DOTS, np.array([1.0]), shutter=0.5, moments=6)[:, 0]
    blurred = expose(scene, 1.0, shutter=0.5, moments=6, samples=2)
    assert np.abs(truth - positions(scene, 0, DOTS, np.array([1.0]))[:, 0]).max() > 0.4
    assert np.abs(centroids(blurred, truth, REACH) - truth).max() < 0.002
    assert blurred.max() < 0.97 * expose(scene, 1.0).max()


@pytest.mark.parametrize("radius", [0.8, 2.0, 3.3])
def test_defocus_moves_nothing_and_keeps_the_light(radius: float) -> None:
    disc = blur_disc(radius)
    assert disc.sum() == pytest.approx(1, abs=1e-5)
    assert np.allclose(disc, disc[::-1, ::-1], atol=1e-7)


@pytest.mark.parametrize("name", MOTIONS)
def test_the_way_to_the_layer_and_back_is_exact(name: str) -> None:
    there = MOTIONS[name].to_plate(DOTS, 3.5)
    x, y = MOTIONS[name].to_layer(*torch.from_numpy(there.T.copy()), 3.5)
    assert np.abs(np.stack([x, y], axis=1) - DOTS).max() < 1e-9


def test_a_layer_hides_what_lies_behind_it_and_nothing_else() -> None:
    white = torch.ones(4, 25, 25)
    before = Layer(white, motion(0.25, 0.5, drift=()))
    scene = LayeredScene(WIDTH, HEIGHT, (dotted(motion(drift=())), before))
    middle = np.array([[WIDTH / 2, HEIGHT / 2], [WIDTH / 2 + 20, HEIGHT / 2]])
    behind = scene.on_surface(0, middle, 0.0)
    assert scene.hidden(0, behind, 0.0).tolist() == [1.0, 0.0]
    assert scene.hidden(1, scene.on_surface(1, middle, 0.0), 0.0).tolist() == [0.0, 0.0]
    assert scene.seen_at(middle, 0.0).tolist() == [1, 0]
    assert expose(scene, 0.0)[HEIGHT // 2, WIDTH // 2].tolist() == [1.0, 1.0, 1.0]


def test_an_edge_covers_its_share_of_a_pixel() -> None:
    """A sheet 20 px wide, its middle at 80.25: its right edge, half a texel soft, is balanced at 90.25."""
    scene = LayeredScene(WIDTH, HEIGHT, (Layer(torch.ones(4, 25, 25), motion(0.25, 0.5, drift=())),))
    row = expose(scene, 0.0, samples=16)[HEIGHT // 2, :, 0]
    assert row[80:].sum() == pytest.approx(10.25, abs=0.01)
