# SPDX-License-Identifier: GPL-3.0-or-later
"""The tab in the Movie Clip Editor's sidebar."""

from __future__ import annotations

from collections.abc import Sequence

import bpy

from cotrack_client.errors import CotrackError
from cotrack_client.install.finding import find_worker
from cotrack_client.messages import Model

from .checking import FINDINGS, Doubt
from .pictures import icon
from .preferences import draw_wrapped, preferences_of
from .session import SESSION
from .settings import DEFAULT_MODEL, CotrackCleaning, CotrackSettings
from .tasks import TASKS, Task
from .track_operators import ShowsTracking
from .worker_operators import start_worker

_BUTTONS = (
    ("BACKWARD", True, "track_step_backward"),
    ("BACKWARD", False, "track_backward"),
    ("BOTH", False, "track"),
    ("FORWARD", False, "track_forward"),
    ("FORWARD", True, "track_step_forward"),
)
_WIDTH = 34  # characters that a sidebar of usual width shows
_MOST_DOUBTS = 6

_CLEANING = (
    ("use_confidence", "confidence"),
    ("use_despike", None),
    ("use_fill", "fill"),
    ("use_shortest", "shortest"),
    ("use_smooth", "smooth"),
)
"""Of `CotrackCleaning`: whether, and how much."""


class _InSidebar(ShowsTracking):
    bl_space_type = "CLIP_EDITOR"
    bl_region_type = "UI"
    bl_category = "CoTracker"


class COTRACK_PT_track(_InSidebar, bpy.types.Panel):
    """Track."""

    bl_label = "Track with CoTracker3"

    def draw(self, context: bpy.types.Context) -> None:
        """Draw it."""
        settings, column = context.scene.cotrack, self.layout.column()
        if _lacks_worker(context, column):
            return
        _start_when_first_shown()
        row = column.row(align=True)
        row.prop(settings, "tracks", expand=True)
        row = column.row(align=True)
        row.scale_y = 1.5
        for direction, one_step, picture in _BUTTONS:
            button = row.operator(
                "cotrack.track", text="Track" if direction == "BOTH" else "", icon_value=icon(picture)
            )
            button.direction, button.one_step = direction, one_step
        for task in TASKS:
            _draw_task(column, task)
        _draw_settings(column, settings)


class COTRACK_PT_retrack(_InSidebar, bpy.types.Panel):
    """Correct."""

    bl_label = "Correct"
    bl_parent_id = "COTRACK_PT_track"

    def draw(self, _context: bpy.types.Context) -> None:
        """Draw it."""
        column = self.layout.column()
        column.label(text="Move the marker, then:")
        row = column.row(align=True)
        row.scale_y = 1.2
        row.operator("cotrack.retrack", text="", icon_value=icon("track_backward")).direction = "BACKWARD"
        row.operator("cotrack.retrack", text="Re-track from Here", icon_value=icon("retrack")).direction = "BOTH"
        row.operator("cotrack.retrack", text="", icon_value=icon("track_forward")).direction = "FORWARD"


class COTRACK_PT_place(_InSidebar, bpy.types.Panel):
    """Place markers."""

    bl_label = "Place Markers"
    bl_parent_id = "COTRACK_PT_track"

    def draw(self, context: bpy.types.Context) -> None:
        """Draw it."""
        settings, column = context.scene.cotrack, self.layout.column()
        where = column.column()
        where.use_property_split = True
        where.use_property_decorate = False
        where.prop(settings, "region")
        if settings.region == "MASK":
            where.prop_search(settings, "mask", bpy.data, "masks")
        row = column.row(align=True)
        row.operator("cotrack.place_features", icon_value=icon("detect"))
        row.prop(settings, "count", text="")
        row = column.row(align=True)
        row.operator("cotrack.place_grid", icon_value=icon("grid"))
        row.prop(settings, "grid", text="")
        column.operator("cotrack.check_markers", icon_value=icon("check"))
        _draw_doubts(column, FINDINGS.of(context.space_data.clip))


class COTRACK_PT_clean(_InSidebar, bpy.types.Panel):
    """Clean up."""

    bl_label = "Clean Up"
    bl_parent_id = "COTRACK_PT_track"
    bl_options = {"DEFAULT_CLOSED"}

    def draw(self, context: bpy.types.Context) -> None:
        """Draw it."""
        cleaning, column = context.scene.cotrack.cleaning, self.layout.column()
        what = column.column()
        what.use_property_split = True
        what.use_property_decorate = False
        for use, amount in _CLEANING:
            _draw_operation(what, cleaning, use, amount)
        column.operator("cotrack.clean", icon_value=icon("clean"))


class COTRACK_PT_use(_InSidebar, bpy.types.Panel):
    """Use the tracks."""

    bl_label = "Use the Tracks"
    bl_parent_id = "COTRACK_PT_track"

    def draw(self, _context: bpy.types.Context) -> None:
        """Draw it."""
        column = self.layout.column(align=True)
        column.operator("cotrack.stabilise", icon_value=icon("stabilise"))
        column.operator("cotrack.plane_track", icon_value=icon("plane"))
        column.operator("cotrack.link_empty", icon_value=icon("empty"))


def _lacks_worker(context: bpy.types.Context, column: bpy.types.UILayout) -> bool:
    """Whether there is no worker yet; then say what to do."""
    try:
        is_there = find_worker(bpy.path.abspath(preferences_of(context).python)) is not None
        trouble = None if is_there else "The tracking worker is not installed yet."
    except CotrackError as error:
        trouble = str(error)
    if trouble is None:
        return False
    draw_wrapped(column, trouble, _WIDTH, alert=True)
    column.operator("preferences.addon_show", text="Set Up…", icon="PREFERENCES").module = __package__
    return True


def _start_when_first_shown() -> None:
    """A layout may not change anything while it is drawn, so the worker is started a moment later."""
    if SESSION.state == "none" and not bpy.app.timers.is_registered(_start):
        bpy.app.timers.register(_start, first_interval=0.0)


def _start() -> None:
    if SESSION.state == "none" and preferences_of(bpy.context).eager:
        start_worker(bpy.context)


def _draw_task(column: bpy.types.UILayout, task: Task) -> None:
    box = column.box().column(align=True)
    box.label(text=task.title[:1].upper() + task.title[1:])
    row = box.row(align=True)
    row.progress(factor=task.life.fraction, type="BAR", text=task.life.status())
    row.operator("cotrack.cancel", text="", icon_value=icon("cancel"))


def _draw_settings(column: bpy.types.UILayout, settings: CotrackSettings) -> None:
    column.use_property_split = True
    column.use_property_decorate = False
    column.prop(settings, "reach")
    if settings.reach == "FRAMES":
        column.prop(settings, "frames")
    column.prop(settings, "model")
    _draw_licence(column, settings.model)
    column.prop(settings, "quality")
    column.prop(settings, "refine")
    column.prop(settings, "device")
    column.prop(settings, "weights")


def _draw_doubts(column: bpy.types.UILayout, doubts: Sequence[Doubt]) -> None:
    """The markers that were warned about, a row each that leads there."""
    if not doubts:
        return
    box = column.box().column(align=True)
    for doubt in doubts[:_MOST_DOUBTS]:
        row = box.row()
        row.alignment = "LEFT"
        button = row.operator(
            "cotrack.show_marker",
            text=f"{doubt.track} ({doubt.scene_frame}): {doubt.reason}",
            icon="ERROR",
            emboss=False,
        )
        button.track, button.frame, button.warning = doubt.track, doubt.scene_frame, doubt.warning
    if len(doubts) > _MOST_DOUBTS:
        box.label(text=f"and {len(doubts) - _MOST_DOUBTS} more", icon="BLANK1")


def _draw_operation(column: bpy.types.UILayout, cleaning: CotrackCleaning, use: str, amount: str | None) -> None:
    """A tick, and beside it how much, grey while it is not ticked."""
    row = column.row(heading=cleaning.bl_rna.properties[use].name)
    row.prop(cleaning, use, text="")
    if amount is not None:
        beside = row.row()
        beside.active = getattr(cleaning, use)
        beside.prop(cleaning, amount, text="")


def _draw_licence(column: bpy.types.UILayout, name: str) -> None:
    """What the model may be used for, and whether its weights are there."""
    if SESSION.state == "starting":
        column.label(text="Starting the worker…", icon="SORTTIME")
        return
    if SESSION.trouble:
        draw_wrapped(column, SESSION.trouble, _WIDTH, alert=True)
        return
    models = SESSION.welcome.models if SESSION.welcome else ()
    model = next((model for model in models if name in (model.name, DEFAULT_MODEL)), None)
    if model is not None:
        draw_wrapped(column, _licence(model), _WIDTH, alert=not model.commercial_use)
        if not model.ready:
            column.operator("cotrack.fetch_weights", icon="IMPORT").model = model.name


def _licence(model: Model) -> str:
    return f"{model.title}, {model.licence}: {model.usage}"


CLASSES = (COTRACK_PT_track, COTRACK_PT_retrack, COTRACK_PT_place, COTRACK_PT_clean, COTRACK_PT_use)
