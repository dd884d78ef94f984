# SPDX-License-Identifier: Apache-2.0
"""All that can be asked of a clip: directions, ranges, several keys, corrections, placing; and what is refused."""

from __future__ import annotations

import threading
from pathlib import Path

import bpy
import round_trip_host as host

_START = 101
_ONE = {"one": [(8, 96.5, 54.5)]}


def main(zip_file: str, python: str, first: str, gone: str) -> dict[str, object]:
    """first: file of a sequence. gone: a file to be deleted once it is open."""
    host.begin(zip_file, python)
    clip = bpy.data.movieclips.load(first)
    clip.frame_start = _START
    settings = bpy.context.scene.cotrack
    told: dict[str, object] = {
        "forward": _track(clip, _ONE, direction="FORWARD"),
        "backward": _track(clip, _ONE, direction="BACKWARD"),
        "step": _track(clip, _ONE, direction="FORWARD", one_step=True),
        "step back": _track(clip, _ONE, direction="BACKWARD", one_step=True),
    }
    settings.reach, settings.frames = "FRAMES", 5
    told["five frames"] = _track(clip, _ONE, direction="BOTH")
    settings.reach = "SCENE"
    bpy.context.scene.frame_start, bpy.context.scene.frame_end = _START + 4, _START + 14
    told["scene range"] = _track(clip, _ONE, direction="BOTH")
    settings.reach = "CLIP"
    told["correction"] = _correct(clip)
    told["all"] = _track_all(clip)
    told["placed"] = _place(clip)
    told["refused"] = _be_refused(clip, Path(gone))
    told["threads"] = [thread.name for thread in threading.enumerate()]
    return told


def _track(clip: bpy.types.MovieClip, keys: host.KeysByTrack, **how: object) -> dict[str, list[tuple[object, ...]]]:
    host.delete_all(clip)
    host.add_tracks(clip, keys)
    with host.editor(clip, _START + 7):
        bpy.ops.cotrack.track(**how)
    return host.markers(clip)


def _correct(clip: bpy.types.MovieClip) -> dict[str, object]:
    """Track a point with two keys beside another, move it in between, and track it anew both ways from there."""
    keys = {"corrected": [(4, 60.5, 40.5), (20, 62.5, 42.5)], "beside": [(4, 130.5, 60.5)]}
    told = {"tracked": _track(clip, keys, direction="BOTH")}
    host.select(clip, ["corrected"])
    marker = clip.tracking.tracks["corrected"].markers.find_frame(12)
    marker.co = marker.co[0] + 6 / clip.size[0], marker.co[1]
    marker.is_keyed = True
    told["moved"] = host.markers(clip)
    with host.editor(clip, _START + 11):
        bpy.ops.cotrack.retrack(direction="FORWARD")
        told["forward"] = host.markers(clip)
        bpy.ops.cotrack.retrack(direction="BOTH")
    told["both"] = host.markers(clip)
    return told


def _track_all(clip: bpy.types.MovieClip) -> dict[str, int]:
    """Track all, of which none is selected and one is locked; how many markers each then has."""
    host.delete_all(clip)
    host.add_tracks(clip, {name: [(1, 40.5 + 30 * index, 50.5)] for index, name in enumerate(("a", "b", "locked"))})
    host.select(clip, ())
    clip.tracking.tracks["locked"].lock = True
    bpy.context.scene.cotrack.tracks = "ALL"
    with host.editor(clip, _START):
        bpy.ops.cotrack.track()
    bpy.context.scene.cotrack.tracks = "SELECTED"
    clip.tracking.tracks["locked"].lock = False
    return {track.name: len(track.markers) for track in clip.tracking.tracks}


def _place(clip: bpy.types.MovieClip) -> dict[str, list[tuple[int, float, float, bool]]]:
    """Place features and grids, all over the picture and in a mask over its left half; the markers of each."""
    settings = bpy.context.scene.cotrack
    settings.mask = _left_half()
    settings.count, settings.grid = 20, 5
    told = {}
    for region in ("PICTURE", "MASK"):
        settings.region = region
        for operator in ("place_features", "place_grid"):
            host.delete_all(clip)
            with host.editor(clip, _START + 9):
                getattr(bpy.ops.cotrack, operator)()
            told[f"{operator} {region}"] = [
                (track.markers[0].frame, *track.markers[0].co, track.select) for track in clip.tracking.tracks
            ]
    return told


def _left_half() -> bpy.types.Mask:
    mask = bpy.data.masks.new("left half")
    spline = mask.layers.new(name="layer").splines.new()
    spline.use_cyclic = True
    corners = ((0, 0), (0.5, 0), (0.5, 1), (0, 1))
    spline.points.add(len(corners) - len(spline.points))
    for point, corner in zip(spline.points, corners, strict=True):
        point.co = point.handle_left = point.handle_right = corner
    return mask


def _be_refused(clip: bpy.types.MovieClip, gone: Path) -> dict[str, str]:
    """The sentences with which the artist is told what is missing."""
    said = {}
    operators = bpy.ops.cotrack
    host.delete_all(clip)
    with host.editor(clip, _START):
        said["no tracks"] = host.refusal(operators.track)
        host.add_tracks(clip, _ONE)
        host.select(clip, ())
        said["none selected"] = host.refusal(operators.track)
        host.select(clip, _ONE)
        clip.tracking.tracks["one"].lock = True
        said["locked"] = host.refusal(operators.track)
        clip.tracking.tracks["one"].lock = False
        clip.tracking.tracks["one"].markers[0].mute = True
        said["no key"] = host.refusal(operators.track)
        clip.tracking.tracks["one"].markers[0].mute = False
        bpy.context.scene.cotrack.region, bpy.context.scene.cotrack.mask = "MASK", None
        said["no mask"] = host.refusal(operators.place_grid)
        before = host.markers(clip)
        clip.colorspace_settings.name = "AgX Log"
        said["colour space"] = host.refusal(operators.track)
        clip.colorspace_settings.name = "sRGB"
    lost = bpy.data.movieclips.load(str(gone))
    gone.unlink()
    host.add_tracks(lost, _ONE)
    with host.editor(lost, 8):
        said["missing"] = host.refusal(operators.track)
    python = host.extension.preferences().python
    host.extension.preferences().python = str(gone)
    with host.editor(clip, _START):
        said["no worker"] = host.refusal(operators.track)
    host.extension.preferences().python = python
    said["unchanged"] = str(host.markers(clip) == before)
    return said
