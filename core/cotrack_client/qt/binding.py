# SPDX-License-Identifier: Apache-2.0
"""The Qt of this process: what is loaded already, else PySide6, else PySide2.

A host may bring one and find the other on its path; two in one process end it. Nuke has PySide2 up to 15, PySide6 from
16.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING or "PySide6" in sys.modules:
    from PySide6 import QtCore, QtGui, QtWidgets
elif "PySide2" in sys.modules:
    from PySide2 import QtCore, QtGui, QtWidgets
else:
    try:
        from PySide6 import QtCore, QtGui, QtWidgets
    except ImportError:
        from PySide2 import QtCore, QtGui, QtWidgets

__all__ = ["QtCore", "QtGui", "QtWidgets", "place_of"]


def place_of(event: QtGui.QMouseEvent) -> QtCore.QPoint:
    """Return where in its widget a mouse event happened."""
    return event.position().toPoint() if hasattr(event, "position") else event.pos()
