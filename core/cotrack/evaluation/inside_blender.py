# SPDX-License-Identifier: Apache-2.0
"""What runs inside Blender: its own tracker on markers that are given, both ways from each.

    blender -b --factory-startup --python inside_blender.py -- REQUEST ANSWER       or a Python with bpy in the same way

Both are JSON, in Blender's own terms: clip frames from 1, positions as fractions of the picture, from its lower left
corner. REQUEST has `clip`, `motion_model`, `correlation`, `pattern` and `search` (half sizes, fractions of width and
height), and `markers`, each with `frame` and `at`. ANSWER has `samples`: for each marker, [frame, x, y] where the
tracker did not lose it. Only the standard library and `bpy` are known here.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import bpy


def main(request: Path, answer: Path) -> None:
    """Track, and say where."""
    wanted = json.loads(request.read_text("utf-8"))
    clip = bpy.data.movieclips.load(wanted["clip"])
    tracks = [_placed(clip, wanted, marker, f"{i:04d}") for i, marker in enumerate(wanted["markers"])]
    frames = [marker["frame"] for marker in wanted["markers"]]
    for frame in sorted(set(frames)):
        for track, start in zip(tracks, frames, strict=True):
            track.select = start == frame
        for backwards in (False, True):
            _track(clip, frame, backwards=backwards)
    samples = [[[mark.frame, *mark.co] for mark in track.markers if not mark.mute] for track in tracks]
    answer.write_text(json.dumps({"frames": clip.frame_duration, "size": list(clip.size), "samples": samples}), "utf-8")


def _placed(clip: Any, wanted: dict[str, Any], marker: dict[str, Any], name: str) -> Any:  # noqa: ANN401  Blender's own
    track = clip.tracking.tracks.new(name=name, frame=marker["frame"])
    track.motion_model = wanted["motion_model"]
    track.pattern_match = "KEYFRAME"
    track.correlation_min = wanted["correlation"]
    track.use_normalization = True  # light changes; without it a shadow is the end of a track
    track.frames_limit = 0
    track.margin = 0
    mark = track.markers.find_frame(marker["frame"])
    mark.co = marker["at"]
    (wide, high), (far, deep) = wanted["pattern"], wanted["search"]
    mark.pattern_corners = ((-wide, -high), (wide, -high), (wide, high), (-wide, high))
    mark.search_min, mark.search_max = (-far, -deep), (far, deep)
    return track


def _track(clip: Any, frame: int, *, backwards: bool) -> None:  # noqa: ANN401  Blender's own
    """Run the operator on the selected tracks; a screen of the factory's file becomes a clip editor for it."""
    window = bpy.context.window_manager.windows[0]
    area = max(window.screen.areas, key=lambda one: one.width * one.height)
    area.type = "CLIP_EDITOR"
    space = area.spaces.active
    space.clip = clip
    region = next(one for one in area.regions if one.type == "WINDOW")
    bpy.context.scene.frame_end = clip.frame_duration
    bpy.context.scene.frame_set(frame)
    space.clip_user.frame_current = frame
    with bpy.context.temp_override(window=window, screen=window.screen, area=area, region=region):
        bpy.ops.clip.track_markers(backwards=backwards, sequence=True)


if __name__ == "__main__":
    main(*map(Path, sys.argv[sys.argv.index("--") + 1 :]))
