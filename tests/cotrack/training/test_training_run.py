# SPDX-License-Identifier: Apache-2.0
"""Whole runs of a tiny network: they end where they should, go on as if uninterrupted, and say what went wrong."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from cotrack.models.checkpoint import load_network
from cotrack.training.config import TrainingConfig
from cotrack.training.run import RunRequest, TrainingError, train
from cotrack.training.schedule import Leg
from cotrack.training.state import read_state
from cotrack.training.trainer import Trainer
from cotrack_client.errors import CotrackError


def quiet(_line: str) -> None:
    """Nobody watches."""


def trained(config: TrainingConfig, folder: Path, **how: object) -> dict[str, object]:
    return train(RunRequest(config, folder, device="cpu", **how), quiet)  # type: ignore[arg-type]


def with_run(config: TrainingConfig, **changes: object) -> TrainingConfig:
    return replace(config, run=replace(config.run, **changes))  # type: ignore[arg-type]


def log(folder: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in (folder / "log.jsonl").read_text("utf-8").splitlines()]


def test_an_interrupted_run_goes_on_as_if_nothing_had_happened(tiny: TrainingConfig, tmp_path: Path) -> None:
    whole, cut = tmp_path / "whole", tmp_path / "cut"
    config = with_run(tiny, save_every=0.0)
    trained(config, whole)

    def interrupt(line: str) -> None:
        if line.startswith("step 4:"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(RunRequest(config, cut, device="cpu"), interrupt)
    assert read_state(cut)[1]["step"] == 3
    trained(config, cut, resume=cut)

    (expected, facts), (found, found_facts) = read_state(whole), read_state(cut)
    assert found_facts == facts
    assert all(torch.equal(value, found[name]) for name, value in expected.items())
    assert (whole / "network.safetensors").read_bytes() == (cut / "network.safetensors").read_bytes()
    last = [[line for line in log(folder) if line["step"] == 6 and line["event"] != "step"] for folder in (whole, cut)]
    assert last[0] == last[1] != []


def test_what_is_exported_is_the_running_mean_and_loads(tiny: TrainingConfig, tmp_path: Path) -> None:
    trained(tiny, tmp_path)
    network = load_network(tmp_path / "network.safetensors", torch.device("cpu"))
    state, _ = read_state(tmp_path)
    assert network.config == tiny.network
    for name, weight in network.named_parameters():
        torch.testing.assert_close(weight, state[f"mean.{name}"], rtol=1e-3, atol=1e-6)


def test_the_record_says_what_was_done(tiny: TrainingConfig, tmp_path: Path) -> None:
    record = trained(tiny, tmp_path)
    assert json.loads((tmp_path / "record.json").read_text("utf-8")) == json.loads(json.dumps(record))
    assert (record["first_step"], record["last_step"], record["clips"]) == (0, 6, 12)
    assert record["flop_per_step"] > 1e6
    assert set(record["after"]) == {"held-out offline", "held-out online"}
    assert [(line["event"], line["step"]) for line in log(tmp_path) if line["event"] == "step"] == [
        ("step", 2),
        ("step", 4),
        ("step", 6),
    ]


def test_another_leg_begins_with_the_small_state_of_the_last(
    tiny: TrainingConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = with_run(tiny, state="small", log_every=1)
    first = trained(small, tmp_path / "first")
    state, _ = read_state(tmp_path / "first")
    assert {name.partition(".")[0] for name in state} == {"weights", "second", "steps"}
    assert all(value.dtype == torch.bfloat16 for name, value in state.items() if name.startswith("second"))

    # when the next leg has 100 minutes, and the clock shows 1000 seconds more at every step
    seconds = iter(range(0, 100_000, 1000))
    monkeypatch.setattr(Leg, "elapsed", lambda _: float(next(seconds)))
    second = trained(small, tmp_path / "second", resume=tmp_path / "first", minutes=100.0)

    # then it ends in time, has a schedule of its own, and began as good as the first one ended
    steps = [line for line in log(tmp_path / "second") if line["event"] == "step"]
    assert [line["step"] for line in steps] == list(range(7, 13))
    assert (second["first_step"], second["last_step"]) == (6, 12)
    rates = [line["rate"] for line in steps]
    assert max(rates) == rates[1] > 2 * rates[-1]
    assert second["before"]["held-out online"] == pytest.approx(first["after"]["held-out online"], abs=0.01)


def test_a_limit_too_short_to_begin_is_said(tiny: TrainingConfig, tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="minutes are over before training begins"):
        trained(tiny, tmp_path, minutes=0.0001)


def test_a_run_is_not_written_over(tiny: TrainingConfig, tmp_path: Path) -> None:
    trained(with_run(tiny, steps=1), tmp_path)
    with pytest.raises(TrainingError, match="holds a run already"):
        trained(tiny, tmp_path)


def test_a_run_that_is_done_says_so(tiny: TrainingConfig, tmp_path: Path) -> None:
    trained(with_run(tiny, steps=1), tmp_path)
    with pytest.raises(TrainingError, match=r"has been trained for its 1 steps; raise run\.steps"):
        trained(with_run(tiny, steps=1), tmp_path, resume=tmp_path)


def test_a_state_of_another_network_is_refused(tiny: TrainingConfig, tmp_path: Path) -> None:
    trained(with_run(tiny, steps=1), tmp_path)
    other = replace(tiny, network=replace(tiny.network, hidden=16))
    with pytest.raises(TrainingError, match="holds the state of another network"):
        trained(other, tmp_path, resume=tmp_path)


def test_a_network_that_has_gone_wrong_is_given_up(
    tiny: TrainingConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trained(with_run(tiny, steps=1), tmp_path)
    restore = Trainer.restore

    def spoil(trainer: Trainer, *state: object) -> None:
        restore(trainer, *state)  # type: ignore[arg-type]
        torch.nn.init.constant_(trainer.network.transformer.embed.weight, float("nan"))

    monkeypatch.setattr(Trainer, "restore", spoil)
    with pytest.raises(TrainingError, match="3 steps in a row were not finite before step 4"):
        trained(with_run(tiny, give_up_after=3), tmp_path, resume=tmp_path)


def test_real_clips_are_examined_by_name(tiny: TrainingConfig, tmp_path: Path) -> None:
    clips = tmp_path / "clips"
    clips.mkdir()
    random = np.random.default_rng(0)
    seen = np.ones((5, 9), dtype=bool)
    np.savez_compressed(
        clips / "market.npz",
        video=random.integers(0, 255, (9, 48, 64, 3), dtype=np.uint8),
        xy=48 * random.random((5, 9, 2)),
        visible=seen,
        annotated=seen,
    )
    record = trained(with_run(tiny, steps=1), tmp_path / "run", clips=clips)
    assert {"market offline", "market online"} < set(record["after"])
    assert record["after"]["market online"]["median_px"] > 0


@pytest.mark.parametrize(("content", "sentence"), [(None, "holds no clips"), (b"no zip", "is no clip with truth")])
def test_a_folder_without_clips_is_named(
    tiny: TrainingConfig, tmp_path: Path, content: bytes | None, sentence: str
) -> None:
    if content is not None:
        (tmp_path / "market.npz").write_bytes(content)
    with pytest.raises(CotrackError, match=sentence):
        trained(tiny, tmp_path / "run", clips=tmp_path)
