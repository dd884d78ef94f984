# SPDX-License-Identifier: Apache-2.0
"""What makes the network quick does not change what it computes."""

from __future__ import annotations

import ctypes
import subprocess
import sys

import pytest
import torch
from torch.nn import functional as F

from cotrack.models import cotracker3_linear
from cotrack.models.cotracker3_linear import FusedLinear, Gelu
from cotrack.models.cotracker3_memory import keep_freed_memory
from cotrack.models.cotracker3_winograd import WinogradConv2d


@pytest.mark.parametrize("size", [(1, 1), (4, 8), (13, 9), (30, 42)])
def test_a_convolution_with_fewer_products_is_the_same_convolution(size: tuple[int, int]) -> None:
    torch.manual_seed(0)
    convolution, pictures = WinogradConv2d(24, 16), torch.randn(2, 24, *size)
    plain = F.conv2d(pictures.double(), convolution.weight.double(), convolution.bias.double(), padding=1)
    with torch.inference_mode():
        assert (convolution(pictures) - plain).abs().max() < 1e-5


def test_a_convolution_with_gradients_is_an_ordinary_one() -> None:
    convolution, pictures = WinogradConv2d(3, 2), torch.randn(1, 3, 8, 8)
    answer = convolution(pictures)
    assert torch.equal(answer, F.conv2d(pictures, convolution.weight, convolution.bias, padding=1))
    answer.sum().backward()
    assert convolution.weight.grad is not None


@pytest.mark.parametrize("has_fused", [True, False])
@pytest.mark.parametrize("gelu", [None, "none", "tanh"])
def test_a_fused_layer_is_the_layer_and_its_gelu(
    gelu: Gelu | None, has_fused: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cotracker3_linear, "_HAS_FUSED", has_fused and cotracker3_linear._HAS_FUSED)
    torch.manual_seed(0)
    layer, x = FusedLinear(20, 12, gelu), torch.randn(2, 5, 20)
    plain = F.linear(x.double(), layer.weight.double(), layer.bias.double())
    expected = plain if gelu is None else F.gelu(plain, approximate=gelu)
    with torch.inference_mode():
        assert (layer(x) - expected).abs().max() < 1e-5
    assert (layer(x) - expected).abs().max() < 1e-5


def test_freed_memory_is_kept_without_harm() -> None:
    keep_freed_memory()
    assert torch.zeros(1 << 20).sum() == 0


@pytest.mark.parametrize("platform", ["win32", "darwin"])
def test_other_systems_keep_their_ways(platform: str, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []
    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.setattr(ctypes, "CDLL", asked.append)
    keep_freed_memory()
    assert asked == []


def test_the_benchmark_measures_a_row_in_a_process_of_its_own(request: pytest.FixtureRequest) -> None:
    script = request.config.rootpath / "benchmarks" / "network_speed.py"
    answer = subprocess.run(
        [sys.executable, script, "--only", "offline:1:4", "--json"], capture_output=True, text=True, check=True
    )
    assert '"frames": 1' in answer.stdout
