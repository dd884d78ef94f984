# SPDX-License-Identifier: Apache-2.0
"""Checks what is taken back when an artist clears tracks."""

from pathlib import Path

import bpy
from scene import add_track, facts, load, samples, write_all
from suite import assert_same, failures

from cotrack_blender.clearing import clear
from cotrack_blender.clip_shot import shot_of
from cotrack_blender.markers import read_keys
from cotrack_blender.placing import add_tracks
from cotrack_client import raster


def main(folder: str) -> dict[str, str]:
    return failures(globals(), folder=Path(folder))


def _tracked(folder: Path) -> bpy.types.MovieClip:
    """A clip of 20 frames with one track that has keys at 5 and 12 and samples everywhere else."""
    clip = load(folder)
    add_track(clip, "a", [(5, 0.25, 0.5), (12, 0.5, 0.5)])
    shot = shot_of(clip)
    path = samples("a", shot.frames, range(1, 21), lambda frame: (10.0 + frame, 20.0))
    write_all(clip, read_keys(clip, shot.frames), [path])
    return clip


def _clear(clip: bpy.types.MovieClip, frame: int, *, forward: bool) -> list[tuple[int, bool]]:
    """Clear; the frames of what is left, and whether it is enabled."""
    clear(clip, shot_of(clip).frames, ["a"], frame, forward=forward)
    return [(marker.frame, not marker.mute) for marker in clip.tracking.tracks["a"].markers]


def check_forward_to_the_next_key(folder: Path) -> None:
    left = _clear(_tracked(folder), 7, forward=True)
    assert_same(
        left, [(1, True), *((frame, True) for frame in range(2, 8)), (8, False), *((f, True) for f in range(12, 21))]
    )


def check_forward_to_the_end(folder: Path) -> None:
    left = _clear(_tracked(folder), 14, forward=True)
    assert_same(left, [*((frame, True) for frame in range(1, 15)), (15, False)])


def check_backward_to_the_next_key(folder: Path) -> None:
    left = _clear(_tracked(folder), 8, forward=False)
    assert_same(left, [*((f, True) for f in range(1, 6)), (7, False), *((frame, True) for frame in range(8, 21))])


def check_backward_to_the_start(folder: Path) -> None:
    left = _clear(_tracked(folder), 3, forward=False)
    assert_same(left, [(2, False), *((frame, True) for frame in range(3, 21))])


def check_keys_stay_to_the_last_bit(folder: Path) -> None:
    clip = _tracked(folder)
    markers = clip.tracking.tracks["a"].markers
    before = [facts(markers.find_frame(frame)) for frame in (5, 12)]
    frames = shot_of(clip).frames
    assert_same(clear(clip, frames, ["a"], 5, forward=True), 6)
    assert_same(clear(clip, frames, ["a"], 12, forward=True), 8)
    assert_same(clear(clip, frames, ["a"], 5, forward=False), 4)
    assert_same([facts(markers.find_frame(frame)) for frame in (5, 12)], before)


def check_what_blenders_tracker_left_is_cleared_too(folder: Path) -> None:
    clip = _tracked(folder)
    ending = clip.tracking.tracks["a"].markers.find_frame(16)
    ending.is_keyed = ending.mute = True
    assert_same([frame for frame, _ in _clear(clip, 14, forward=True)][-1], 15)


def check_nothing_to_clear(folder: Path) -> None:
    clip = _tracked(folder)
    frames = shot_of(clip).frames
    assert_same(clear(clip, frames, ["a"], 20, forward=True), 0)
    assert_same(clear(clip, frames, ["a"], 11, forward=True), 0)


def check_points_become_tracks_that_are_selected(folder: Path) -> None:
    clip = _tracked(folder)
    names = add_tracks(clip, [(16.0, 12.0), (48.25, 40.5)], 4, (64, 48))
    tracks = clip.tracking.tracks
    assert_same([track.name for track in tracks if track.select], list(names))
    for name, point in zip(names, [(16.0, 12.0), (48.25, 40.5)], strict=True):
        (marker,) = tracks[name].markers
        assert_same((marker.frame, marker.is_keyed, marker.mute), (4, True, False))
        assert_same(raster.from_blender(*marker.co, 64, 48), point)
        assert marker.search_max[0] > 0
