# SPDX-License-Identifier: Apache-2.0
"""Weights on disk: official checkpoints, ours, and everything that is neither."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from cotrack.models.checkpoint import CheckpointError, load_network, save_network
from cotrack.models.cotracker3 import CoTracker3, CoTracker3Config
from data.golden import cotracker_rules
from data.golden.cotracker3_golden import golden, network, official_shapes, official_weights, video

CPU = torch.device("cpu")
SMALL = CoTracker3Config(
    window=8,
    feature_widths=(8, 12, 16, 16),
    feature_dim=16,
    levels=3,
    correlation_hidden=24,
    correlation_dim=12,
    hidden=32,
    depth=2,
    heads=4,
    virtual_tracks=6,
)


@pytest.fixture
def small() -> CoTracker3:
    torch.manual_seed(0)
    return CoTracker3(SMALL)


def test_this_machine_makes_the_golden_weights_and_inputs() -> None:
    check = golden("cot_rules_check")
    shapes = official_shapes("v3_offline_w60")
    for i, key in enumerate(check["keys"]):
        if str(key) in shapes:
            values = cotracker_rules.fill(str(key), shapes[str(key)])
            assert values.astype(np.float64).sum() == pytest.approx(float(check[f"w{i}_sum64"]), abs=1e-6)
            assert np.array_equal(values.ravel()[:4], check[f"w{i}_first4"])
    assert int(video(101, 20, 96, 128).to(torch.int64).sum()) == int(check["video101_sum"])
    assert np.array_equal(cotracker_rules.make_queries(102, 12, [0, 5, 13, 19], 96, 128), check["queries102"])


@pytest.mark.parametrize(
    ("model", "online", "window", "wrapped"), [("v3_offline_w60", False, 60, False), ("v3_online_w16", True, 16, True)]
)
def test_official_checkpoints_load(tmp_path: Path, model: str, online: bool, window: int, wrapped: bool) -> None:
    weights = official_weights(model)
    torch.save({"model": weights} if wrapped else weights, tmp_path / "scaled.pth")
    loaded = load_network(tmp_path / "scaled.pth", CPU)
    assert (loaded.config.online, loaded.config.window) == (online, window)
    assert not loaded.training
    expected = network(online=online).state_dict()
    assert all(torch.equal(value, expected[name]) for name, value in loaded.state_dict().items())


def test_the_paper_s_network_has_as_many_weights_as_the_official_one() -> None:
    assert sum(weight.numel() for weight in network(online=False).parameters()) == 25_385_700


@pytest.mark.parametrize("dtype", [torch.float32, torch.float16])
def test_a_saved_network_comes_back(tmp_path: Path, small: CoTracker3, dtype: torch.dtype) -> None:
    save_network(small, tmp_path / "small.safetensors", dtype)
    loaded = load_network(tmp_path / "small.safetensors", CPU)
    assert loaded.config == SMALL
    for name, value in small.state_dict().items():
        assert torch.equal(loaded.state_dict()[name], value.to(dtype).float())
    assert [path.name for path in tmp_path.iterdir()] == ["small.safetensors"]


def test_nothing_is_left_behind_when_a_network_cannot_be_saved(tmp_path: Path, small: CoTracker3) -> None:
    (tmp_path / "small.safetensors").mkdir()
    with pytest.raises(OSError, match="small"):
        save_network(small, tmp_path / "small.safetensors")
    assert [path.name for path in tmp_path.iterdir()] == ["small.safetensors"]


def changed_official(change: Callable[[dict[str, torch.Tensor]], object]) -> dict[str, torch.Tensor]:
    weights = dict(official_weights("v3_offline_w60"))
    change(weights)
    return weights


def write_truncated(path: Path) -> None:
    torch.save({"fnet.conv1.bias": torch.zeros(10_000)}, path)
    path.write_bytes(path.read_bytes()[:20_000])


def removes_a_bias(weights: dict[str, torch.Tensor]) -> None:
    del weights["corr_mlp.fc2.bias"]


def adds_a_weight(weights: dict[str, torch.Tensor]) -> None:
    weights["extra"] = torch.zeros(1)


def resizes_a_bias(weights: dict[str, torch.Tensor]) -> None:
    weights["corr_mlp.fc2.bias"] = torch.zeros(3)


@pytest.mark.parametrize(
    ("write", "sentence"),
    [
        (write_truncated, "cannot be read as a PyTorch checkpoint; download it again"),
        (lambda path: path.write_bytes(b"hello"), "cannot be read as a PyTorch checkpoint"),
        (lambda path: path.write_bytes(b""), "cannot be read as a PyTorch checkpoint"),
        (lambda path: torch.save({"a": CoTracker3Config()}, path), "cannot be read as a PyTorch checkpoint"),
        (lambda path: torch.save([1, 2], path), "holds no state dict"),
        (lambda path: torch.save({"epoch": 3}, path), "holds no state dict"),
        (lambda path: torch.save({"weight": torch.zeros(2)}, path), "is no CoTracker3 checkpoint, it has no time_emb"),
        (lambda path: torch.save(changed_official(removes_a_bias), path), "lacks 1 .*correlation.leave.bias"),
        (lambda path: torch.save(changed_official(adds_a_weight), path), "holds 1 weights .*extra"),
        (lambda path: torch.save(changed_official(resizes_a_bias), path), r"leave.bias of shape \(3,\), not \(256,\)"),
    ],
)
def test_a_file_that_is_no_official_checkpoint_is_told_in_one_sentence(
    tmp_path: Path, write: Callable[[Path], None], sentence: str
) -> None:
    path = tmp_path / "weights.pth"
    write(path)
    with pytest.raises(CheckpointError, match=sentence) as caught:
        load_network(path, CPU)
    assert str(path) in str(caught.value)


def test_our_own_file_without_a_configuration_is_told(tmp_path: Path) -> None:
    save_file({"a": torch.zeros(1)}, tmp_path / "weights.safetensors")
    with pytest.raises(CheckpointError, match="does not say which CoTracker3 it holds"):
        load_network(tmp_path / "weights.safetensors", CPU)


def test_our_own_file_cut_short_is_told(tmp_path: Path, small: CoTracker3) -> None:
    path = tmp_path / "small.safetensors"
    save_network(small, path)
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(CheckpointError, match="cannot be read as safetensors"):
        load_network(path, CPU)


def test_weights_that_are_not_there_are_told(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match=r"no weights at .*cotrack models fetch"):
        load_network(tmp_path / "none.pth", CPU)
