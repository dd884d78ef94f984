# SPDX-License-Identifier: Apache-2.0
"""An artist's session in a real window: set up, place markers, track, undo, correct, use."""

from __future__ import annotations

from collections.abc import Iterator

import bpy
import extension
from extension import markers, press_button, start_task, wait_until_done


def play(
    stage: object, *, zip_file: str, movie: str, python: str, points: list[list[float]], corrected: int
) -> Iterator[float]:
    extension.install(zip_file)
    clip = yield from stage.open_clip(movie)
    yield from stage.open_sidebar("CoTracker")
    yield from stage.screenshot("1_not_installed")
    extension.preferences().python = python
    yield from stage.redraw()
    yield from extension.wait_for_worker(stage)
    told = {}

    for point in points:
        yield from stage.click(*stage.pixel_of(point), ctrl=True)
    told["placed"] = markers(clip)
    with stage.override():
        bpy.ops.clip.select_all(action="SELECT")
    yield from stage.screenshot("2_placed")

    yield from start_task(stage, "cotrack.track", across=0.5)
    yield from stage.until(lambda: len(clip.tracking.tracks[0].markers) > 8)
    yield from stage.screenshot("3_tracking")
    yield from wait_until_done(stage)
    yield from stage.screenshot("4_tracked")
    told["tracked"] = markers(clip)

    yield from stage.press("Z", ctrl=True)
    clip = bpy.data.movieclips[0]  # undo makes everything anew
    told["undone"] = markers(clip)
    yield from stage.press("Z", ctrl=True, shift=True)
    clip = bpy.data.movieclips[0]
    told["redone"] = markers(clip)

    yield from stage.go_to(corrected)
    yield from _drag_marker(stage, clip, corrected)
    told["moved"] = markers(clip)
    yield from start_task(stage, "cotrack.retrack", across=0.82)
    yield from wait_until_done(stage)
    yield from stage.screenshot("5_corrected")
    told["corrected"] = markers(clip)

    yield from start_task(stage, "cotrack.place_grid")
    yield from wait_until_done(stage)
    yield from stage.screenshot("6_grid")
    told["with_grid"] = len(clip.tracking.tracks)
    yield from press_button(stage, "cotrack.stabilise")
    told["stabilised"] = clip.tracking.stabilization.use_2d_stabilization
    return told


def _drag_marker(stage: object, clip: bpy.types.MovieClip, frame: int) -> Iterator[float]:
    """Select the first track alone, and move its marker with G and the mouse, as an artist does."""
    first, *others = clip.tracking.tracks
    for track in others:
        track.select = track.select_pattern = track.select_search = False
    x, y = stage.pixel_of(tuple(first.markers.find_frame(frame).co))
    yield from stage.press("G", at=(x, y))
    yield from stage.move(x + 4, y + 3)
    yield from stage.click(x + 8, y + 6)
