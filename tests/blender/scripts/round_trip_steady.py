# SPDX-License-Identifier: Apache-2.0
"""Places points on a shaky clip, tracks and stabilises it, all by buttons, and renders what comes of it."""

from __future__ import annotations

import bpy
import round_trip_host as host
from rendering import render_stabilised


def main(zip_file: str, python: str, first: str, output: str) -> dict[str, object]:
    host.begin(zip_file, python)
    clip = bpy.data.movieclips.load(first)
    bpy.context.scene.cotrack.count = 12
    with host.editor(clip, 1):
        bpy.ops.cotrack.place_features()
        bpy.ops.cotrack.track()
        bpy.ops.cotrack.stabilise()
    render_stabilised(clip, output)
    stabilization = clip.tracking.stabilization
    return {"tracks": len(stabilization.tracks), "rotates": stabilization.use_stabilize_rotation}
