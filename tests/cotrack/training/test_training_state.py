# SPDX-License-Identifier: Apache-2.0
"""A run's state survives the disk, in parts that can be carried, and is whole or not there."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

from cotrack.training.state import StateError, holds_state, read_state, write_state

MIB = 1 << 20


def tensors() -> dict[str, torch.Tensor]:
    dice = torch.Generator().manual_seed(0)
    return {f"weights.{i}": torch.randn(3 * MIB // 4, generator=dice) for i in range(7)} | {
        "second.0": torch.randn(5, generator=dice).bfloat16(),
        "weights.picture": torch.randn(2, 3, 4, 4, generator=dice).contiguous(memory_format=torch.channels_last),
    }


def test_what_is_written_is_read(tmp_path: Path) -> None:
    write_state(tmp_path, tensors(), {"step": 7})
    found, facts = read_state(tmp_path)
    assert facts["step"] == 7
    assert found.keys() == tensors().keys()
    for name, value in tensors().items():
        assert found[name].dtype == value.dtype
        assert torch.equal(found[name], value)


def test_no_part_is_larger_than_can_be_carried(tmp_path: Path) -> None:
    write_state(tmp_path, tensors(), {})
    sizes = [path.stat().st_size for path in (tmp_path / "state").iterdir()]
    assert max(sizes) < 16 * MIB
    assert len(sizes) == 3


def test_a_new_state_replaces_the_old_one(tmp_path: Path) -> None:
    write_state(tmp_path, tensors(), {"step": 1})
    write_state(tmp_path, {"weights.0": torch.ones(1)}, {"step": 2})
    found, facts = read_state(tmp_path)
    assert (facts["step"], list(found)) == (2, ["weights.0"])
    assert [path.name for path in tmp_path.iterdir()] == ["state"]


def test_a_run_cut_while_it_writes_leaves_the_state_before(tmp_path: Path) -> None:
    write_state(tmp_path, tensors(), {"step": 1})
    (tmp_path / "state").rename(tmp_path / "state.old")
    (tmp_path / "state.new").mkdir()
    (tmp_path / "state.new" / "part-1.safetensors").write_bytes(b"half")
    assert read_state(tmp_path)[1]["step"] == 1
    write_state(tmp_path, tensors(), {"step": 2})
    assert read_state(tmp_path)[1]["step"] == 2


def test_a_folder_without_a_state_is_named(tmp_path: Path) -> None:
    assert not holds_state(tmp_path)
    with pytest.raises(StateError, match="holds no state to go on from"):
        read_state(tmp_path)


@pytest.mark.parametrize("harm", ["missing part", "cut part", "facts"])
def test_a_damaged_state_is_not_gone_on_from(tmp_path: Path, harm: str) -> None:
    write_state(tmp_path, tensors(), {"step": 1})
    part, facts = tmp_path / "state/part-2.safetensors", tmp_path / "state/state.json"
    if harm == "missing part":
        part.unlink()
    elif harm == "cut part":
        part.write_bytes(part.read_bytes()[:1000])
    else:
        facts.write_text(json.dumps({"step": 1}), "utf-8")
    with pytest.raises(StateError, match="is damaged"):
        read_state(tmp_path)
