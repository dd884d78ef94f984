# SPDX-License-Identifier: Apache-2.0
"""Smoothing keeps what is a cubic, calms what is noise, and arrives at keys and ends without a step."""

from __future__ import annotations

import random
import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cotrack_client.cleaning.polynomials import end_slope_weights, smoothing_weights
from cotrack_client.cleaning.smoothing import smooth
from cotrack_client.errors import CotrackError
from cotrack_client.tracks import Track
from plain_tracks import moving

coefficients = st.tuples(*(st.floats(-1, 1),) * 4)
odd = st.integers(2, 50).map(lambda half: 2 * half + 1)


def noisy(strength: float, *, count: int = 200, keys: tuple[int, ...] = ()) -> Track:
    noise = random.Random(3)  # noqa: S311  the same noise every time
    return moving([noise.gauss(0, strength) for _ in range(count)], keys=keys)


@given(
    coefficients,
    odd,
    st.sets(st.integers(1001, 1060), max_size=3),
    st.sets(st.integers(1001, 1060), max_size=6),
)
def test_a_cubic_stays_as_it_is(cubic: tuple[float, ...], window: int, keys: set[int], gaps: set[int]) -> None:
    track = moving(
        lambda step: sum(a * (step / 10) ** power for power, a in enumerate(cubic)),
        count=60, keys=sorted(keys), gaps=gaps,
    )  # fmt: skip
    smoothed = smooth(track, window)
    assert smoothed.x == pytest.approx(track.x, abs=1e-9)
    assert smoothed.y == pytest.approx(track.y, abs=1e-9)


def test_noise_is_calmed_as_theory_says() -> None:
    track = noisy(1.0, count=4000)
    for window, share in ((5, 17 / 35), (7, 1 / 3), (9, 59 / 231)):
        smoothed = smooth(track, window).x[50:-50]
        assert statistics.pvariance(smoothed) == pytest.approx(share, rel=0.1)


def test_the_weights_are_those_of_savitzky_and_golay() -> None:
    assert smoothing_weights(5, 3, 2) == pytest.approx([part / 35 for part in (-3, 12, 17, 12, -3)])
    assert smoothing_weights(7, 3, 3) == pytest.approx([part / 21 for part in (-2, 3, 6, 7, 6, 3, -2)])
    assert smoothing_weights(5, 3, 0) == pytest.approx([part / 70 for part in (69, 4, -6, 4, -1)])


def test_the_slope_of_a_parabola_is_exact_at_its_end() -> None:
    weights = end_slope_weights(4, 2)
    assert sum(weight * (3 + spot + 2 * spot**2) for spot, weight in enumerate(weights)) == pytest.approx(1 + 4 * 3)


def test_a_polynomial_of_more_degrees_than_samples_is_refused() -> None:
    with pytest.raises(ValueError, match="too few samples"):
        smoothing_weights(3, 3, 1)


def test_a_window_that_is_held_goes_through_its_ends() -> None:
    assert smoothing_weights(7, 3, 0, (True, False)) == pytest.approx((1, 0, 0, 0, 0, 0, 0))
    assert smoothing_weights(7, 3, 6, (True, True)) == pytest.approx((0, 0, 0, 0, 0, 0, 1))


def test_beside_a_key_the_track_goes_on_from_the_key() -> None:
    """The key is a correction by 8 px: what is beside it follows, without a step from one frame to the next."""
    x = [0.0] * 20 + [2.0, 4.0, 6.0, 8.0, 6.0, 4.0, 2.0] + [0.0] * 20
    smoothed = smooth(moving(x, keys=[1024]), 7).x
    assert smoothed[23] == 8.0
    assert max(abs(smoothed[index] - smoothed[index - 1]) for index in range(1, len(smoothed))) < 2.5


def test_between_two_keys_close_together_nothing_else_has_a_say() -> None:
    x = [900.0] * 20 + [0.0, 1.0, -1.0, 1.0, 0.0] + [900.0] * 20
    smoothed = smooth(moving(x, keys=[1021, 1025]), 21).x[20:25]
    assert (smoothed[0], smoothed[4]) == (0.0, 0.0)
    assert smoothed[1:4] == pytest.approx((3 / 17, 4 / 17, 3 / 17))


def test_what_is_too_short_to_tell_stays() -> None:
    track = moving([0.0, 5.0, 0.0, 5.0])
    assert smooth(track, 5) == track


@pytest.mark.parametrize("window", [-1, 0, 3, 6, 8, 103])
def test_a_window_that_is_none_is_refused(window: int) -> None:
    with pytest.raises(CotrackError, match=f"over {window} frames; choose an odd number from 5 to 101"):
        smooth(noisy(1.0), window)
