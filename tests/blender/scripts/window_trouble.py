# SPDX-License-Identifier: Apache-2.0
"""What may happen while it tracks: Esc, undo, a deleted track, a fault of ours, another file."""

from __future__ import annotations

import time
from collections.abc import Iterator

import bpy
import extension
from extension import markers, tasks, wait_until_done


def play(stage: object, zip_file: str, movie: str, python: str, points: list[list[float]]) -> Iterator[float]:
    clip = yield from extension.begin(stage, zip_file, movie, python)
    told = {}
    for point in points:
        yield from stage.click(*stage.pixel_of(point), ctrl=True)
    with stage.override():
        bpy.ops.clip.select_all(action="SELECT")
    told["placed"] = markers(clip)

    yield from _start_tracking(stage, clip)
    begun = time.monotonic()
    yield from stage.press("ESC")
    yield from wait_until_done(stage)
    told["seconds_to_cancel"] = time.monotonic() - begun
    told["cancelled"] = markers(clip)
    yield from stage.press("Z", ctrl=True)
    clip = bpy.data.movieclips[0]
    told["cancel_undone"] = markers(clip)

    yield from _start_tracking(stage, clip)
    yield from stage.press("Z", ctrl=True)  # takes back the last marker, and what has been written
    yield from wait_until_done(stage)
    clip = bpy.data.movieclips[0]
    told["undone_meanwhile"] = markers(clip)

    yield from _start_tracking(stage, clip)
    _delete(stage, clip.tracking.tracks[0])
    yield from wait_until_done(stage)
    told["deleted_meanwhile"] = markers(clip)
    yield from stage.screenshot("deleted_meanwhile")

    yield from _start_tracking(stage, clip)
    _fail_at_the_next_tick()
    yield from stage.until(lambda: not tasks(), timeout=20)
    yield from stage.redraw()

    yield from _start_tracking(stage, clip)
    bpy.ops.wm.read_homefile(app_template="")
    yield 1.0
    told["tasks_in_new_file"] = len(tasks())
    told["worker_after_new_file"] = extension.module("session").SESSION.state
    return told


def _start_tracking(stage: object, clip: bpy.types.MovieClip) -> Iterator[float]:
    """Take back what was tracked, press the button, and wait until the first samples have been written."""
    for track in clip.tracking.tracks:
        for frame in [marker.frame for marker in track.markers if not marker.is_keyed]:
            track.markers.delete_frame(frame)
    with stage.override():
        bpy.ops.clip.select_all(action="SELECT")
    yield from extension.start_task(stage, "cotrack.track", across=0.5)
    yield from stage.until(lambda: any(len(track.markers) > 3 for track in clip.tracking.tracks))


def _fail_at_the_next_tick() -> None:
    tracking = extension.module("tasks").Tracking
    tick = tracking.tick

    def fail(_self: object) -> None:
        tracking.tick = tick
        raise ValueError("a fault of ours")

    tracking.tick = fail


def _delete(stage: object, track: bpy.types.MovieTrackingTrack) -> None:
    with stage.override():
        bpy.ops.clip.select_all(action="DESELECT")
        track.select = True
        bpy.ops.clip.delete_track(confirm=False)
