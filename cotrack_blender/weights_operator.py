# SPDX-License-Identifier: GPL-3.0-or-later
"""The operator that brings a model's weights here, once the artist has accepted their licence."""

from __future__ import annotations

import bpy
from bpy.props import StringProperty

from cotrack_client.errors import CotrackError
from cotrack_client.messages import FetchJob, Model

from .preferences import draw_wrapped
from .session import SESSION
from .tasks import Fetching, Task
from .watching import WatchesTask

_DIALOG_WIDTH = 420  # px, of which a character takes about six


class COTRACK_OT_fetch_weights(WatchesTask):
    """Bring the weights of this model here, after you have read what their licence allows"""

    bl_idname = "cotrack.fetch_weights"
    bl_label = "Fetch Weights…"
    bl_options = {"INTERNAL"}

    model: StringProperty(options={"HIDDEN", "SKIP_SAVE"})
    source: StringProperty(
        name="From",
        description="A file, or a folder that holds it, for a machine without a network. Empty: from the authors' page",
        subtype="FILE_PATH",
    )

    def invoke(self, context: bpy.types.Context, _event: bpy.types.Event) -> set[str]:
        """Show the licence first."""
        return context.window_manager.invoke_props_dialog(
            self, width=_DIALOG_WIDTH, title="Fetch Weights", confirm_text="Accept and Fetch"
        )

    def draw(self, _context: bpy.types.Context) -> None:
        """What is about to be accepted."""
        column, model = self.layout.column(), self._model()
        if model is None:
            return
        size = "" if model.size is None else f", {model.size / 1e6:.0f} MB"
        column.label(text=f"{model.title}{size}")
        draw_wrapped(column, f"{model.licence}: {model.usage}", 60, alert=not model.commercial_use)
        column.prop(self, "source")

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Stay beside the artist's work where there is a window, else return when all is done."""
        return super().execute(context) if bpy.app.background else self.watch(context)

    def begin(self, _context: bpy.types.Context) -> Task:
        """Ask for the weights."""
        model = self._model()
        if model is None:
            raise CotrackError(f"the worker knows no model {self.model!r}; press Test in the preferences")
        if not (self.source or bpy.app.online_access):
            raise CotrackError("Blender may not go online; allow it in the System preferences, or name a file")
        source = bpy.path.abspath(self.source) or None
        return Fetching(FetchJob(SESSION.name_job(), model.name, model.licence, source), model)

    def _model(self) -> Model | None:
        models = SESSION.welcome.models if SESSION.welcome else ()
        return next((model for model in models if model.name == self.model), None)


CLASSES = (COTRACK_OT_fetch_weights,)
