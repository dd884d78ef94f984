# SPDX-License-Identifier: Apache-2.0
"""What keeps tracks good, by the installed extension and the real worker: check, refine, clean up, undo."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import bpy
import round_trip_host as host

_START = 101
_CHECKED = {"corner": [(3, 150.5, 60.5)], "sky": [(3, 30.5, 50.5)], "late": [(9, 34.5, 70.5)]}
_GOOD = {"corner": _CHECKED["corner"]}


def main(zip_file: str, python: str, first: str) -> dict[str, object]:
    """first: of a sequence whose left third is plain."""
    host.begin(zip_file, python)
    clip = bpy.data.movieclips.load(first)
    clip.frame_start = _START
    with _heard() as heard:
        told: dict[str, object] = {"checked": _check(clip), "tracked": _track(clip), "cleaned": _clean(clip)}
    return {**told, **heard}


def _check(clip: bpy.types.MovieClip) -> dict[str, object]:
    host.add_tracks(clip, _CHECKED)
    host.select(clip, _CHECKED)
    before = host.markers(clip)
    with host.editor(clip, _START):
        bpy.ops.cotrack.check_markers()
        told = {
            "selected": [track.name for track in clip.tracking.tracks if track.select],
            "unchanged": host.markers(clip) == before,
            "shown": [
                (doubt.track, doubt.scene_frame, doubt.reason)
                for doubt in host.extension.module("checking").FINDINGS.of(clip)
            ],
        }
        bpy.ops.cotrack.show_marker(track="late", frame=_START + 8)
    told["shown alone"] = [track.name for track in clip.tracking.tracks if track.select]
    told["went to"] = bpy.context.scene.frame_current
    return told


def _track(clip: bpy.types.MovieClip) -> dict[str, object]:
    """Track a marker on nothing, and then a good one with and without refinement."""
    told = {}
    host.select(clip, ["sky"])
    with host.editor(clip, _START):
        bpy.ops.cotrack.track()
    for refine in (True, False):
        host.delete_all(clip)
        host.add_tracks(clip, _GOOD)
        bpy.context.scene.cotrack.refine = refine
        with host.editor(clip, _START):
            bpy.ops.cotrack.track()
        told["refined" if refine else "followed"] = host.markers(clip)["corner"]
    bpy.context.scene.cotrack.refine = True
    return told


def _clean(clip: bpy.types.MovieClip) -> dict[str, object]:
    """Make a spike, clean it up, and be refused where nothing is chosen."""
    track = clip.tracking.tracks["corner"]
    track.markers.find_frame(12).co.x += 9 / clip.size[0]
    told = {"before": host.markers(clip)["corner"]}
    settings = bpy.context.scene.cotrack.cleaning
    with host.editor(clip, _START):
        told["did"] = [sorted(bpy.ops.cotrack.clean()), sorted(bpy.ops.cotrack.clean())]
        told["after"] = host.markers(clip)["corner"]
        settings.use_despike = settings.use_fill = False
        told["nothing chosen"] = host.refusal(bpy.ops.cotrack.clean)
        track.select = track.select_pattern = track.select_search = False
        told["none selected"] = host.refusal(bpy.ops.cotrack.clean)
    return told


@contextmanager
def _heard() -> Iterator[dict[str, list[object]]]:
    """Within the block, what tasks end with, and whether tracking was asked to refine."""
    tasks, session = host.extension.module("watching").WatchesTask, host.extension.module("session").SESSION
    heard: dict[str, list[object]] = {"said": [], "refine": []}
    conclude, submit = tasks._concluded, session.submit

    def note_end(self: object, outcome: object) -> set[str]:
        heard["said"].append((outcome.level, outcome.sentence))
        return conclude(self, outcome)

    def note_request(request: object) -> object:
        heard["refine"] += [request.refine] if hasattr(request, "refine") else []
        return submit(request)

    tasks._concluded, session.submit = note_end, note_request
    try:
        yield heard
    finally:
        tasks._concluded, session.submit = conclude, submit
