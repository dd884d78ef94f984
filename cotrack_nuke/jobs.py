# SPDX-License-Identifier: Apache-2.0
"""Jobs as a node, a menu or a script asks for them.

In a window they return at once, and the job goes on beside the artist's own work; in a session without one (`nuke -t`)
they return when it has ended, and raise CotrackError where it failed.
"""

from __future__ import annotations

import nuke
from cotrack_client.errors import CotrackError

from .ordering import order_retrack, order_track
from .running import Display, tasks_of
from .session import ENDED, TASKS, begin, start_worker
from .settings import Settings
from .tracking import Order, Tracking


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


def cancel_of(node: nuke.Node) -> None:
    """End what a CoTracker3 node has asked for."""
    for task in tasks_of(node):
        task.cancel()


def _begin(order: Order) -> Tracking:
    """Begin the job. A Tracker4 is in one job at a time, for each would write over the other."""
    for other in TASKS:
        if isinstance(other, Tracking) and other.order.tracker.node() == order.tracker.node():
            raise CotrackError(f"{order.tracker.name} is being tracked already; cancel that first")
    start_worker()
    task = Tracking(order)
    Display(task, order.asker)
    begin(task)
    if not nuke.GUI:
        _raise_if_failed(task)
    return task


def _raise_if_failed(task: Tracking) -> None:
    outcome = next(outcome for ended, outcome in reversed(ENDED) if ended is task)
    if outcome.level == "error":
        raise CotrackError(outcome.sentence)
