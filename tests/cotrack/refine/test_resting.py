# SPDX-License-Identifier: Apache-2.0
"""Points that rest lose their jitter; whatever moves stays as it was found."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from cotrack.refine.resting import REACH, settle

SIGMA_PX = 0.04
POINTS, FRAMES = 60, 60

Floats = npt.NDArray[np.float64]


def path(motion: Floats) -> Floats:
    """(POINTS, FRAMES, 2) px: all points move alike."""
    return np.broadcast_to(motion, (POINTS, FRAMES, 2)) + 100.0


def grainy(truth: Floats) -> Floats:
    return np.asarray(truth + SIGMA_PX * np.random.default_rng(4).standard_normal(truth.shape))


def covariances() -> Floats:
    return np.broadcast_to(np.eye(2) * SIGMA_PX**2, (POINTS, FRAMES, 2, 2))


def settled(found: Floats, refined: npt.NDArray[np.bool_] | None = None) -> tuple[Floats, Floats]:
    everywhere = np.ones(found.shape[:2], dtype=np.bool_)
    return settle(found, covariances(), everywhere if refined is None else refined, range(FRAMES))


def rms(values: Floats) -> float:
    return float(np.sqrt((values**2).mean()))


def creeping(per_frame: float) -> Floats:
    return np.stack([per_frame * np.arange(FRAMES), np.zeros(FRAMES)], axis=-1)


def test_a_still_point_stops_jittering() -> None:
    truth = path(np.zeros((FRAMES, 2)))
    found = grainy(truth)
    xy, _ = settled(found)
    assert rms(xy - truth) < rms(found - truth) / 2.5
    assert rms(np.diff(xy, 2, axis=1)) < rms(np.diff(found, 2, axis=1)) / 5


def test_the_looks_own_grain_stays_in_the_covariance() -> None:
    _, covariance = settled(grainy(path(np.zeros((FRAMES, 2)))))
    halved = np.median(covariance[:, FRAMES // 2, 0, 0]) / SIGMA_PX**2
    assert 0.5 < halved < 0.6


def test_a_moving_point_stays_as_it_was_found_to_the_last_bit() -> None:
    found = grainy(path(creeping(0.4)))
    xy, covariance = settled(found)
    assert (xy == found).all()
    assert (covariance == covariances()).all()


@pytest.mark.parametrize("per_frame", [0.01, 0.03, 0.06, 0.1, 0.2])
def test_a_slow_creep_is_never_known_worse_than_before(per_frame: float) -> None:
    truth = path(creeping(per_frame))
    found = grainy(truth)
    xy, _ = settled(found)
    assert rms(xy - truth) <= 1.05 * rms(found - truth)


def test_a_step_of_a_third_of_a_pixel_stays_a_step() -> None:
    truth = path(0.33 * (np.arange(FRAMES) >= 30)[:, None] * np.array([1.0, 0.0]))
    xy, _ = settled(grainy(truth))
    around = xy[:, 28:32, 0].mean(axis=0) - 100.0
    assert around == pytest.approx([0.0, 0.0, 0.33, 0.33], abs=0.03)


def test_what_is_not_refined_has_no_say_and_stays() -> None:
    found = grainy(path(np.zeros((FRAMES, 2))))
    refined = np.ones((POINTS, FRAMES), dtype=np.bool_)
    refined[:, 20:23] = False
    astray = found.copy()
    astray[:, 20:23] += 50.0
    xy, _ = settled(astray, refined)
    expected, _ = settled(found, refined)
    assert (xy[:, 20:23] == astray[:, 20:23]).all()
    assert (xy[refined] == expected[refined]).all()


def test_places_may_be_missing_where_nothing_was_followed() -> None:
    found = grainy(path(np.zeros((FRAMES, 2))))
    refined = np.ones((POINTS, FRAMES), dtype=np.bool_)
    refined[:, :10] = False
    found[:, :10] = np.nan
    xy, _ = settled(found, refined)
    assert np.isnan(xy[:, :10]).all()
    assert np.isfinite(xy[:, 10:]).all()


def test_a_point_is_the_same_alone_and_a_stretch_the_same_within_its_reach() -> None:
    found, everyone = grainy(path(creeping(0.02))), np.ones((POINTS, FRAMES), dtype=np.bool_)
    xy, covariance = settled(found)
    alone, _ = settle(found[7:8], covariances()[7:8], everyone[7:8], range(FRAMES))
    assert (alone[0] == xy[7]).all()
    part = slice(20 - REACH, 28 + REACH)
    some, certainty = settle(found[:, part], covariances()[:, part], everyone[:, part], range(REACH, REACH + 8))
    assert (some == xy[:, 20:28]).all()
    assert (certainty == covariance[:, 20:28]).all()
