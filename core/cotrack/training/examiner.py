# SPDX-License-Identifier: Apache-2.0
"""The examination of a run: held-out shots offline and online, and every real clip of a folder."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor

from cotrack.models.cotracker3 import CoTracker3
from cotrack.training.accuracy import Accuracy
from cotrack.training.clips import Clips
from cotrack.training.config import TrainingConfig
from cotrack.training.examination import examine
from cotrack.training.real_clips import read_clip
from cotrack.training.shots.generator import ShotGenerator
from cotrack.training.supply import held_out_clips
from cotrack.training.windows import Windows
from cotrack_client.errors import CotrackError

Findings = dict[str, dict[str, float | None]]
"""The figures of `Accuracy` by the name of what was examined and how; None where there was nothing to judge."""


class Examiner:
    """Has the clips at hand, and a network of its own, which holds whatever it examined last."""

    def __init__(self, config: TrainingConfig, shots: ShotGenerator, real: Path | None, device: torch.device) -> None:
        """real: a folder of clips as in `real_clips`. Raises CotrackError when it holds none, or one that is none."""
        self.network = CoTracker3(config.network).to(device).eval().requires_grad_(requires_grad=False)
        self._lessons = config.lessons
        self._iterations = config.held_out.iterations
        self._held_out = held_out_clips(shots, config.held_out)
        self._real: dict[str, Clips] = {}
        if real is not None:
            self._real = {path.stem: read_clip(path, config.network.resolution, device) for path in _clips_in(real)}

    def examine(self, weights: Mapping[str, Tensor]) -> Findings:
        """The figures of `weights`, by name: "held-out offline", "held-out online", and "NAME offline", ..."""
        self.network.load_state_dict(dict(weights))
        found: Findings = {}
        for name, clips in {"held-out": self._held_out, **{name: [clip] for name, clip in self._real.items()}}.items():
            for manner, windows in self._manners(clips).items():
                found[f"{name} {manner}"] = _figures(examine(self.network, clips, self._iterations, windows))
        return found

    def _manners(self, clips: list[Clips]) -> dict[str, Windows | None]:
        """Offline, a clip longer than any that was trained on is taken in windows that overlap by a quarter."""
        longest, lessons = max(self._lessons.lengths), self._lessons
        is_short = clips[0].video.shape[1] <= longest
        offline = None if is_short else Windows(longest, longest - longest // 4)
        return {"offline": offline, "online": Windows(lessons.window, lessons.step)}


def _figures(accuracy: Accuracy) -> dict[str, float | None]:
    return {n: round(value, 4) if math.isfinite(value) else None for n, value in dataclasses.asdict(accuracy).items()}


def _clips_in(folder: Path) -> list[Path]:
    paths = sorted(folder.glob("*.npz"))
    if not paths:
        raise CotrackError(f"{folder} holds no clips (.npz); pack some with pack_clip.py, or leave the option out")
    return paths
