# SPDX-License-Identifier: Apache-2.0
"""Polygons become masks by the even-odd rule, at pixel centres."""

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cotrack.worker.regions import Polygon, regions_mask
from cotrack_client.errors import CotrackError

WIDTH, HEIGHT = 12, 9


def brute_force(regions: list[Polygon]) -> npt.NDArray[np.bool_]:
    """Counts for every pixel the edges that a ray from its centre to the left crosses."""
    mask = np.zeros((HEIGHT, WIDTH), dtype=np.bool_)
    for row in range(HEIGHT):
        for column in range(WIDTH):
            for region in regions:
                for (x0, y0), (x1, y1) in zip(region, [*region[1:], *region[:1]], strict=True):
                    if (y0 <= row + 0.5) != (y1 <= row + 0.5):
                        x = x0 + (row + 0.5 - y0) * (x1 - x0) / (y1 - y0)
                        mask[row, column] ^= x <= column + 0.5
    return mask


def test_a_box_holds_the_pixels_whose_centres_it_holds() -> None:
    mask = regions_mask([[(2, 1), (5, 1), (5, 4.4), (2, 4.4)]], WIDTH, HEIGHT)
    expected = np.zeros((HEIGHT, WIDTH), dtype=np.bool_)
    expected[1:4, 2:5] = True
    assert (mask == expected).all()


def test_where_two_regions_overlap_is_a_hole() -> None:
    outer, inner = [(1, 1), (9, 1), (9, 8), (1, 8)], [(3, 3), (6, 3), (6, 6), (3, 6)]
    mask = regions_mask([outer, inner], WIDTH, HEIGHT)
    assert mask.sum() == 8 * 7 - 3 * 3
    assert not mask[3:6, 3:6].any()


coordinates = st.integers(-20, 40).map(lambda value: value / 2 + 0.25)  # no edge ends on a pixel's centre


@given(st.lists(st.lists(st.tuples(coordinates, coordinates), max_size=7), max_size=3))
def test_any_polygons_are_what_counting_edges_says(regions: list[Polygon]) -> None:
    expected = brute_force(regions)
    if expected.any():
        assert (regions_mask(regions, WIDTH, HEIGHT) == expected).all()
    else:
        with pytest.raises(CotrackError, match="12 x 9"):
            regions_mask(regions, WIDTH, HEIGHT)


@given(st.lists(st.tuples(st.floats(allow_nan=False), st.floats(allow_nan=False)), max_size=7))
def test_no_number_is_too_large(region: Polygon) -> None:
    around = [(-1e300, -1e300), (1e300, -1e300), (1e300, 1e300), (-1e300, 1e300)]
    assert regions_mask([around], WIDTH, HEIGHT).all()
    pixel = [(0, 0), (1, 0), (1, 1), (0, 1)]
    assert regions_mask([region, region, pixel], WIDTH, HEIGHT).sum() == 1
