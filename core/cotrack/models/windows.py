# SPDX-License-Identifier: Apache-2.0
"""Track through more frames than a window holds: overlapping windows, each starting from what the last one found.

This is the online mode (window 16, step 8), and the way an offline network takes a long shot (any window and step).
A query's support is cut once, at its own frame, and never updated. What is carried over is the position and the raw
logits. Only one window's features are held, so memory does not grow with the shot, beside the answer.

Coordinates are network px; a query is a row (frame, x, y), its frame counted from the first frame of the sweep.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from cotrack.models.cotracker3 import CoTracker3, Pyramid, TrackState
from cotrack.models.cotracker3_chunks import Pause, no_pause

FeatureSource = Callable[[int], Tensor]
"""Features (C, h, w) of a frame, as `CoTracker3.encode` makes them; called once per frame, in ascending order."""

Progress = Callable[[float], None]
"""Told the share that is done, 0..1, after every iteration of every window; it may raise to stop the sweep."""


def sweep(
    network: CoTracker3,
    features: FeatureSource,
    frame_count: int,
    queries: Tensor,
    *,
    window: int,
    step: int,
    iterations: int = 6,
    memory_bytes: int | None = None,
    progress: Progress | None = None,
    nothing_when_short: bool = False,
) -> TrackState:
    """Track `queries` (N, 3) through frames 0..frame_count-1, window by window.

    window, step: frames; `window` is `network.config.window` when the network is an online one.
    memory_bytes: see `CoTracker3.refine_window`.
    nothing_when_short: a shot of no more than window - step frames gets zeros instead of one window, which is what the
    reference implementation's online mode does.
    Returns coords (N, T, 2), visibility (N, T) and confidence (N, T), without a clip axis. In windows before the one
    of a query's frame the answer is meaningless.
    """
    count = len(queries)
    answer = TrackState(
        coords=queries.new_zeros(count, frame_count, 2),
        visibility=queries.new_zeros(count, frame_count),
        confidence=queries.new_zeros(count, frame_count),
    )
    if nothing_when_short and frame_count <= window - step:
        return answer
    frames = FrameWindow(network, window=window, step=step, frame_count=frame_count)
    tracks = WindowedTracks(network, queries, iterations=iterations, memory_bytes=memory_bytes)
    spans = list(window_spans(frame_count, window, step))
    for done, span in enumerate(spans):

        def report(share: float, done: int = done) -> None:
            if progress:
                progress((done + share) / len(spans))

        view = frames.push(features(frame) for frame in span[frames.held :])
        state = tracks.follow(view, report)[-1]
        part = slice(span.start, span.stop)
        answer.coords[:, part], answer.visibility[:, part] = state.coords, state.visibility
        answer.confidence[:, part] = state.confidence
    return answer


def window_spans(frame_count: int, window: int, step: int) -> Iterator[range]:
    """The frames of each window: all full but the last, and no more of them than it takes to see every frame."""
    for start in range(0, max(1, frame_count - (window - step)), step):
        yield range(start, min(start + window, frame_count))


@dataclass(frozen=True, eq=False)
class WindowView:
    """What a window shows.

    pyramid: of its frames; of an online network always full, the last frame repeated where the shot has ended.
    span: the frames it is about, counted from the first frame of the sweep.
    held: how many of them the window before has shown too.
    """

    pyramid: Pyramid
    span: range
    held: int


class FrameWindow:
    """The features of the frames in sight; frames may come as they are shot.

    The first `push` takes up to `window` frames, every later one up to `step` further ones. A push that brings fewer
    than that is the last. The pyramid is kept in one place and a view of it is good until the next push, so that a
    window costs its own memory and no more.
    """

    def __init__(self, network: CoTracker3, *, window: int, step: int, frame_count: int | None = None) -> None:
        """frame_count: how many frames there will be, if that is known; less than a window then takes less memory."""
        if not 0 < step < window:
            raise ValueError(f"a step of {step} does not move a window of {window} frames so that it overlaps the last")
        if network.config.online and window != network.config.window:
            raise ValueError(f"an online network of window {network.config.window} was given windows of {window}")
        self._network = network
        self._window, self._step = window, step
        self._room = window if network.config.online else min(window, frame_count or window)
        self._pyramid: Pyramid | None = None
        self._start = -step

    @property
    def held(self) -> int:
        """How many frames of the coming window have been pushed already."""
        return 0 if self._pyramid is None else self._window - self._step

    def push(self, features: Iterable[Tensor]) -> WindowView:
        """Slide to the frames that `features` (C, h, w) add, one by one."""
        held = count = self.held
        if self._pyramid is not None:
            for level in self._pyramid:
                level[:, :held] = level[:, self._window - held :].clone()
        for frame in features:
            if count == self._room:
                raise ValueError(f"more than {self._room - held} frames do not fit a window that has {held} already")
            self._put(count, self._network.pyramid(frame[None, None]))
            count += 1
        if self._pyramid is None or count == held:
            raise ValueError("a window was pushed that brings no frame")
        self._start += self._step
        return WindowView(self._filled(self._pyramid, count), range(self._start, self._start + count), held)

    def _put(self, place: int, frame: Pyramid) -> None:
        if self._pyramid is None:
            self._pyramid = [level.new_zeros(1, self._room, *level.shape[2:]) for level in frame]
        for level, new in zip(self._pyramid, frame, strict=True):
            level[:, place] = new[:, 0]

    def _filled(self, pyramid: Pyramid, count: int) -> Pyramid:
        """The frames in sight. An online network sees full windows only: for it the last frame is repeated."""
        if not self._network.config.online:
            return [level[:, :count] for level in pyramid]
        for level in pyramid:
            level[:, count:] = level[:, count - 1 : count]
        return pyramid


class WindowedTracks:
    """Queries that are tracked together, between two windows; several of these may follow the same `FrameWindow`."""

    def __init__(
        self, network: CoTracker3, queries: Tensor, *, iterations: int = 6, memory_bytes: int | None = None
    ) -> None:
        self._network = network
        self._queries = queries[None]  # (1, N, 3)
        self._iterations = iterations
        self.memory_bytes = memory_bytes
        config = network.config
        self._supports = [
            queries.new_zeros(1, len(queries), config.neighbours, config.feature_dim) for _ in range(config.levels)
        ]
        self._last: TrackState | None = None
        self._last_start = 0

    def follow(self, view: WindowView, progress: Progress | None = None, pause: Pause = no_pause) -> list[TrackState]:
        """Track through a window; every view of the `FrameWindow` in its turn, from the first on.

        What `progress` or `pause` raises passes through; the same view can then be followed again.

        Returns the state (N, T, ...) of the frames in `view.span` after every iteration; the last is the answer, and
        replaces what the window before said about the frames they share.
        """
        self._cut_supports(view)
        start = self._starting_state(view)
        states: list[TrackState] = []
        for state in self._network.refine_window(
            view.pyramid, self._supports, start, self._iterations, self.memory_bytes, pause=pause
        ):
            states.append(state)
            if progress:
                progress(len(states) / self._iterations)
        self._last, self._last_start = states[-1], view.span.start
        return [TrackState(*(part[0, :, : len(view.span)] for part in _parts(state))) for state in states]

    def _cut_supports(self, view: WindowView) -> None:
        """Give the queries whose frame has come in their support; the others keep theirs, or none (zeros)."""
        frame = self._queries[0, :, 0].long() - view.span.start
        arrived = (frame >= view.held) & (frame < view.pyramid[0].shape[1])
        if arrived.any():
            queries = torch.cat([frame[arrived, None], self._queries[0, arrived, 1:]], dim=1)
            for support, new in zip(self._supports, self._network.supports(view.pyramid, queries[None]), strict=True):
                support[0, arrived] = new[0]

    def _starting_state(self, view: WindowView) -> TrackState:
        """What the last window found, its last frame held; queries that it did not know rest at their position."""
        frames = view.pyramid[0].shape[1]
        resting = TrackState.at_queries(self._queries, frames)
        if self._last is None:
            return resting
        known = self._queries[..., 0] < view.span.start + view.held
        shared = view.span.start - self._last_start
        carried = []
        for old, new in zip(_parts(self._last), _parts(resting), strict=True):
            last = old[:, :, -1:].expand_as(new[:, :, view.held :])
            held = torch.cat([old[:, :, shared:], last], dim=2)
            carried.append(torch.where(known.view(known.shape + (1,) * (new.dim() - 2)), held, new))
        return TrackState(*carried)


def _parts(state: TrackState) -> tuple[Tensor, Tensor, Tensor]:
    return state.coords, state.visibility, state.confidence


class SlidingWindow:
    """A `FrameWindow` and the `WindowedTracks` of its only followers: frames in, tracks out, as they are shot."""

    def __init__(
        self,
        network: CoTracker3,
        queries: Tensor,
        *,
        window: int,
        step: int,
        iterations: int = 6,
        memory_bytes: int | None = None,
    ) -> None:
        self._frames = FrameWindow(network, window=window, step=step)
        self._tracks = WindowedTracks(network, queries, iterations=iterations, memory_bytes=memory_bytes)

    @property
    def frames_held(self) -> int:
        """How many frames of the coming window have been pushed already."""
        return self._frames.held

    def push(self, features: Iterable[Tensor], progress: Progress | None = None) -> list[TrackState]:
        """Slide to the frames that `features` (C, h, w) add, and track; see `WindowedTracks.follow`."""
        return self._tracks.follow(self._frames.push(features), progress)
