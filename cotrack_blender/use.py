# SPDX-License-Identifier: GPL-3.0-or-later
"""What selected tracks are used for, by Blender's own means: stabilise, plane track, empties.

Each returns a sentence that says what was done, and raises CotrackError with one that says what is missing.
"""

from __future__ import annotations

import bpy

from cotrack_client.corners import in_order
from cotrack_client.errors import CotrackError

from .clip_frames import ClipFrames
from .editor import clip_editor, run
from .selecting import selected_names
from .words import listed

_CORNERS = 4


def stabilise(clip: bpy.types.MovieClip) -> str:
    """Make the selected tracks steady the clip's position, and its rotation too if there are two or more."""
    names = _selected(clip, at_least=1, purpose="steady the clip")
    stabilization = clip.tracking.stabilization
    steadied = "position"
    with clip_editor(clip):
        run(bpy.ops.clip.stabilize_2d_add)
        if len(names) > 1:
            run(bpy.ops.clip.stabilize_2d_rotation_add)
            stabilization.use_stabilize_rotation = True
            steadied = "position and rotation"
    stabilization.use_2d_stabilization = True
    return f"2D Stabilization is on, for the {steadied} of {clip.name}, by {listed(names)}"


def make_plane_track(clip: bpy.types.MovieClip, frames: ClipFrames) -> str:
    """Make a plane track of the selected tracks, four or more; if they are four, they become its corners."""
    names = _selected(clip, at_least=_CORNERS, purpose="span a plane")
    owner = clip.tracking.objects.active
    before = {plane.name for plane in owner.plane_tracks}
    with clip_editor(clip):
        run(bpy.ops.clip.create_plane_track)
    (plane,) = (plane for plane in owner.plane_tracks if plane.name not in before)
    now = frames.from_scene(bpy.context.scene.frame_current)
    if len(names) == _CORNERS and _pin(plane, [owner.tracks[name] for name in names], now):
        return f"{plane.name} has its corners on {listed(names)}"
    return f"{plane.name} moves with {listed(names)}; drag its corners to where they belong"


def link_empties(clip: bpy.types.MovieClip) -> str:
    """Make an empty that follows each of the selected tracks as the scene's camera sees it."""
    names = _selected(clip, at_least=1, purpose="be followed by an empty")
    if bpy.context.scene.camera is None:
        raise CotrackError("the scene has no camera for empties to be seen from; add one, then link again")
    before = set(bpy.data.objects)
    with clip_editor(clip):
        run(bpy.ops.clip.track_to_empty)
    tracks = clip.tracking.objects.active.tracks
    empties = [empty for empty in bpy.data.objects if empty not in before]
    for constraint in (constraint for empty in empties for constraint in empty.constraints):
        constraint.use_3d_position = tracks[constraint.track].has_bundle
    return f"{listed(empty.name for empty in empties)} follow {listed(names)}"


def _selected(clip: bpy.types.MovieClip, *, at_least: int, purpose: str) -> tuple[str, ...]:
    names = selected_names(clip)
    if len(names) < at_least:
        wanted = "a track" if at_least == 1 else f"{at_least} tracks"
        raise CotrackError(f"{len(names)} tracks are selected; select {wanted} to {purpose}")
    return names


def _pin(plane: bpy.types.MovieTrackingPlaneTrack, tracks: list[bpy.types.MovieTrackingTrack], frame: int) -> bool:
    """Put the corners of a plane on four tracks, and disable it where one is not seen; whether they span one now."""
    order = in_order([_position(track, frame) for track in tracks])
    if order is None:
        return False
    for marker in plane.markers:
        corners = [_position(tracks[index], marker.frame) for index in order]
        marker.mute = None in corners
        if not marker.mute:
            marker.corners = corners
    return True


def _position(track: bpy.types.MovieTrackingTrack, frame: int) -> tuple[float, float] | None:
    marker = track.markers.find_frame(frame)
    return None if marker is None or marker.mute else tuple(marker.co)
