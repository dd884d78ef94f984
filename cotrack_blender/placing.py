# SPDX-License-Identifier: GPL-3.0-or-later
"""Points that the worker placed, as new tracks with a key each."""

from __future__ import annotations

from collections.abc import Iterable

import bpy

from cotrack_client import raster

from .selecting import select_only


def add_tracks(
    clip: bpy.types.MovieClip, points: Iterable[tuple[float, float]], frame: int, size: tuple[int, int]
) -> tuple[str, ...]:
    """Add a track for each raster position, keyed at a marker frame, and select these alone; their names."""
    names = []
    for point in points:
        track = clip.tracking.objects.active.tracks.new(frame=frame)
        track.markers[0].co = raster.to_blender(*point, *size)
        names.append(track.name)
    select_only(clip, names)
    return tuple(names)
