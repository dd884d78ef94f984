# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from cotrack.motion.resample import Resampler

Values = npt.NDArray[np.float32]


def waves(x: npt.NDArray[np.float64], y: npt.NDArray[np.float64]) -> Values:
    """Detail of seven pixels across, as two channels."""
    return np.stack([np.sin(0.9 * x) * np.cos(0.7 * y), 0.5 + 0.1 * x], axis=-1).astype(np.float32)


def places(width: int, height: int) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    across, down = np.meshgrid(np.arange(width) + 0.5, np.arange(height) + 0.5)
    return across, down


def test_pixels_are_found_at_their_centres() -> None:
    picture = np.random.default_rng(0).uniform(0, 1, (40, 50, 3)).astype(np.float32)
    values, covered = Resampler(picture).at(*places(50, 40), "black")
    np.testing.assert_allclose(values, picture, atol=3e-5)
    assert (covered == 1).all()


def test_between_pixels_a_smooth_picture_is_met() -> None:
    x, y = places(60, 50)
    inner = (slice(8, -8), slice(8, -8))
    values, _ = Resampler(waves(x, y)).at(x[inner] + 0.37, y[inner] - 0.24, "black")
    assert np.abs(values - waves(x[inner] + 0.37, y[inner] - 0.24)).max() < 0.003


def test_places_are_not_rounded() -> None:
    """OpenCV's remap steps by 1/32 px; a slope of 1 per px would show it."""
    ramp = np.tile(np.arange(64, dtype=np.float32)[None, :, None], (16, 1, 1))
    x = np.linspace(20, 21, 200)[None].repeat(2, axis=0)
    values, _ = Resampler(ramp).at(x, np.full_like(x, 8.0), "black")
    np.testing.assert_allclose(values[..., 0], x - 0.5, atol=2e-4)


def test_beyond_the_picture_lies_black_or_its_edge() -> None:
    picture = np.ones((10, 10, 1), dtype=np.float32)
    x = np.array([[-3.0, -0.25, 0.0, 0.25, 5.0, 10.0, 14.0]])
    black, covered = Resampler(picture).at(x, np.full_like(x, 5.0), "black")
    extended, _ = Resampler(picture).at(x, np.full_like(x, 5.0), "extend")
    assert black[0, :, 0].tolist() == pytest.approx([0, 0.25, 0.5, 0.75, 1, 0.5, 0], abs=1e-5)
    assert covered[0].tolist() == pytest.approx([0, 0.25, 0.5, 0.75, 1, 0.5, 0], abs=1e-5)
    assert extended[0, :, 0].tolist() == pytest.approx([1] * 7, abs=1e-5)


def test_more_channels_than_opencv_filters_at_once() -> None:
    picture = np.random.default_rng(0).uniform(0, 1, (20, 20, 9)).astype(np.float32)
    values, _ = Resampler(picture).at(*places(20, 20), "black")
    np.testing.assert_allclose(values, picture, atol=3e-5)


@pytest.mark.parametrize("size", [(1, 1), (2, 3), (1, 7)])
def test_tiny_pictures(size: tuple[int, int]) -> None:
    picture = np.random.default_rng(0).uniform(0, 1, (*size, 3)).astype(np.float32)
    values, _ = Resampler(picture).at(*places(size[1], size[0]), "black")
    np.testing.assert_allclose(values, picture, atol=3e-5)
