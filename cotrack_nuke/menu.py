# SPDX-License-Identifier: Apache-2.0
"""Run by Nuke when it opens a window: adds the menu, and never keeps Nuke from starting."""

import logging
import sys

_OLDEST = (3, 9)


def _add_menu() -> None:
    if sys.version_info < _OLDEST:
        logging.getLogger("cotrack_nuke").warning("CoTrack needs Nuke 14 or later and is not loaded")
        return
    try:
        from cotrack_nuke.menus import add_menus  # noqa: PLC0415  only once it is sure that this Python reads it

        add_menus()
    except Exception:
        logging.getLogger("cotrack_nuke").exception("CoTrack is not loaded")


_add_menu()
