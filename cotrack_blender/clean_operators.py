# SPDX-License-Identifier: GPL-3.0-or-later
"""The operator that cleans tracks up."""

from __future__ import annotations

import bpy

from cotrack_client.cleaning.words import in_words
from cotrack_client.errors import CotrackError

from .cleaning import clean_tracks
from .clip_shot import shot_of
from .selecting import chosen_tracks
from .track_operators import ShowsTracking
from .words import sentence


class COTRACK_OT_clean(ShowsTracking, bpy.types.Operator):
    """Do what is ticked above to these tracks. Your keys stay as they are, and nothing reaches across one"""

    bl_idname = "cotrack.clean"
    bl_label = "Clean Up"
    bl_options = {"UNDO"}

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Do it, and say how much was changed."""
        settings, clip = context.scene.cotrack, context.space_data.clip
        try:
            tracks, remarks = chosen_tracks(clip, only_selected=settings.tracks == "SELECTED")
            changes = clean_tracks(clip, tracks, shot_of(clip), settings.cleaning.cleaning())
        except CotrackError as error:
            self.report({"ERROR"}, sentence(str(error)))
            return {"CANCELLED"}
        told = in_words(changes)
        self.report({"INFO"}, sentence("; ".join((told or "there was nothing to clean", *remarks))))
        return {"FINISHED"} if told else {"CANCELLED"}


CLASSES = (COTRACK_OT_clean,)
