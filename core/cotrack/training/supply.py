# SPDX-License-Identifier: Apache-2.0
"""The stream of lessons: what each step sees, made while the device still computes the step before.

A lesson follows from the run's seed, the step's number and the process alone, so a run that goes on later sees what it
would have seen.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch

from cotrack.training.augment import augmented
from cotrack.training.clips import Clips, QueryChoice, clips_of, joined
from cotrack.training.config import HeldOut, TrainingConfig
from cotrack.training.examination import asked_when_first_seen
from cotrack.training.labelled_clips import LabelledSet, chosen_of
from cotrack.training.processes import Processes
from cotrack.training.shots.generator import ShotBatch, ShotGenerator
from cotrack.training.windows import Windows

_FIRST_TRAINING_SEED = 1 << 32
"""Shots of smaller seeds are for examinations only."""


@dataclass(frozen=True, eq=False)
class Lesson:
    """The clips of one step, and the windows in which they are tracked; None is one window."""

    clips: Clips
    windows: Windows | None


@dataclass(frozen=True)
class Cut:
    """Which frames of its shots a lesson uses, and how it tracks them."""

    first: int
    length: int
    windows: Windows | None


class Supply:
    """Makes lessons, on a CUDA device in a stream of their own."""

    def __init__(self, config: TrainingConfig, shots: ShotGenerator, processes: Processes) -> None:
        self._config = config
        self._shots = shots
        self._processes = processes
        is_cuda = processes.device.type == "cuda"
        self._stream = torch.cuda.Stream(processes.device) if is_cuda else None  # type: ignore[no-untyped-call]  # torch's
        self._labelled = None
        if config.labels.folder:
            size = config.network.resolution
            self._labelled = LabelledSet(Path(config.labels.folder), size, config.shots.frames, processes.device)

    def lessons(self, first: int) -> Iterator[Lesson]:
        """The lessons of steps `first`, `first` + 1, ... without end.

        A GPU is still busy with one step when the next lesson is asked for; in its own stream it is made meanwhile.
        """
        if self._stream is not None:
            self._stream.wait_stream(torch.cuda.current_stream(self._processes.device))
        for step in itertools.count(first):
            yield self._handed_over(self._begin(step))

    def lesson(self, step: int) -> Lesson:
        """The lesson of one step."""
        config, lessons = self._config, self._config.lessons
        cut = self.cut(step)
        seed = _seed(config.run.seed, step, self._processes.rank)
        dice = torch.Generator(self._processes.device).manual_seed(seed)
        count = config.labels.clips_in(lessons.batch)
        shots = _cut(self._shots.make(_FIRST_TRAINING_SEED + seed, lessons.batch - count), cut)
        choice = QueryChoice(lessons.points, lessons.first_seen_share)
        synthetic = clips_of(augmented(shots, config.augmentation, dice), choice, dice)
        return Lesson(joined([synthetic, *self._labelled_clips(count, cut.length, seed, dice)]), cut.windows)

    def cut(self, step: int) -> Cut:
        """The cut of a step: the same in all processes, so that none waits for the others."""
        lessons, frames = self._config.lessons, self._config.shots.frames
        random = np.random.default_rng((self._config.run.seed, step))
        if random.random() < lessons.online_share:
            return Cut(0, frames, Windows(lessons.window, lessons.step))
        length = int(random.choice(lessons.lengths))
        return Cut(int(random.integers(frames - length + 1)), length, None)

    def _labelled_clips(self, count: int, frames: int, seed: int, dice: torch.Generator) -> list[Clips]:
        """Labelled clips as they are: unlike synthetic shots, they look like what is tracked later."""
        if self._labelled is None:
            return []
        config, random = self._config, np.random.default_rng(seed)
        choice = QueryChoice(config.lessons.points, config.lessons.first_seen_share)
        shots = [self._labelled.draw(frames, random) for _ in range(count)]
        return [chosen_of(shot, choice, dice, positions_only=config.labels.positions_only) for shot in shots]

    def _begin(self, step: int) -> Lesson:
        if self._stream is None:
            return self.lesson(step)
        with torch.cuda.stream(self._stream):
            return self.lesson(step)

    def _handed_over(self, lesson: Lesson) -> Lesson:
        """Let the training stream wait for a lesson, and the allocator know who uses it."""
        if self._stream is not None:
            current = torch.cuda.current_stream(self._processes.device)
            current.wait_stream(self._stream)
            truth = lesson.clips.truth
            tensors = [lesson.clips.video, lesson.clips.queries, truth.coords, truth.visible, truth.valid]
            for tensor in tensors if truth.judged is None else [*tensors, truth.judged]:
                tensor.record_stream(current)
        return lesson


def held_out_clips(shots: ShotGenerator, held_out: HeldOut) -> list[Clips]:
    """The shots that a network is examined on: always the same."""
    batches = range(0, held_out.clips, held_out.batch)
    return [asked_when_first_seen(shots.make(first, held_out.batch)) for first in batches]


def _cut(shots: ShotBatch, cut: Cut) -> ShotBatch:
    part = slice(cut.first, cut.first + cut.length)
    return replace(
        shots,
        video=shots.video[:, part],
        xy=shots.xy[:, :, part],
        visible=shots.visible[:, :, part],
        valid=shots.valid[:, :, part],
    )


def _seed(seed: int, step: int, rank: int) -> int:
    return int(np.random.SeedSequence((seed, step, rank)).generate_state(1, np.uint64)[0] >> np.uint64(2))
