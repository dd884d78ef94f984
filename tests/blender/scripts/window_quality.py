# SPDX-License-Identifier: Apache-2.0
"""An artist checks markers, looks at the doubtful one, deletes it, tracks, and cleans up."""

from __future__ import annotations

from collections.abc import Iterator

import bpy
import extension
from extension import markers, press_button, start_task, wait_until_done

_SPIKE = 20
_TWO_HEADERS_PIXELS = 56


def play(
    stage: object, *, zip_file: str, movie: str, python: str, points: list[list[float]], plain: list[float]
) -> Iterator[float]:
    clip = yield from extension.begin(stage, zip_file, movie, python)
    told = {}
    for point in (*points, plain):
        yield from stage.click(*stage.pixel_of(point), ctrl=True)
    _select_all(stage)
    placed = markers(clip)
    yield from start_task(stage, "cotrack.check_markers")
    yield from wait_until_done(stage)
    told["checked"] = markers(clip) == placed
    told["selected"] = [track.select for track in clip.tracking.tracks]
    yield from stage.screenshot("1_checked")
    yield from stage.press("Z", ctrl=True)
    clip = bpy.data.movieclips[0]
    told["selected_before"] = [track.select for track in clip.tracking.tracks]

    yield from stage.go_to(5)
    yield from press_button(stage, "cotrack.show_marker")
    told["shown"] = [track.select for track in clip.tracking.tracks]
    told["at"] = [bpy.context.scene.frame_current, stage.area.spaces.active.clip_user.frame_current]
    with stage.override():
        bpy.ops.clip.delete_track(confirm=False)
    _select_all(stage)
    yield from start_task(stage, "cotrack.track", across=0.5)
    yield from wait_until_done(stage)

    clip.tracking.tracks["Track.002"].markers.find_frame(_SPIKE).co.x += 0.05
    bpy.ops.ed.undo_push(message="a spike")
    told["tracked"] = markers(clip)
    yield from _open_panel_above(stage, "cotrack.stabilise")
    yield from press_button(stage, "cotrack.clean")
    yield from stage.redraw()
    yield from stage.screenshot("2_cleaned")
    told["cleaned"] = markers(clip)
    yield from stage.press("Z", ctrl=True)
    told["undone"] = markers(bpy.data.movieclips[0])
    return told


def _select_all(stage: object) -> None:
    with stage.override():
        bpy.ops.clip.select_all(action="SELECT")
    bpy.ops.ed.undo_push(message="Select All")  # as it does when an artist presses A


def _open_panel_above(stage: object, operator: str) -> Iterator[float]:
    """Click the closed panel's header that stands above the panel that begins with an operator's button."""
    x, y = yield from stage.find_button(operator)
    yield from stage.click(x, y + _TWO_HEADERS_PIXELS)
    yield from stage.redraw()
