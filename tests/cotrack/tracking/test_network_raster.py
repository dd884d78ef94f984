# SPDX-License-Identifier: Apache-2.0
"""Half a pixel stays half a pixel on the way to the network and back."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from cotrack.tracking.network_raster import NetworkRaster, Resize

CPU = torch.device("cpu")
SIDES = st.integers(16, 5000)


@given(SIDES, SIDES, st.sampled_from(["area", "corners"]), st.floats(-100, 5000), st.floats(-100, 5000))
def test_coordinates_survive_the_round_trip(width: int, height: int, resize: Resize, x: float, y: float) -> None:
    raster = NetworkRaster(width, height, (384, 512), resize)
    np.testing.assert_allclose(raster.to_raster(raster.to_network(np.array([x, y]))), [x, y], atol=1e-6)


def test_with_area_the_outer_edges_coincide() -> None:
    raster = NetworkRaster(1920, 1080, (384, 512))
    edges = np.array([[0.0, 0.0], [1920.0, 1080.0]])
    np.testing.assert_allclose(raster.to_network(edges), [[-0.5, -0.5], [511.5, 383.5]])


def test_with_corners_the_centres_of_the_corner_pixels_coincide() -> None:
    raster = NetworkRaster(1920, 1080, (384, 512), "corners")
    np.testing.assert_allclose(raster.to_network(np.array([[0.5, 0.5], [1919.5, 1079.5]])), [[0, 0], [511, 383]])


@pytest.mark.parametrize("resize", ["area", "corners"])
@pytest.mark.parametrize("size", [(96, 128), (1080, 1920)])
def test_a_spot_on_the_plate_is_seen_where_its_coordinates_say(resize: Resize, size: tuple[int, int]) -> None:
    height, width = size
    raster = NetworkRaster(width, height, (384, 512), resize)
    centre = np.array([0.4 * width, 0.6 * height])
    rows, columns = np.mgrid[:height, :width] + 0.5
    spread = height / 40
    spot = np.exp(-((columns - centre[0]) ** 2 + (rows - centre[1]) ** 2) / (2 * spread**2)).astype(np.float32)
    picture = raster.picture(np.repeat(spot[..., None], 3, axis=2), CPU)[0, 0].double().numpy()
    rows, columns = np.mgrid[:384, :512]
    seen = np.array([(columns * picture).sum(), (rows * picture).sum()]) / picture.sum()
    np.testing.assert_allclose(seen, raster.to_network(centre), atol=0.02)


def test_values_reach_the_network_as_0_to_255() -> None:
    white = np.ones((20, 30, 3), dtype=np.float32)
    assert NetworkRaster(30, 20, (40, 60)).picture(white, CPU).unique().tolist() == [255.0]


def test_grain_is_averaged_when_a_plate_is_made_smaller() -> None:
    grain = np.random.default_rng(1).uniform(0, 1, (1536, 2048, 1)).astype(np.float32)
    picture = NetworkRaster(2048, 1536, (384, 512)).picture(np.repeat(grain, 3, axis=2), CPU) / 255
    assert float(picture.std()) < 0.35 * float(grain.std())
