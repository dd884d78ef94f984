# SPDX-License-Identifier: Apache-2.0
"""The golden metrics, and the corners of their definition."""

import math

import numpy as np
import pytest

from cotrack.evaluation.tapvid_metrics import QueryMode, SeenPositions, tapvid_metrics
from data.golden.cotracker3_golden import golden

HELPERS = golden("cot3_helpers")


@pytest.mark.parametrize("mode", ["first", "strided"])
def test_metrics_are_the_golden_ones(mode: QueryMode) -> None:
    truth, prediction = (
        SeenPositions(HELPERS[f"met_{xy}"][0], ~HELPERS[f"met_{occluded}"][0])
        for xy, occluded in (("gt", "occ"), ("pred", "pocc"))
    )
    metrics = tapvid_metrics(HELPERS["met_query_tyx"][0, :, 0], truth, prediction, mode)
    expected = dict(zip(HELPERS["met_names"].tolist(), HELPERS[f"met_{mode}"].tolist(), strict=True))
    assert metrics == pytest.approx(expected, abs=1e-6)


def one_point(x: list[float], visible: list[bool]) -> SeenPositions:
    return SeenPositions(np.array([[(value, 0.0) for value in x]]), np.array([visible]))


def judge(
    truth: SeenPositions, prediction: SeenPositions, mode: QueryMode = "first", query: int = 0
) -> dict[str, float]:
    return tapvid_metrics(np.array([float(query)]), truth, prediction, mode)


def test_a_perfect_track_is_perfect_and_its_query_is_not_judged() -> None:
    metrics = judge(one_point([0, 5], [True, True]), one_point([99, 5], [False, True]))
    assert set(metrics.values()) == {1.0}


def test_exactly_at_a_threshold_is_not_within_it() -> None:
    metrics = judge(one_point([0, 0], [True, True]), one_point([0, 4], [True, True]))
    assert (metrics["pts_within_4"], metrics["pts_within_8"]) == (0.0, 1.0)


def test_a_visible_point_in_the_wrong_place_counts_twice() -> None:
    metrics = judge(one_point([0, 0, 0], [True] * 3), one_point([0, 0, 50], [True] * 3))
    assert metrics["jaccard_16"] == pytest.approx(1 / 3)


def test_strided_judges_frames_before_the_query() -> None:
    metrics = judge(one_point([0, 0, 0], [True] * 3), one_point([9, 0, 0], [True] * 3), mode="strided", query=2)
    assert metrics["pts_within_1"] == 0.5


def test_nothing_to_judge_is_not_a_number() -> None:
    alone = one_point([0], [True])
    assert all(math.isnan(value) for value in judge(alone, alone).values())
