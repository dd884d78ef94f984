# SPDX-License-Identifier: Apache-2.0
"""Follows points with CoTracker3: passes through the shot, windows within a pass, points in groups."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import islice

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from cotrack.models.cotracker3 import CoTracker3, TrackState
from cotrack.models.cotracker3_frame import grid_points
from cotrack.models.windows import FrameWindow, WindowedTracks, window_spans
from cotrack.tracking.follower import FollowerSettings
from cotrack.tracking.memory import plan_windows
from cotrack.tracking.network_raster import NetworkRaster, Resize
from cotrack.tracking.passes import Pass, Start, plan_passes
from cotrack.tracking.pictures import Pictures
from cotrack.tracking.queries import Queries
from cotrack.tracking.settling import Settling
from cotrack.tracking.trajectories import Direction, Trajectories
from cotrack.tracking.warm import FrameMaker, LastUsed, Sized
from cotrack.tracking.watcher import Watcher

ITERATIONS = 6
SUPPORT_GRID = 6

VISIBLE_ABOVE = 0.6
"""Of visibility times confidence, as the paper's evaluation has it."""

REFERENCE_VISIBLE_ABOVE = 0.9
"""Of visibility alone: what the reference implementation's predictor asks for."""


class CoTracker3Follower:
    """Runs a CoTracker3 over a clip.

    A point's trajectory depends on its query, on the points that are tracked together with it, and on the support
    points; `record` says which those are. With `settings.isolate` it depends on the query and the support points alone.
    """

    def __init__(
        self,
        network: CoTracker3,
        settings: FollowerSettings,
        identity: Hashable = None,
        kept: LastUsed[Sized] | None = None,
    ) -> None:
        """identity: of the network, by which features are found among those `kept` from earlier jobs, see `Warm`."""
        self.network = network
        self.settings = settings
        self._plan = plan_windows(network, settings.memory)
        self._device = next(network.parameters()).device
        self._half = torch.float16 if self._device.type == "cuda" else None
        self._identity: Hashable = object() if identity is None else identity
        self._kept: LastUsed[Sized] = LastUsed(0) if kept is None else kept
        self._is_reference = settings.support == "reference"

    @torch.inference_mode()
    def follow(
        self,
        pictures: Pictures,
        queries: Queries,
        frames: npt.NDArray[np.int64],
        direction: Direction,
        watcher: Watcher,
    ) -> Trajectories:
        """One trajectory per query, see `Follower`."""
        resize: Resize = "corners" if self._is_reference else "area"
        raster = NetworkRaster(pictures.width, pictures.height, self.network.config.resolution, resize)
        xy = raster.to_network(queries.xy)
        passes = plan_passes(
            np.searchsorted(frames, queries.frame),
            len(frames),
            direction,
            self._plan.window,
            self._plan.step,
            sees_both_sides=not self.network.config.online,
            start=self._start(),
        )
        answers = _Answers(len(queries), len(frames))
        settling = Settling(len(queries), len(frames), passes)
        count = _Count(watcher, total=sum(len(one.order) for one in passes))
        for one in passes:
            encoded = self._encode(pictures, raster, frames[one.order].tolist(), count)
            for window in self._walk(one, xy, encoded, count):
                answers.keep(one, window)
                settling.close(one, window.group, window.settled)
                watcher.settled(self._judge(answers, raster), settling.final)
            count.before += len(one.order)
        return self._judge(answers, raster)

    def record(self) -> Mapping[str, object]:
        """What positions depend on beside the queries."""
        return {
            "support": self.settings.support,
            "support_points": len(self._support(0)),
            "isolate": self.settings.isolate,
            "points_together": 1 if self.settings.isolate else self._plan.together - len(self._support(0)),
            "window": self._plan.window,
            "step": self._plan.step,
            "iterations": ITERATIONS,
            "input_size": list(self.network.config.resolution),
            "resize": "corners" if self._is_reference else "area",
            "feature_precision": "float32" if self._half is None else "float16",
        }

    def _encode(self, pictures: Pictures, raster: NetworkRaster, frames: list[int], count: _Count) -> Iterator[Tensor]:
        """Features (C, h, w) of each frame in turn."""
        still_wanted = count.watcher.still_wanted

        def encode(plate: npt.NDArray[np.float32]) -> Tensor:
            still_wanted()
            return self.network.encode(raster.picture(plate, self._device), self._half, still_wanted)[0].cpu()

        maker = FrameMaker(Tensor, encode, (self._identity, raster, self._half), self._kept)
        for looked, features in enumerate(maker.each(pictures, frames), start=1):
            still_wanted()
            count.looked(looked)
            yield features.to(self._device)

    def _walk(
        self, one: Pass, xy: npt.NDArray[np.float64], encoded: Iterator[Tensor], count: _Count
    ) -> Iterator[_Window]:
        """Go through a pass window by window; in each, all groups in turn look at the same frames.

        xy: (Q, 2), network px.
        """
        groups = self._groups(len(xy))
        tracks = [self._windowed(one, xy, group) for group in groups]
        frames = FrameWindow(self.network, window=one.window, step=one.step, frame_count=len(one.order))
        spans = list(window_spans(len(one.order), one.window, one.step))
        ends = [span.start for span in spans[1:]] + [len(one.order)]
        for span, end in zip(spans, ends, strict=True):
            view = frames.push(islice(encoded, len(span) - frames.held))
            for number, (group, windowed) in enumerate(zip(groups, tracks, strict=True)):
                entered = (len(span) - view.held) / len(groups)
                share = partial(count.tracked, span.start + view.held, entered, number)
                yield _Window(
                    span, range(span.start, end), group, windowed.follow(view, share, count.watcher.still_wanted)[-1]
                )

    def _windowed(self, one: Pass, xy: npt.NDArray[np.float64], group: npt.NDArray[np.intp]) -> WindowedTracks:
        rows = np.column_stack([one.queries[group], xy[group]])
        queries = torch.tensor(rows, dtype=torch.float32, device=self._device)
        first = 0 if self._is_reference else int(one.queries[group].min())
        return WindowedTracks(self.network, torch.cat([queries, self._support(first)]), iterations=ITERATIONS)

    def _support(self, frame: int) -> Tensor:
        """The support points (S, 3: frame, x, y), network px: a grid over the picture, all in one frame of the pass."""
        if self.settings.support == "none":
            return torch.zeros((0, 3), device=self._device)
        grid = grid_points(SUPPORT_GRID, self.network.config.resolution).to(self._device)
        return torch.cat([torch.full((len(grid), 1), float(frame), device=self._device), grid], dim=1)

    def _start(self) -> Start:
        if self._is_reference:
            return "end of shot"
        return "fixed window" if self.settings.isolate else "earliest query"

    def _groups(self, queries: int) -> list[npt.NDArray[np.intp]]:
        together = 1 if self.settings.isolate else self._plan.together - len(self._support(0))
        return [np.arange(queries)[first : first + together] for first in range(0, queries, together)]

    def _judge(self, answers: _Answers, raster: NetworkRaster) -> Trajectories:
        """Bring answers to the plate, and say where they are seen."""
        xy = raster.to_raster(answers.xy)
        both = answers.seen * answers.sure
        if self._is_reference:
            is_seen = both > VISIBLE_ABOVE if self.network.config.online else answers.seen > REFERENCE_VISIBLE_ABOVE
        else:
            inside = (xy >= 0) & (xy <= (raster.width, raster.height))
            is_seen = (both > VISIBLE_ABOVE) & inside[..., 0] & inside[..., 1]
        return Trajectories(xy, is_seen, both)


@dataclass(frozen=True, eq=False)
class _Window:
    """What a group of queries looks like in one window.

    span:    its frames, as places in the pass.
    settled: those of them that no later window shows.
    group:   the queries, `state` the network's state of them.
    """

    span: range
    settled: range
    group: npt.NDArray[np.intp]
    state: TrackState


class _Answers:
    """The network's answers over the shot: xy (Q, T, 2), network px, NaN where there is none; probabilities (Q, T)."""

    def __init__(self, queries: int, frames: int) -> None:
        self.xy = np.full((queries, frames, 2), np.nan)
        self.seen = np.zeros((queries, frames), dtype=np.float32)
        self.sure = np.zeros((queries, frames), dtype=np.float32)

    def keep(self, one: Pass, window: _Window) -> None:
        """Take over a window's answers where they count; a later window's replace an earlier one's."""
        span = np.arange(window.span.start, window.span.stop)
        place = window.group[:, None], one.order[span][None]
        counts = one.answers()[window.group[:, None], span]
        own = slice(0, len(window.group))  # the support points come behind
        for kept, new in (
            (self.xy, window.state.coords[own].double()),
            (self.seen, window.state.visibility[own].sigmoid()),
            (self.sure, window.state.confidence[own].sigmoid()),
        ):
            where = counts.reshape(counts.shape + (1,) * (new.dim() - 2))
            kept[place] = np.where(where, new.cpu().numpy(), kept[place])


@dataclass
class _Count:
    """Counts the frames that were looked at and those that were tracked, over all passes; `before`: in earlier ones."""

    watcher: Watcher
    total: int
    before: int = 0

    def looked(self, frames: int) -> None:
        """So many of this pass have been looked at."""
        self.watcher.progress("looking", self.before + frames, self.total)

    def tracked(self, frames: int, per_group: float, groups: int, share: float) -> None:
        """So many frames of this pass, and a share of what a group has to do in the window."""
        self.watcher.progress("tracking", self.before + round(frames + per_group * (groups + share)), self.total)
