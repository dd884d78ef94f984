# SPDX-License-Identifier: Apache-2.0
"""What the menu calls: everything acts on the one Tracker4 that is selected, never on the whole script."""

from __future__ import annotations

from pathlib import Path

import nuke
from cotrack_client.errors import CotrackError

from . import jobs, knobs, making
from .preferences import read_preferences
from .running import report_errors
from .session import cancel_all
from .settings import Settings
from .surroundings import group_of, one_undo_step

NODE_FILE = Path(__file__).with_name("CoTracker3.nk")


@report_errors
def track_selected() -> None:
    """Track the selected Tracker4 from its placed keys, into a new one beside it."""
    jobs.track(selected_tracker(), _settings())


@report_errors
def retrack_selected() -> None:
    """Track the selected Tracker4 anew from the current frame."""
    jobs.retrack(selected_tracker(), _settings())


@report_errors
def cancel() -> None:
    """End everything that is under way."""
    cancel_all()


@report_errors
def create_selected(kind: making.Kind) -> None:
    """Make a node from the selected Tracker4, at its own reference frame."""
    making.make(selected_tracker(), making.Recipe(kind))


@report_errors
def create_node() -> None:
    """Make a CoTracker3 node, connected to the selected Tracker4 and its plate if there is one."""
    selected = _selected()
    with one_undo_step("Create CoTracker3"):
        if selected is None:
            nuke.nodePaste(NODE_FILE.as_posix())
            return
        with group_of(selected):
            node = nuke.nodePaste(NODE_FILE.as_posix())
        if node is None:
            raise CotrackError(f"Nuke cannot read {NODE_FILE}; install the plug-in anew")
        is_tracker = selected.Class() == "Tracker4"
        node.setInput(knobs.PLATE, selected.input(0) if is_tracker else selected)
        node.setInput(knobs.TRACKER, selected if is_tracker else None)
        if is_tracker:
            node["reference"].setValue(int(selected["reference_frame"].value()))
        knobs.show_models(node)


def selected_tracker() -> nuke.Node:
    """The Tracker4 that is selected. Raises CotrackError where it is not exactly one."""
    selected = nuke.selectedNodes("Tracker4")
    if len(selected) != 1:
        count = len(selected) or "no"
        raise CotrackError(f"{count} Tracker nodes are selected; select the one that has your tracks")
    return selected[0]


def _settings() -> Settings:
    return Settings(model=read_preferences().model or None)


def _selected() -> nuke.Node | None:
    selected = nuke.selectedNodes()
    return selected[0] if len(selected) == 1 else None
