# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cotrack_client import raster

positions = st.floats(-20_000, 20_000, allow_nan=False)
sizes = st.integers(1, 16_384)


@given(positions, positions, sizes)
def test_nuke_and_back_is_the_same_place(x: float, y: float, height: int) -> None:
    assert raster.from_nuke(*raster.to_nuke(x, y, height), height) == pytest.approx((x, y), abs=1e-9)


@given(positions, positions, sizes, sizes)
def test_blender_and_back_is_the_same_place(x: float, y: float, width: int, height: int) -> None:
    there = raster.to_blender(x, y, width, height)
    assert raster.from_blender(*there, width, height) == pytest.approx((x, y), abs=1e-9)


@given(positions, positions)
def test_pixel_index_and_back_is_the_same_place(x: float, y: float) -> None:
    assert raster.from_pixel_index(*raster.to_pixel_index(x, y)) == pytest.approx((x, y), abs=1e-9)


@given(positions, positions, positions, sizes, sizes)
def test_down_in_the_raster_is_up_in_nuke_and_blender(x: float, y: float, step: float, width: int, height: int) -> None:
    assert raster.to_nuke(x, y + step, height)[1] == pytest.approx(raster.to_nuke(x, y, height)[1] - step, abs=1e-9)
    below, here = raster.to_blender(x, y + step, width, height)[1], raster.to_blender(x, y, width, height)[1]
    assert below == pytest.approx(here - step / height, abs=1e-9)


def test_the_centre_of_the_first_pixel_has_these_names() -> None:
    assert raster.to_nuke(0.5, 0.5, 1080) == (0.5, 1079.5)
    assert raster.to_blender(0.5, 0.5, 100, 50) == (0.005, 0.99)
    assert raster.to_pixel_index(0.5, 0.5) == (0.0, 0.0)


@pytest.mark.parametrize(
    ("corner", "nuke", "blender"),
    [
        ((0, 0), (0, 1080), (0, 1)),
        ((1920, 0), (1920, 1080), (1, 1)),
        ((0, 1080), (0, 0), (0, 0)),
        ((1920, 1080), (1920, 0), (1, 0)),
    ],
)
def test_the_corners_of_the_picture_meet(corner: raster.Point, nuke: raster.Point, blender: raster.Point) -> None:
    assert raster.to_nuke(*corner, 1080) == nuke
    assert raster.to_blender(*corner, 1920, 1080) == blender
