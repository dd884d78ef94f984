# SPDX-License-Identifier: Apache-2.0
"""The log is whole at every moment, and TensorBoard is there for whoever has it."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path

import pytest

from cotrack.training.logbook import Logbook
from cotrack_client.errors import CotrackError

HAS_TENSORBOARD = importlib.util.find_spec("tensorboard") is not None


def test_every_line_is_on_the_disk_at_once_and_numbers_are_json(tmp_path: Path) -> None:
    told: list[str] = []
    with Logbook(tmp_path, tensorboard=False, tell=told.append) as logbook:
        logbook.write("step", 20, {"loss": 0.123456789, "error_px": float("nan"), "rate": None})
        line = json.loads((tmp_path / "log.jsonl").read_text("utf-8"))
    assert line == {"event": "step", "step": 20, "loss": 0.123457, "error_px": None, "rate": None}
    assert told == ["step 20: loss 0.123457  error_px None  rate None"]


def test_a_resumed_run_adds_to_the_log(tmp_path: Path) -> None:
    for step in (1, 2):
        with Logbook(tmp_path, tensorboard=False, tell=lambda _: None) as logbook:
            logbook.write("step", step, {})
    lines = (tmp_path / "log.jsonl").read_text("utf-8").splitlines()
    assert [json.loads(line)["step"] for line in lines] == [1, 2]


@pytest.mark.skipif(HAS_TENSORBOARD, reason="tensorboard is installed")
def test_without_tensorboard_its_package_is_named(tmp_path: Path) -> None:
    with pytest.raises(CotrackError, match=r"needs the package tensorboard; install cotrack\[train\]"):
        Logbook(tmp_path, tensorboard=True, tell=lambda _: None)


@pytest.mark.skipif(not HAS_TENSORBOARD, reason="tensorboard is not installed")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_tensorboard_gets_the_figures(tmp_path: Path) -> None:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    with Logbook(tmp_path, tensorboard=True, tell=lambda _: None) as logbook:
        logbook.write("step", 20, {"loss": 0.5, "error_px": float("nan")})
    events = EventAccumulator(str(tmp_path)).Reload()
    assert [(event.step, event.value) for event in events.Scalars("step/loss")] == [(20, 0.5)]
    assert events.Tags()["scalars"] == ["step/loss"]
