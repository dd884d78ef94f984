# SPDX-License-Identifier: Apache-2.0
"""Every figure of the plates benchmark is what one would count by hand."""

from __future__ import annotations

import numpy as np
import pytest

from cotrack.evaluation.measures import (
    Judged,
    confidence_auc,
    gaps_exact,
    measure,
    occlusion,
    peak_locking,
    second_differences,
)


def judged(x_error: list[list[float]], **changed: np.ndarray) -> Judged:
    """Points that are off along x, all seen, claimed and counted unless said otherwise."""
    error = np.stack([np.array(x_error, dtype=float), np.zeros_like(np.array(x_error, dtype=float))], axis=-1)
    shape = error.shape[:2]
    flags = np.ones(shape, dtype=bool)
    parts = {
        "error": error,
        "true_xy": np.zeros((*shape, 2)),
        "query_xy": np.zeros((shape[0], 2)),
        "query_at": np.zeros(shape[0], dtype=np.intp),
        "seen": flags,
        "claimed": flags,
        "confidence": np.ones(shape),
        "counts": flags,
        "refined": flags,
    }
    return Judged(**{**parts, **changed})


def test_errors_are_counted_by_size() -> None:
    figures = measure([judged([[0.05, 0.1, 0.2, 0.4, 2.0]])])
    assert figures["median_px"] == pytest.approx(0.2)
    assert figures["rms_px"] == pytest.approx(np.sqrt((0.05**2 + 0.1**2 + 0.2**2 + 0.4**2 + 4) / 5))
    assert figures["p95_px"] == pytest.approx(0.4 + 0.8 * 1.6)
    shares = [figures[f"within_{limit}"] for limit in ("0.05", "0.1", "0.25", "0.5", "1")]
    assert shares == pytest.approx([0.2, 0.4, 0.6, 0.8, 0.8])


def test_whoever_gives_a_point_up_pays_in_shares_and_coverage_but_not_in_errors() -> None:
    claimed = np.array([[True, True, False, False]])
    figures = measure([judged([[0.0, 0.2, 9.0, np.nan]], claimed=claimed)])
    assert figures["coverage"] == 0.5
    assert figures["within_0.25"] == 0.5
    assert figures["p95_px"] < 0.2


def test_queries_and_hidden_samples_have_no_error() -> None:
    counts = np.array([[False, True, True]])
    seen = np.array([[True, True, False]])
    assert measure([judged([[7.0, 0.3, 8.0]], counts=counts, seen=seen)])["rms_px"] == pytest.approx(0.3)


def test_jitter_is_what_trembles_and_not_what_drifts() -> None:
    assert second_differences(judged([[0.0, 0.5, 1.0, 1.5]])).tolist() == [0.0, 0.0]
    assert second_differences(judged([[0.0, 0.1, 0.0]])) == pytest.approx([0.2])


def test_jitter_is_not_measured_across_a_gap() -> None:
    seen = np.array([[True, True, False, True, True]])
    assert len(second_differences(judged([[0.0, 0.1, 0.0, 0.1, 0.0]], seen=seen))) == 0


@pytest.mark.parametrize("from_query", [True, False])
def test_a_tracker_that_leans_towards_whole_pixels_is_found_out(from_query: bool) -> None:
    random = np.random.default_rng(3)
    true = random.uniform(0, 50, (20, 30, 2))
    query = random.uniform(0, 50, (20, 2))
    phase = true - query[:, None] if from_query else true
    leaning = judged(np.zeros((20, 30)).tolist(), true_xy=true, query_xy=query, error=0.04 * np.sin(2 * np.pi * phase))
    assert peak_locking([leaning]) == pytest.approx(0.04, abs=1e-9)


def test_locking_cannot_be_told_where_all_phases_are_the_same() -> None:
    true = np.round(np.random.default_rng(3).uniform(0, 50, (20, 30, 2))) + 0.5
    whole = judged(np.zeros((20, 30)).tolist(), true_xy=true, error=np.full((20, 30, 2), 0.3))
    assert np.isnan(peak_locking([whole]))


def test_a_constant_offset_is_not_locking() -> None:
    true = np.random.default_rng(3).uniform(0, 50, (20, 30, 2))
    offset = judged(np.zeros((20, 30)).tolist(), true_xy=true, error=np.full((20, 30, 2), 0.3))
    assert peak_locking([offset]) == pytest.approx(0, abs=1e-9)


def test_jitter_at_rest_is_that_of_points_that_never_move() -> None:
    true = np.zeros((2, 4, 2))
    true[1, :, 0] = 0.0, 1.0, 2.0, 3.0
    figures = measure([judged([[0.0, 0.1, 0.0, 0.1], [0.0, 0.3, 0.0, 0.3]], true_xy=true)])
    assert figures["still_jitter_px"] == pytest.approx(0.2)
    assert figures["jitter_px"] == pytest.approx(np.sqrt((0.2**2 + 0.6**2) / 2))


def test_refined_samples_have_figures_of_their_own() -> None:
    refined = np.array([[True, True, False, False]])
    figures = measure([judged([[0.1, 0.1, 5.0, 5.0]], refined=refined)])
    assert figures["refined_share"] == 0.5
    assert figures["refined_rms_px"] == pytest.approx(0.1)
    assert figures["rms_px"] > 3


def test_a_plain_stretch_ends_where_the_point_is_first_hidden_on_either_side_of_its_query() -> None:
    seen = np.array([[True, False, True, True, True, False, True]])
    point = judged([[9.0, 0.0, 0.2, 0.2, 0.2, 0.0, 9.0]], seen=seen, query_at=np.array([3]))
    assert point.plain.tolist() == [[False, False, True, True, True, False, False]]
    assert measure([point])["plain_rms_px"] == pytest.approx(0.2)
    assert measure([point])["plain_within_0.5"] == 1.0


@pytest.mark.parametrize(
    ("claimed", "exact"),
    [
        ("##...####", 1.0),
        ("###...###", 1.0),  # both ends a frame late
        ("#.....###", 1.0),
        ("####..###", 0.0),  # two frames late
        ("##.....##", 0.0),  # the return two frames late
        ("#########", 0.0),
        ("##.......", 0.0),
    ],
)
def test_a_gap_is_exact_when_its_first_and_last_frames_are_within_one(claimed: str, exact: float) -> None:
    seen, said = (np.array([[sign == "#" for sign in signs]]) for signs in ("##...####", claimed))
    assert gaps_exact([judged([[0.0] * 9], seen=seen, claimed=said)]) == exact


def test_a_gap_at_the_end_has_a_beginning_only_and_one_with_unknown_neighbours_is_not_judged() -> None:
    seen = np.array([[True, True, True, False, False]])
    assert gaps_exact([judged([[0.0] * 5], seen=seen, claimed=seen)]) == 1.0
    unknown = judged([[0.0] * 5], seen=seen, counts=np.array([[False, True, False, True, True]]))
    assert np.isnan(gaps_exact([unknown]))


def test_hiding_is_judged_by_precision_and_recall() -> None:
    seen = np.array([[True, True, True, False, False, False]])
    claimed = np.array([[True, True, False, False, True, True]])
    assert occlusion([judged([[0.0] * 6], seen=seen, claimed=claimed)]) == (1 / 2, 1 / 3)


def test_confidence_is_worth_as_much_as_it_tells_good_from_bad() -> None:
    error = [[0.1, 0.2, 3.0, 4.0]]
    assert confidence_auc([judged(error, confidence=np.array([[0.9, 0.8, 0.2, 0.1]]))]) == 1.0
    assert confidence_auc([judged(error, confidence=np.array([[0.9, 0.1, 0.5, 0.0]]))]) == 0.75
    assert confidence_auc([judged(error, confidence=np.full((1, 4), 0.5))]) == 0.5


def test_shots_are_pooled_by_their_samples() -> None:
    assert measure([judged([[0.0, 0.0, 0.0]]), judged([[1.0]])])["within_0.5"] == 0.75


def test_nothing_measured_is_not_a_number() -> None:
    hidden = judged([[0.0, 0.0]], seen=np.zeros((1, 2), dtype=bool))
    figures = measure([hidden])
    told = {"occlusion_precision", "occlusion_recall", "gaps_exact"}
    assert all(np.isnan(value) for name, value in figures.items() if name not in told)
