# SPDX-License-Identifier: GPL-3.0-or-later
"""The preferences: which worker, whether it works, and how to install one."""

import bpy
from bpy.props import BoolProperty, StringProperty

from cotrack_client.install.installation import SIZE_AND_LICENCE
from cotrack_client.messages import Welcome

from .pictures import icon
from .session import SESSION
from .tasks import redraw
from .words import sentence

_GIGABYTE = 2**30


class CotrackPreferences(bpy.types.AddonPreferences):
    """Where the worker is, and how it is."""

    bl_idname = __package__

    python: StringProperty(
        name="Worker's Python",
        description="The Python, or the environment's folder, that cotrack is installed in. Empty: what COTRACK_PYTHON "
        "names, else the one that Install made",
        subtype="FILE_PATH",
        update=lambda _preferences, _context: redraw(),
    )
    wheels: StringProperty(
        name="Folder of Wheels",
        description="Install from this folder, without any network. Empty: from the package index",
        subtype="DIR_PATH",
    )
    base: StringProperty(
        name="Install with",
        description="The Python 3.11 to 3.14 that makes the worker's environment. Empty: the first that is found",
        subtype="FILE_PATH",
    )
    eager: BoolProperty(
        name="Start the Worker with the Panel",
        description="Start it when the panel is first shown, so that the first track does not wait for it",
        default=True,
    )

    def draw(self, _context: bpy.types.Context) -> None:
        """Draw them."""
        column = self.layout.column()
        column.prop(self, "python")
        row = column.row(align=True)
        row.operator("cotrack.test_worker", icon_value=icon("worker"))
        row.operator("cotrack.open_log", icon="TEXT")
        _draw_worker(column.box().column(align=True))
        column.prop(self, "eager")
        column.separator()
        self._draw_installation(column.box().column())

    def _draw_installation(self, column: bpy.types.UILayout) -> None:
        column.label(text="Install the Worker", icon="IMPORT")
        draw_wrapped(column, SIZE_AND_LICENCE, 110)
        column.prop(self, "wheels")
        column.prop(self, "base")
        installation = SESSION.installation
        step = installation.step if installation else None
        if step is not None and step.state == "working":
            column.progress(factor=step.share, type="BAR", text=step.sentence)
            column.operator("cotrack.cancel_installation", icon_value=icon("cancel"))
            return
        column.operator("cotrack.install_worker", icon="IMPORT")
        if step is not None:
            draw_wrapped(column, step.sentence, 110, alert=step.state == "failed")


def preferences_of(context: bpy.types.Context) -> CotrackPreferences:
    """The extension's preferences."""
    return context.preferences.addons[__package__].preferences


def draw_wrapped(column: bpy.types.UILayout, text: str, width: int, *, alert: bool = False) -> None:
    """A text in as many labels as it needs. width: characters."""
    lines, line = [], ""
    for word in sentence(text).split():
        if line and len(line) + 1 + len(word) > width:
            lines.append(line)
            line = ""
        line = f"{line} {word}".strip()
    column = column.column(align=True)
    column.alert = alert
    for number, words in enumerate([*lines, line]):
        column.label(text=words, icon=("BLANK1" if number else "ERROR") if alert else "NONE")


def _draw_worker(column: bpy.types.UILayout) -> None:
    if SESSION.welcome is not None and SESSION.state == "ready":
        for line in describe(SESSION.welcome):
            column.label(text=line)
    elif SESSION.state == "starting":
        column.label(text="Starting…", icon="SORTTIME")
    elif SESSION.trouble:
        draw_wrapped(column, SESSION.trouble, 110, alert=True)
    else:
        column.label(text="Not started yet")


def describe(welcome: Welcome) -> list[str]:
    """What a worker says of itself, a line each: versions, then devices."""
    lines = [", ".join(f"{name} {version}" for name, version in welcome.versions.items())]
    return lines + [f"{device.name} ({device.kind}), {device.memory / _GIGABYTE:.0f} GB" for device in welcome.devices]
