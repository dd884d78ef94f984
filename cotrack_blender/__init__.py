# SPDX-License-Identifier: GPL-3.0-or-later
"""Track with CoTracker3 in Blender's Movie Clip Editor."""

from __future__ import annotations

import bpy

from . import (
    check_operators,
    clean_operators,
    panel,
    pictures,
    place_operators,
    preferences,
    settings,
    track_operators,
    use_operators,
    weights_operator,
    worker_operators,
)
from .session import SESSION
from .watching import abandon_tasks

_CLASSES = (
    preferences.CotrackPreferences,
    *worker_operators.CLASSES,
    *weights_operator.CLASSES,
    *track_operators.CLASSES,
    *place_operators.CLASSES,
    *check_operators.CLASSES,
    *clean_operators.CLASSES,
    *use_operators.CLASSES,
    *panel.CLASSES,
)


def register() -> None:
    """Turn the extension on."""
    pictures.register()
    settings.register()
    for cls in _CLASSES:
        bpy.utils.register_class(cls)


def unregister() -> None:
    """Turn it off, or quit Blender: the worker ends too."""
    SESSION.close()
    abandon_tasks()
    worker_operators.stop_looking()
    for cls in reversed(_CLASSES):
        bpy.utils.unregister_class(cls)
    settings.unregister()
    pictures.unregister()
