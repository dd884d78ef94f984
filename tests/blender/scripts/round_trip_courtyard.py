# SPDX-License-Identifier: Apache-2.0
"""Tracks the example shot, saves and loads it again, and has Blender solve the camera that took it."""

from __future__ import annotations

import bpy
import round_trip_host as host

_LENS, _SENSOR = 31.0, 36.0  # mm, of the example shot
_START = 1001
_CLEAN_ERROR = 1.0  # px, beyond which a track is dropped from the solve


def main(
    zip_file: str, python: str, *, blend: str, movie: str, keys: host.KeysByTrack, loose: list[str]
) -> dict[str, object]:
    """movie: beside the blend file. loose: what moves by itself, and is therefore no part of the solve."""
    host.begin(zip_file, python)
    clip = bpy.data.movieclips.load(movie)
    clip.use_fake_user = True
    clip.frame_start = _START
    bpy.ops.wm.save_as_mainfile(filepath=blend)
    clip.filepath = bpy.path.relpath(movie)
    told: dict[str, object] = {"path": clip.filepath}
    host.add_tracks(clip, keys)
    told["placed"] = host.markers(clip)
    bpy.context.scene.cotrack.weights = True
    with host.editor(clip, _START + 20):
        bpy.ops.cotrack.track(direction="BOTH")
    told["tracked"] = host.markers(clip)

    bpy.ops.wm.save_mainfile()
    bpy.ops.wm.open_mainfile(filepath=blend)
    clip = bpy.data.movieclips[0]
    told["reloaded"] = host.markers(clip)
    told["weights"] = _weights(clip)
    told["solve"] = _solve(clip, loose)
    return told


def _weights(clip: bpy.types.MovieClip) -> dict[str, list[float]]:
    scene = bpy.context.scene
    weights: dict[str, list[float]] = {track.name: [] for track in clip.tracking.tracks}
    for frame in range(_START, _START + clip.frame_duration):
        scene.frame_set(frame)
        for track in clip.tracking.tracks:
            weights[track.name].append(track.weight)
    return weights


def _solve(clip: bpy.types.MovieClip, loose: list[str]) -> dict[str, object]:
    """Solve with the lens that was used, drop what does not fit, and solve again, as one does."""
    host.select(clip, loose)
    camera, around = clip.tracking.camera, clip.tracking.objects[0]
    camera.sensor_width, camera.focal_length = _SENSOR, _LENS
    around.keyframe_a, around.keyframe_b = 5, 44
    with host.editor(clip, _START):
        bpy.ops.clip.delete_track()
        bpy.ops.clip.solve_camera()
        bpy.ops.clip.clean_tracks(frames=0, error=_CLEAN_ERROR, action="DELETE_TRACK")
        bpy.ops.clip.solve_camera()
    solved = clip.tracking.reconstruction
    return {"error": solved.average_error, "cameras": len(solved.cameras), "tracks": len(clip.tracking.tracks)}
