# SPDX-License-Identifier: GPL-3.0-or-later
"""Operators for what comes after tracking."""

from __future__ import annotations

from collections.abc import Callable

import bpy

from cotrack_client.errors import CotrackError

from .clip_shot import shot_of
from .track_operators import ShowsTracking
from .use import link_empties, make_plane_track, stabilise
from .words import sentence


class _UsesTracks(ShowsTracking, bpy.types.Operator):
    bl_options = {"UNDO"}

    def _do(self, action: Callable[[], str]) -> set[str]:
        try:
            self.report({"INFO"}, action())
        except CotrackError as error:
            self.report({"ERROR"}, sentence(str(error)))
            return {"CANCELLED"}
        return {"FINISHED"}


class COTRACK_OT_stabilise(_UsesTracks):
    """Add the selected tracks to Blender's 2D stabilization, and turn it on"""

    bl_idname = "cotrack.stabilise"
    bl_label = "Stabilise"

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Do it."""
        return self._do(lambda: stabilise(context.space_data.clip))


class COTRACK_OT_plane_track(_UsesTracks):
    """Make a plane track of the selected tracks; four of them become its corners"""

    bl_idname = "cotrack.plane_track"
    bl_label = "Plane Track"

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Do it."""
        clip = context.space_data.clip
        return self._do(lambda: make_plane_track(clip, shot_of(clip).frames))


class COTRACK_OT_link_empty(_UsesTracks):
    """Make an empty for each selected track that follows it in the 3D view, as the scene's camera sees it"""

    bl_idname = "cotrack.link_empty"
    bl_label = "Link Empties"

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Do it."""
        return self._do(lambda: link_empties(context.space_data.clip))


CLASSES = (COTRACK_OT_stabilise, COTRACK_OT_plane_track, COTRACK_OT_link_empty)
