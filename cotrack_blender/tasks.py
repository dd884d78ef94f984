# SPDX-License-Identifier: GPL-3.0-or-later
"""What is under way: a job of the worker together with what Blender does with its answers, tick by tick."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import bpy

from cotrack_client.job import JobLife
from cotrack_client.merging import Span, writable
from cotrack_client.messages import CheckedPoint, CheckJob, FetchJob, Job, Model, PlaceJob, TrackJob

from .session import SESSION
from .writing import Writer

WRITE_SECONDS = 0.02
"""How much of a tick may go to writing markers."""

_TAKEN_AT_ONCE = 5000

TASKS: list[Task] = []
"""What the panel shows, in the order it was asked for."""


@dataclass(frozen=True)
class Outcome:
    """How a task ended.

    level: of `bpy.types.Operator.report`. changed: Blender's data has, so there is something to undo.
    """

    level: str
    sentence: str
    changed: bool


class Task(Protocol):
    """Something under way. title: for the panel."""

    title: str
    life: JobLife

    def tick(self) -> Outcome | None:
        """Go on for a few milliseconds; how it ended, once it has."""

    def cancel(self) -> None:
        """Ask it to end; `tick` says when it has."""


class Tracking:
    """Tracks, and writes the samples as they stream in."""

    def __init__(
        self, request: TrackJob, writer: Writer, remarks: Sequence[str], spans: Mapping[str, Span] | None = None
    ) -> None:
        """writer: takes the samples. remarks: what the artist should hear at the end, whatever comes.

        spans: by track, the shot's frames that alone may be written; None is all of them.
        """
        tracks = len({key.track for key in request.keys})
        self.title = f"{tracks} {'track' if tracks == 1 else 'tracks'}"
        self.life = SESSION.submit(request)
        self._writer = writer
        self._remarks = tuple(remarks)
        self._spans = spans or {}
        self._is_ended = False

    def tick(self) -> Outcome | None:
        """See `Task`. Samples that came before a cancel or a failure are written too."""
        SESSION.listen()
        taken = self.life.take(_TAKEN_AT_ONCE)
        self._writer.add(writable(stretch, (), self._spans.get(stretch.name)) for stretch in taken)
        if self.life.is_over and not self.life.has_samples and not self._is_ended:
            self._writer.end()
            self._is_ended = True
        left = self._writer.write(WRITE_SECONDS)
        return self._outcome() if self._is_ended and not left else None

    def cancel(self) -> None:
        """See `Task`."""
        SESSION.cancel(self.life.name)

    def _outcome(self) -> Outcome:
        count = self.life.samples
        written = f"{count} markers written on {self.title}"
        if self.life.state == "failed":
            return Outcome("ERROR", self.life.sentence, changed=bool(count))
        if self.life.state == "cancelled":
            return Outcome("WARNING", f"Cancelled; {written}" if count else "Cancelled", changed=bool(count))
        remarks = (*self._remarks, *self.life.warnings, *self._writer.remarks())
        if remarks:
            return Outcome("WARNING", "; ".join((written, *remarks)), changed=True)
        return Outcome("INFO", written, changed=True)


class _Asking:
    """What a task does that writes nothing before the worker has said its last word. cancelled: said when it was."""

    def __init__(self, request: Job, title: str, cancelled: str = "Cancelled") -> None:
        self.title = title
        self.life = SESSION.submit(request)
        self._cancelled = cancelled

    def tick(self) -> Outcome | None:
        """See `Task`."""
        SESSION.listen()
        if not self.life.is_over:
            return None
        if self.life.state == "failed":
            return Outcome("ERROR", self.life.sentence, changed=False)
        if self.life.state == "cancelled":
            return Outcome("WARNING", self._cancelled, changed=False)
        return self._conclude()

    def cancel(self) -> None:
        """See `Task`."""
        SESSION.cancel(self.life.name)

    def _conclude(self) -> Outcome:
        return Outcome("INFO", f"The {self.title} are here", changed=False)


class Fetching(_Asking):
    """Has the weights of a model brought to this machine."""

    def __init__(self, request: FetchJob, model: Model) -> None:
        super().__init__(request, f"weights of {model.title}", "Cancelled; fetch again to go on from there")


class Placing(_Asking):
    """Has points chosen in a frame, and makes a track of each."""

    def __init__(
        self, request: PlaceJob, make_tracks: Callable[[Sequence[tuple[float, float]]], Sequence[str]]
    ) -> None:
        """make_tracks: makes tracks at these positions, raster px, and says how they are called."""
        super().__init__(request, "new markers")
        self._make_tracks = make_tracks

    def _conclude(self) -> Outcome:
        if not self.life.points:
            return Outcome(
                "WARNING", "No good features were found there; choose another region or frame", changed=False
            )
        count = len(self._make_tracks(self.life.points))
        if not count:
            return Outcome("WARNING", "Nothing was placed, for the clip is gone", changed=False)
        return Outcome("INFO", f"{count} {'marker' if count == 1 else 'markers'} placed and selected", changed=True)


class Checking(_Asking):
    """Has keys judged."""

    def __init__(self, request: CheckJob, judge: Callable[[Sequence[CheckedPoint]], Outcome]) -> None:
        """judge: makes of the answer what the artist sees."""
        count = len(request.keys)
        super().__init__(request, f"checking {count} {'marker' if count == 1 else 'markers'}")
        self._judge = judge

    def _conclude(self) -> Outcome:
        return self._judge(self.life.checked)


def redraw() -> None:
    """Have everything that shows the state drawn anew."""
    for window in bpy.context.window_manager.windows:
        for area in window.screen.areas:
            if area.type in ("CLIP_EDITOR", "PREFERENCES"):
                area.tag_redraw()
