# SPDX-License-Identifier: Apache-2.0
"""Pseudo-labels (CoTracker3, arXiv 2410.11831): what teachers say about real shots, as far as it can be trusted.

Each window of a shot is labelled by one teacher, drawn from the pool: a random teacher teaches better than the mean of
all (the paper measured both). Beyond the paper, its tracks must lead back to their queries, and another teacher, drawn
as well, must agree with every sample that is kept.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from cotrack.labelling.label_set import LabelledClip, LabelSet
from cotrack.labelling.shot_windows import ShotWindow, windows_of
from cotrack.labelling.sift import sift_queries
from cotrack.labelling.teachers import Teacher, follower_of
from cotrack.labelling.verdict import (
    AGREES_PX,
    CLOSES_PX,
    Asked,
    Mask,
    agreement,
    closes,
    ends_of,
    sides,
    up_to_ends,
)
from cotrack.media.clip import Clip, open_clip
from cotrack.tracking.follower import Follower, FollowerSettings
from cotrack.tracking.memory import TellShortage
from cotrack.tracking.network_raster import NetworkRaster
from cotrack.tracking.queries import Queries
from cotrack.tracking.trajectories import Direction, Trajectories
from cotrack.tracking.warm import Warm
from cotrack.tracking.watcher import Watcher
from cotrack_client.errors import CotrackError

_FEWEST = 8
"""Tracks that make a clip worth keeping."""

_TIMES = 4
"""How often points are followed through a window: by teacher and witness, and back from both sides."""

_NUMBERING = re.compile(r"[._-]?(#+|%\d*d)$")
"""What stands for the frame's number at the end of a sequence's name."""

_CPU = torch.device("cpu")

Tell = Callable[[str, int, int], None]
"""Told what is done, how many frames of it, and how many there are."""


@dataclass(frozen=True)
class LabelRequest:
    """What is to be labelled, by whom, and how.

    frames: of a labelled clip. windows: the most that are taken from one shot. points: asked for in each.
    size: height and width of the pictures that are kept, px. colorspace: as `open_clip` has it.
    """

    shots: tuple[Path, ...]
    folder: Path
    teachers: tuple[Teacher, ...]
    frames: int = 48
    windows: int = 8
    points: int = 384
    size: tuple[int, int] = (256, 384)
    seed: int = 0
    colorspace: str | None = None
    settings: FollowerSettings = field(default_factory=FollowerSettings)

    def record(self) -> dict[str, Any]:
        """What labels depend on, beside the shot."""
        return {
            "frames": self.frames,
            "windows": self.windows,
            "points": self.points,
            "size": list(self.size),
            "seed": self.seed,
            "colorspace": self.colorspace,
            "teachers": [teacher.record() for teacher in self.teachers],
            "closes_px": CLOSES_PX,
            "agrees_px": AGREES_PX,
        }


def label_shots(request: LabelRequest, tell: Tell) -> list[dict[str, Any]]:
    """Label every shot; returns the record of each window, those of earlier runs included.

    Raises CotrackError for whatever the user can cure; shots that cannot be opened or are too short are told first.
    """
    plan = _plan(request)
    labels = LabelSet(request.folder, request.record())
    every = [window for _, windows in plan for window in windows]
    there = sum(labels.record(window.name) is not None for window in every)
    share = _Share(tell, request.frames, there, len(every))
    warm = Warm(frame_bytes=request.settings.memory // 8)
    with TellShortage():
        for shot, windows in plan:
            missing = [window for window in windows if labels.record(window.name) is None]
            if missing:
                with _opened(request, shot) as clip:
                    for window in missing:
                        labels.add(window.name, *_labelled(request, clip, window, warm, share))
                        share.finish()
    return [record for window in every if (record := labels.record(window.name)) is not None]


def _plan(request: LabelRequest) -> list[tuple[Path, list[ShotWindow]]]:
    """The windows of every shot. Shots of one name are told apart by a number."""
    plan, names = [], list[str]()
    for shot in request.shots:
        with _opened(request, shot) as clip:
            frames = clip.frames
        if len(frames) < request.frames:
            raise CotrackError(
                f"{shot} has {len(frames)} frames, fewer than a window of {request.frames}; make windows shorter "
                "(--frames), or leave it out"
            )
        stem = _NUMBERING.sub("", shot.stem) or "shot"
        names.append(stem)
        name = stem if names.count(stem) == 1 else f"{stem}-{names.count(stem)}"
        plan.append((shot, windows_of(name, frames, request.frames, request.windows, request.seed)))
    return plan


def _opened(request: LabelRequest, shot: Path) -> Clip:
    return open_clip(shot, colorspace=request.colorspace, memory=request.settings.memory // 8)


def _labelled(
    request: LabelRequest, clip: Clip, window: ShotWindow, warm: Warm, watcher: Watcher
) -> tuple[LabelledClip | None, dict[str, Any]]:
    """The labels of one window and their record; without the clip where too little could be kept."""
    video = _pictures(clip, window.frames, request.size)
    raster = np.array([clip.width, clip.height]) / request.size[::-1]
    frame, xy = sift_queries(video, request.points, window.dice("queries"))
    teacher, witness = _drawn(request.teachers, window.dice("teachers"))
    judged = Judgement(clip, window, (frame, xy * raster), watcher)
    kept, found = judged.kept(
        follower_of(teacher, request.settings, warm),
        None if witness is None else follower_of(witness, request.settings, warm),
    )
    rows = (kept & found.visible).sum(1) > 1
    record = {
        "source": str(clip.info.path),
        "frames": list(window.frames),
        "source_size": [clip.width, clip.height],
        "colorspace": clip.info.colorspace,
        "teacher": teacher.record(),
        "witness": None if witness is None else witness.record(),
        "asked": len(frame),
        "kept": int(rows.sum()) if rows.sum() >= _FEWEST else 0,
        "samples": int(kept[rows].sum()),
    }
    if not record["kept"]:
        return None, record
    return LabelledClip(video, found.xy[rows] / raster, found.visible[rows], kept[rows]), record


def _drawn(teachers: tuple[Teacher, ...], dice: np.random.Generator) -> tuple[Teacher, Teacher | None]:
    """Who labels a window, and who confirms it; nobody, where there is only one."""
    order = dice.permutation(len(teachers))
    return teachers[order[0]], teachers[order[1]] if len(teachers) > 1 else None


def _pictures(clip: Clip, frames: tuple[int, ...], size: tuple[int, int]) -> npt.NDArray[np.uint8]:
    """Frames (T, h, w, 3), each pixel the mean of what it covers."""
    raster = NetworkRaster(clip.width, clip.height, size)
    pictures = [raster.picture(plate, _CPU)[0] for _, plate in clip.iterate(frames)]
    video: npt.NDArray[np.uint8] = torch.stack(pictures).permute(0, 2, 3, 1).round().clamp(0, 255).byte().numpy()
    return np.ascontiguousarray(video)


class _Share:
    """Watches followers, and tells how many frames of all windows are done; a window is followed up to four times."""

    def __init__(self, tell: Tell, frames: int, there: int, windows: int) -> None:
        """there: windows that earlier runs have dealt with."""
        self._tell, self._frames, self._there, self._windows = tell, frames, there, windows
        self._followed, self._last = 0, 0
        tell("labelling", frames * there, frames * windows)

    def finish(self) -> None:
        """A window is done."""
        self._there += 1
        self._followed = self._last = 0
        self._tell("labelling", self._frames * self._there, self._frames * self._windows)

    def progress(self, stage: str, done: int, total: int) -> None:
        """Told by a follower; it begins anew where the count falls."""
        if stage != "tracking":
            return
        self._followed += done < self._last
        self._last = done
        share = min(1.0, (self._followed + done / total) / _TIMES)
        self._tell("labelling", round(self._frames * (self._there + share)), self._frames * self._windows)

    def settled(self, trajectories: Trajectories, final: Mask) -> None:
        """The result says it all."""

    def still_wanted(self) -> None:
        """Always."""


@dataclass(frozen=True, eq=False)
class Judgement:
    """A window of a clip and the points that were asked for in it, raster px; whoever waits for it."""

    clip: Clip
    window: ShotWindow
    asked: Asked
    watcher: Watcher

    def kept(self, teacher: Follower, witness: Follower | None) -> tuple[Mask, Trajectories]:
        """Which samples are labels (Q, T), and what the teacher says; queries are where they were asked for."""
        frame, xy = self.asked
        size = self.clip.width, self.clip.height
        found = self._followed(teacher, frame, xy, "both")
        agreed: Mask = np.isfinite(found.xy[..., 0]) & np.isfinite(found.xy[..., 1])
        if witness is not None:
            agreed &= agreement(found, self._followed(witness, frame, xy, "both"), size)
        own = np.arange(len(frame)), frame
        found.xy[own], found.visible[own], agreed[own] = xy, True, False
        kept = np.zeros_like(agreed)
        ways: tuple[Direction, ...] = ("backward", "forward")
        for side, way in zip(sides(frame, agreed.shape[1]), ways, strict=True):
            ends = ends_of(agreed & found.visible, found.xy, side)
            returned = self._followed(teacher, ends.frame, ends.xy, way)
            good = ends.those(closes(returned, ends, self.asked, size))
            kept |= up_to_ends(good, frame, agreed.shape) & agreed
        kept[own] = kept.any(1)
        return kept, found

    def _followed(
        self, follower: Follower, frame: npt.NDArray[np.int64], xy: npt.NDArray[np.float64], way: Direction
    ) -> Trajectories:
        frames = np.array(self.window.frames, dtype=np.int64)
        if len(frame) == 0:
            return Trajectories.nothing(0, len(frames))
        names = tuple(map(str, range(len(frame))))
        queries = Queries(names, np.arange(len(frame)), frames[frame], xy)
        return follower.follow(self.clip, queries, frames, way, self.watcher)
