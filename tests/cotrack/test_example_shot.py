# SPDX-License-Identifier: Apache-2.0
import cv2
import numpy as np
import numpy.typing as npt
import pytest

from cotrack.examples import example_points, example_shot, example_truth
from cotrack.media.clip import open_clip
from cotrack.tracking.pictures import luma
from cotrack_client.formats.points_csv import read_points

Truth = dict[str, npt.NDArray]
Lumas = dict[int, npt.NDArray[np.float32]]


@pytest.fixture(scope="module")
def truth() -> Truth:
    with np.load(example_truth(), allow_pickle=False) as archive:
        return dict(archive)


@pytest.fixture(scope="module")
def lumas() -> Lumas:
    with open_clip(example_shot()) as clip:
        return {frame: luma(picture) for frame, picture in clip.iterate(clip.frames)}


def test_the_example_is_small() -> None:
    assert sum(path().stat().st_size for path in (example_shot, example_points, example_truth)) < 3_000_000


def test_the_clip_is_what_its_readme_says() -> None:
    with open_clip(example_shot()) as clip:
        assert (clip.width, clip.height, clip.info.fps) == (1280, 720, 24)
        assert clip.frames == tuple(range(1, 49))


def test_the_truth_has_a_position_for_every_point_and_frame(truth: Truth) -> None:
    names, xy, visible = truth["names"], truth["xy"], truth["visible"]
    assert 40 <= len(names) == len(set(names.tolist())) <= 60
    assert truth["frames"].tolist() == list(range(1, 49))
    assert xy.shape == (len(names), 48, 2)
    assert np.isfinite(xy).all()
    assert visible.shape == (len(names), 48)
    assert ((xy[visible] >= 0) & (xy[visible] <= (1280, 720))).all()


def test_the_camera_moves_with_parallax(truth: Truth) -> None:
    whole = truth["visible"][:, 12:36].all(axis=1)
    moved = np.linalg.norm(truth["xy"][whole, 35] - truth["xy"][whole, 12], axis=1)
    assert moved.max() > 2 * moved.min() > 20


def test_points_are_hidden_and_come_back(truth: Truth) -> None:
    inside = ((truth["xy"] >= 0) & (truth["xy"] <= (1280, 720))).all(axis=2)
    visible = truth["visible"]
    comes_back = [
        any(not visible[n, t] and inside[n, t] and visible[n, :t].any() and visible[n, t:].any() for t in range(48))
        for n in range(len(visible))
    ]
    assert sum(comes_back) >= 8


def test_the_points_are_true_and_seen_where_they_are_placed(truth: Truth) -> None:
    keys = read_points(example_points())
    assert 10 <= len({key.track for key in keys}) <= 14
    assert len({key.frame for key in keys}) >= 3
    for key in keys:
        n = truth["names"].tolist().index(key.track)
        assert truth["xy"][n, key.frame - 1] == pytest.approx((key.x, key.y), abs=0.01)
        assert truth["visible"][n, key.frame - 1]


def test_the_truth_belongs_to_the_pixels(truth: Truth, lumas: Lumas) -> None:
    """The neighbourhood of a point looks the same in the next frame at its true position, and less so a pixel off."""
    offsets = [(0, 0), (1, 0), (-1, 0), (0, 1), (0, -1)]
    alike = []
    for xy, visible in zip(truth["xy"], truth["visible"], strict=True):
        for t in np.flatnonzero(visible[:-1] & visible[1:])[::3]:
            before = patch(lumas[t + 1], xy[t])
            alike.append([correlation(before, patch(lumas[t + 2], xy[t + 1] + offset)) for offset in offsets])
    median = np.median(alike, axis=0)
    assert median[0] > 0.95
    assert (median[1:] < median[0] - 0.03).all()


def patch(picture: npt.NDArray[np.float32], centre: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    return cv2.getRectSubPix(picture, (15, 15), tuple(float(v) - 0.5 for v in centre))


def correlation(a: npt.NDArray[np.float32], b: npt.NDArray[np.float32]) -> float:
    a, b = a - a.mean(), b - b.mean()
    return float((a * b).sum() / np.sqrt((a * a).sum() * (b * b).sum()))
