# SPDX-License-Identifier: GPL-3.0-or-later
"""Operators that judge markers before they are tracked, and lead to those that were warned about."""

from __future__ import annotations

import bpy
from bpy.props import IntProperty, StringProperty

from cotrack_client.messages import CheckJob

from .checking import judge
from .clip_shot import shot_of
from .markers import read_keys
from .selecting import select_only
from .session import SESSION
from .tasks import Checking, Task
from .track_operators import ShowsTracking
from .watching import WatchesTask
from .worker_operators import start_worker


class COTRACK_OT_check_markers(ShowsTracking, WatchesTask):
    """Say which of these markers will not track well, and why. Selects those, and changes nothing else"""

    bl_idname = "cotrack.check_markers"
    bl_label = "Check Markers"

    def begin(self, context: bpy.types.Context) -> Task:
        """Read the keys and ask for them to be judged."""
        settings, clip = context.scene.cotrack, context.space_data.clip
        shot = shot_of(clip)
        here = shot.frames.from_scene(context.scene.frame_current)
        reading = read_keys(clip, shot.frames, only_selected=settings.tracks == "SELECTED", stand_in=here)
        start_worker(context)
        request = CheckJob(SESSION.name_job(), shot.request, reading.keys(shot.frames, shot.size))
        return Checking(request, lambda points: judge(reading, shot.frames, points))


class COTRACK_OT_show_marker(ShowsTracking, bpy.types.Operator):
    """Go to this marker and select it"""

    bl_idname = "cotrack.show_marker"
    bl_label = "Go to Marker"
    bl_options = {"UNDO", "INTERNAL"}

    track: StringProperty()
    frame: IntProperty(name="Frame", description="Of the scene")
    warning: StringProperty(options={"SKIP_SAVE"})

    @classmethod
    def description(cls, _context: bpy.types.Context, properties: bpy.types.OperatorProperties) -> str:
        """The tooltip: what is wrong with the marker, and what to do."""
        return f"{properties.warning}. Click to go there"

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Do it."""
        clip = context.space_data.clip
        tracks = clip.tracking.objects.active.tracks
        if self.track not in tracks:
            self.report({"ERROR"}, f"There is no track {self.track} any more")
            return {"CANCELLED"}
        select_only(clip, (self.track,))
        tracks.active = tracks[self.track]
        context.scene.frame_current = self.frame  # the clip editor follows this, but not frame_set
        return {"FINISHED"}


CLASSES = (COTRACK_OT_check_markers, COTRACK_OT_show_marker)
