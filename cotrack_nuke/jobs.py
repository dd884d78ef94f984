# SPDX-License-Identifier: Apache-2.0
"""Jobs as a node, a menu or a script asks for them.

In a window they return at once, and the job goes on beside the artist's own work; in a session without one (`nuke -t`)
they return when it has ended, and raise CotrackError where it failed.
"""

from __future__ import annotations

from typing import TypeVar

import nuke
from cotrack_client.errors import CotrackError

from .ordering import order_points, order_retrack, order_track
from .placing import Placing
from .running import Display, tasks_of
from .session import ENDED, TASKS, Task, begin, start_worker
from .settings import Points, Settings
from .surroundings import NodeHandle
from .tracking import Order, Tracking

_Task = TypeVar("_Task", bound=Task)


def track(
    tracker: nuke.Node,
    settings: Settings | None = None,
    *,
    source: nuke.Node | None = None,
    asker: nuke.Node | None = None,
) -> Tracking:
    """Track from the keys of a Tracker4. source: the plate, if it is not the Tracker4's input.

    Raises CotrackError where there is nothing to track, no plate, or no worker.
    """
    return _begin(order_track(tracker, settings or Settings(), source=source, asker=asker))


def retrack(
    tracker: nuke.Node,
    settings: Settings | None = None,
    *,
    source: nuke.Node | None = None,
    asker: nuke.Node | None = None,
) -> Tracking:
    """Track anew from the current frame to the next key either way, in the Tracker4 itself.

    Raises CotrackError as `track` does.
    """
    return _begin(order_retrack(tracker, settings or Settings(), source=source, asker=asker))


def create_points(
    source: nuke.Node,
    points: Points | None = None,
    *,
    mask: nuke.Node | None = None,
    tracker: nuke.Node | None = None,
    asker: nuke.Node | None = None,
    asker_input: int = 0,
) -> Placing:
    """Create points in the current frame of a plate, as new tracks of a Tracker4, or of a new one.

    mask: what says where they may lie. Raises CotrackError where there is no such frame, or no worker.
    """
    order = order_points(source, points or Points(), mask=mask, tracker=tracker, asker=asker, asker_input=asker_input)
    _check_free(order.tracker)
    start_worker()
    return _run(Placing(order), order.asker)


def cancel_of(node: nuke.Node) -> None:
    """End what a CoTracker3 node has asked for."""
    for task in tasks_of(node):
        task.cancel()


def _begin(order: Order) -> Tracking:
    _check_free(order.tracker)
    start_worker()
    return _run(Tracking(order), order.asker)


def _check_free(tracker: NodeHandle | None) -> None:
    """A Tracker4 is in one job at a time, for each would write over the other. Raises CotrackError."""
    for other in TASKS if tracker is not None else ():
        theirs = other.order.tracker if isinstance(other, (Tracking, Placing)) else None
        if tracker is not None and theirs is not None and theirs.node() == tracker.node():
            raise CotrackError(f"{tracker.name} is being tracked already; cancel that first")


def _run(task: _Task, asker: NodeHandle | None) -> _Task:
    """Begin a task, and show how it is getting on."""
    Display(task, asker)
    begin(task)
    if not nuke.GUI:
        _raise_if_failed(task)
    return task


def _raise_if_failed(task: Task) -> None:
    outcome = next(outcome for ended, outcome in reversed(ENDED) if ended is task)
    if outcome.level == "error":
        raise CotrackError(outcome.sentence)
