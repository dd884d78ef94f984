# SPDX-License-Identifier: Apache-2.0
"""The offline network against the golden tensors, stage by stage, and what its chunks must not change."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pytest
import torch

from cotrack.models.cotracker3 import (
    CoTracker3,
    CoTracker3Config,
    Pyramid,
    Supports,
    TrackState,
    correlation_volume,
    fourier_code,
    time_table,
)
from cotrack.models.cotracker3_sampling import gather_blocks, interpolate_blocks
from data.golden.cotracker3_golden import golden, network, queries, video

RAW = golden("cot3_offline_raw")
HELPERS = golden("cot3_helpers")


def assert_near(tensor: torch.Tensor, expected: npt.NDArray[np.float32], tolerance: float = 1e-4) -> None:
    assert tensor.shape == expected.shape
    assert np.abs(tensor.numpy() - expected).max() <= tolerance


@dataclass(frozen=True, eq=False)
class GoldenRun:
    net: CoTracker3
    frames: torch.Tensor
    points: torch.Tensor
    features: torch.Tensor
    pyramid: Pyramid
    supports: Supports
    start: TrackState
    states: list[TrackState]


@pytest.fixture(scope="module")
def run() -> GoldenRun:
    """Everything that the golden run computes on its way, up to the first iteration's transformer."""
    net = network(online=False)
    frames, points = video(101, 20, 96, 128), queries(102, 12, [0, 5, 13, 19], 96, 128)
    with torch.inference_mode():
        features = net.encode(frames)
        pyramid = net.pyramid(features[None])
        supports = net.supports(pyramid, points[None])
        start = TrackState.at_queries(points[None], 20)
        states = list(net.refine_window(pyramid, supports, start, 6))
    return GoldenRun(
        net=net,
        frames=frames,
        points=points,
        features=features,
        pyramid=pyramid,
        supports=supports,
        start=start,
        states=states,
    )


def embeddings(run: GoldenRun, state: TrackState) -> list[torch.Tensor]:
    levels, supports = [level[0] for level in run.pyramid], [support[0] for support in run.supports]
    frame = torch.arange(20).expand(12, -1)
    with torch.inference_mode():
        return run.net.correlate(levels, frame, state.coords[0], supports)


def golden_state(after: int) -> TrackState:
    """After an iteration, so that a stage is not judged by what the iterations before it have rounded."""
    coords, visible, confident = (
        torch.from_numpy(RAW[name][after]) for name in ("coords_iters", "vis_iters", "conf_iters")
    )
    return TrackState(coords.transpose(0, 1)[None], visible.T[None].logit(), confident.T[None].logit())


def tokens(run: GoldenRun, state: TrackState) -> torch.Tensor:
    with torch.inference_mode():
        bare = run.net.tokens(state.coords[0], state.visibility[0], state.confidence[0], embeddings(run, state))
        return bare + run.net.times(20)


@torch.inference_mode()
def test_the_feature_network_is_the_golden_one_stage_by_stage(run: GoldenRun) -> None:
    seen = {}
    encoder = run.net.features
    watched = {
        "layer2": encoder.stages[1],
        "layer4": encoder.stages[3],
        "conv2": encoder.merge,
        "conv3": encoder.project,
    }
    watches = [
        module.register_forward_hook(lambda _, __, output, name=name: seen.__setitem__(name, output[0].clone()))
        for name, module in watched.items()
    ]
    run.net.encode(run.frames[:1])
    for watch in watches:
        watch.remove()
    stem = torch.relu(torch.nn.functional.instance_norm(encoder.stem(2 * (run.frames[:1] / 255) - 1)))[0, :3]
    assert_near(stem, RAW["fnet_stem_relu_t0_c0_2"])
    assert_near(seen["layer2"][:8], RAW["fnet_layer2_t0_c0_7"])
    assert_near(seen["layer4"][:8], RAW["fnet_layer4_t0_c0_7"])
    assert_near(seen["conv2"][:4], RAW["fnet_conv2_t0_c0_3"])
    assert_near(seen["conv3"], RAW["fnet_raw_t0"])
    assert_near(run.features[0, :32], RAW["fmap_unit_t0_c0_32"])


def test_the_pyramid_is_the_golden_one(run: GoldenRun) -> None:
    assert_near(run.pyramid[1][0, 3].permute(2, 0, 1)[:16], RAW["pyr1_t3"])
    assert_near(run.pyramid[3][0, 3].permute(2, 0, 1), RAW["pyr3_t3"])


def test_the_supports_are_the_golden_ones(run: GoldenRun) -> None:
    for level in (0, 2):
        assert_near(run.supports[level][0, 2:4].transpose(0, 1), RAW[f"support_lvl{level}_n2_3"])


@torch.inference_mode()
def test_the_correlation_is_the_golden_one(run: GoldenRun) -> None:
    centre = run.points[3, 1:] / 8
    blocks, fraction = gather_blocks(run.pyramid[1][0], torch.tensor([7]), centre[None], radius=3)
    assert_near(interpolate_blocks(blocks, fraction)[0], RAW["corrfeat_it0_lvl1_t7_n3"])
    for level, frame, point in ((0, 7, 3), (1, 7, 1), (3, 19, 0)):
        volume = correlation_volume(
            run.pyramid[level][0],
            torch.tensor([[frame]]),
            run.points[point, 1:].view(1, 1, 2) / (4 << level),
            run.supports[level][0, point : point + 1],
            radius=3,
        )
        assert_near(volume.flatten(), RAW[f"corrvol_it0_lvl{level}_t{frame}_n{point}"])


def test_the_correlation_embeddings_are_the_golden_ones(run: GoldenRun) -> None:
    assert_near(embeddings(run, run.start)[1][:, ::5].transpose(0, 1), RAW["corremb_it0_lvl1"])
    assert_near(embeddings(run, golden_state(after=2))[0][:, 10], RAW["corremb_it3_lvl0_t10"])


def test_the_tokens_are_the_golden_ones(run: GoldenRun) -> None:
    assert_near(tokens(run, run.start)[[0, 3, 8]], RAW["tokens_it0_n0_3_8"])
    assert_near(tokens(run, golden_state(after=4))[3], RAW["tokens_it5_n3"])


@torch.inference_mode()
def test_the_transformer_is_the_golden_one_block_by_block(run: GoldenRun) -> None:
    transformer = run.net.transformer
    points = transformer.embed(tokens(run, run.start))
    assert_near(points[3], RAW["input_transform_it0_n3"])
    virtual = transformer.virtual_tracks[:, None].expand(-1, 20, -1)
    points, virtual = transformer.along_time[0](points), transformer.along_time[0](virtual)
    assert_near(points[3], RAW["timeblock0_out_it0_n3"])
    assert_near(virtual[5], RAW["timeblock0_out_it0_virt5"])
    points, virtual = points.transpose(0, 1), virtual.transpose(0, 1)
    virtual = transformer.virtual_from_points[0](virtual, points)
    assert_near(virtual[4, :8], RAW["v2p0_out_it0_t4_first8"])
    virtual = transformer.among_virtual[0](virtual)
    assert_near(virtual[4, :8], RAW["vv0_out_it0_t4_first8"])
    points = transformer.points_from_virtual[0](points, virtual)
    assert_near(points[4], RAW["p2v0_out_it0_t4"])


@torch.inference_mode()
def test_the_whole_transformer_is_the_golden_one(run: GoldenRun) -> None:
    met = []
    watch = run.net.transformer.points_from_virtual[2].register_forward_hook(
        lambda _, __, output: met.append(output.clone())
    )
    embedded = run.net.transformer.embed(tokens(run, run.start))[None]
    move, judgement = run.net.transformer(embedded, memory=1 << 30)
    watch.remove()
    assert_near(met[0][4], RAW["p2v2_out_it0_t4"])
    assert_near(torch.cat([move, judgement], dim=-1)[0], RAW["delta_it0"])


def test_every_iteration_of_the_offline_network_is_the_golden_one(run: GoldenRun) -> None:
    assert np.array_equal(run.points.numpy(), RAW["queries"])
    for i, state in enumerate(run.states):
        assert_near(state.coords[0].transpose(0, 1), RAW["coords_iters"][i], 1e-3)
        assert_near(state.visibility[0].T.sigmoid(), RAW["vis_iters"][i])
        assert_near(state.confidence[0].T.sigmoid(), RAW["conf_iters"][i])


@pytest.mark.parametrize("frames", [1, 2, 3, 66])
def test_shots_of_any_length_are_the_golden_ones(frames: int) -> None:
    expected = golden("cot3_offline_short_long")
    if frames == 66:
        shot, points, iterations = video(115, 66, 32, 64), queries(121, 4, [0, 65, 30], 32, 64), 2
    else:
        shot, points, iterations = video(110 + frames, frames, 64, 96), queries(120, 5, [0], 64, 96), 4
    with torch.inference_mode():
        state = network(online=False)(shot[None], points[None], iterations)[-1]
    assert_near(state.coords[0].transpose(0, 1), expected[f"c_T{frames}"], 1e-3)
    assert_near(state.visibility[0].T.sigmoid(), expected[f"v_T{frames}"])
    assert_near(state.confidence[0].T.sigmoid(), expected[f"k_T{frames}"])


@pytest.mark.parametrize("frames", [1, 7, 20, 59, 60, 61, 80])
def test_the_time_table_is_stretched_as_the_golden_one(frames: int) -> None:
    rows = network(online=False).times(frames)[[0, frames // 2, frames - 1]]
    assert_near(rows, golden("cot3_offline_short_long")[f"time_emb_rows_T{frames}"], 1e-6)


def test_the_time_table_is_the_golden_one() -> None:
    assert_near(time_table(16, 1110)[[0, 1, 7, 15]], HELPERS["sincos1d_1110_T16"], 1e-6)


@pytest.mark.parametrize("octaves", [2, 10])
def test_the_fourier_code_is_the_golden_one(octaves: int) -> None:
    assert_near(fourier_code(torch.from_numpy(HELPERS["posenc_in"]), octaves), HELPERS[f"posenc_0_{octaves}"], 1e-5)


@torch.inference_mode()
def test_frames_are_encoded_alike_alone_and_together() -> None:
    net, frames = network(online=False), video(101, 20, 96, 128)[:3]
    alone = torch.cat([net.encode(frame[None]) for frame in frames])
    assert torch.equal(net.encode(frames), alone)


@torch.inference_mode()
def test_chunks_do_not_change_the_tracks(run: GoldenRun) -> None:
    arguments = (run.pyramid, run.supports, run.start, 1)
    whole = list(run.net.refine_window(*arguments, memory_bytes=1 << 32))[-1]
    chunked = list(run.net.refine_window(*arguments, memory_bytes=1))[-1]
    assert_near(chunked.coords, whole.coords.numpy(), 2e-4)
    assert_near(chunked.visibility, whole.visibility.numpy(), 1e-5)


SMALL = CoTracker3Config(
    window=8,
    feature_widths=(8, 12, 16, 16),
    feature_dim=16,
    levels=3,
    radius=2,
    correlation_hidden=24,
    correlation_dim=12,
    octaves=4,
    hidden=32,
    heads=4,
    depth=2,
    virtual_tracks=6,
    resolution=(256, 256),
)


def test_a_batch_of_clips_is_tracked_as_each_clip_alone_with_and_without_gradients() -> None:
    torch.manual_seed(0)
    net = CoTracker3(SMALL)
    clips = torch.stack([video(seed, 6, 32, 48) for seed in (1, 2)])
    points = torch.stack([queries(seed, 5, [0, 3], 32, 48) for seed in (3, 4)])
    together = net(clips, points, 3)[-1]
    with torch.inference_mode():
        for clip in (0, 1):
            alone = net(clips[clip : clip + 1], points[clip : clip + 1], 3)[-1]
            assert_near(alone.coords[0], together.coords[clip].detach().numpy())
        assert_near(net(clips, points, 3)[-1].coords, together.coords.detach().numpy())


def test_every_weight_of_a_compact_network_receives_a_gradient() -> None:
    torch.manual_seed(0)
    net = CoTracker3(SMALL)
    state = net(video(1, 6, 32, 48)[None], queries(3, 5, [0, 3], 32, 48)[None], 2)[-1]
    (state.coords.sum() + state.visibility.sum() + state.confidence.sum()).backward()
    assert [name for name, weight in net.named_parameters() if weight.grad is None] == []


@torch.inference_mode()
def test_half_precision_features_stay_near_the_full_ones() -> None:
    net, frames = network(online=False), video(101, 20, 96, 128)[:1]
    half = net.encode(frames, half=torch.bfloat16)
    assert half.dtype == torch.float32
    assert (half * net.encode(frames)).sum(1).min() > 0.99
