# SPDX-License-Identifier: Apache-2.0
"""Configurations say what is wrong with them, and the bundled ones keep their promises."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from cotrack.models.checkpoint import save_network
from cotrack.models.cotracker3 import CoTracker3
from cotrack.training.config import BUNDLED, ConfigError, load_config

MIB = 1 << 20


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[lessons]\nbatches = 3", "lessons has no key 'batches'; did you mean batch?"),
        ("[lesson]\nbatch = 3", "has no key 'lesson'; did you mean lessons?"),
        ("[lessons]\nbatch = 1.5", "lessons: batch is 1.5; it must be a whole number"),
        ("[lessons]\nbatch = true", "lessons: batch is True; it must be a whole number"),
        ("[run]\ncompile = 1", "run: compile is 1; it must be a true or false"),
        ("[run]\nprecision = 'float16'", "run: precision is 'float16'; it may be float32 or bfloat16"),
        ("[network]\nresolution = [256]", "network: resolution is [256]; it must be a list of 2"),
        ("[network]\nresolution = [255, 256]", "network.resolution must be multiples of 4"),
        ("[lessons]\nlengths = [16, 99]", "lessons.lengths must not exceed shots.frames"),
        ("[shots]\nheight = 64", "leave height and width out"),
        ("lessons = 3", "lessons is a table; write it as [lessons]"),
        ("[lessons", "is not TOML"),
    ],
)
def test_a_configuration_says_what_is_wrong_with_it(text: str, sentence: str, tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(ConfigError) as caught:
        load_config(path)
    assert sentence in str(caught.value)
    assert str(path) in str(caught.value)


def test_a_missing_configuration_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"there is no configuration at .*none\.toml"):
        load_config(tmp_path / "none.toml")


def test_a_number_may_be_written_without_a_point(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text("[optimisation]\nclip_norm = 2", "utf-8")
    assert load_config(path).optimisation.clip_norm == 2.0


def test_shots_are_made_at_the_size_that_the_network_sees() -> None:
    config = load_config(BUNDLED / "compact.toml")
    assert (config.shots.height, config.shots.width) == config.network.resolution


def test_the_compact_network_fits_16_mib_in_half_precision(tmp_path: Path) -> None:
    network = CoTracker3(load_config(BUNDLED / "compact.toml").network)
    save_network(network, tmp_path / "network.safetensors", torch.float16)
    assert 5_000_000 <= sum(weight.numel() for weight in network.parameters()) <= 8_000_000
    assert (tmp_path / "network.safetensors").stat().st_size < 16 * MIB


def test_the_smoke_configuration_is_good() -> None:
    assert load_config(BUNDLED / "smoke.toml").run.precision == "float32"
