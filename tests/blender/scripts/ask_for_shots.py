# SPDX-License-Identifier: Apache-2.0
"""Opens clips, and says in the worker's own words what it would be asked for."""

from pathlib import Path

import bpy
from scene import add_track

from cotrack_blender.clip_shot import shot_of
from cotrack_blender.markers import read_keys
from cotrack_client.message_lines import to_line
from cotrack_client.messages import TrackJob


def main(paths: list[str]) -> list[dict[str, object]]:
    return [_ask(path) for path in paths]


def _ask(path: str) -> dict[str, object]:
    clip = bpy.data.movieclips.load(path)
    clip.frame_start = 101
    add_track(clip, "a", [(1, 0.25, 0.5), (clip.frame_duration, 0.75, 0.5)])
    shot = shot_of(clip)
    job = TrackJob(Path(path).name, shot.request, read_keys(clip, shot.frames).keys(shot.frames, shot.size))
    return {"line": to_line(job).decode("ascii"), "frames": [shot.frames.first, shot.frames.last], "size": shot.size}
