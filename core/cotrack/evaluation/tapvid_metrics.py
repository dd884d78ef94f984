# SPDX-License-Identifier: Apache-2.0
"""The metrics of TAP-Vid (Doersch et al., arXiv 2211.03726), for one video.

Distances are pixels of a 256 x 256 picture. A benchmark's figure is the mean over its videos.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

THRESHOLDS_PX = (1, 2, 4, 8, 16)

QueryMode = Literal["first", "strided"]
"""first: queried where it is first seen, judged after; strided: queried every few frames, judged before and after."""


@dataclass(frozen=True, eq=False)
class SeenPositions:
    """Where N points are in T frames, as annotated or as predicted: xy (N, T, 2), px; visible (N, T) bool."""

    xy: npt.NDArray[np.floating]
    visible: npt.NDArray[np.bool_]


def tapvid_metrics(
    query_frames: npt.NDArray[np.floating],
    truth: SeenPositions,
    prediction: SeenPositions,
    mode: QueryMode,
) -> dict[str, float]:
    """Judge N predicted tracks over T frames, each queried at its frame of `query_frames` (N,).

    Returns shares, 0..1, by the benchmark's names, NaN where there is nothing to judge:
    `average_jaccard`, `average_pts_within_thresh`, `occlusion_accuracy`, and `jaccard_d`, `pts_within_d` per threshold.
    """
    judged = _judged_frames(query_frames, truth.visible.shape[1], mode)
    seen = judged & truth.visible
    claimed = judged & prediction.visible
    squared_error = np.square(prediction.xy - truth.xy).sum(-1)
    metrics = {"occlusion_accuracy": _share((prediction.visible == truth.visible) & judged, judged)}
    for threshold in THRESHOLDS_PX:
        near = squared_error < threshold**2
        hit = seen & claimed & near
        metrics[f"pts_within_{threshold}"] = _share(seen & near, seen)
        metrics[f"jaccard_{threshold}"] = _ratio(hit.sum(), seen.sum() + (claimed & ~(truth.visible & near)).sum())
    metrics["average_pts_within_thresh"] = float(np.mean([metrics[f"pts_within_{d}"] for d in THRESHOLDS_PX]))
    metrics["average_jaccard"] = float(np.mean([metrics[f"jaccard_{d}"] for d in THRESHOLDS_PX]))
    return metrics


def _judged_frames(query_frames: npt.NDArray[np.floating], frames: int, mode: QueryMode) -> npt.NDArray[np.bool_]:
    frame, query = np.arange(frames), np.round(query_frames)[:, None]
    judged: npt.NDArray[np.bool_] = frame > query if mode == "first" else frame != query
    return judged


def _share(part: npt.NDArray[np.bool_], whole: npt.NDArray[np.bool_]) -> float:
    return _ratio(part.sum(), whole.sum())


def _ratio(part: int, whole: int) -> float:
    return float(part) / float(whole) if whole else float("nan")
