# SPDX-License-Identifier: Apache-2.0
"""One tracking job from beginning to end: render the plate if need be, ask the worker, collect, write.

Between two beats anything may happen to the script: the Tracker4 may be renamed, given new keys, or deleted.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import nuke
from cotrack_client.collecting import Collected
from cotrack_client.errors import CotrackError
from cotrack_client.formats.nuke.nodes import Format
from cotrack_client.frames import FrameRange
from cotrack_client.job import JobLife
from cotrack_client.merging import Span, writable
from cotrack_client.messages import ShotRequest, Stretch, TrackJob
from cotrack_client.tracks import Track

from .preparing import MergedRows, NewRows, Plan, Preparation
from .reading import Reading
from .rendering import Rendering, RenderingCancelledError
from .session import SESSION, Outcome
from .settings import Settings
from .surroundings import NodeHandle
from .tables import listed
from .writing import remember, write_into, write_new

_TAKEN_AT_ONCE = 20_000
_SLICE_SECONDS = 0.03  # of each beat, in which Nuke waits
_SHARE_OF_RENDERING = 0.5
_RESULT = "result"
_NOTHING_WRITTEN = Outcome("warning", "cancelled; nothing was written", changed=False)


@dataclass(frozen=True)
class Order:
    """Everything that a job needs.

    source: what the Tracker4 looks at. frames: of the script, to be tracked. shot: the files to read, None where they
    have to be rendered; shift: the script's frame less the file's. spans: by track, the frames that alone may change.
    asker: the CoTracker3 node, if one asked, which is told where the result is.
    """

    tracker: NodeHandle
    source: NodeHandle
    size: Format
    frames: FrameRange
    reading: Reading
    settings: Settings
    shot: ShotRequest | None = None
    shift: int = 0
    spans: Mapping[str, Span] = field(default_factory=dict)
    asker: NodeHandle | None = None


class Tracking:
    """See `session.Task`. The worker must have been started."""

    def __init__(self, order: Order) -> None:
        names = {key.track for key in order.reading.keys}
        self.title = f"{len(names)} {'track' if len(names) == 1 else 'tracks'} of {order.tracker.name}"
        self.frames = order.frames
        self.order = order
        self.life: JobLife | None = None
        self._collected = Collected(order.reading.keys)
        self._rendering: Rendering | None = None
        self._preparation: Preparation | None = None
        self._shift = order.shift
        self._is_cancelled = False
        self._remarks = list(order.reading.remarks)
        if order.shot is None:
            self._begin_to_render()
        else:
            self._submit(order.shot)

    @property
    def fraction(self) -> float:
        """See `Task`. Rendering counts as half of it."""
        rendered = self._rendering.done / len(self.frames) * _SHARE_OF_RENDERING if self._rendering else 0.0
        share = 1.0 - _SHARE_OF_RENDERING if self._rendering else 1.0
        return rendered + (self.life.fraction * share if self.life else 0.0)

    def tracks(self) -> tuple[Track, ...]:
        """See `Task`."""
        return self._collected.tracks()

    def status(self) -> str:
        """See `Task`."""
        if self._is_cancelled:
            return "cancelling"
        if self._preparation is not None:
            return "preparing the keys"
        if self.life is not None:
            return self.life.status()
        done = self._rendering.done if self._rendering else 0
        return f"rendering the plate, frame {done + 1} of {len(self.frames)}"

    def tick(self) -> Outcome | None:
        """See `Task`."""
        try:
            outcome = self._go_on()
        except RenderingCancelledError:
            outcome = Outcome("warning", "cancelled", changed=False)
        except BaseException:
            self._clean_up()
            raise
        if outcome is not None:
            self._clean_up()
        return outcome

    def cancel(self) -> None:
        """See `Task`."""
        self._is_cancelled = True
        if self.life is not None:
            SESSION.cancel(self.life.name)

    def _go_on(self) -> Outcome | None:
        if self.order.tracker.node() is None:
            self.cancel()
            return Outcome("warning", f"{self.order.tracker.name} was deleted; nothing was written", changed=False)
        if self._preparation is not None:
            return self._conclude(self._preparation)
        if self.life is None:
            return self._render()
        self._take(self.life)
        if not self.life.is_over or self.life.has_samples:
            return None
        if self._may_render_instead(self.life):
            self._remarks.append(f"the plate was rendered, for {self.life.sentence}")
            self.life, self._shift = None, 0
            self._begin_to_render()
            return None
        return self._prepare(self.life)

    def _begin_to_render(self) -> None:
        self._rendering = Rendering(self.order.source, self.frames, self.order.size)

    def _render(self) -> Outcome | None:
        if self._is_cancelled:
            return Outcome("warning", "cancelled", changed=False)
        if self._rendering is not None and not self._rendering.is_over:
            self._rendering.render_next()
        elif self._rendering is not None:
            self._submit(self._rendering.request)
        return None

    def _submit(self, shot: ShotRequest) -> None:
        settings = self.order.settings
        keys = tuple(replace(key, frame=key.frame - self._shift) for key in self.order.reading.keys)
        job = TrackJob(
            job=SESSION.name_job(),
            shot=shot,
            keys=keys,
            direction=settings.direction,
            model=settings.model,
            device=settings.device,
            support="none" if settings.quality == "quick" else "auto",
            isolate=settings.quality == "apart",
            refine=settings.refine,
        )
        self.life = SESSION.submit(job)

    def _take(self, life: JobLife) -> None:
        moved = (_moved(stretch, self._shift) for stretch in life.take(_TAKEN_AT_ONCE))
        self._collected.add(writable(stretch, (), self.order.spans.get(stretch.name)) for stretch in moved)

    def _may_render_instead(self, life: JobLife) -> bool:
        """Whether the worker refused files that were read directly, for whatever Nuke may know better."""
        is_refused = life.state == "failed" and life.reason == "input" and not life.samples
        return is_refused and self._rendering is None and self.order.settings.plate == "automatic"

    def _prepare(self, life: JobLife) -> Outcome | None:
        """Begin to put the table together, where there is something to write."""
        if life.state == "cancelled":
            return _NOTHING_WRITTEN
        if life.state == "failed":
            return Outcome("error", life.sentence, changed=False)
        self._remarks += life.warnings
        tracker = self._tracker()
        self._preparation = Preparation(
            self._plan(), tracker["tracks"].toScript(), f"the tracks of {self.order.tracker.name}"
        )
        return None

    def _plan(self) -> Plan:
        order = self.order
        if order.settings.output == "merge":
            return MergedRows(self._collected.each, order.size, self._frames_of, order.reading.before)
        return NewRows(self._collected.each, order.size, self.frames)

    def _conclude(self, preparation: Preparation) -> Outcome | None:
        if self._is_cancelled:
            return _NOTHING_WRITTEN
        if not preparation.go_on(_SLICE_SECONDS if nuke.GUI else math.inf):
            return None
        sentence = f"{self.title} tracked{self._with_what()} through {self.frames}, in {self._write(preparation)}"
        if self._remarks:
            return Outcome("warning", "; ".join([sentence, *self._remarks]), changed=True)
        return Outcome("info", sentence, changed=True)

    def _with_what(self) -> str:
        """The tracker that did it: without weights at hand it is not the network that the menu names."""
        model = self.life.result.model if self.life is not None and self.life.result is not None else None
        return "" if model is None else f" with {model.name}"

    def _write(self, preparation: Preparation) -> str:
        """Write what was tracked; return where."""
        tracker = where = self._tracker()
        prepared = preparation.result(tracker["tracks"].toScript())
        if prepared.lost:
            self._remarks.append(f"deleted or renamed meanwhile, and therefore not written: {listed(prepared.lost)}")
        if self.order.settings.output == "merge":
            write_into(tracker, prepared.table)
        else:
            where = write_new(tracker, prepared.table, self.tracks(), self.frames)
        asker = self.order.asker.node() if self.order.asker else None
        if asker is not None:
            remember(asker, _RESULT, where.fullName())
        return where.fullName()

    def _tracker(self) -> nuke.Node:
        tracker = self.order.tracker.node()
        if tracker is None:
            raise CotrackError(f"{self.order.tracker.name} was deleted; nothing was written")
        return tracker

    def _frames_of(self, track: str) -> FrameRange:
        """The frames of a track that may have changed."""
        span = self.order.spans.get(track)
        if span is None:
            return self.frames
        first = self.frames.first if span.first is None else max(self.frames.first, span.first)
        last = self.frames.last if span.last is None else min(self.frames.last, span.last)
        return FrameRange(first, last)

    def _clean_up(self) -> None:
        if self._rendering is not None:
            self._rendering.remove()


def _moved(stretch: Stretch, shift: int) -> Stretch:
    return replace(stretch, frames=tuple(frame + shift for frame in stretch.frames)) if shift else stretch
