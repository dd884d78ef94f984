# SPDX-License-Identifier: GPL-3.0-or-later
"""How an operator sees a task through: modal in a window, so that all else stays usable, or at once without one."""

from __future__ import annotations

import time

import bpy

from cotrack_client.errors import CotrackError

from .tasks import TASKS, Outcome, Task, redraw
from .words import sentence

_TICK_SECONDS = 0.05
_REDRAW_SECONDS = 0.2  # an editor full of markers takes longer to draw than a tick to write
_IDLE_SECONDS = 0.005

_TIMERS: list[bpy.types.Timer] = []
"""Of the operators that run in windows."""


class WatchesTask(bpy.types.Operator):
    """What operators with a task have in common; their `begin(context)` makes it, or raises CotrackError.

    Undo: an operator that ends as FINISHED leaves one step, also when it was cancelled half-way, so that one Ctrl-Z
    takes back all that was written. "REGISTER" would have Adjust Last Operation run the whole job again.
    """

    bl_options = {"UNDO"}

    def invoke(self, context: bpy.types.Context, _event: bpy.types.Event) -> set[str]:
        """Begin, and go on beside the artist's own work."""
        return self.watch(context)

    def watch(self, context: bpy.types.Context) -> set[str]:
        """Begin, and stay."""
        task = self._begun(context)
        if task is None:
            return {"CANCELLED"}
        self._task, self._redraw_at = task, 0.0
        self._timer = context.window_manager.event_timer_add(_TICK_SECONDS, window=context.window)
        _TIMERS.append(self._timer)
        context.window_manager.modal_handler_add(self)
        return {"RUNNING_MODAL"}

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Begin, and return when it has ended; for scripts and for Blender without a window."""
        task = self._begun(context)
        if task is None:
            return {"CANCELLED"}
        try:
            while (outcome := task.tick()) is None:
                time.sleep(_IDLE_SECONDS)
        finally:
            task.cancel()
            TASKS.remove(task)
        return self._concluded(outcome)

    def modal(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """Go on at every tick; Esc cancels, and everything else is for whoever else wants it."""
        if event.type == "ESC" and event.value == "PRESS" and _is_over_clip(context, event):
            self._task.cancel()
            return {"RUNNING_MODAL"}
        if event.type != "TIMER":
            return {"PASS_THROUGH"}
        try:
            outcome = self._task.tick()
        except BaseException:  # Blender tells the artist, and drops the operator without a word to it
            self.cancel(context)
            raise
        if outcome is not None or time.monotonic() >= self._redraw_at:
            self._redraw_at = time.monotonic() + _REDRAW_SECONDS
            redraw()
        if outcome is None:
            return {"PASS_THROUGH"}
        self._let_go(context)
        return self._concluded(outcome)

    def cancel(self, context: bpy.types.Context) -> None:
        """Blender loads another file, or quits."""
        self._task.cancel()
        self._let_go(context)

    def _begun(self, context: bpy.types.Context) -> Task | None:
        try:
            task = self.begin(context)
        except CotrackError as error:
            self.report({"ERROR"}, sentence(str(error)))
            return None
        TASKS.append(task)
        return task

    def _let_go(self, context: bpy.types.Context) -> None:
        _TIMERS.remove(self._timer)
        context.window_manager.event_timer_remove(self._timer)
        TASKS.remove(self._task)

    def _concluded(self, outcome: Outcome) -> set[str]:
        self.report({outcome.level}, sentence(outcome.sentence))
        return {"FINISHED"} if outcome.changed else {"CANCELLED"}


def abandon_tasks() -> None:
    """Let go of all that is under way, for the extension is turned off: Blender frees its operators without a word."""
    while _TIMERS:
        bpy.context.window_manager.event_timer_remove(_TIMERS.pop())
    TASKS.clear()


def _is_over_clip(context: bpy.types.Context, event: bpy.types.Event) -> bool:
    """Whether the mouse is over a clip editor; elsewhere Esc is somebody else's."""
    return any(
        area.type == "CLIP_EDITOR"
        and area.x <= event.mouse_x < area.x + area.width
        and area.y <= event.mouse_y < area.y + area.height
        for area in context.window.screen.areas
    )
