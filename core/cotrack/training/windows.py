# SPDX-License-Identifier: Apache-2.0
"""Both ways in which a clip is tracked, with gradients: in one window (offline), or in windows that overlap (online).

One set of weights learns both, so that it may be used either way. What `cotrack.models.windows` does for one shot with
bounded memory is done here for a batch of clips whose features are all at hand.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from cotrack.models.cotracker3 import CoTracker3, Pyramid, Supports, TrackState
from cotrack.models.windows import window_spans


@dataclass(frozen=True)
class Windows:
    """How a clip is cut: `window` frames at once, moving on by `step`."""

    window: int
    step: int


@dataclass(frozen=True, eq=False)
class Followed:
    """What was found in one window: its frames, and the state (B, N, T of the window, ...) after every iteration."""

    span: slice
    states: list[TrackState]


def follow(
    network: CoTracker3, pyramid: Pyramid, queries: Tensor, iterations: int, windows: Windows | None = None
) -> Iterator[Followed]:
    """Track `queries` (B, N, 3: frame, x, y, network px) through the frames of `pyramid`.

    windows: None is the whole clip at once. Otherwise each window starts from what the last one found, as numbers:
    gradients stay within their window.
    """
    frames = pyramid[0].shape[1]
    supports = network.supports(pyramid, queries)
    if windows is None:
        start = TrackState.at_queries(queries, frames)
        yield Followed(slice(0, frames), list(network.refine_window(pyramid, supports, start, iterations)))
        return
    last: TrackState | None = None
    for span in window_spans(frames, windows.window, windows.step):
        part = slice(span.start, span.stop)
        known = _supports_by(span.stop, supports, queries)
        start = _starting_state(last, queries, span, windows)
        states = list(network.refine_window([level[:, part] for level in pyramid], known, start, iterations))
        last = states[-1]
        yield Followed(part, states)


def _supports_by(end: int, supports: Supports, queries: Tensor) -> Supports:
    """Queries of frames that no window has seen yet look like nothing."""
    seen = (queries[..., 0] < end)[..., None, None]
    return [support * seen for support in supports]


def _starting_state(last: TrackState | None, queries: Tensor, span: range, windows: Windows) -> TrackState:
    """What the last window found, its last frame held; queries that it did not know rest at their position."""
    resting = TrackState.at_queries(queries, len(span))
    if last is None:
        return resting
    known = queries[..., 0] < span.start + windows.window - windows.step

    def carried(old: Tensor, new: Tensor) -> Tensor:
        held = old.detach()[:, :, windows.step :]
        tail = held[:, :, -1:].expand_as(new[:, :, held.shape[2] :])
        return torch.where(known.view(known.shape + (1,) * (new.dim() - 2)), torch.cat([held, tail], dim=2), new)

    return TrackState(
        carried(last.coords, resting.coords),
        carried(last.visibility, resting.visibility),
        carried(last.confidence, resting.confidence),
    )
