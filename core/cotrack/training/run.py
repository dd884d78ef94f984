# SPDX-License-Identifier: Apache-2.0
"""A training run, from its configuration to an exported network and a record of what was done."""

from __future__ import annotations

import dataclasses
import json
import logging
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from cotrack import __version__
from cotrack.models.checkpoint import load_network, save_network
from cotrack.training.config import TrainingConfig, config_record
from cotrack.training.examiner import Examiner, Findings
from cotrack.training.logbook import Logbook, Tell
from cotrack.training.objective import FIGURES
from cotrack.training.processes import Processes, TrainingDevice, joined_processes
from cotrack.training.schedule import Leg
from cotrack.training.shots.generator import ShotGenerator
from cotrack.training.shots.textures import TextureBank
from cotrack.training.state import holds_state, read_state, write_state
from cotrack.training.supply import Supply
from cotrack.training.throughput import Throughput, measure_throughput
from cotrack.training.trainer import Trainer
from cotrack_client.errors import CotrackError

NETWORK, RECORD = "network.safetensors", "record.json"

_log = logging.getLogger(__name__)
_RESERVE = 1.5
"""How many times what they took at the beginning is kept for the last examination and the last writing."""

_WITHOUT_END = 1 << 40


class TrainingError(CotrackError):
    """A run cannot go on."""


@dataclass(frozen=True)
class RunRequest:
    """What is to be done.

    folder: where everything is written. resume: a folder to go on from, or None.
    minutes: a limit for everything; the run is then a leg with a schedule of its own. None: `config.run.steps` decides.
    clips: a folder of real clips to examine with (see `real_clips`), or None.
    """

    config: TrainingConfig
    folder: Path
    resume: Path | None = None
    minutes: float | None = None
    clips: Path | None = None
    device: TrainingDevice = "auto"


def train(request: RunRequest, tell: Tell = _log.info) -> dict[str, Any]:
    """Train, in as many processes as `torchrun` started; returns the record that is written.

    Raises CotrackError when a folder, a clip or the state cannot be used, or when the network does not learn any more.
    """
    began = time.monotonic()
    with joined_processes(request.device) as processes:
        if not processes.leads:
            return _Course(request, processes, began, None).run()
        _check_folder(request)
        request.folder.mkdir(parents=True, exist_ok=True)
        with Logbook(request.folder, tensorboard=request.config.run.tensorboard, tell=tell) as logbook:
            return _Course(request, processes, began, logbook).run()


def _check_folder(request: RunRequest) -> None:
    if holds_state(request.folder) and request.resume is None:
        raise TrainingError(
            f"{request.folder} holds a run already; go on with --resume {request.folder}, or write elsewhere"
        )


class _Course:
    """A run under way. Without a logbook, as in all processes but one, it writes and examines nothing."""

    def __init__(self, request: RunRequest, processes: Processes, began: float, logbook: Logbook | None) -> None:
        config = request.config
        self._request, self._config, self._processes = request, config, processes
        self._began, self._logbook = began, logbook
        textures = TextureBank.procedural(processes.device, **dataclasses.asdict(config.textures), seed=config.run.seed)
        shots = ShotGenerator(config.shots, textures, processes.device)
        self._trainer = Trainer(config, processes)
        self._supply = Supply(config, shots, processes)
        self._examiner = Examiner(config, shots, request.clips, processes.device) if logbook else None
        self._saved = began

    def run(self) -> dict[str, Any]:
        """From the first examination to the record."""
        first = self._restore()
        measured = measure_throughput(
            self._trainer.objective, self._supply, self._config.lessons.batch, self._processes.device
        )
        if self._config.run.compile:
            self._trainer.network.compile_parts()
        preparing = time.monotonic()
        before = self._examine(first)
        self._save(first)
        leg = self._leg(first, reserve=_RESERVE * (time.monotonic() - preparing))
        last = self._learn(leg, first)
        seconds = leg.elapsed()
        self._save(last)
        record = {
            **self._circumstances(),
            "first_step": first,
            "last_step": last,
            "skipped_steps": int(self._trainer.skipped),
            "training_seconds": round(seconds, 1),
            **self._pace(last - first, seconds, measured),
            "before": before,
            "after": self._examine(last),
        }
        if self._logbook:
            _write_json(self._request.folder / RECORD, record)
        return record

    def _circumstances(self) -> dict[str, Any]:
        """What the figures of a record depend on."""
        resume, device = self._request.resume, self._processes.device
        return {
            "date": datetime.now(UTC).isoformat(timespec="seconds"),
            "software": f"cotrack {__version__}, torch {torch.__version__}",
            "device": torch.cuda.get_device_name(device) if device.type == "cuda" else "cpu",
            "processes": self._processes.count,
            "config": config_record(self._config),
            "resumed_from": None if resume is None else str(resume),
        }

    def _restore(self) -> int:
        """Take over the state to go on from; returns the step that comes next."""
        folder, config = self._request.resume, self._config
        if folder is None:
            return 0
        tensors, facts = read_state(folder)
        if facts["network"] != _plain(dataclasses.asdict(config.network)):
            raise TrainingError(f"{folder} holds the state of another network; use the [network] it was begun with")
        mean = None
        if facts["kept"] == "small":
            mean = dict(load_network(folder / NETWORK, self._processes.device).named_parameters())
        self._trainer.restore(tensors, mean)
        step = int(facts["step"])
        if self._request.minutes is None and step >= config.run.steps:
            raise TrainingError(
                f"{folder} has been trained for its {step} steps; raise run.steps, or pass --minutes for another leg"
            )
        return step

    def _leg(self, first: int, reserve: float) -> Leg:
        if self._request.minutes is None:
            return Leg(0, self._config.run.steps)
        seconds = 60 * self._request.minutes - (time.monotonic() - self._began) - reserve
        if seconds <= 0:
            raise TrainingError(
                f"{self._request.minutes:g} minutes are over before training begins; allow {-seconds / 60 + 1:.0f} more"
            )
        return Leg(first, _WITHOUT_END, seconds)

    def _learn(self, leg: Leg, step: int) -> int:
        """Go through the leg from `step` on; returns the step after its last."""
        run, elapsed = self._config.run, 0.0
        news = _News(self._processes.device)
        for lesson in self._supply.lessons(step):
            if self._processes.count == 1 or step % run.log_every == 0:
                elapsed = self._processes.agree(leg.elapsed())
            progress = leg.progress(step, elapsed)
            if progress >= 1:
                break
            rate = self._config.optimisation.rate_at(step - leg.first, progress)
            news.add(self._trainer.learn(lesson, step, rate))
            step += 1
            if step % run.log_every == 0:
                self._report(step, news, rate)
            if step % run.evaluate_every == 0 and step < leg.last:
                self._examine(step)
            if time.monotonic() - self._saved > run.save_every:
                self._save(step)
        return step

    def _report(self, step: int, news: _News, rate: float) -> None:
        """The one place where the host waits for the device."""
        longest = int(self._trainer.longest_skip)
        if longest >= self._config.run.give_up_after:
            raise TrainingError(
                f"{longest} steps in a row were not finite before step {step}; lower optimisation.rate, and go on from "
                "the last state"
            )
        figures = news.tell(self._config.lessons.batch * self._processes.count)
        if self._logbook:
            self._logbook.write("step", step, {**figures, "rate": rate, "skipped": int(self._trainer.skipped)})

    def _examine(self, step: int) -> Findings:
        if self._examiner is None or self._logbook is None:
            return {}
        found = self._examiner.examine(self._trainer.average.weights)
        for name, figures in found.items():
            self._logbook.write(name, step, figures)
        return found

    def _save(self, step: int) -> None:
        """Write the state and the network as it would be used."""
        if self._examiner is None:
            return
        kept = self._config.run.state
        facts = {"step": step, "kept": kept, "network": dataclasses.asdict(self._config.network)}
        write_state(self._request.folder, self._trainer.tensors(kept), facts)
        self._examiner.network.load_state_dict(self._trainer.average.weights)
        save_network(self._examiner.network, self._request.folder / NETWORK, torch.float16)
        self._saved = time.monotonic()

    def _pace(self, steps: int, seconds: float, measured: Throughput) -> dict[str, Any]:
        """How fast it went; `share_of_device` is of the rate of large matrix products on the same device."""
        clips = steps * self._config.lessons.batch * self._processes.count
        rate, best = measured.step_flop * steps / seconds, measured.device_flops
        return {
            "clips": clips,
            "clips_per_second": round(clips / seconds, 3),
            "shots_per_second_alone": round(measured.shots_per_second, 3),
            "flop_per_step": measured.step_flop,
            "flop_per_second": rate,
            "share_of_device": None if best is None else round(rate / best, 4),
        }


class _News:
    """What happened since it was last told; kept on the device until then."""

    def __init__(self, device: torch.device) -> None:
        self._total = torch.zeros(len(FIGURES) + 1, device=device)
        self._good = torch.zeros((), device=device)
        self._steps = 0
        self._since = time.monotonic()

    def add(self, figures: Tensor) -> None:
        """Take in a step; what is not finite in it is left out, and so is the step."""
        is_good = figures.isfinite().all()
        self._total += torch.where(is_good, figures, 0)
        self._good += is_good
        self._steps += 1

    def tell(self, clips: int) -> dict[str, float]:
        """Means over the steps since, and clips per second, with `clips` in a step."""
        means = (self._total / self._good).tolist()
        now = time.monotonic()
        figures = dict(zip((*FIGURES, "gradient"), means, strict=True))
        figures["clips_per_second"] = clips * self._steps / (now - self._since)
        self._total.zero_()
        self._good.zero_()
        self._steps, self._since = 0, now
        return figures


def _plain(values: object) -> object:
    """As it is after a round through JSON."""
    return json.loads(json.dumps(values))


def _write_json(path: Path, document: object) -> None:
    temporary = path.with_name(f".{path.name}.new")
    temporary.write_text(json.dumps(document, indent=1), "utf-8")
    temporary.replace(path)
