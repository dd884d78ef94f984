# SPDX-License-Identifier: Apache-2.0
"""A second classic tracker, so that two teachers of different kinds can be asked; and a network that learnt nothing."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import pytest
import torch

from cotrack.models.checkpoint import save_network
from cotrack.models.cotracker3 import CoTracker3, CoTracker3Config
from cotrack.tracking.pictures import Pictures, luma
from cotrack.tracking.queries import Queries
from cotrack.tracking.trajectories import Direction, Trajectories
from cotrack.tracking.watcher import Watcher

_PATCH, _REACH = 10, 24
_RIM = _PATCH + _REACH + 2


class TemplateMatching:
    """Looks in each frame for the query's neighbourhood, around where it was last; to whole pixels."""

    def record(self) -> Mapping[str, object]:
        return {}

    def follow(
        self,
        pictures: Pictures,
        queries: Queries,
        frames: npt.NDArray[np.int64],
        direction: Direction,
        _watcher: Watcher,
    ) -> Trajectories:
        rim = (_RIM,) * 4
        lumas = [cv2.copyMakeBorder(luma(pictures.read(int(f))), *rim, cv2.BORDER_REPLICATE) for f in frames]
        found = Trajectories.nothing(len(queries), len(frames))
        for n, at in enumerate(np.searchsorted(frames, queries.frame)):
            found.xy[n, at], found.visible[n, at] = queries.xy[n], True
            look = _cut_out(lumas[at], queries.xy[n], _PATCH)
            if direction != "backward":
                _search(found, n, look, lumas, range(at + 1, len(frames)))
            if direction != "forward":
                _search(found, n, look, lumas, range(at - 1, -1, -1))
        return found


def _search(found: Trajectories, n: int, look: npt.NDArray, lumas: list[npt.NDArray], way: range) -> None:
    for t in way:
        height, width = (side - 2 * _RIM for side in lumas[t].shape)
        last = np.clip(found.xy[n, t - way.step], 0, [width, height])
        score = cv2.matchTemplate(_cut_out(lumas[t], last, _PATCH + _REACH), look, cv2.TM_CCOEFF_NORMED)
        _, best, _, place = cv2.minMaxLoc(score)
        found.xy[n, t] = last + place - np.array([_REACH, _REACH])
        found.visible[n, t] = best > 0.7


def _cut_out(picture: npt.NDArray, xy: npt.NDArray, reach: int) -> npt.NDArray:
    return cv2.getRectSubPix(picture, (2 * reach + 1, 2 * reach + 1), tuple((xy - 0.5 + _RIM).tolist()))


@pytest.fixture(scope="session")
def plate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """20 frames of 128 x 96 px, 1001 on, of a texture that moves to the right by a pixel a frame."""
    folder = tmp_path_factory.mktemp("shots") / "sh010"
    folder.mkdir()
    grain = np.random.default_rng(2).integers(0, 255, (12, 20, 3), dtype=np.uint8)
    texture = cv2.resize(grain, (160, 96), interpolation=cv2.INTER_CUBIC)
    for i in range(20):
        cv2.imwrite(str(folder / f"plate.{1001 + i}.png"), texture[:, 24 - i : 152 - i])
    return folder / "plate.####.png"


@pytest.fixture
def untrained(tmp_path: Path) -> Path:
    """Weights of a tiny network of the user's own."""
    torch.manual_seed(0)
    config = CoTracker3Config(
        window=16, resolution=(32, 48), feature_widths=(4, 4, 4, 4), feature_dim=4, levels=2, radius=1,
        correlation_hidden=8, correlation_dim=4, octaves=3, hidden=8, heads=2, depth=1, virtual_tracks=3,
    )  # fmt: skip
    path = tmp_path / "mine.safetensors"
    save_network(CoTracker3(config), path)
    return path
