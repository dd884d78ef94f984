# SPDX-License-Identifier: Apache-2.0
"""Follows points with CoTracker3: passes through the shot, windows within a pass, points in groups."""

from __future__ import annotations

import logging
from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import islice

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from cotrack.models.cotracker3 import CoTracker3, TrackState
from cotrack.models.cotracker3_chunks import chunk_bytes
from cotrack.models.cotracker3_frame import grid_points
from cotrack.models.windows import FrameWindow, Progress, WindowedTracks, WindowView, window_spans
from cotrack.tracking.follower import FollowerSettings
from cotrack.tracking.memory import MemoryShortageError, NoticeShortage, plan_windows, plan_with_less
from cotrack.tracking.network_raster import NetworkRaster, Resize
from cotrack.tracking.passes import Pass, Start, plan_passes
from cotrack.tracking.pictures import Pictures
from cotrack.tracking.queries import Queries
from cotrack.tracking.settling import Settling
from cotrack.tracking.trajectories import Direction, Trajectories
from cotrack.tracking.warm import FrameMaker, LastUsed, Sized
from cotrack.tracking.watcher import Watcher

_log = logging.getLogger(__name__)

ITERATIONS = 6

ERROR_PX = 2.0
"""Of the network's positions, px of what it sees: what it misses a visible point by."""

SUPPORT_GRID = 6

VISIBLE_ABOVE = 0.6
"""Of visibility times confidence, as the paper's evaluation has it."""

REFERENCE_VISIBLE_ABOVE = 0.9
"""Of visibility alone: what the reference implementation's predictor asks for."""

_LEAST_CHUNK_BYTES = 1 << 20


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
        self._memory = settings.memory
        self._plan = plan_windows(network, self._memory)
        self._device = next(network.parameters()).device
        self._chunk_bytes = chunk_bytes(self._device)
        self._half = torch.float16 if self._device.type == "cuda" else None
        self._identity: Hashable = object() if identity is None else identity
        self._kept: LastUsed[Sized] = LastUsed(0) if kept is None else kept
        self._is_reference = settings.support == "reference"

    def error_px(self, width: int, height: int) -> float:
        """See `Follower`."""
        lines, columns = self.network.config.resolution
        return ERROR_PX * max(width / columns, height / lines)

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
        shot = _Shot(pictures, raster, queries, frames, direction)
        answers = _Answers(len(queries), len(frames))
        while True:
            with NoticeShortage():
                for final in self._go_through(shot, answers, watcher):
                    watcher.settled(self._judge(answers, raster), final)
                return self._judge(answers, raster)
            self._economise(len(frames), len(queries))

    def _go_through(self, shot: _Shot, answers: _Answers, watcher: Watcher) -> Iterator[npt.NDArray[np.bool_]]:
        """Fill in `answers`, and yield which of them are final whenever there are more; what is final stays."""
        passes = self._passes(shot)
        settling = Settling(len(shot.queries), len(shot.frames), passes, answers.final)
        count = _Count(watcher, total=sum(len(one.order) for one in passes))
        for one in passes:
            encoded = self._encode(shot, shot.frames[one.order].tolist(), count)
            for window in self._walk(one, shot.raster.to_network(shot.queries.xy), encoded, count):
                answers.keep(one, window)
                settling.close(one, window.group, window.settled)
                answers.final = settling.final
                yield answers.final
            count.before += len(one.order)

    def _passes(self, shot: _Shot) -> list[Pass]:
        return plan_passes(
            np.searchsorted(shot.frames, shot.queries.frame),
            len(shot.frames),
            shot.direction,
            self._plan.window,
            self._plan.step,
            sees_both_sides=not self.network.config.online,
            start=self._start(),
        )

    def _economise(self, frames: int, queries: int) -> None:
        """Make do with less memory: first without what earlier jobs have left, then with a smaller budget."""
        if len(self._kept):
            self._keep_nothing()
            _log.warning("memory has run out; going on without what earlier jobs have left")
            return
        support = len(self._support(0))
        points = support + (1 if self.settings.isolate else queries)
        self._plan, self._memory = plan_with_less(self.network, self._plan, self._memory, frames, points)
        if self._plan.together <= support:
            raise MemoryShortageError
        _log.warning("memory has run out; going on with a budget of %.2g GB", self._memory / 1e9)

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
            **({} if self._memory == self.settings.memory else {"memory": self._memory}),
        }

    def _keep_nothing(self) -> None:
        """Let go of what earlier jobs have left, and leave nothing to later ones."""
        self._kept.clear()
        self._kept = LastUsed(0)

    def _encode(self, shot: _Shot, frames: list[int], count: _Count) -> Iterator[Tensor]:
        """Features (C, h, w) of each frame in turn."""
        still_wanted = count.watcher.still_wanted

        def encode(plate: npt.NDArray[np.float32]) -> Tensor:
            still_wanted()
            return self.network.encode(shot.raster.picture(plate, self._device), self._half, still_wanted)[0].cpu()

        maker = FrameMaker(Tensor, encode, (self._identity, shot.raster, self._half), self._kept)
        for looked, features in enumerate(maker.each(shot.pictures, frames), start=1):
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
                state = self._followed(windowed, view, share, count.watcher)
                yield _Window(span, range(span.start, end), group, state)

    def _followed(self, windowed: WindowedTracks, view: WindowView, progress: Progress, watcher: Watcher) -> TrackState:
        """Track through a window, in ever smaller chunks while memory does not last; the numbers are the same."""
        while self._chunk_bytes > _LEAST_CHUNK_BYTES:
            windowed.memory_bytes = self._chunk_bytes
            with NoticeShortage():
                return windowed.follow(view, progress, watcher.still_wanted)[-1]
            self._keep_nothing()
            self._chunk_bytes //= 2
            _log.warning("memory has run out; going on in chunks of %.2g GB", self._chunk_bytes / 1e9)
        return windowed.follow(view, progress, watcher.still_wanted)[-1]

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
class _Shot:
    """What a job follows through which pictures."""

    pictures: Pictures
    raster: NetworkRaster
    queries: Queries
    frames: npt.NDArray[np.int64]
    direction: Direction


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
    """The network's answers over the shot: xy (Q, T, 2), network px, NaN where there is none; probabilities (Q, T).

    final: (Q, T), which will not be changed any more.
    """

    def __init__(self, queries: int, frames: int) -> None:
        self.xy = np.full((queries, frames, 2), np.nan)
        self.seen = np.zeros((queries, frames), dtype=np.float32)
        self.sure = np.zeros((queries, frames), dtype=np.float32)
        self.final = np.zeros((queries, frames), dtype=np.bool_)

    def keep(self, one: Pass, window: _Window) -> None:
        """Take over a window's answers where they count; a later window's replace an earlier one's."""
        span = np.arange(window.span.start, window.span.stop)
        place = window.group[:, None], one.order[span][None]
        counts = one.answers()[window.group[:, None], span] & ~self.final[place]
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
