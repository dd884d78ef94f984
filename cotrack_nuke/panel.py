# SPDX-License-Identifier: Apache-2.0
"""The panel in Nuke: registered so that it can be docked and saved with a layout, and fed from the session."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import nukescripts

import nuke
from cotrack_client.errors import CotrackError

from .panel_widget import TracksPanel
from .reading import table_of
from .session import ENDED, SESSION, TASKS, Outcome, Task
from .surroundings import leaving_no_trace
from .tracking import Tracking

TITLE = "CoTrack"
PANEL_ID = "org.cotrack.tracks"

_EVALUATED = f"__import__({__name__!r}, fromlist=['NukePanel']).NukePanel"  # Nuke wants an expression, not a class
_PANES = ("Properties.1", "DAG.1")


class NukeHost:
    """What the panel shows of Nuke. See `panel_widget.Host`."""

    def tasks(self) -> Sequence[tuple[Task, Outcome | None]]:
        """The tracking jobs of this session."""
        tasks: list[tuple[Task, Outcome | None]] = [*ENDED, *((task, None) for task in TASKS)]
        return [(task, outcome) for task, outcome in tasks if isinstance(task, Tracking)]

    def frame(self) -> int:
        """The script's current frame."""
        return int(nuke.frame())

    def go_to(self, frame: int) -> None:
        """Have the viewer show a frame."""
        nuke.frame(frame)

    def select(self, task: Task, names: Sequence[str]) -> None:
        """Select rows in the list of the task's Tracker4, so that "selected tracks only" means them."""
        tracker = task.order.tracker.node() if isinstance(task, Tracking) else None
        if tracker is None:
            return
        try:
            rows = table_of(tracker).rows
        except CotrackError:  # it no longer holds what it did; there is nothing to select
            return
        places = (str(place) for place, row in enumerate(rows) if row.name in set(names))
        with leaving_no_trace():
            tracker["selected_tracks"].setValue(",".join(places))

    def log(self) -> Path | None:
        """The log of the worker that runs, or ran last."""
        welcome = SESSION.welcome
        return Path(welcome.log) if welcome is not None and welcome.log else None


class NukePanel(TracksPanel):
    """The panel as Nuke makes it: without arguments."""

    def __init__(self) -> None:
        super().__init__(NukeHost())


def register() -> None:
    """Offer the panel in the menu of every pane, and to saved layouts."""
    nukescripts.panels.registerWidgetAsPanel(_EVALUATED, TITLE, PANEL_ID)


def show() -> None:
    """Open the panel beside the properties."""
    panel = nukescripts.panels.registerWidgetAsPanel(_EVALUATED, TITLE, PANEL_ID, create=True)
    panes = (nuke.getPaneFor(name) for name in _PANES)
    panel.addToPane(next((pane for pane in panes if pane is not None), None))
