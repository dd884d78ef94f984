# SPDX-License-Identifier: Apache-2.0
"""Points on nothing, on edges, on patterns are told from good ones, and the figure is what registration attains."""

from __future__ import annotations

import math

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from cotrack.evaluation.plates.finish import grain_field
from cotrack.evaluation.plates.points import find_truth
from cotrack.evaluation.plates.shots import make_shot
from cotrack.refine.trackability import Trackability, judge_points

HEIGHT, WIDTH = 540, 960
MIDDLE = (WIDTH / 2 + 0.3, HEIGHT / 2 - 0.2)
GRAIN = [0.0, 1.0, 3.0, 6.0]

Picture = npt.NDArray[np.float32]


def pictured(grey: npt.NDArray[np.floating], grain: float = 0.0, seed: int = 1) -> Picture:
    """What a camera makes of luma 0..1: grain in grey levels, clipped, 8 bits."""
    picture = np.repeat(grey.astype(np.float32)[..., None], 3, axis=2)
    picture = picture + grain / 255 * grain_field(np.random.default_rng(seed), grey.shape)
    return (np.round(np.clip(picture, 0, 1) * 255) / 255).astype(np.float32)


def texture(size_px: float, contrast: float, seed: int = 2) -> npt.NDArray[np.float32]:
    noise = np.random.default_rng(seed).standard_normal((HEIGHT, WIDTH)).astype(np.float32)
    soft = cv2.GaussianBlur(noise, (0, 0), size_px)
    return np.asarray(0.5 + contrast * soft / soft.std(), dtype=np.float32)


def across_an_edge(degrees: float) -> npt.NDArray[np.float64]:
    """(H, W) px from a straight line through the middle."""
    y, x = np.mgrid[:HEIGHT, :WIDTH] + 0.5
    angle = math.radians(degrees)
    return (x - WIDTH / 2) * math.cos(angle) + (y - HEIGHT / 2) * math.sin(angle)


def judged(picture: Picture, x: float = MIDDLE[0], y: float = MIDDLE[1]) -> Trackability:
    (found,) = judge_points(picture, [(x, y)])
    return found


def test_on_plates_points_on_nothing_are_warned_about_and_good_ones_are_not() -> None:
    """The bars, on small plates of all three levels of grain; benchmarks/trackability.py measures full-sized ones."""
    warned: dict[str, list[bool]] = {}
    for number in (0, 2, 4, 7, 9, 11, 14, 16, 18):
        shot = make_shot(number, (WIDTH, HEIGHT), 4)
        truth = find_truth(shot, 90)
        there = [row for row, key in enumerate(truth.keys) if key.frame == shot.frames[0]]
        points = [(truth.keys[row].x, truth.keys[row].y) for row in there]
        for row, found in zip(there, judge_points(shot.picture(shot.frames[0]), points), strict=True):
            warned.setdefault(truth.kinds[row], []).append(found.problem is not None)
    assert len(warned["bare"]) >= 50
    assert np.mean(warned["bare"]) >= 0.95
    assert np.mean(warned["textured"]) <= 0.05
    assert np.mean(warned["repeated"]) >= 0.9


@pytest.mark.parametrize("grain", GRAIN)
def test_there_is_nothing_to_see_on_an_even_or_a_slowly_changing_surface(grain: float) -> None:
    sky = np.linspace(0.4, 0.8, HEIGHT)[:, None] * np.ones(WIDTH)
    assert judged(pictured(np.full((HEIGHT, WIDTH), 0.5), grain)).problem == "bare"
    assert judged(pictured(sky, grain)).problem == "bare"


@pytest.mark.parametrize("grain", GRAIN)
@pytest.mark.parametrize("degrees", [0, 17, 45, 80])
def test_a_straight_edge_or_line_is_told(grain: float, degrees: float) -> None:
    away = across_an_edge(degrees)
    roof = 0.2 + 0.5 / (1 + np.exp(-away / 0.8))
    wire = 0.7 - 0.5 * np.exp(-((away / 1.5) ** 2))
    for grey in (roof, wire):
        found = judged(pictured(grey, grain))
        assert found.problem == "edge"
        assert found.ratio < 0.05


@pytest.mark.parametrize("grain", GRAIN)
def test_where_an_edge_ends_is_a_good_point(grain: float) -> None:
    y, x = np.mgrid[:HEIGHT, :WIDTH] + 0.5
    corner = 0.2 + 0.5 * ((x > WIDTH / 2) & (y > HEIGHT / 2))
    assert judged(pictured(cv2.GaussianBlur(corner, (0, 0), 0.8), grain)).problem is None


@pytest.mark.parametrize("grain", GRAIN)
def test_a_pattern_is_told_by_what_looks_the_same_nearby(grain: float) -> None:
    tile = texture(2.0, 0.15)[:24, :24]
    tiled = np.tile(tile, (HEIGHT // 24 + 1, WIDTH // 24 + 1))[:HEIGHT, :WIDTH]
    assert judged(pictured(tiled, grain)).problem == "repeated"
    assert judged(pictured(texture(2.0, 0.15), grain)).problem is None


@pytest.mark.parametrize(("x", "y"), [(2.0, 200.0), (400.0, 1.0), (WIDTH - 1.0, 300.0), (300.0, HEIGHT), (0.0, 0.0)])
def test_the_rim_of_the_picture_is_told(x: float, y: float) -> None:
    assert judged(pictured(texture(2.0, 0.15)), x, y).problem == "rim"


def test_what_is_clipped_is_told_from_what_is_even() -> None:
    patch = cv2.GaussianBlur(texture(2.0, 0.1), (0, 0), 0.5)
    burnt, black = patch.copy(), patch.copy()
    burnt[200:340, 400:560], black[200:340, 400:560] = 1.2, -0.2
    assert judged(pictured(burnt, 1.0)).problem == "burnt out"
    assert judged(pictured(black, 1.0)).problem == "black"


def test_a_light_that_is_clipped_can_be_tracked_by_its_outline() -> None:
    y, x = np.mgrid[:HEIGHT, :WIDTH] + 0.5
    lamp = np.where(np.hypot(x - WIDTH / 2, y - HEIGHT / 2) < 6, 1.5, 0.2)
    assert judged(pictured(cv2.GaussianBlur(lamp, (0, 0), 0.8), 3.0)).problem is None


@pytest.mark.parametrize("grain", [1.0, 3.0, 6.0])
def test_a_fine_texture_is_not_taken_for_grain(grain: float) -> None:
    assert judged(pictured(texture(0.9, 0.08), grain)).problem is None


@pytest.mark.parametrize(("grain", "contrast"), [(3.0, 0.05), (6.0, 0.08), (1.0, 0.02)])
def test_the_figure_is_what_registration_attains(grain: float, contrast: float) -> None:
    """A least-squares shift between two pictures that differ in their grain alone, its spread along the worst axis."""
    clean = texture(2.5, contrast)
    clean[:, : WIDTH // 4] = 0.5  # where the grain can be seen
    expected = judged(pictured(clean, grain)).uncertainty
    half = round(15 * math.sqrt(HEIGHT / 1080))
    place = np.s_[HEIGHT // 2 - half : HEIGHT // 2 + half + 1, WIDTH // 2 - half : WIDTH // 2 + half + 1]
    steps = np.arange(-half, half + 1)
    weights = np.exp(-(steps[:, None] ** 2 + steps**2) / (2 * (0.55 * half) ** 2)).ravel()

    def soft(seed: int) -> npt.NDArray[np.float64]:
        picture = pictured(clean[200:340, 380:580], grain, seed) @ np.array([0.2126, 0.7152, 0.0722])
        whole = np.zeros((HEIGHT, WIDTH))
        whole[200:340, 380:580] = cv2.GaussianBlur(picture, (0, 0), 0.8)
        return whole

    down, across = np.gradient(cv2.GaussianBlur(clean.astype(np.float64), (0, 0), 0.8))
    slopes = np.stack([across[place].ravel(), down[place].ravel()], axis=1)
    normal = (slopes * weights[:, None]).T @ slopes
    shifts = [
        np.linalg.solve(normal, (slopes * weights[:, None]).T @ (soft(seed) - soft(seed + 1))[place].ravel())
        for seed in range(0, 400, 2)
    ]
    attained = math.sqrt(np.linalg.eigvalsh(np.cov(np.array(shifts).T))[-1])
    assert expected == pytest.approx(attained, rel=0.35)


def test_no_point_is_judged_of_none() -> None:
    assert judge_points(pictured(texture(2.0, 0.1)), []) == ()
