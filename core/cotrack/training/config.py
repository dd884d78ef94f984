# SPDX-License-Identifier: Apache-2.0
"""A training run's configuration: a TOML file, one table per subject, every key with a default.

The shots are made at the size that the network sees, so [shots] has no size of its own.
"""

from __future__ import annotations

import dataclasses
import difflib
import tomllib
import types
import typing
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, TypeVar

from cotrack.models.cotracker3 import CoTracker3Config
from cotrack.training.augment import Augmentation
from cotrack.training.labelled_clips import MOST, Labels
from cotrack.training.schedule import Optimisation
from cotrack.training.shots.settings import ShotSettings
from cotrack_client.errors import CotrackError

BUNDLED = Path(__file__).parent / "configs"
"""compact.toml: the network that is bundled; smoke.toml: a tiny one that learns within a minute on a CPU."""


class ConfigError(CotrackError):
    """A training configuration cannot be used."""


@dataclass(frozen=True)
class Lessons:
    """What a step sees.

    batch: clips per process. points: queries per clip.
    first_seen_share: how many of them are asked for where they are first seen, the others anywhere.
    lengths: frames of a clip that is tracked as one window; drawn for each step.
    online_share: steps that track all frames of the shots in windows of `window` frames, moving on by `step`.
    iterations: of the network.
    """

    batch: int = 8
    points: int = 256
    first_seen_share: float = 0.25
    lengths: tuple[int, ...] = (16, 24)
    online_share: float = 0.5
    window: int = 16
    step: int = 8
    iterations: int = 4


@dataclass(frozen=True)
class Run:
    """How long, on what, and what is written down.

    steps: optimiser steps, unless there is a limit in minutes. seed: of everything random.
    precision: of the arithmetic; weights are float32 always. compile: let PyTorch compile the network's parts.
    recompute: keep no correlations for the backward pass. log_every, evaluate_every: steps; save_every: seconds.
    state: "exact" goes on as if nothing had happened; "small" leaves out what some steps make up for, see `state`.
    tensorboard: write its event files beside log.jsonl. give_up_after: steps in a row that were not finite.
    """

    steps: int = 20_000
    seed: int = 0
    precision: Literal["float32", "bfloat16"] = "bfloat16"
    compile: bool = False
    recompute: bool = False
    log_every: int = 20
    evaluate_every: int = 1000
    save_every: float = 120.0
    state: Literal["exact", "small"] = "exact"
    tensorboard: bool = False
    give_up_after: int = 20


@dataclass(frozen=True)
class Textures:
    """What shots are painted with: `count` textures of `size` x `size` texels, and as many shapes as said."""

    count: int = 128
    size: int = 512
    shapes: int = 64


@dataclass(frozen=True)
class HeldOut:
    """The examination: synthetic shots of seeds that are never trained on.

    clips: how many; batch: at once. iterations: of the network, for real clips too; as many as when tracking.
    """

    clips: int = 16
    batch: int = 4
    iterations: int = 6


@dataclass(frozen=True)
class TrainingConfig:
    """Everything that a run depends on, beside its time limit and the state that it starts from."""

    network: CoTracker3Config = field(default_factory=CoTracker3Config)
    shots: ShotSettings = field(default_factory=ShotSettings)
    textures: Textures = field(default_factory=Textures)
    lessons: Lessons = field(default_factory=Lessons)
    augmentation: Augmentation = field(default_factory=Augmentation)
    labels: Labels = field(default_factory=Labels)
    optimisation: Optimisation = field(default_factory=Optimisation)
    run: Run = field(default_factory=Run)
    held_out: HeldOut = field(default_factory=HeldOut)


def load_config(path: Path) -> TrainingConfig:
    """Read a configuration.

    Raises ConfigError for what is no TOML, unknown, of the wrong type, or contradicts itself.
    """
    try:
        tables = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise ConfigError(f"there is no configuration at {path}; check the path") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} is not TOML ({error}); correct it") from error
    config = _fill(TrainingConfig, tables, str(path))
    height, width = config.network.resolution
    if {"height", "width"} & tables.get("shots", {}).keys():
        raise ConfigError(f"{path}: shots have the size of network.resolution; leave height and width out")
    config = dataclasses.replace(config, shots=dataclasses.replace(config.shots, height=height, width=width))
    _check(config, path)
    return config


def _check(config: TrainingConfig, path: Path) -> None:
    lessons, shots, labels = config.lessons, config.shots, config.labels
    rules = (
        (all(side % 4 == 0 for side in config.network.resolution), "network.resolution must be multiples of 4"),
        (not config.network.online, "network.online must be false; one set of weights learns both ways"),
        (max(lessons.lengths, default=0) <= shots.frames, "lessons.lengths must not exceed shots.frames"),
        (min(lessons.lengths, default=0) >= 2, "lessons.lengths must name clips of at least 2 frames"),
        (0 < lessons.step < lessons.window, "lessons.step must be less than lessons.window, so that windows overlap"),
        (lessons.online_share == 0 or shots.frames >= lessons.window, "shots.frames must fill lessons.window"),
        (lessons.batch > 0 and lessons.points > 0, "lessons.batch and lessons.points must be at least 1"),
        (config.held_out.batch > 0, "held_out.batch must be at least 1"),
        (0 <= labels.share <= MOST, f"labels.share must be 0 to {MOST}, as a fifth of every batch stays synthetic"),
        (
            not labels.folder or labels.clips_in(lessons.batch) > 0,
            "labels.share of lessons.batch must be at least one clip; raise one of them",
        ),
        (
            config.run.log_every > 0 and config.run.evaluate_every > 0,
            "run.log_every and evaluate_every must be positive",
        ),
    )
    for holds, sentence in rules:
        if not holds:
            raise ConfigError(f"{path}: {sentence}")


_T = TypeVar("_T")


def _fill(kind: type[_T], table: Mapping[str, Any], where: str) -> _T:
    """A dataclass from a table; tables within it become the dataclasses of their fields."""
    kinds = typing.get_type_hints(kind)
    values = {}
    for key, value in table.items():
        if key not in kinds:
            near = difflib.get_close_matches(key, kinds, n=1)
            cure = f"did you mean {near[0]}?" if near else f"it may have {', '.join(kinds)}"
            raise ConfigError(f"{where} has no key {key!r}; {cure}")
        values[key] = _value(kinds[key], value, f"{where}: {key}")
    return kind(**values)


def _value(kind: Any, value: Any, where: str) -> Any:  # noqa: ANN401 - whatever TOML holds
    if dataclasses.is_dataclass(kind) and isinstance(kind, type):
        if not isinstance(value, dict):
            raise ConfigError(f"{where} is a table; write it as [{where.rpartition(' ')[2]}]")
        return _fill(kind, value, where)
    if typing.get_origin(kind) is tuple:
        of, *rest = typing.get_args(kind)
        if not isinstance(value, list) or (rest != [...] and len(value) != 1 + len(rest)):
            raise ConfigError(
                f"{where} is {value!r}; it must be a list of {'some' if rest == [...] else 1 + len(rest)}"
            )
        return tuple(_value(of, item, where) for item in value)
    if typing.get_origin(kind) is Literal:
        if value not in typing.get_args(kind):
            raise ConfigError(f"{where} is {value!r}; it may be {' or '.join(map(str, typing.get_args(kind)))}")
        return value
    if kind is float and type(value) is int:
        return float(value)
    if type(value) is not kind:
        raise ConfigError(f"{where} is {value!r}; it must be a {_IN_WORDS.get(kind, kind)}")
    return value


_IN_WORDS: Mapping[type, str] = types.MappingProxyType({int: "whole number", float: "number", bool: "true or false"})


def config_record(config: TrainingConfig) -> dict[str, Any]:
    """A configuration as it stands in a record: tables of plain values."""
    return dataclasses.asdict(config)
