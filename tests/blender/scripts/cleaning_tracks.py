# SPDX-License-Identifier: Apache-2.0
"""Checks how tracks are read from markers, cleaned, and written back."""

from collections.abc import Iterable
from pathlib import Path

import bpy
from scene import CORNERS, SEARCH, Position, add_track, facts, load, samples, write_all
from suite import assert_close, assert_same, failures, refusal

from cotrack_blender.cleaning import clean_tracks
from cotrack_blender.clip_shot import shot_of
from cotrack_blender.markers import read_keys
from cotrack_client import raster
from cotrack_client.cleaning.clean import Cleaning
from cotrack_client.cleaning.words import in_words

_KEY = 10
_SPIKES = {4: 6.0, 15: -7.0}
_ALL = range(1, 21)


def main(folder: str) -> dict[str, str]:
    return failures(globals(), folder=Path(folder))


def _evenly(frame: int) -> tuple[float, float]:
    """A raster position that moves evenly."""
    return 20.0 + frame / 2, 17.0 - frame / 4


def _with_spikes(frame: int) -> tuple[float, float]:
    x, y = _evenly(frame)
    return x, y + _SPIKES.get(frame, 0.0)


def _tracked(
    folder: Path, at: Position = _with_spikes, hidden: Iterable[int] = (), *, weights: bool = False
) -> bpy.types.MovieClip:
    clip = load(folder)
    clip.frame_start = -3
    x, y = at(_KEY)
    add_track(clip, "a", [(_KEY, x / 64, 1 - y / 48)])
    shot = shot_of(clip)
    write_all(clip, read_keys(clip, shot.frames), [samples("a", shot.frames, _ALL, at, hidden)], weights=weights)
    return clip


def _clean(clip: bpy.types.MovieClip, **cleaning: object) -> str:
    return in_words(clean_tracks(clip, list(clip.tracking.tracks), shot_of(clip), Cleaning(**cleaning)))


def _facts(clip: bpy.types.MovieClip) -> dict[int, tuple[object, ...]]:
    return {marker.frame: facts(marker) for marker in clip.tracking.tracks["a"].markers}


def _changed(before: dict[int, tuple[object, ...]], clip: bpy.types.MovieClip) -> list[int]:
    after = _facts(clip)
    return [frame for frame in sorted(before.keys() | after.keys()) if before.get(frame) != after.get(frame)]


def check_spikes_become_disabled_markers_where_they_were(folder: Path) -> None:
    clip = _tracked(folder)
    before = _facts(clip)
    assert_same(_clean(clip, despike=True), "2 spikes taken out")
    assert_same(_changed(before, clip), sorted(_SPIKES))
    for frame in _SPIKES:
        assert_same(_facts(clip)[frame][:-1], before[frame][:-1])  # all but whether it is disabled
        assert_same(_facts(clip)[frame][-1], True)
    assert_same(_clean(clip, despike=True), "")


def check_gaps_are_filled_with_markers_that_are_not_keyed(folder: Path) -> None:
    clip = _tracked(folder, _evenly, hidden=(13, 14))
    clip.tracking.tracks["a"].markers.delete_frame(7)
    before = _facts(clip)
    assert_same(_clean(clip, fill=2), "3 frames filled")
    assert_same(_changed(before, clip), [7, 13, 14])
    for frame in (7, 13, 14):
        x, y = raster.from_blender(*clip.tracking.tracks["a"].markers.find_frame(frame).co, 64, 48)
        assert_close((x, y), _evenly(frame), 1e-4)
        corners, *search, keyed, disabled = _facts(clip)[frame][2:]
        assert_close(corners, CORNERS, 1e-6)
        assert_close(search, SEARCH, 1e-6)
        assert_same((keyed, disabled), (False, False))


def check_keys_stay_to_the_last_bit(folder: Path) -> None:
    clip = _tracked(folder)
    track = clip.tracking.tracks["a"]
    for frame, offset in ((4, 6.0), (12, 9.0)):  # the artist says that it is there, spike or not
        track.markers.find_frame(frame).co.y += offset / 48
        track.markers.find_frame(frame).is_keyed = True
    before = _facts(clip)
    _clean(clip, despike=True, fill=4, shortest=50, smooth=7)
    assert_same([_facts(clip)[frame] for frame in (4, 10, 12)], [before[frame] for frame in (4, 10, 12)])
    assert _changed(before, clip)


def check_smoothing_moves_what_lies_between_keys(folder: Path) -> None:
    clip = _tracked(folder)
    before = _facts(clip)
    assert_same(_clean(clip, smooth=5), "11 samples smoothed by up to 3.60 px")
    after = _facts(clip)
    moved = [frame for frame in _ALL if abs(after[frame][1][1] - before[frame][1][1]) * 48 > 1e-3]
    assert_same(moved, [1, 2, 3, 4, 5, 6, 13, 14, 15, 16, 17])
    assert_same(after[_KEY], before[_KEY])
    assert_same([marker[2:] for marker in after.values()], [marker[2:] for marker in before.values()])


def check_short_pieces_without_a_key_are_disabled(folder: Path) -> None:
    clip = _tracked(folder, hidden=(5, 6, 9, 12, 15))  # leaves 1-4, 7-8, 10-11 with the key, 13-14, 16-20
    before = _facts(clip)
    assert_same(_clean(clip, shortest=5), "8 samples of short pieces taken out")
    assert_same(_changed(before, clip), [1, 2, 3, 4, 7, 8, 13, 14])


def check_doubtful_samples_are_known_by_the_animated_weight(folder: Path) -> None:
    clip = _tracked(folder, weights=True)
    curve = _weight_curve(clip)
    for point in curve.keyframe_points:
        if point.co[0] == 8 + clip.frame_start - 1:
            point.co[1] = 0.3
    before = _facts(clip)
    assert_same(_clean(clip, confidence=0.5), "1 doubtful sample taken out")
    assert_same(_changed(before, clip), [8])


def _weight_curve(clip: bpy.types.MovieClip) -> bpy.types.FCurve:
    from cotrack_blender.weights import _curve

    return _curve(clip, clip.tracking.tracks["a"])


def check_without_an_animated_weight_nothing_is_known_to_be_doubtful(folder: Path) -> None:
    clip = _tracked(folder)
    before = _facts(clip)
    said = refusal(lambda: _clean(clip, confidence=0.5))
    assert_same(said, "Blender knows no confidence of a; turn on Animate Weight and track again, or turn Doubtful off")
    assert_same(_changed(before, clip), [])


def check_to_choose_nothing_is_refused(folder: Path) -> None:
    clip = _tracked(folder)
    assert_same(refusal(lambda: _clean(clip)), "nothing is chosen in Clean Up; tick what it should do")
