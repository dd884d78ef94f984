# SPDX-License-Identifier: Apache-2.0
"""Runs the script that `cotrack convert` wrote for a clip, and tells what is in the clip then."""

import runpy

import bpy


def main(tracks: str, picture: str, offset: int) -> dict[str, object]:
    clip = bpy.data.movieclips.load(picture)
    clip.frame_offset = offset
    before = clip.tracking.tracks.new(name="nose", frame=1)
    before.markers[0].co = (0.5, 0.5)
    try:
        runpy.run_path(tracks, run_name="__main__")
    except RuntimeError as error:
        return {"refused": str(error)}
    return {
        track.name: [
            {"frame": marker.frame, "co": list(marker.co), "keyed": marker.is_keyed, "mute": marker.mute}
            for marker in track.markers
        ]
        for track in clip.tracking.tracks
    }
