# SPDX-License-Identifier: GPL-3.0-or-later
"""What goes before tracking anew: take back what was tracked from a frame on, and honour what was moved there."""

from __future__ import annotations

from collections.abc import Iterable

import bpy

from .clip_frames import ClipFrames
from .markers import is_key, put_bound
from .selecting import chosen_tracks


def clear(clip: bpy.types.MovieClip, frames: ClipFrames, names: Iterable[str], frame: int, *, forward: bool) -> int:
    """Remove samples of these tracks beyond a marker frame, up to the next key or to the end; how many were removed.

    The markers at the frame itself and all keys stay. A disabled marker bounds what is left, as after tracking.
    """
    tracks = clip.tracking.objects.active.tracks
    return sum(_clear(tracks[name].markers, frames, frame, forward=forward) for name in names)


def enable_keys(clip: bpy.types.MovieClip, frame: int, *, only_selected: bool) -> None:
    """Enable the markers that were moved by hand at a marker frame; Blender leaves a disabled one disabled then.

    Raises CotrackError when there is no track to look at.
    """
    for track in chosen_tracks(clip, only_selected=only_selected)[0]:
        marker = track.markers.find_frame(frame)
        if marker is not None and marker.is_keyed:
            marker.mute = False


def _clear(markers: bpy.types.MovieTrackingMarkers, frames: ClipFrames, frame: int, *, forward: bool) -> int:
    step = 1 if forward else -1
    beyond = {marker.frame: is_key(marker) for marker in markers if (marker.frame - frame) * step > 0}
    removed = []
    for number in sorted(beyond, reverse=not forward):
        if beyond[number]:
            break
        removed.append(number)
    for number in reversed(removed):  # from the end, for each one that goes moves up those behind it
        markers.delete_frame(number)
    if removed and markers.find_frame(frame) is not None and frame + step in frames:
        put_bound(markers, frame, frame + step)
    return len(removed)
