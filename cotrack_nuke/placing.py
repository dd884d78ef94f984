# SPDX-License-Identifier: Apache-2.0
"""Creating points in one frame: features or a grid, within a mask if there is one, as new tracks of a Tracker4.

The mask is always rendered, one frame of it: so whatever Nuke can make a matte of counts as Nuke shows it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import nuke
from cotrack_client.errors import CotrackError
from cotrack_client.formats.nuke.nodes import Format
from cotrack_client.formats.nuke.table import Table, new_table
from cotrack_client.formats.nuke.tracker import RowStyle, marker_row
from cotrack_client.frames import FrameRange
from cotrack_client.job import JobLife
from cotrack_client.messages import MaskRequest, PlaceJob, ShotRequest
from cotrack_client.tracks import Key, Track

from .reading import table_of
from .rendering import Rendering, RenderingCancelledError
from .session import SESSION, Outcome
from .settings import Points
from .surroundings import NodeHandle
from .writing import write_beside, write_into

STEP = "Create Points"
_NAME = "point_"


@dataclass(frozen=True)
class PlaceOrder:
    """Everything that it takes.

    source: the plate. frame: of the script. mask: the node whose picture says where points may lie, if there is one.
    tracker: the Tracker4 that gets the tracks, None for a new one. shot: the file to read, None where it has to be
    rendered; shift: the script's frame less the file's. asker: the CoTracker3 node, if one asked, and the number of its
    input that a new Tracker4 is connected to.
    """

    source: NodeHandle
    size: Format
    frame: int
    points: Points
    mask: NodeHandle | None = None
    tracker: NodeHandle | None = None
    shot: ShotRequest | None = None
    shift: int = 0
    asker: NodeHandle | None = None
    asker_input: int = 0


class Placing:
    """See `session.Task`. The worker must have been started."""

    def __init__(self, order: PlaceOrder) -> None:
        self.order = order
        self.title = f"points in {order.source.name}"
        self.frames = FrameRange(order.frame, order.frame)
        self.life: JobLife | None = None
        self._is_cancelled = False
        self._plate = None if order.shot is not None else Rendering(order.source, self.frames, order.size)
        self._mask = None
        if order.mask is not None:
            self._mask = Rendering(order.mask, self.frames, order.size, order.points.channels)

    @property
    def fraction(self) -> float:
        """See `Task`."""
        return 0.0 if self.life is None else self.life.fraction

    def tracks(self) -> tuple[Track, ...]:
        """See `Task`. Points have no names before they are written."""
        return ()

    def status(self) -> str:
        """See `Task`."""
        if self._is_cancelled:
            return "cancelling"
        return "rendering the frame" if self.life is None else "looking for points"

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
        if self.life is None:
            if self._is_cancelled:
                return Outcome("warning", "cancelled", changed=False)
            waiting = next((one for one in (self._mask, self._plate) if one is not None and not one.is_over), None)
            if waiting is not None:
                waiting.render_next()
            else:
                self._submit()
            return None
        if not self.life.is_over:
            return None
        if self.life.state == "cancelled":
            return Outcome("warning", "cancelled", changed=False)
        if self.life.state == "failed":
            return self._fail(self.life)
        return self._write(self.life.points)

    def _submit(self) -> None:
        order, points = self.order, self.order.points
        shot = self._plate.request if self._plate is not None else order.shot
        assert shot is not None  # noqa: S101  one of the two is there
        job = PlaceJob(
            job=SESSION.name_job(),
            shot=shot,
            frame=order.frame if self._plate is not None else order.frame - order.shift,
            count=points.count if points.kind == "features" else None,
            grid=points.count if points.kind == "grid" else None,
            mask=None if self._mask is None else MaskRequest(self._mask.pattern, inverted=points.inverted),
        )
        self.life = SESSION.submit(job)

    def _fail(self, life: JobLife) -> Outcome | None:
        """Render a file that the worker did not take, else say why there are no points."""
        if self._plate is None and life.reason == "input":
            self.life = None
            self._plate = Rendering(self.order.source, self.frames, self.order.size)
            return None
        return Outcome("error", life.sentence, changed=False)

    def _write(self, points: Sequence[tuple[float, float]]) -> Outcome:
        order = self.order
        if order.tracker is None:
            where = self._write_new(points)
        else:
            tracker = order.tracker.node()
            if tracker is None:
                raise CotrackError(f"{order.tracker.name} was deleted; nothing was written")
            write_into(tracker, self._with_points(table_of(tracker), points), STEP)
            where = tracker
        count = f"{len(points)} {'point' if len(points) == 1 else 'points'}"
        return Outcome("info", f"{count} at frame {order.frame}, in {where.fullName()}", changed=True)

    def _write_new(self, points: Sequence[tuple[float, float]]) -> nuke.Node:
        order = self.order
        source = order.source.node()
        if source is None:
            raise CotrackError(f"{order.source.name} was deleted; nothing was written")
        asker = order.asker.node() if order.asker is not None else None
        table = self._with_points(new_table(), points)
        return write_beside(source, table, order.frame, STEP, None if asker is None else (asker, order.asker_input))

    def _with_points(self, table: Table, points: Iterable[tuple[float, float]]) -> Table:
        taken = {row.name for row in table.rows}
        free = (name for name in map(_numbered, range(1, 1_000_000)) if name not in taken)
        style = RowStyle.for_width(self.order.size.width)
        keys = (Key(name, self.order.frame, *at) for at, name in zip(points, free))
        rows = (marker_row(key, self.order.size.height, style).on_own_line(table.line_end) for key in keys)
        return table.with_rows([*table.rows, *rows])

    def _clean_up(self) -> None:
        for rendering in (self._plate, self._mask):
            if rendering is not None:
                rendering.remove()


def _numbered(number: int) -> str:
    return f"{_NAME}{number:03d}"
