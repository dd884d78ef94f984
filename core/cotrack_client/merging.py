# SPDX-License-Identifier: Apache-2.0
"""How new samples meet what a track holds already. Keys are sacred: what the artist placed is never written over."""

from __future__ import annotations

from collections.abc import Container, Iterable
from dataclasses import dataclass

from cotrack_client.messages import Direction, Stretch


@dataclass(frozen=True)
class Span:
    """What tracking anew from the frame `here` may change: first to last, without `here`; None is as far as it goes."""

    here: int
    first: int | None
    last: int | None

    def __contains__(self, frame: object) -> bool:
        if not isinstance(frame, int):
            return False
        is_after_first = self.first is None or frame >= self.first
        return is_after_first and (self.last is None or frame <= self.last) and frame != self.here


def span_from(here: int, keys: Iterable[int], direction: Direction = "both") -> Span:
    """Return what "clear and re-track from here" clears, and alone may write: all that lies before the next key.

    keys: the frames that the artist placed in the track; `here` counts as one, whether among them or not.
    """
    placed = frozenset(keys)
    before = max((key for key in placed if key < here), default=None)
    after = min((key for key in placed if key > here), default=None)
    first = here if direction == "forward" else None if before is None else before + 1
    last = here if direction == "backward" else None if after is None else after - 1
    return Span(here, first, last)


def writable(stretch: Stretch, keys: Container[int], span: Container[int] | None = None) -> Stretch:
    """Return what of the new samples may be written: none at a key, and none outside the span where there is one."""
    chosen = [
        index for index, frame in enumerate(stretch.frames) if frame not in keys and (span is None or frame in span)
    ]
    if len(chosen) == len(stretch.frames):
        return stretch
    return Stretch(
        stretch.name,
        tuple(stretch.frames[index] for index in chosen),
        tuple(stretch.x[index] for index in chosen),
        tuple(stretch.y[index] for index in chosen),
        tuple(stretch.visible[index] for index in chosen),
        tuple(stretch.confidence[index] for index in chosen),
    )
