# SPDX-License-Identifier: Apache-2.0
"""Tracks the same pictures in every guise a clip can have, with the worker and with Blender's own tracker."""

from __future__ import annotations

import bpy
import round_trip_host as host


def main(
    zip_file: str, python: str, blend: str, clips: list[dict[str, object]], key: tuple[int, float, float]
) -> list[dict[str, object]]:
    """clips: of each path, frame_start and frame_offset. key: picture counted from 0, and raster position."""
    host.begin(zip_file, python)
    bpy.context.scene.frame_end = 2000  # where Blender's own tracker stops
    bpy.ops.wm.save_as_mainfile(filepath=blend)
    return [_track(**clip, key=key) for clip in clips]


def _track(path: str, start: int, offset: int, key: tuple[int, float, float]) -> dict[str, object]:
    clip = bpy.data.movieclips.load(path)
    width, height = clip.size
    clip.frame_start, clip.frame_offset = start, offset
    if offset > 0:  # Blender keeps a picture from before; but where the first one is not shown it forgets the size
        with host.editor(clip, start):
            bpy.ops.clip.reload()
    picture, x, y = key
    frame = picture - offset + 1
    host.add_tracks(clip, {"ours": [(frame, x, y)], "Blender's": [(frame, x, y)]})
    with host.editor(clip, start + frame - 1):
        host.select(clip, ["ours"])
        bpy.ops.cotrack.track(direction="BOTH")
        host.select(clip, ["Blender's"])
        bpy.ops.clip.track_markers(backwards=False, sequence=True)
    return {
        name: {
            marker.frame: (marker.co[0] * width, (1 - marker.co[1]) * height)
            for marker in track.markers
            if not marker.mute
        }
        for name, track in clip.tracking.tracks.items()
    }
