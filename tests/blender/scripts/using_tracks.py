# SPDX-License-Identifier: Apache-2.0
"""Checks what Blender makes of the tracks."""

import math
from pathlib import Path

import bpy
from scene import add_track, clip_editor, load, samples, write_all
from suite import assert_close, assert_same, failures, refusal

from cotrack_blender.clip_shot import shot_of
from cotrack_blender.markers import read_keys
from cotrack_blender.use import link_empties, make_plane_track, stabilise

_CORNERS = {"c": (50.0, 10.0), "a": (12.0, 40.0), "d": (14.0, 8.0), "b": (52.0, 42.0)}


def main(folder: str) -> dict[str, str]:
    return failures(globals(), folder=Path(folder))


def _clip_with(folder: Path, names: str) -> bpy.types.MovieClip:
    """A clip with tracks that move right by a pixel a frame."""
    clip = load(folder)
    for name in names:
        x, y = _CORNERS[name]
        add_track(clip, name, [(1, x / 64, 1 - y / 48)])
    shot = shot_of(clip)
    stretches = [
        samples(
            name, shot.frames, range(1, 11), lambda frame, name=name: (_CORNERS[name][0] + frame - 1, _CORNERS[name][1])
        )
        for name in names
    ]
    write_all(clip, read_keys(clip, shot.frames), stretches)
    return clip


def _areas() -> list[str]:
    return [area.ui_type for area in bpy.context.window_manager.windows[0].screen.areas]


def check_stabilise_turns_on_position_and_rotation(folder: Path) -> None:
    clip = _clip_with(folder, "ab")
    areas = _areas()
    assert_same(stabilise(clip), f"2D Stabilization is on, for the position and rotation of {clip.name}, by a, b")
    stabilise(clip)
    settings = clip.tracking.stabilization
    assert_same([track.name for track in settings.tracks], ["a", "b"])
    assert_same([track.name for track in settings.rotation_tracks], ["a", "b"])
    assert_same((settings.use_2d_stabilization, settings.use_stabilize_rotation), (True, True))
    assert_same(_areas(), areas)


def check_one_track_steadies_the_position(folder: Path) -> None:
    clip = _clip_with(folder, "a")
    assert_same(stabilise(clip), f"2D Stabilization is on, for the position of {clip.name}, by a")
    settings = clip.tracking.stabilization
    assert_same((settings.use_2d_stabilization, len(settings.rotation_tracks)), (True, 0))


def check_a_plane_track_has_its_corners_on_four_tracks(folder: Path) -> None:
    clip = _clip_with(folder, "abcd")
    bpy.context.scene.frame_set(3)
    sentence = make_plane_track(clip, shot_of(clip).frames)
    assert_same(sentence, "Plane Track has its corners on a, b, c, d")
    (plane,) = clip.tracking.plane_tracks
    seen = [marker for marker in plane.markers if not marker.mute]
    assert_same([marker.frame for marker in seen], list(range(1, 11)))
    for marker in seen:
        raster = [(x * 64 - (marker.frame - 1), (1 - y) * 48) for x, y in marker.corners]
        assert_close(raster, [_CORNERS[name] for name in "abcd"], 1e-3)


def check_a_plane_track_of_fewer_tracks_is_refused(folder: Path) -> None:
    clip = _clip_with(folder, "abc")
    frames = shot_of(clip).frames
    assert_same(
        refusal(lambda: make_plane_track(clip, frames)), "3 tracks are selected; select 4 tracks to span a plane"
    )


def check_empties_follow_their_tracks(folder: Path) -> None:
    clip = _clip_with(folder, "ab")
    assert_same(link_empties(clip), "a, b follow a, b")
    for name in "ab":
        (constraint,) = bpy.data.objects[name].constraints
        assert_same((constraint.type, constraint.track, constraint.clip), ("FOLLOW_TRACK", name, clip))
        assert not constraint.use_3d_position


def check_what_is_missing_is_said(folder: Path) -> None:
    clip = _clip_with(folder, "a")
    bpy.context.scene.camera = None
    assert "no camera" in refusal(lambda: link_empties(clip))
    clip.tracking.tracks["a"].hide = True
    assert_same(refusal(lambda: stabilise(clip)), "0 tracks are selected; select a track to steady the clip")


def check_thirty_tracks_solve(folder: Path) -> None:
    clip = load(folder / "solve")
    shot = shot_of(clip)
    width, height = shot.size
    focal = clip.tracking.camera.focal_length_pixels
    points = [
        (-3 + 6 * ((7 * i) % 30) / 29, -2 + 4 * ((11 * i) % 30) / 29, 6 + 4 * ((13 * i) % 30) / 29) for i in range(30)
    ]

    def seen(index: int, frame: int) -> tuple[float, float]:
        """Where a point is on the raster while the camera moves sideways and turns."""
        angle = 0.006 * (frame - 1)
        x, y, z = points[index][0] - 0.05 * (frame - 1), points[index][1], points[index][2]
        x, z = x * math.cos(angle) + z * math.sin(angle), z * math.cos(angle) - x * math.sin(angle)
        return width / 2 + focal * x / z, height / 2 + focal * y / z

    for index in range(30):
        x, y = seen(index, 1)
        add_track(clip, f"p{index}", [(1, x / width, 1 - y / height)])
    stretches = [
        samples(f"p{index}", shot.frames, range(1, 41), lambda frame, index=index: seen(index, frame))
        for index in range(30)
    ]
    write_all(clip, read_keys(clip, shot.frames), stretches)
    camera = clip.tracking.objects[0]
    camera.keyframe_a, camera.keyframe_b = 1, 40
    with clip_editor(clip, 1):
        bpy.ops.clip.solve_camera()
    reconstruction = clip.tracking.reconstruction
    assert_same((reconstruction.is_valid, len(reconstruction.cameras)), (True, 40))
    assert reconstruction.average_error < 0.01, reconstruction.average_error
    link_empties(clip)
    assert all(bpy.data.objects[f"p{index}"].constraints[0].use_3d_position for index in range(30))
