# SPDX-License-Identifier: Apache-2.0
"""The menu in Nuke's menu bar, and the same in the toolbar of nodes."""

from __future__ import annotations

import logging
from functools import partial
from pathlib import Path

import nuke

from . import actions, worker_setup
from .session import cancel_all

NAME = "CoTrack"
_log = logging.getLogger(__name__)
_HERE = Path(__file__).resolve().parent


def add_menus() -> None:
    """Add what an artist sees of this plug-in, and end jobs with the script that they belong to."""
    for bar in ("Nuke", "Nodes"):
        menu = nuke.menu(bar).addMenu(NAME, icon=icon("track"))
        menu.addCommand("Track with CoTracker3", actions.track_selected, icon=icon("track"))
        menu.addCommand("Re-track from Here", actions.retrack_selected, icon=icon("retrack"))
        menu.addCommand("Cancel", actions.cancel, icon=icon("cancel"))
        menu.addSeparator()
        menu.addCommand("CoTracker3", actions.create_node, icon=icon("track"))
        making = menu.addMenu("Create")
        making.addCommand(
            "Transform (stabilise)", partial(actions.create_selected, "stabilise"), icon=icon("stabilise")
        )
        making.addCommand("Transform (match-move)", partial(actions.create_selected, "match-move"), icon=icon("empty"))
        making.addCommand("CornerPin2D", partial(actions.create_selected, "corner pin"), icon=icon("plane"))
        worker = menu.addMenu("Worker", icon=icon("worker"))
        worker.addCommand("State", worker_setup.show_state)
        worker.addCommand("Install", worker_setup.install)
        worker.addCommand("Choose Python", worker_setup.choose_python)
        worker.addCommand("Fetch Weights", worker_setup.fetch_weights)
        worker.addCommand("Choose Model", worker_setup.choose_model)
    nuke.addOnScriptClose(cancel_all)
    _add_panel()


def _add_panel() -> None:
    """Offer the panel where there is a Qt to show it."""
    try:
        from . import panel  # noqa: PLC0415  without Qt all else still works
    except ImportError as error:
        _log.warning("the panel is not there: %s", error)
        return
    panel.register()
    for bar in ("Nuke", "Nodes"):
        nuke.menu(bar).addMenu(NAME).addCommand("Panel", panel.show)


def icon(name: str) -> str:
    """The path of an icon: beside the package in the installed plug-in, as well as in a checkout."""
    return (_HERE.parent / "icons" / f"{name}.png").as_posix()
