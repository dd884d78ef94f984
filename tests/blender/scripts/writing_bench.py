# SPDX-License-Identifier: Apache-2.0
"""Measures how long 100 tracks of 1,000 frames take to be written: bpy's Python with this file as its argument."""

import sys
import tempfile
import time
from pathlib import Path

import bpy
from scene import add_track, samples

from cotrack_blender.clip_frames import ClipFrames
from cotrack_blender.markers import read_keys
from cotrack_blender.writing import Writer

_TRACKS, _FRAMES, _TICK_SECONDS = 100, 1000, 0.03


def main(per_message: int = _FRAMES, *, weights: bool = False) -> dict[str, float]:
    bpy.ops.wm.read_factory_settings()
    image = bpy.data.images.new("plate", 64, 48)
    with tempfile.TemporaryDirectory() as folder:
        image.save(filepath=str(Path(folder) / "plate.png"))
        clip = bpy.data.movieclips.load(str(Path(folder) / "plate.png"))
    for index in range(_TRACKS):
        add_track(clip, f"track {index}", [(500, 0.5, 0.5)])
    frames = ClipFrames(1, 1, _FRAMES, 0)
    writer = Writer(read_keys(clip, frames), frames, (64, 48), weights=weights)
    stretches = [
        samples(f"track {index}", frames, range(first, first + per_message), lambda frame: (frame / 100, 20.0))
        for first in range(1, _FRAMES + 1, per_message)
        for index in range(_TRACKS)
    ]
    writer.add(stretches)
    writer.end()
    ticks = []
    cpu = time.process_time()
    left = 1
    while left:
        start = time.perf_counter()
        left = writer.write(_TICK_SECONDS)
        ticks.append(time.perf_counter() - start)
    cpu = time.process_time() - cpu
    return {"cpu": round(cpu, 3), "total": round(sum(ticks), 3), "ticks": len(ticks), "longest": round(max(ticks), 4)}


if __name__ == "__main__":
    for per_message in (_FRAMES, 8):
        for weights in (False, True):
            figures = main(per_message, weights=weights)
            sys.stdout.write(
                f"{bpy.app.version_string}, {per_message} samples a message, weights {weights}: {figures}\n"
            )
