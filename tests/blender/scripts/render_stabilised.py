# SPDX-License-Identifier: Apache-2.0
"""Writes tracks on a shaky clip, stabilises it, and renders what Blender makes of it."""

from pathlib import Path

from rendering import render_stabilised
from scene import add_track, load, samples, write_all

from cotrack_blender.clip_shot import shot_of
from cotrack_blender.markers import read_keys
from cotrack_blender.use import stabilise


def main(folder: str, paths: dict[str, list[tuple[float, float]]], output: str) -> None:
    """Each path holds a track's raster position at every frame, from 1 on."""
    clip = load(Path(folder))
    shot = shot_of(clip)
    width, height = shot.size
    for name, path in paths.items():
        add_track(clip, name, [(1, path[0][0] / width, 1 - path[0][1] / height)])
    frames = range(1, shot.frames.last + 1)
    stretches = [
        samples(name, shot.frames, frames, lambda frame, path=path: path[frame - 1]) for name, path in paths.items()
    ]
    write_all(clip, read_keys(clip, shot.frames), stretches)
    stabilise(clip)
    render_stabilised(clip, output)
