# SPDX-License-Identifier: GPL-3.0-or-later
"""Operators for the worker itself: test it, install it, read its log."""

from __future__ import annotations

from pathlib import Path

import bpy

from cotrack_client.errors import CotrackError
from cotrack_client.install.installation import CURRENT_RELEASE, Installation, Step

from .preferences import preferences_of
from .session import SESSION
from .tasks import TASKS, redraw
from .words import sentence

_LOOK_SECONDS = 0.2
_IDLE_LOOK_SECONDS = 1.0


class COTRACK_OT_test_worker(bpy.types.Operator):
    """Start the worker anew, and show its versions and devices here"""

    bl_idname = "cotrack.test_worker"
    bl_label = "Test"

    @classmethod
    def poll(cls, _context: bpy.types.Context) -> bool:
        """Not while it works."""
        if SESSION.is_busy:
            cls.poll_message_set("The worker is busy")
        return not SESSION.is_busy

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Start it."""
        SESSION.stop()
        try:
            start_worker(context)
        except CotrackError as error:
            self.report({"ERROR"}, sentence(str(error)))
            return {"CANCELLED"}
        return {"FINISHED"}


class COTRACK_OT_open_log(bpy.types.Operator):
    """Open the worker's log, or that of its installation, as a text"""

    bl_idname = "cotrack.open_log"
    bl_label = "Open Log"

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Load it as a text, and show it in a window of its own where there are windows."""
        logs = [Path(SESSION.welcome.log)] if SESSION.welcome else []
        logs += [SESSION.installation.log] if SESSION.installation else []
        log = next((log for log in logs if log.is_file()), None)
        if log is None:
            self.report({"ERROR"}, "There is no log yet; press Test first")
            return {"CANCELLED"}
        for text in [text for text in bpy.data.texts if text.filepath == str(log)]:
            bpy.data.texts.remove(text)  # an older reading of it
        text = bpy.data.texts.load(str(log))
        if not bpy.app.background:
            bpy.ops.wm.window_new()
            area = context.window_manager.windows[-1].screen.areas[0]
            area.type = "TEXT_EDITOR"
            area.spaces.active.text = text
        return {"FINISHED"}


class COTRACK_OT_install_worker(bpy.types.Operator):
    """Install the tracking worker into a folder of its own; you can go on working meanwhile"""

    bl_idname = "cotrack.install_worker"
    bl_label = "Install"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Without a folder of wheels it needs the network, which Blender asks its user for."""
        is_allowed = bool(preferences_of(context).wheels) or bpy.app.online_access
        if not is_allowed:
            cls.poll_message_set("Allow online access in the System preferences, or choose a folder of wheels")
        return is_allowed

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Begin it."""
        preferences = preferences_of(context)
        own = sorted((Path(__file__).parent / "wheels").glob("cotrack-*.whl"))
        wheels = Path(bpy.path.abspath(preferences.wheels)) if preferences.wheels else None
        requirement = str(own[-1]) if own else CURRENT_RELEASE
        SESSION.install(Installation(requirement, wheels=wheels, python=bpy.path.abspath(preferences.base)))
        keep_looking()
        return {"FINISHED"}


class COTRACK_OT_cancel_installation(bpy.types.Operator):
    """Stop installing; what was downloaded is kept for the next time"""

    bl_idname = "cotrack.cancel_installation"
    bl_label = "Cancel"

    def execute(self, _context: bpy.types.Context) -> set[str]:
        """Cancel it."""
        if SESSION.installation is not None:
            SESSION.installation.cancel()
        return {"FINISHED"}


class COTRACK_OT_cancel(bpy.types.Operator):
    """Cancel all tracking; what has been written so far stays, and one undo takes it back"""

    bl_idname = "cotrack.cancel"
    bl_label = "Cancel"

    @classmethod
    def poll(cls, _context: bpy.types.Context) -> bool:
        """While something runs."""
        return bool(TASKS)

    def execute(self, _context: bpy.types.Context) -> set[str]:
        """Cancel every task; their operators end by themselves."""
        for task in TASKS:
            task.cancel()
        return {"FINISHED"}


def start_worker(context: bpy.types.Context) -> None:
    """Have the worker of the preferences run.

    Raises CotrackError when there is none.
    """
    SESSION.start(bpy.path.abspath(preferences_of(context).python))
    keep_looking()


def keep_looking() -> None:
    """Let the worker and its installation go on, which they do only while somebody listens, until both have ended."""
    if bpy.app.timers.is_registered(_look):
        bpy.app.timers.unregister(_look)  # it may be resting
    bpy.app.timers.register(_look, first_interval=_LOOK_SECONDS, persistent=True)


def _look() -> float | None:
    """Listen, and have drawn anew what shows the state if that has changed; the seconds until the next time."""
    shown = _shown()
    SESSION.listen()
    if _shown() != shown:
        redraw()
    if SESSION.is_active:
        return _LOOK_SECONDS
    return _IDLE_LOOK_SECONDS if SESSION.state == "ready" else None


def _shown() -> tuple[str, Step | None]:
    """What panels show of worker and installation."""
    return SESSION.state, SESSION.installation.step if SESSION.installation else None


CLASSES = (
    COTRACK_OT_test_worker,
    COTRACK_OT_open_log,
    COTRACK_OT_install_worker,
    COTRACK_OT_cancel_installation,
    COTRACK_OT_cancel,
)


def stop_looking() -> None:
    """Take the timer away."""
    if bpy.app.timers.is_registered(_look):
        bpy.app.timers.unregister(_look)
