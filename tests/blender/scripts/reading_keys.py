# SPDX-License-Identifier: Apache-2.0
"""Checks what is read of the artist's tracks."""

from pathlib import Path

import bpy
from scene import CORNERS, SEARCH, add_track, clip_editor, load
from suite import assert_close, assert_same, failures, refusal

from cotrack_blender.clip_shot import shot_of
from cotrack_blender.markers import read_keys
from cotrack_client.tracks import Key


def main(folder: str) -> dict[str, str]:
    return failures(globals(), folder=Path(folder))


def _clip(folder: Path) -> bpy.types.MovieClip:
    return load(folder / "short")


def check_keys_are_in_frames_of_the_shot_and_raster_pixels(folder: Path) -> None:
    clip = _clip(folder)
    clip.frame_start, clip.frame_offset = -10, 5
    add_track(clip, "nose", [(3, 0.25, 0.75), (9, 0.5, 0.125)])
    shot = shot_of(clip)
    keys = read_keys(clip, shot.frames).keys(shot.frames, shot.size)
    assert_same(keys, (Key("nose", 1008, 16.0, 12.0), Key("nose", 1014, 32.0, 42.0)))


def check_everything_about_a_key_is_read(folder: Path) -> None:
    clip = _clip(folder)
    add_track(clip, "nose", [(3, 0.25, 0.75)])
    (track,) = read_keys(clip, shot_of(clip).frames).tracks
    (key,) = track.keys
    assert_same((key.frame, key.co, key.is_keyed), (3, (0.25, 0.75), True))
    assert_close(key.corners, CORNERS, 1e-7)
    assert_close((key.search_min, key.search_max), SEARCH, 1e-7)


def check_what_was_tracked_or_is_disabled_is_no_key(folder: Path) -> None:
    clip = _clip(folder)
    add_track(clip, "a", [(1, 0.5, 0.5), (2, 0.5, 0.5), (3, 0.5, 0.5), (4, 0.5, 0.5)])
    markers = clip.tracking.tracks["a"].markers
    markers.find_frame(2).is_keyed = False
    markers.find_frame(3).mute = True
    (track,) = read_keys(clip, shot_of(clip).frames).tracks
    assert_same([key.frame for key in track.keys], [1, 4])


def check_what_blenders_own_tracker_left_is_no_key(folder: Path) -> None:
    clip = load(folder / "texture")
    add_track(clip, "a", [(3, 0.5, 0.5)])
    with clip_editor(clip, 3):
        bpy.ops.clip.track_markers(sequence=True)
    assert len(clip.tracking.tracks["a"].markers) > 3
    (track,) = read_keys(clip, shot_of(clip).frames).tracks
    assert_same([key.frame for key in track.keys], [3])


def check_keys_outside_of_the_frames_are_left_out(folder: Path) -> None:
    clip = _clip(folder)
    add_track(clip, "a", [(0, 0.5, 0.5), (5, 0.5, 0.5), (21, 0.5, 0.5)])
    add_track(clip, "b", [(12, 0.5, 0.5)])
    frames = shot_of(clip).frames
    assert_same([[key.frame for key in track.keys] for track in read_keys(clip, frames).tracks], [[5], [12]])
    part = read_keys(clip, frames.limited(3, 9))
    assert_same([track.name for track in part.tracks], ["a"])
    assert_same(part.remarks, ("no key within the frames 3-9 has b; place one, or choose other frames",))


def check_a_sample_may_stand_in_for_a_key(folder: Path) -> None:
    clip = _clip(folder)
    add_track(clip, "a", [(1, 0.5, 0.5), (8, 0.25, 0.5)])
    clip.tracking.tracks["a"].markers.find_frame(8).is_keyed = False
    frames = shot_of(clip).frames.limited(8, 9)
    assert "no key" in refusal(lambda: read_keys(clip, frames))
    (track,) = read_keys(clip, frames, stand_in=8).tracks
    assert_same([(key.frame, key.is_keyed) for key in track.keys], [(8, False)])


def check_positions_that_are_none_are_named(folder: Path) -> None:
    clip = _clip(folder)
    clip.frame_start = 101
    add_track(clip, "a", [(1, 0.5, 0.5), (2, float("nan"), 0.5), (3, 1.25, 0.5), (4, 1.0, 0.0)])
    reading = read_keys(clip, shot_of(clip).frames)
    assert_same([key.frame for key in reading.tracks[0].keys], [1, 4])
    assert_same(
        reading.remarks,
        (
            "a has a key outside of the picture at frame 102, which is left out",
            "a has a key outside of the picture at frame 103, which is left out",
        ),
    )


def check_selected_and_all(folder: Path) -> None:
    clip = _clip(folder)
    for name in ("a", "b", "locked", "hidden"):
        add_track(clip, name, [(1, 0.5, 0.5)])
    tracks = clip.tracking.tracks
    for track in tracks:
        track.select = track.select_anchor = track.select_pattern = track.select_search = track.name != "a"
    tracks["locked"].lock = tracks["hidden"].hide = True
    frames = shot_of(clip).frames
    selected, every = read_keys(clip, frames), read_keys(clip, frames, only_selected=False)
    assert_same([track.name for track in selected.tracks], ["b"])
    assert_same(selected.remarks, ("left alone, being locked: locked",))
    assert_same([track.name for track in every.tracks], ["a", "b"])
    assert_same(every.remarks, ("left alone, being locked: locked", "left alone, being hidden: hidden"))


def check_nothing_to_track_is_said(folder: Path) -> None:
    clip = _clip(folder)
    frames = shot_of(clip).frames
    assert "Ctrl-click" in refusal(lambda: read_keys(clip, frames))
    add_track(clip, "a", [(1, 0.5, 0.5)])
    track = clip.tracking.tracks["a"]
    track.lock = True
    assert_same(refusal(lambda: read_keys(clip, frames)), "all of these tracks are locked: a; unlock one")
    track.select = track.select_anchor = track.select_pattern = track.select_search = False
    assert_same(refusal(lambda: read_keys(clip, frames)), "no track is selected; click one, or track all")


def check_the_tracks_are_those_of_the_active_object(folder: Path) -> None:
    clip = _clip(folder)
    add_track(clip, "of the camera", [(1, 0.5, 0.5)])
    clip.tracking.objects.active = clip.tracking.objects.new("box")
    add_track(clip, "of the box", [(1, 0.5, 0.5)])
    reading = read_keys(clip, shot_of(clip).frames)
    assert_same([track.name for track in reading.tracks], ["of the box"])
    clip.tracking.objects.active = clip.tracking.objects["Camera"]
    assert_same([track.name for track in reading.place.tracks()], ["of the box"])
