# SPDX-License-Identifier: Apache-2.0
"""Clips with measured truth are read in both layouts, and judged where the truth is known."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import cv2
import numpy as np
import pytest

from cotrack.evaluation.clips import clip_figures, find_clips, first_seen, judge, read_clip, run_clips
from cotrack.evaluation.contestants import OpenCvTracker
from cotrack.tracking.tracks import Tracks
from cotrack_client.errors import CotrackError

FIRST, FRAMES, STEP = 1001, 5, 2.0
START = np.array([[40.5, 30.5], [60.5, 40.5]])


def arrays() -> SimpleNamespace:
    """Two points that move to the right with the picture; the second is hidden at first, and unknown at last."""
    xy = START[:, None] + np.arange(FRAMES)[None, :, None] * (STEP, 0.0)
    visible = np.array([[True] * FRAMES, [False] + [True] * (FRAMES - 1)])
    annotated = np.array([[True] * FRAMES, [True] * (FRAMES - 1) + [False]])
    return SimpleNamespace(
        names=np.array(["nose", "ear"]),
        frames=np.arange(FIRST, FIRST + FRAMES),
        xy=xy,
        visible=visible,
        annotated=annotated,
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A clip called `head` with its truth in our own layout."""
    grain = np.random.default_rng(2).integers(0, 255, (16, 24, 3), dtype=np.uint8)
    texture = cv2.resize(grain, (192, 96), interpolation=cv2.INTER_CUBIC)
    frames = tmp_path / "clips" / "head" / "frames"
    frames.mkdir(parents=True)
    for i in range(FRAMES):
        left = 20 - round(STEP) * i
        cv2.imwrite(str(frames / f"{FIRST + i}.png"), texture[:, left : left + 128])
    np.savez(frames.parent / "truth.npz", **vars(arrays()))
    return frames.parent


def test_both_layouts_say_the_same(folder: Path) -> None:
    own, truth = read_clip(folder), arrays()
    (folder / "truth.npz").unlink()
    centres = truth.xy - 0.5
    np.savez(folder / "gt.npz", tracks_xy=centres, visible=truth.visible, annotated=truth.annotated, names=truth.names)
    foreign = read_clip(folder)
    assert own.name == foreign.name == "head"
    assert first_seen(own) == first_seen(foreign)
    assert np.array_equal(own.truth.xy, foreign.truth.xy)
    assert np.array_equal(own.seen, foreign.seen)


def test_points_are_asked_for_where_they_are_first_known_to_be_seen(folder: Path) -> None:
    keys = [(key.track, key.frame, key.x, key.y) for key in first_seen(read_clip(folder))]
    assert keys == [("nose", 1001, 40.5, 30.5), ("ear", 1002, 62.5, 40.5)]


def test_a_point_that_is_never_seen_is_left_out(folder: Path) -> None:
    truth = arrays()
    truth.visible[1] = False
    np.savez(folder / "truth.npz", **vars(truth))
    assert read_clip(folder).truth.names == ("nose",)


def test_truth_without_annotated_is_known_everywhere(folder: Path) -> None:
    truth = vars(arrays())
    del truth["annotated"]
    np.savez(folder / "truth.npz", **truth)
    assert read_clip(folder).annotated.all()


def test_figures_are_what_one_would_count(folder: Path) -> None:
    clip = read_clip(folder)
    xy = clip.truth.xy[::-1] + 0.0
    xy[1, :, 0] += (0.0, 0.5, 1.5, 3.0, 7.0)
    xy[0, -1] = 500.0
    keyed = np.zeros((2, FRAMES), dtype=bool)
    keyed[1, 0] = keyed[0, 1] = True
    visible = np.ones((2, FRAMES), dtype=bool)
    visible[1, 4] = False
    tracks = Tracks(("ear", "nose"), clip.truth.frames, xy, visible, np.ones((2, FRAMES), dtype=np.float32), keyed)
    figures = clip_figures(judge(tracks, clip))
    assert [figures[f"within_{limit}"] for limit in (1, 2, 4, 8)] == pytest.approx([3 / 6, 4 / 6, 5 / 6, 5 / 6])
    assert figures["median_px"] == pytest.approx(0.5)
    assert figures["coverage"] == pytest.approx(5 / 6)
    assert figures["occlusion_accuracy"] == pytest.approx(5 / 7)


def test_a_folder_of_clips_is_judged_clip_by_clip(folder: Path) -> None:
    results = run_clips(find_clips(folder.parent), [OpenCvTracker()], lambda *_: None)
    assert [(result.clip, result.tracker) for result in results] == [("head", "opencv-lk")]
    assert results[0].figures["within_1"] == 1.0
    alone = run_clips(find_clips(folder), [OpenCvTracker()], lambda *_: None)
    assert alone[0].figures == pytest.approx(results[0].figures, nan_ok=True)


def test_what_is_no_clip_is_said(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(CotrackError, match=r"holds no clip with truth\.npz or gt\.npz"):
        find_clips(folder / "frames")
    with pytest.raises(CotrackError, match="is no folder"):
        find_clips(tmp_path / "nowhere")
    (folder / "truth.npz").write_bytes(b"damaged")
    with pytest.raises(CotrackError, match=r"truth\.npz is no truth"):
        read_clip(folder)


def test_truth_of_another_shot_is_refused(folder: Path) -> None:
    truth = arrays()
    truth.frames += 3
    np.savez(folder / "truth.npz", **vars(truth))
    with pytest.raises(CotrackError, match="speaks of 5 frames, not all of which"):
        read_clip(folder)


def test_a_clip_needs_one_shot(folder: Path) -> None:
    (folder / "frames").rename(folder / "pictures")
    with pytest.raises(CotrackError, match="holds 0 movies and no folder frames"):
        read_clip(folder)
