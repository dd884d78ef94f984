# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from cotrack.tracking.patches import Looks, Pyramid

Floats = npt.NDArray[np.float64]

ONE = np.array([0])
UPRIGHT = np.eye(2)[None]
CENTRE = np.array([[100.0, 80.0]])


def drawn(brightness: Floats) -> Pyramid:
    return (brightness.astype(np.float32),)


def places() -> tuple[Floats, Floats]:
    x, y = np.meshgrid(np.arange(200.0), np.arange(160.0))
    return x, y


def blob(x0: float, y0: float, squeeze: float = 1.0) -> Pyramid:
    """A round spot, or one `squeeze` times as wide, on grey."""
    x, y = places()
    return drawn(0.3 + 0.5 * np.exp(-(((x - x0) / squeeze) ** 2 + (y - y0) ** 2) / 50))


def look_at(pyramid: Pyramid) -> Looks:
    looks = Looks(1, 13)
    looks.take(ONE, pyramid, CENTRE, UPRIGHT)
    return looks


@pytest.mark.parametrize("shift", [(0.0, 0.0), (0.37, -0.81), (3.2, 2.6), (-4.5, 1.0)])
def test_registration_finds_a_shift(shift: tuple[float, float]) -> None:
    there = look_at(blob(100, 80)).register(ONE, blob(100 + shift[0], 80 + shift[1]), CENTRE, UPRIGHT)
    np.testing.assert_allclose(there.centre[0] - CENTRE[0], shift, atol=0.01)
    assert there.agreement[0] > 0.999
    assert there.uncertainty[0] < 0.05


def test_registration_finds_a_shape() -> None:
    there = look_at(blob(100, 80)).register(ONE, blob(100.4, 80, squeeze=1.2), CENTRE, UPRIGHT)
    np.testing.assert_allclose(there.centre[0], (100.4, 80), atol=0.02)
    np.testing.assert_allclose(there.shape[0], [[1.2, 0], [0, 1]], atol=0.03)


def test_a_batch_gives_what_each_point_gives_alone() -> None:
    rng = np.random.default_rng(3)
    before, after = drawn(rng.random((160, 200))), drawn(rng.random((160, 200)))
    centres = rng.uniform(20, 140, (30, 2))
    shapes = np.tile(UPRIGHT, (30, 1, 1))
    together = Looks(30, 13)
    together.take(np.arange(30), before, centres, shapes)
    found = together.register(np.arange(30), after, centres, shapes)
    alone = look_at(before)
    alone.take(ONE, before, centres[7:8], UPRIGHT)
    np.testing.assert_array_equal(alone.register(ONE, after, centres[7:8], UPRIGHT).centre[0], found.centre[7])


def test_uncertainty_is_large_without_texture_and_along_an_edge() -> None:
    x, _ = places()
    corner, edge, flat = blob(100, 80), drawn(0.5 + 0.4 * np.tanh((x - 100) / 3)), drawn(np.full(x.shape, 0.5))
    known, half_known, unknown = (
        look_at(picture).expected_uncertainty(ONE, 0.98)[0] for picture in (corner, edge, flat)
    )
    assert known < 0.1
    assert half_known > 1
    assert unknown > 10


def test_a_search_finds_what_is_farther_than_registration_sees() -> None:
    found, score = look_at(blob(100, 80)).search(0, blob(121, 66), CENTRE[0], UPRIGHT[0], radius=30)
    np.testing.assert_allclose(found, (121, 66), atol=1)
    assert score > 0.8


def test_of_two_alike_a_search_takes_the_nearer() -> None:
    both = drawn(np.maximum(blob(120, 80)[0], blob(88, 80)[0]))
    found, _ = look_at(blob(100, 80)).search(0, both, CENTRE[0], UPRIGHT[0], radius=30)
    np.testing.assert_allclose(found, (88, 80), atol=1)


def test_elbow_room_is_half_the_way_to_the_neighbour_in_a_pattern() -> None:
    x, y = places()
    dots = drawn(0.5 + 0.2 * (np.cos(2 * np.pi * (x - 100) / 20) + np.cos(2 * np.pi * (y - 80) / 20)))
    assert look_at(dots).elbow_room(0, dots, CENTRE[0], radius=40) == 10
    assert look_at(blob(100, 80)).elbow_room(0, blob(100, 80), CENTRE[0], radius=40) == 40
