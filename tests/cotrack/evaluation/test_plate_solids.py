# SPDX-License-Identifier: Apache-2.0
"""Solid bodies are seen where the truth says, hide one another and their own backs, and give way again."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from cotrack.evaluation.plates.motion import Path
from cotrack.evaluation.plates.points import find_truth
from cotrack.evaluation.plates.scene import expose, inside, positions
from cotrack.evaluation.plates.shots import make_shot
from cotrack.evaluation.plates.solid_scene import Lamp, SolidScene
from cotrack.evaluation.plates.solids import Ball, Panel, Surface, Tube, rotation
from dots import centroids

WIDTH, HEIGHT, FOCAL = 240, 160, 300.0
TEXELS, DOT_PX, REACH = 2.0, 1.6, 9  # per px; standard deviation; of the window whose centroid is taken
EVEN = Lamp((0.0, 0.0, -1.0), ambient=1.0)
NOTHING = np.zeros(6)


def moving(*rest: float, drift: tuple[float, ...] = ()) -> Path:
    """A pose; its numbers change by `drift` in each frame."""
    values, drifts = np.zeros(6), np.zeros(6)
    values[: len(rest)] = rest
    drifts[: len(drift)] = drift
    return Path(values, drifts, NOTHING, NOTHING, NOTHING)


def dotted(reach: tuple[float, float], scale: tuple[float, float], dots: np.ndarray) -> torch.Tensor:
    """Round dots of light on black; scale: px per unit of both coordinates."""
    columns, rows = (round(2 * far * px * TEXELS) for far, px in zip(reach, scale, strict=True))
    u = ((np.arange(columns) + 0.5) / columns * 2 - 1) * reach[0]
    v = ((np.arange(rows) + 0.5) / rows * 2 - 1) * reach[1]
    light = np.zeros((rows, columns))
    for x, y in dots:
        across = ((u - x) * scale[0] * (math.cos(y) if scale[1] == scale[0] != 1 else 1)) ** 2
        light += np.exp(-(across + ((v - y)[:, None] * scale[1]) ** 2) / (2 * DOT_PX**2))
    return torch.from_numpy(np.stack([light] * 3).astype(np.float32))


def scene(*surfaces: Surface, camera: Path | None = None) -> SolidScene:
    return SolidScene(WIDTH, HEIGHT, surfaces, camera or moving(), FOCAL, EVEN)


PANEL_DOTS = np.array([[-50.3, -35.2], [-20.9, 30.45], [0.15, -4.6], [40.65, 35.25], [55.5, -27.75]])
BALL_DOTS = np.array([[-0.5, -0.3], [0.1, 0.45], [0.0, 0.0], [0.45, 0.15]])
TUBE_DOTS = np.array([[-0.5, -30.0], [0.1, 35.3], [0.0, 0.2], [0.45, 12.6]])
SLOPE = moving(4.0, 3.0, FOCAL, 0.3, -0.2, 0.1, drift=(0.0, 0.0, 0.0, 0.02))
TURNING = moving(2.2, 1.3, FOCAL * 1.1, drift=(0.3, 0.1, 0.0, 0.03))
BODIES: dict[str, tuple[Surface, np.ndarray]] = {
    "panel": (Panel(dotted((80, 60), (1, 1), PANEL_DOTS), SLOPE, (80, 60)), PANEL_DOTS),
    "face": (
        Panel(dotted((80, 60), (1, 1), PANEL_DOTS), moving(0, 0, FOCAL, -1.2), (80, 60), 30.0, rotation(1.4, 0, 0)),
        PANEL_DOTS,
    ),
    "ball": (Ball(dotted((math.pi, math.pi / 2), (60, 60), BALL_DOTS), TURNING, 60.0), BALL_DOTS),
    "tube": (Tube(dotted((math.pi, 60), (50, 1), TUBE_DOTS), TURNING, 50.0, 60.0), TUBE_DOTS),
}
SCALES = {"panel": (1.0, 1.0), "face": (1.0, 1.0), "ball": (60.0, 60.0), "tube": (50.0, 1.0)}


def centroid_of_dot(seen: SolidScene, name: str, dot: np.ndarray, time: float) -> np.ndarray:
    """Where the light of a whole dot is carried by the truth: a dot is no point, and what is slanted gathers it."""
    scale = SCALES[name]
    side = np.linspace(-6, 6, 121) * DOT_PX
    across, down = np.meshgrid(side, side)
    narrower = math.cos(dot[1]) if name == "ball" else 1.0
    spread = np.stack([dot[0] + across / scale[0] / narrower, dot[1] + down / scale[1]], axis=-1)
    xy = seen.to_plate(0, spread.reshape(-1, 2), time).reshape(spread.shape)
    (yx, xx), (yy, xy_) = np.gradient(xy[..., 0]), np.gradient(xy[..., 1])
    light = np.abs(xx * yy - yx * xy_) * np.exp(-(across**2 + down**2) / (2 * DOT_PX**2))
    return np.einsum("ij,ijc->c", light, xy) / light.sum()


@pytest.mark.parametrize("name", BODIES)
def test_dots_lie_where_the_truth_says(name: str) -> None:
    body, dots = BODIES[name]
    seen = scene(body, camera=moving(drift=(0.7, 0.2, -1.0, 0.002)))
    times = np.array([0.0, 1.0, 6.0])
    truth = positions(seen, 0, dots, times)
    for place, time in enumerate(times.tolist()):
        expected = np.array([centroid_of_dot(seen, name, dot, time) for dot in dots])
        error = centroids(expose(seen, time, samples=4), truth[:, place], REACH) - expected
        assert np.abs(error).max() < 0.003, error


@pytest.mark.parametrize("name", BODIES)
def test_a_ray_finds_the_point_that_is_seen_there(name: str) -> None:
    body, dots = BODIES[name]
    seen = scene(body, camera=moving(3.0, -2.0, 5.0, 0.02, 0.01, 0.1))
    there = seen.to_plate(0, dots, 2.5)
    assert np.abs(seen.on_surface(0, there, 2.5) - dots).max() < 1e-9
    assert seen.seen_at(there, 2.5).tolist() == [0] * len(dots)


@pytest.mark.parametrize("name", ["ball", "tube"])
def test_a_point_goes_round_the_back_and_returns(name: str) -> None:
    body, _ = BODIES[name]
    turning = type(body)(**{**vars(body), "pose": moving(0, 0, FOCAL, drift=(0, 0, 0, 2 * math.pi / 24))})
    point = np.array([[0.3, 0.1]])
    hidden = [float(scene(turning).hidden(0, point, float(time))[0]) for time in range(25)]
    nearness = (60.0 if name == "ball" else 50.0) / FOCAL  # the cosine at which it is seen edge-on
    flatter = math.cos(0.1) if name == "ball" else 1.0
    assert hidden == [float(flatter * math.cos(0.3 - time * 2 * math.pi / 24) < nearness) for time in range(25)]


def test_what_is_nearer_hides_what_is_behind_it() -> None:
    white = torch.ones(3, 4, 4)
    wall = Panel(white * 0.5, moving(0, 0, 2 * FOCAL), (400, 400))
    card = Panel(white, moving(0, 0, FOCAL), (10, 10), round=True)
    seen = scene(wall, card)
    middle, beside = (WIDTH / 2, HEIGHT / 2), (WIDTH / 2 + 9.0, HEIGHT / 2 + 9.0)
    places = np.array([middle, beside])
    assert seen.seen_at(places, 0.0).tolist() == [1, 0]  # the card is round
    assert seen.hidden(0, seen.on_surface(0, places, 0.0), 0.0).tolist() == [1.0, 0.0]
    assert seen.hidden(1, np.zeros((1, 2)), 0.0).tolist() == [0.0]
    light = expose(seen, 0.0)
    assert light[HEIGHT // 2, WIDTH // 2].tolist() == [1.0, 1.0, 1.0]
    assert light[HEIGHT // 2 + 9, WIDTH // 2 + 9].tolist() == pytest.approx([0.5] * 3)
    assert light[..., 0].sum() - light.size / 3 * 0.5 == pytest.approx(0.5 * math.pi * 100, rel=0.01)


def test_a_panel_has_no_back() -> None:
    turned = Panel(torch.ones(3, 4, 4), moving(0, 0, FOCAL, math.pi), (50, 50))
    assert scene(turned).hidden(0, np.zeros((1, 2)), 0.0).tolist() == [1.0]
    assert expose(scene(turned), 0.0).max() == 0.0


def test_what_faces_the_lamp_is_brighter() -> None:
    ball = Ball(torch.ones(3, 4, 4), moving(0, 0, FOCAL), 60.0)
    lit = SolidScene(WIDTH, HEIGHT, (ball,), moving(), FOCAL, Lamp((-1.0, 0.0, 0.0), ambient=0.25))
    light = expose(lit, 0.0)[HEIGHT // 2, :, 0]
    assert light[WIDTH // 2 + 30] == pytest.approx(0.25, abs=1e-4)
    normal = (WIDTH / 2 - 80.5) / 60  # of a far ball; perspective adds a little
    assert light[80] == pytest.approx(0.25 + 0.75 * normal, abs=0.1)


def test_the_shot_of_solids_has_parallax_and_points_that_go_round_the_back_and_return() -> None:
    shot = make_shot(6, (480, 270), 24)
    truth = find_truth(shot, 60)
    on_plate = inside(shot.scene, truth.xy)
    hidden = on_plate & ~truth.visible
    gone = (truth.visible[:, :-1] & hidden[:, 1:]).any(axis=1)
    assert gone.any()
    assert (gone & (hidden[:, :-1] & truth.visible[:, 1:]).any(axis=1)).any()
    travelled = np.linalg.norm(truth.xy[:, -1] - truth.xy[:, 0], axis=-1)
    assert np.ptp(travelled) > 20
