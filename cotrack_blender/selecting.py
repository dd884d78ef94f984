# SPDX-License-Identifier: GPL-3.0-or-later
"""Which tracks an action is about, and who is selected."""

from __future__ import annotations

from collections.abc import Container

import bpy

from cotrack_client.errors import CotrackError

from .words import listed


def chosen_tracks(
    clip: bpy.types.MovieClip, *, only_selected: bool
) -> tuple[list[bpy.types.MovieTrackingTrack], list[str]]:
    """The selected tracks of the active object, or all, and sentences about those left alone.

    Locked tracks are left alone, and hidden ones, as Blender's own tracker does it.

    Raises CotrackError when none is left.
    """
    tracks = list(clip.tracking.objects.active.tracks)
    if not tracks:
        raise CotrackError(f"{clip.name} has no tracks; Ctrl-click in the clip to place a marker")
    asked = [track for track in tracks if not track.hide and (is_selected(track) or not only_selected)]
    free = [track for track in asked if not track.lock]
    locked = [track.name for track in asked if track.lock]
    hidden = [track.name for track in tracks if track.hide] if not only_selected else []
    if not asked:
        raise CotrackError(
            "no track is selected; click one, or track all" if only_selected else "all tracks are hidden"
        )
    if not free:
        raise CotrackError(f"all of these tracks are locked: {listed(locked)}; unlock one")
    left_alone = (("locked", locked), ("hidden", hidden))
    return free, [f"left alone, being {why}: {listed(names)}" for why, names in left_alone if names]


def selected_names(clip: bpy.types.MovieClip) -> tuple[str, ...]:
    """The tracks of the active object that Blender's own operators would act on."""
    tracks = clip.tracking.objects.active.tracks
    return tuple(track.name for track in tracks if is_selected(track) and not track.hide)


def is_selected(track: bpy.types.MovieTrackingTrack) -> bool:
    """Whether the track, its pattern or its search area is selected."""
    return track.select or track.select_pattern or track.select_search


def select_only(clip: bpy.types.MovieClip, names: Container[str]) -> None:
    """Select these tracks of the active object whole, and no other."""
    for track in clip.tracking.objects.active.tracks:
        track.select = track.select_pattern = track.select_search = track.name in names
