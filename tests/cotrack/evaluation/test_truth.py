# SPDX-License-Identifier: Apache-2.0
"""Errors are measured where the truth is visible, and not at the artist's own keys."""

from pathlib import Path

import numpy as np
import pytest

from cotrack.evaluation.truth import Truth, measure_accuracy
from cotrack.tracking.tracks import Tracks

FRAMES = np.arange(1, 6)


def truth_at_rest() -> Truth:
    return Truth(("a", "b"), FRAMES, np.zeros((2, 5, 2)), np.array([[True] * 5, [True, True, False, True, True]]))


def tracks_off_by(x: float, names: tuple[str, ...] = ("b", "a")) -> Tracks:
    shape = (len(names), 5)
    keyed = np.zeros(shape, dtype=bool)
    keyed[:, 0] = True
    xy = np.zeros((*shape, 2))
    xy[:, 1:, 0] = x
    return Tracks(names, FRAMES, xy, np.ones(shape, dtype=bool), np.ones(shape, dtype=np.float32), keyed)


def test_the_error_is_that_of_the_followed_samples() -> None:
    accuracy = measure_accuracy(tracks_off_by(0.25), truth_at_rest())
    assert accuracy.median_px == 0.25
    assert accuracy.within_1_px == 1.0


def test_a_sample_shown_where_the_point_is_hidden_is_judged_wrong() -> None:
    assert measure_accuracy(tracks_off_by(0.0), truth_at_rest()).visibility == 7 / 8


def test_tracks_are_matched_by_name_and_frame() -> None:
    truth = truth_at_rest()
    truth.xy[0] = 10.0
    tracks = tracks_off_by(0.0)
    tracks.xy[1] = 10.0
    assert measure_accuracy(tracks, truth).median_px == 0.0


def test_truth_about_other_points_measures_nothing() -> None:
    assert np.isnan(measure_accuracy(tracks_off_by(0.0, ("c",)), truth_at_rest()).median_px)


def test_truth_is_read_from_an_archive(tmp_path: Path) -> None:
    truth = truth_at_rest()
    path = tmp_path / "truth.npz"
    np.savez(path, names=np.array(truth.names), frames=truth.frames, xy=truth.xy, visible=truth.visible)
    read = Truth.load(path)
    assert read.names == truth.names
    assert np.array_equal(read.visible, truth.visible)
    assert measure_accuracy(tracks_off_by(0.5), read).median_px == pytest.approx(0.5)
