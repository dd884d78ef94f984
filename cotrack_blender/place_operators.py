# SPDX-License-Identifier: GPL-3.0-or-later
"""Operators that place markers for the artist: a grid, or good features."""

from __future__ import annotations

from collections.abc import Sequence

import bpy

from cotrack_client.errors import CotrackError
from cotrack_client.messages import PlaceJob

from .clip_shot import shot_of
from .markers import TrackList
from .placing import add_tracks
from .regions import Polygon, regions_of_annotation, regions_of_mask
from .session import SESSION
from .settings import CotrackSettings
from .tasks import Placing, Task
from .track_operators import ShowsTracking
from .watching import WatchesTask
from .worker_operators import start_worker


def _place(context: bpy.types.Context, *, grid: int | None = None, count: int | None = None) -> Task:
    """Ask the worker for points in the current frame, within the region that the settings name."""
    clip, settings = context.space_data.clip, context.scene.cotrack
    whole = shot_of(clip)
    here = whole.frames.from_scene(context.scene.frame_current)
    shot = whole.within(here, here)
    regions = _regions(settings, clip, shot.size)
    place = TrackList.active(clip)
    start_worker(context)
    request = PlaceJob(
        SESSION.name_job(), shot.request, whole.frames.to_shot(here), count=count, grid=grid, regions=regions
    )

    def make(points: Sequence[tuple[float, float]]) -> tuple[str, ...]:
        there = place.clip()
        return () if there is None else add_tracks(there, points, here, shot.size)

    return Placing(request, make)


def _regions(settings: CotrackSettings, clip: bpy.types.MovieClip, size: tuple[int, int]) -> tuple[Polygon, ...]:
    if settings.region == "ANNOTATION":
        return regions_of_annotation(clip, size)
    if settings.region == "PICTURE":
        return ()
    if settings.mask is None:
        raise CotrackError("no mask is chosen; choose one below Where, or draw one in the clip editor's mode Mask")
    return regions_of_mask(settings.mask, size)


class COTRACK_OT_place_features(ShowsTracking, WatchesTask):
    """Place markers on what can be tracked well in this frame, and select them"""

    bl_idname = "cotrack.place_features"
    bl_label = "Detect Features"

    def begin(self, context: bpy.types.Context) -> Task:
        """Ask for good features."""
        return _place(context, count=context.scene.cotrack.count)


class COTRACK_OT_place_grid(ShowsTracking, WatchesTask):
    """Place a grid of markers in this frame, and select them"""

    bl_idname = "cotrack.place_grid"
    bl_label = "Place Grid"

    def begin(self, context: bpy.types.Context) -> Task:
        """Ask for a grid."""
        return _place(context, grid=context.scene.cotrack.grid)


CLASSES = (COTRACK_OT_place_features, COTRACK_OT_place_grid)
