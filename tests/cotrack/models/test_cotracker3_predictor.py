# SPDX-License-Identifier: Apache-2.0
"""The reference's predictors, composed from our parts: sizes, support points, thresholds, both directions."""

from __future__ import annotations

import functools
from typing import Literal

import numpy as np
import numpy.typing as npt
import pytest
import torch

from cotrack.models.cotracker3 import TrackState
from cotrack.models.cotracker3_frame import Size, from_network, grid_points, resize_frames, to_network
from cotrack.models.windows import SlidingWindow, sweep, window_spans
from data.golden.cotracker3_golden import golden, network, queries, video

OFFLINE = golden("cot3_predictor")
ONLINE = golden("cot3_online_predictor")
FIRST_STEP = {key.removesuffix("_step1"): value for key, value in ONLINE.items() if key.endswith("_step1")}
HELPERS = golden("cot3_helpers")

Answer = tuple[npt.NDArray[np.float32], npt.NDArray[np.bool_]]
"""Tracks (T, N, 2) and visible (T, N), as the golden files have them."""

PICTURE = (72, 100)
SMALL, FULL = (96, 128), (384, 512)


def at_frame(frame: int, xy: torch.Tensor) -> torch.Tensor:
    return torch.cat([torch.full((len(xy), 1), float(frame)), xy], dim=1)


def network_queries(picture_queries: torch.Tensor, size: Size, picture: Size = PICTURE) -> torch.Tensor:
    return torch.cat([picture_queries[:, :1], to_network(picture_queries[:, 1:], picture, size)], dim=1)


@functools.cache
def encoded(seed: int, frames: int, picture: Size, size: Size, *, online: bool = False) -> torch.Tensor:
    with torch.inference_mode():
        return network(online=online).encode(resize_frames(video(seed, frames, *picture), size))


@torch.inference_mode()
def refine(features: torch.Tensor, points: torch.Tensor, iterations: int = 6, *, online: bool = False) -> TrackState:
    """The answer in all frames, forward; (N, T, ...)."""
    net, window = network(online=online), 16 if online else max(2, len(features))
    step = window // 2
    return sweep(net, lambda i: features[i], len(features), points, window=window, step=step, iterations=iterations)


def in_both_directions(features: torch.Tensor, points: torch.Tensor, ahead: TrackState, *, online: bool) -> TrackState:
    """A second pass on the reversed shot answers for the frames before each query."""
    last = len(features) - 1
    reversed_points = torch.cat([last - points[:, :1], points[:, 1:]], dim=1)
    behind = refine(features.flip(0), reversed_points, online=online)
    early = torch.arange(len(features)) < points[:, :1]
    return TrackState(
        torch.where(early[..., None], behind.coords.flip(1), ahead.coords),
        torch.where(early, behind.visibility.flip(1), ahead.visibility),
        torch.where(early, behind.confidence.flip(1), ahead.confidence),
    )


def assert_predicted(
    features: torch.Tensor, points: torch.Tensor, names: dict[Literal["ahead", "both"], str], *, online: bool = False
) -> None:
    """The offline predictor at SMALL size, with its support points, forward only and in both directions."""
    supported = torch.cat([points, at_frame(0, grid_points(6, SMALL))])
    ahead = refine(features, supported, online=online)
    assert_golden(pinned(ahead, points, SMALL), OFFLINE, names["ahead"])
    both = in_both_directions(features, supported, ahead, online=online)
    assert_golden(pinned(both, points, SMALL), OFFLINE, names["both"])


def pinned(state: TrackState, points: torch.Tensor, size: Size, picture: Size = PICTURE) -> Answer:
    """What the offline predictor makes of a state: picture pixels, each query exactly where it was asked."""
    xy, visible = state.coords[: len(points)].clone(), state.visibility[: len(points)].sigmoid() > 0.9
    row, frame = torch.arange(len(points)), points[:, 0].long()
    xy[row, frame], visible[row, frame] = points[:, 1:], True
    return from_network(xy, picture, size).transpose(0, 1).numpy(), visible.T.numpy()


def assert_golden(answer: Answer, expected: dict[str, npt.NDArray[np.generic]], name: str) -> None:
    tracks, visible = answer
    assert tracks.shape == expected[f"{name}_tracks"].shape
    assert np.abs(tracks - expected[f"{name}_tracks"]).max() <= 1e-3
    assert np.array_equal(visible, expected[f"{name}_vis"])


def eight_frames(size: Size) -> torch.Tensor:
    return encoded(301, 8, PICTURE, size)


def masked_grid(frame: int, size: Size) -> torch.Tensor:
    rows, columns = torch.meshgrid(torch.arange(PICTURE[0]), torch.arange(PICTURE[1]), indexing="ij")
    mask = ((rows - 40) ** 2 + (columns - 35) ** 2 < 900).float()
    mask = torch.nn.functional.interpolate(mask[None, None], size, mode="nearest")[0, 0]
    xy = grid_points(9, size)
    x, y = xy.round().long().unbind(1)
    return at_frame(frame, xy[mask[y, x] > 0])


def test_frames_are_resized_as_the_golden_ones() -> None:
    frame = resize_frames(video(301, 8, *PICTURE)[5:6], SMALL)[0]
    assert np.abs(frame.numpy() - OFFLINE["resized_t5"]).max() < 1e-4


@pytest.mark.parametrize("name", ["full_q", "full_grid_mask"])
def test_tracks_at_full_size_are_the_golden_ones(name: str) -> None:
    asked = network_queries(queries(302, 6, [0, 3, 7], *PICTURE), FULL) if name == "full_q" else masked_grid(2, FULL)
    state = refine(eight_frames(FULL), torch.cat([asked, at_frame(0, grid_points(6, FULL))]))
    assert_golden(pinned(state, asked, FULL), OFFLINE, name)


def test_queries_are_the_golden_ones() -> None:
    points = network_queries(queries(302, 6, [0, 3, 7], *PICTURE), SMALL)
    assert_predicted(eight_frames(SMALL), points, {"ahead": "q", "both": "q_back"})


def test_the_online_network_behind_the_offline_predictor_is_the_golden_one() -> None:
    points = network_queries(torch.from_numpy(OFFLINE["onl_queries"]), SMALL)
    features = encoded(305, 20, PICTURE, SMALL, online=True)
    assert_predicted(features, points, {"ahead": "onl_q", "both": "onl_q_back"}, online=True)


@pytest.mark.parametrize(("name", "n", "frame"), [("grid5", 5, 0), ("grid5_qf4", 5, 4), ("grid1", 1, 0)])
def test_grids_are_the_golden_ones(name: str, n: int, frame: int) -> None:
    points = at_frame(frame, grid_points(n, SMALL))
    state = refine(eight_frames(SMALL), points)
    assert_golden(pinned(state, points, SMALL), OFFLINE, name)
    if f"{name}_back_tracks" in OFFLINE:
        both = in_both_directions(eight_frames(SMALL), points, state, online=False)
        assert_golden(pinned(both, points, SMALL), OFFLINE, f"{name}_back")


@pytest.mark.parametrize(("name", "frame"), [("grid9_mask", 0), ("grid9_mask_qf2_back", 2)])
def test_masked_grids_are_the_golden_ones(name: str, frame: int) -> None:
    points = masked_grid(frame, SMALL)
    supported = torch.cat([points, at_frame(0, grid_points(6, SMALL))])
    state = refine(eight_frames(SMALL), supported)
    if name.endswith("_back"):
        state = in_both_directions(eight_frames(SMALL), supported, state, online=False)
    assert_golden(pinned(state, points, SMALL), OFFLINE, name)


def test_dense_passes_are_the_golden_ones() -> None:
    picture, size, passes = (16, 32), (48, 64), []
    features = encoded(307, 3, picture, size)
    for offset in range(4):
        rows, columns = torch.meshgrid(torch.arange(offset // 2, 16, 2), torch.arange(offset % 2, 32, 2), indexing="ij")
        pixels = torch.stack([columns, rows], dim=-1).flatten(0, 1).float()
        points = at_frame(1, to_network(pixels, picture, size))
        passes.append(pinned(refine(features, points), points, size, picture))
    tracks, visible = (np.concatenate(part, axis=1) for part in zip(*passes, strict=True))
    assert_golden((tracks, visible), OFFLINE, "dense")


@torch.inference_mode()
@pytest.mark.parametrize("name", ["q", "qsup", "grid"])
def test_the_online_predictor_is_the_golden_one(name: str) -> None:
    points = network_queries(queries(232, 7, [0, 4, 11, 20], *PICTURE), SMALL)
    points = at_frame(0, grid_points(4, SMALL)) if name == "grid" else points
    count = len(points)
    if name == "qsup":
        points = torch.cat([points, at_frame(0, grid_points(6, SMALL))])
    features = encoded(231, 28, PICTURE, SMALL, online=True)
    sliding = SlidingWindow(network(online=True), points, window=16, step=8)
    tracks, visible = np.zeros((0, count, 2), np.float32), np.zeros((0, count), np.bool_)
    for window, span in enumerate(window_spans(28, 16, 8)):
        state = sliding.push(features[span.start + sliding.frames_held : span.stop])[-1]
        xy = from_network(state.coords[:count], PICTURE, SMALL).transpose(0, 1).numpy()
        seen = (state.visibility.sigmoid() * state.confidence.sigmoid() > 0.6)[:count].T.numpy()
        tracks, visible = np.concatenate([tracks[: span.start], xy]), np.concatenate([visible[: span.start], seen])
        if window == 1:
            assert_golden((tracks, visible), FIRST_STEP, name)
    assert_golden((tracks, visible), ONLINE, name)


def assert_evaluated(points: torch.Tensor, expected_column: list[int], name: str) -> None:
    state = refine(encoded(511, 8, PICTURE, SMALL), points, 4)
    column = slice(0, len(expected_column))
    tracks = from_network(state.coords[column], PICTURE, SMALL).transpose(0, 1).numpy()
    believed = (state.visibility.sigmoid() * state.confidence.sigmoid())[column].T.numpy()
    assert np.abs(tracks - HELPERS[f"{name}_tracks"][:, expected_column]).max() <= 1e-3
    assert np.abs(believed - HELPERS[f"{name}_vis"][:, expected_column]).max() <= 1e-4


def test_joint_evaluation_is_the_golden_one() -> None:
    points = network_queries(torch.from_numpy(HELPERS["eval_queries"]), SMALL)
    assert_evaluated(torch.cat([points, at_frame(0, grid_points(5, SMALL))]), [0, 1, 2], "eval_joint")


@pytest.mark.parametrize("index", [0, 1, 2])
def test_single_point_evaluation_is_the_golden_one(index: int) -> None:
    point = network_queries(torch.from_numpy(HELPERS["eval_queries"]), SMALL)[index]
    local = grid_points(8, (50, 50), (point[2].item(), point[1].item()))
    around = torch.cat([at_frame(0, local), at_frame(0, grid_points(5, SMALL))])
    assert_evaluated(torch.cat([point[None], around]), [index], "eval_single")


@pytest.mark.parametrize(
    ("name", "n", "extent", "centre"),
    [
        ("grid_5_384x512", 5, (384, 512), None),
        ("grid_6_384x512", 6, (384, 512), None),
        ("grid_1_384x512", 1, (384, 512), None),
        ("grid_3_48x60", 3, (48, 60), None),
        ("grid_8_50x50_c", 8, (50, 50), (100.25, 200.5)),
    ],
)
def test_grid_points_are_the_golden_ones(
    name: str, n: int, extent: tuple[int, int], centre: tuple[float, float] | None
) -> None:
    assert np.abs(grid_points(n, extent, centre).numpy() - HELPERS[name]).max() < 1e-4


def test_a_position_returns_from_the_network_where_it_was() -> None:
    xy = torch.tensor([[0.0, 0.0], [99.0, 71.0], [12.5, 30.25]])
    there = to_network(xy, PICTURE, FULL)
    assert there[1].tolist() == pytest.approx([511.0, 383.0])
    assert torch.allclose(from_network(there, PICTURE, FULL), xy, atol=1e-4)
