# SPDX-License-Identifier: Apache-2.0
"""Checks what becomes of what the worker says of markers."""

from collections.abc import Sequence
from pathlib import Path

import bpy
from scene import add_track, facts, load
from suite import assert_same, failures

from cotrack_blender.checking import FINDINGS, judge
from cotrack_blender.clip_shot import shot_of
from cotrack_blender.markers import read_keys
from cotrack_blender.selecting import selected_names
from cotrack_blender.tasks import Outcome
from cotrack_client.messages import CheckedPoint

_KEYS = {"a": [(5, 0.2, 0.5), (9, 0.3, 0.5)], "b": [(5, 0.6, 0.5)], "c": [(7, 0.8, 0.5)]}


def main(folder: str) -> dict[str, str]:
    return failures(globals(), folder=Path(folder))


def _clip(folder: Path) -> bpy.types.MovieClip:
    clip = load(folder)
    clip.frame_start = 101
    for name, keys in _KEYS.items():
        add_track(clip, name, keys)
    return clip


def _judge(clip: bpy.types.MovieClip, doubted: Sequence[tuple[str, int]]) -> Outcome:
    """Judge the keys, of which these are on the sky: name and marker frame."""
    frames = shot_of(clip).frames
    reading = read_keys(clip, frames)
    points = [
        CheckedPoint(track.name, frames.to_shot(key.frame), None, f"{track.name} lies on the sky; move it", "sky")
        if (track.name, key.frame) in doubted
        else CheckedPoint(track.name, frames.to_shot(key.frame), 0.04)
        for track in reading.tracks
        for key in track.keys
    ]
    return judge(reading, frames, points)


def check_what_is_doubtful_is_told_in_the_frames_of_the_scene_and_selected(folder: Path) -> None:
    clip = _clip(folder)
    before = [facts(marker) for track in clip.tracking.tracks for marker in track.markers]
    outcome = _judge(clip, [("a", 9), ("c", 7)])
    assert_same(
        (outcome.level, outcome.sentence),
        ("WARNING", "2 of 4 markers will not track well, and are selected: a (sky, frame 109), c (sky, frame 107)"),
    )
    assert_same(outcome.changed, True)
    assert_same(selected_names(clip), ("a", "c"))
    assert_same([facts(marker) for track in clip.tracking.tracks for marker in track.markers], before)
    shown = [(doubt.track, doubt.scene_frame, doubt.reason, doubt.warning) for doubt in FINDINGS.of(clip)]
    assert_same(
        shown, [("a", 109, "sky", "a lies on the sky; move it"), ("c", 107, "sky", "c lies on the sky; move it")]
    )


def check_where_all_is_well_nothing_changes(folder: Path) -> None:
    clip = _clip(folder)
    _judge(clip, [("a", 9)])
    clip.tracking.tracks["b"].select = True
    outcome = _judge(clip, [])
    assert_same(outcome, Outcome("INFO", "3 markers checked, and nothing speaks against any", changed=False))
    assert_same((selected_names(clip), FINDINGS.of(clip)), (("a", "b"), ()))


def check_a_marker_that_is_moved_or_deleted_is_doubted_no_longer(folder: Path) -> None:
    clip = _clip(folder)
    _judge(clip, [("a", 5), ("a", 9), ("b", 5), ("c", 7)])
    tracks = clip.tracking.tracks
    tracks["a"].markers.delete_frame(9)
    tracks["b"].markers[0].co = (0.61, 0.5)
    assert_same([(doubt.track, doubt.frame) for doubt in FINDINGS.of(clip)], [("a", 5), ("c", 7)])
    tracks["c"].name = "renamed"
    assert_same([doubt.track for doubt in FINDINGS.of(clip)], ["a"])


def check_another_clip_has_none_of_it(folder: Path) -> None:
    _judge(_clip(folder), [("a", 5)])
    other = bpy.data.movieclips.load(str(sorted(folder.glob("*.png"))[0]), check_existing=False)
    assert_same(FINDINGS.of(other), ())
