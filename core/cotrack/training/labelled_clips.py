# SPDX-License-Identifier: Apache-2.0
"""Clips with labels, mixed into every batch beside synthetic shots: a folder of files as in `real_clips`.

Labels that teachers have made (`cotrack pseudo-label`) teach positions only, as in the second stage of the paper: what
a teacher thinks of visibility is no truth, and would be learnt with its mistakes.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch

from cotrack.training.clips import Clips, QueryChoice, clips_of
from cotrack.training.real_clips import count_frames, read_shot
from cotrack.training.shots.generator import ShotBatch
from cotrack_client.errors import CotrackError

MOST = 0.8
"""Of a batch; a fifth stays synthetic, so that what is exact is not forgotten."""


@dataclass(frozen=True)
class Labels:
    """Which labelled clips are learnt from.

    folder: of the set, seen from where the program runs; "" for none. share: of each batch, rounded down to clips.
    positions_only: visibility and confidence are not learnt from these clips, and the network's head that tells them
    stays as it is; false for sets whose truth is exact.
    """

    folder: str = ""
    share: float = MOST
    positions_only: bool = True

    def clips_in(self, batch: int) -> int:
        """How many clips of a batch are labelled ones."""
        return math.floor(self.share * batch + 1e-9) if self.folder else 0

    @property
    def freezes_head(self) -> bool:
        """Whether the head that tells visibility and confidence is left as it is."""
        return bool(self.folder) and self.positions_only


class LabelledSet:
    """The clips of a folder, read when they are drawn."""

    def __init__(self, folder: Path, size: tuple[int, int], frames: int, device: torch.device) -> None:
        """size: height and width that clips are brought to. frames: the most that a lesson uses.

        Raises CotrackError when there is no clip, or one that is none or too short.
        """
        self._paths = sorted(folder.glob("[!.]*.npz"))  # a hidden one was cut while it was written
        if not self._paths:
            raise CotrackError(f"{folder} holds no labelled clips (.npz); make some with cotrack pseudo-label")
        self._lengths = [count_frames(path) for path in self._paths]
        for path, length in zip(self._paths, self._lengths, strict=True):
            if length < frames:
                raise CotrackError(
                    f"{path} has {length} frames, but lessons have {frames}; lower shots.frames, or leave it out"
                )
        self._size, self._device = size, device

    def draw(self, frames: int, random: np.random.Generator) -> ShotBatch:
        """`frames` successive frames of any clip."""
        number = int(random.integers(len(self._paths)))
        first = int(random.integers(self._lengths[number] - frames + 1))
        return read_shot(self._paths[number], self._size, self._device, slice(first, first + frames))


def chosen_of(shot: ShotBatch, choice: QueryChoice, dice: torch.Generator, *, positions_only: bool) -> Clips:
    """Points and queries of a labelled shot. Some may not be seen in its frames; then nothing is learnt of them."""
    clips = clips_of(shot, choice, dice)
    judged = torch.full((len(clips.video),), not positions_only, device=clips.video.device)
    seen = (clips.truth.visible & clips.truth.valid).any(-1, keepdim=True)
    return replace(clips, truth=replace(clips.truth, valid=clips.truth.valid & seen, judged=judged))
