# SPDX-License-Identifier: Apache-2.0
"""Sliding windows: the golden online runs, whole and as a stream, and sweeps of an offline network."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
import torch

from cotrack.models.cotracker3 import TrackState
from cotrack.models.windows import Progress, SlidingWindow, sweep, window_spans
from data.golden.cotracker3_golden import golden, network, queries, video

RAW = golden("cot3_online_raw")
LENGTHS = golden("cot3_online_lengths")


@pytest.fixture(scope="module")
def forty() -> tuple[torch.Tensor, torch.Tensor]:
    with torch.inference_mode():
        return network(online=True).encode(video(201, 40, 96, 128)), queries(202, 12, [0, 3, 9, 17, 25, 39], 96, 128)


@torch.inference_mode()
def online_sweep(
    features: torch.Tensor,
    points: torch.Tensor,
    iterations: int,
    *,
    nothing_when_short: bool = False,
    progress: Progress | None = None,
) -> TrackState:
    net = network(online=True)
    return sweep(
        net,
        lambda i: features[i],
        len(features),
        points,
        window=16,
        step=8,
        iterations=iterations,
        nothing_when_short=nothing_when_short,
        progress=progress,
    )


def assert_near(tensor: torch.Tensor, expected: npt.NDArray[np.float32], tolerance: float) -> None:
    assert tensor.shape == expected.shape
    assert np.abs(tensor.numpy() - expected).max() <= tolerance


def test_the_online_run_is_the_golden_one_window_by_window(forty: tuple[torch.Tensor, torch.Tensor]) -> None:
    features, points = forty
    sliding = SlidingWindow(network(online=True), points, window=16, step=8)
    coords, probabilities = torch.zeros(0, 12, 2), torch.zeros(0, 12, 2)
    for window, span in enumerate(window_spans(40, 16, 8)):
        tolerance = 1e-3 if window == 0 else 1e-2
        with torch.inference_mode():
            states = sliding.push(features[span.start + sliding.frames_held : span.stop])
        for row, iteration in enumerate((1, 3, 6)):
            state = states[iteration - 1]
            assert_near(state.coords.transpose(0, 1), RAW["win_iter_coords"][window, row], tolerance)
            assert_near(state.visibility.T.sigmoid(), RAW["win_iter_vis"][window, row], 1e-4)
        judged = torch.stack([states[-1].visibility.T, states[-1].confidence.T], dim=-1).sigmoid()
        coords = torch.cat([coords[: span.start], states[-1].coords.transpose(0, 1)])
        probabilities = torch.cat([probabilities[: span.start], judged])
        if window < 3:
            assert_near(coords, RAW[f"stream_coords_step{window}"], tolerance)
            assert_near(probabilities[..., 0], RAW[f"stream_vis_step{window}"], 1e-4)
    assert np.array_equal(points.numpy(), RAW["queries"])
    for whole in ("", "_last"):  # the reference's run in one call, and its stream
        stream = "stream_" if whole else ""
        assert_near(coords, RAW[f"{stream}coords{whole}"], 1e-2)
        assert_near(probabilities[..., 0], RAW[f"{stream}vis{whole}"], 1e-4)
        assert_near(probabilities[..., 1], RAW[f"{stream}conf{whole}"], 1e-4)


@pytest.mark.parametrize("frames", [5, 8, 9, 12, 16, 21, 23])
def test_shots_of_any_length_are_the_golden_ones(frames: int) -> None:
    points = torch.from_numpy(LENGTHS[f"queries_T{frames}"])
    with torch.inference_mode():
        features = network(online=True).encode(video(210 + frames, frames, 64, 96))
    state = online_sweep(features, points, 3, nothing_when_short=True)
    assert_near(state.coords.transpose(0, 1), LENGTHS[f"full_c_T{frames}"], 1e-3)
    assert_near(state.visibility.T.sigmoid(), LENGTHS[f"full_v_T{frames}"], 1e-4)
    assert_near(state.confidence.T.sigmoid(), LENGTHS[f"full_k_T{frames}"], 1e-4)
    if frames > 8:  # the reference gives a stream names of its own; the windows are the same
        assert_near(state.coords.transpose(0, 1), LENGTHS[f"stream_c_T{frames}"], 1e-3)
        assert_near(state.visibility.T.sigmoid(), LENGTHS[f"stream_v_T{frames}"], 1e-4)


@torch.inference_mode()
def test_a_short_shot_is_tracked_as_if_its_last_frame_were_held() -> None:
    points = torch.from_numpy(LENGTHS["queries_T5"])
    features = network(online=True).encode(video(215, 5, 64, 96))
    held = torch.cat([features, features[-1:].expand(11, -1, -1, -1)])
    state = online_sweep(features, points, 1)
    assert_near(state.coords, online_sweep(held, points, 1).coords[:, :5].numpy(), 1e-3)
    assert state.coords.abs().amin(dim=(0, 1)).max() > 0


@torch.inference_mode()
def test_an_offline_window_over_the_whole_shot_is_the_plain_forward_pass() -> None:
    net, frames, points = network(online=False), video(101, 20, 96, 128)[:10], queries(102, 6, [0, 5, 9], 96, 128)
    features = net.encode(frames)
    swept = sweep(net, lambda i: features[i], 10, points, window=60, step=30, iterations=2)
    assert_near(swept.coords, net(frames[None], points[None], 2)[-1].coords[0].numpy(), 1e-3)


@torch.inference_mode()
def test_an_offline_sweep_reads_every_frame_once_and_reports_its_progress() -> None:
    net, points = network(online=False), queries(102, 6, [0, 5, 19], 96, 128)
    features = net.encode(video(101, 20, 96, 128)[:20])
    read, shares = [], []

    def source(frame: int) -> torch.Tensor:
        read.append(frame)
        return features[frame]

    state = sweep(net, source, 20, points, window=9, step=6, iterations=2, progress=shares.append)
    assert read == list(range(20))
    assert shares == pytest.approx([i / 6 for i in range(1, 7)])
    assert torch.isfinite(state.coords).all()


def test_a_progress_callback_can_stop_the_sweep(forty: tuple[torch.Tensor, torch.Tensor]) -> None:
    def stop(_: float) -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        online_sweep(*forty, 6, progress=stop)


@pytest.mark.parametrize(
    ("frames", "spans"),
    [
        (1, [(0, 1)]),
        (16, [(0, 16)]),
        (17, [(0, 16), (8, 17)]),
        (24, [(0, 16), (8, 24)]),
        (25, [(0, 16), (8, 24), (16, 25)]),
    ],
)
def test_windows_cover_every_frame_and_no_more(frames: int, spans: list[tuple[int, int]]) -> None:
    assert [(span.start, span.stop) for span in window_spans(frames, 16, 8)] == spans


@pytest.mark.parametrize(
    ("window", "step", "sentence"), [(16, 16, "overlaps"), (16, 0, "overlaps"), (24, 8, "window 16")]
)
def test_windows_that_cannot_work_are_refused(window: int, step: int, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        SlidingWindow(network(online=True), torch.zeros(1, 3), window=window, step=step)


def test_more_frames_than_a_window_takes_are_refused(forty: tuple[torch.Tensor, torch.Tensor]) -> None:
    sliding = SlidingWindow(network(online=True), forty[1], window=16, step=8)
    with pytest.raises(ValueError, match="more than 16 frames"):
        sliding.push(forty[0][:17])
