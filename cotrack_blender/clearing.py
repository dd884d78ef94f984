# SPDX-License-Identifier: GPL-3.0-or-later
"""Take back what was tracked, from a frame on."""

from __future__ import annotations

import bpy

from .clip_frames import ClipFrames
from .markers import is_key, put_bound
from .selecting import chosen_tracks


def clear(
    clip: bpy.types.MovieClip, frames: ClipFrames, frame: int, *, forward: bool, only_selected: bool = True
) -> int:
    """Remove the samples beyond a marker frame, up to the next key or to the end; how many were removed.

    The markers at the frame itself and all keys stay. A disabled marker bounds what is left, as after tracking.

    Raises CotrackError when there is no track to clear.
    """
    tracks, _ = chosen_tracks(clip, only_selected=only_selected)
    return sum(_clear(track.markers, frames, frame, forward=forward) for track in tracks)


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
