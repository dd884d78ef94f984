# SPDX-License-Identifier: Apache-2.0
"""Checks what is written to the artist's tracks."""

from pathlib import Path

import bpy
from scene import add_track, clip_editor, facts, load, samples, write_all
from suite import assert_close, assert_same, failures

from cotrack_blender.clip_shot import shot_of
from cotrack_blender.markers import read_keys
from cotrack_blender.writing import PIECE, Writer
from cotrack_client import raster


def main(folder: str) -> dict[str, str]:
    return failures(globals(), folder=Path(folder))


def _drift(frame: int) -> tuple[float, float]:
    """A raster position that is no round number."""
    return 20.0 + frame / 3, 17.0 - frame / 7


def _write(clip: bpy.types.MovieClip, frames: range, **arguments: object) -> None:
    shot = shot_of(clip)
    reading = read_keys(clip, shot.frames)
    write_all(
        clip, reading, [samples(track.name, shot.frames, frames, _drift, **arguments) for track in reading.tracks]
    )


def check_positions_arrive_as_they_were_sent(folder: Path) -> None:
    for start, offset in ((1, 0), (1001, 0), (-10, 0), (1001, 7)):
        clip = load(folder / "short")
        clip.frame_start, clip.frame_offset = start, offset
        shot = shot_of(clip)
        add_track(clip, "a", [(5, 0.25, 0.5)])
        _write(clip, range(shot.frames.first, shot.frames.last + 1))
        markers = clip.tracking.tracks["a"].markers
        assert_same([marker.frame for marker in markers], list(range(1, 21 - offset)))
        for marker in markers:
            expected = (16.0, 24.0) if marker.frame == 5 else _drift(marker.frame)
            assert_close(raster.from_blender(*marker.co, *shot.size), expected, 1e-4)


def check_positions_outside_of_the_picture_are_kept(folder: Path) -> None:
    clip = load(folder / "short")
    add_track(clip, "a", [(5, 0.25, 0.5)])
    shot = shot_of(clip)
    outside = samples("a", shot.frames, range(1, 21), lambda frame: (-100.0 - frame, 300.0 + frame))
    write_all(clip, read_keys(clip, shot.frames), [outside])
    marker = clip.tracking.tracks["a"].markers.find_frame(9)
    assert_close(raster.from_blender(*marker.co, 64, 48), (-109.0, 309.0), 1e-4)


def check_keys_stay_to_the_last_bit(folder: Path) -> None:
    clip = load(folder / "short")
    add_track(clip, "a", [(5, 1 / 3, 1 / 7), (11, 0.1, 0.9)])
    markers = clip.tracking.tracks["a"].markers
    before = [facts(markers.find_frame(frame)) for frame in (5, 11)]
    _write(clip, range(1, 21), hidden=(5, 6, 7, 11))
    assert_same([facts(markers.find_frame(frame)) for frame in (5, 11)], before)


def check_samples_are_not_keyed_and_gaps_are_disabled(folder: Path) -> None:
    clip = load(folder / "short")
    add_track(clip, "a", [(5, 0.25, 0.5)])
    _write(clip, range(1, 21), hidden=(8, 9, 20))
    markers = clip.tracking.tracks["a"].markers
    assert_same([marker.frame for marker in markers if marker.is_keyed], [5])
    assert_same([marker.frame for marker in markers if marker.mute], [8, 9, 20])
    assert_close(raster.from_blender(*markers.find_frame(8).co, 64, 48), _drift(8), 1e-4)


def check_pattern_and_search_are_those_of_the_nearest_key(folder: Path) -> None:
    clip = load(folder / "short")
    add_track(clip, "a", [(5, 0.25, 0.5), (11, 0.5, 0.5)])
    markers = clip.tracking.tracks["a"].markers
    markers.find_frame(11).pattern_corners = ((-0.1, -0.1), (0.1, -0.1), (0.1, 0.1), (-0.1, 0.1))
    markers.find_frame(11).search_max = (0.3, 0.3)
    _write(clip, range(1, 21))
    for frame, key in ((1, 5), (7, 5), (9, 11), (20, 11)):
        assert_same(facts(markers.find_frame(frame))[2:5], facts(markers.find_frame(key))[2:5])


def check_old_samples_are_replaced_and_others_stay(folder: Path) -> None:
    clip = load(folder / "short")
    add_track(clip, "a", [(5, 0.25, 0.5), (6, 0.9, 0.9), (7, 0.9, 0.9), (18, 0.8, 0.8)])
    markers = clip.tracking.tracks["a"].markers
    markers.find_frame(6).is_keyed = False
    markers.find_frame(7).mute = True
    markers.find_frame(18).is_keyed = False
    _write(clip, range(5, 11))
    for frame in (6, 7):
        assert_close(raster.from_blender(*markers.find_frame(frame).co, 64, 48), _drift(frame), 1e-4)
        assert_same((markers.find_frame(frame).is_keyed, markers.find_frame(frame).mute), (False, False))
    assert_close(markers.find_frame(18).co, (0.8, 0.8), 1e-6)


def check_samples_are_bounded_by_disabled_markers(folder: Path) -> None:
    clip = load(folder / "short")
    add_track(clip, "a", [(5, 0.25, 0.5)])
    _write(clip, range(5, 11))
    markers = clip.tracking.tracks["a"].markers
    assert_same([(marker.frame, marker.is_keyed) for marker in markers if marker.mute], [(4, False), (11, False)])
    assert_same(tuple(markers.find_frame(11).co), tuple(markers.find_frame(10).co))
    _write(clip, range(5, 21))
    assert_same([marker.frame for marker in markers if marker.mute], [4])


def check_no_bound_is_put_over_a_marker_or_outside_of_the_clip(folder: Path) -> None:
    clip = load(folder / "short")
    add_track(clip, "a", [(5, 0.25, 0.5), (12, 0.25, 0.5)])
    _write(clip, range(1, 12))
    markers = clip.tracking.tracks["a"].markers
    assert_same([marker.frame for marker in markers], list(range(1, 13)))
    assert not any(marker.mute for marker in markers)


def check_a_key_placed_meanwhile_stays(folder: Path) -> None:
    clip = load(folder / "short")
    add_track(clip, "a", [(5, 0.25, 0.5)])
    shot = shot_of(clip)
    reading = read_keys(clip, shot.frames)
    placed = clip.tracking.tracks["a"].markers.insert_frame(9, co=(0.7, 0.7))
    before = facts(placed)
    write_all(clip, reading, [samples("a", shot.frames, range(1, 21), _drift)])
    assert_same(facts(clip.tracking.tracks["a"].markers.find_frame(9)), before)


def check_a_key_that_vanished_is_put_back(folder: Path) -> None:
    clip = load(folder / "short")
    add_track(clip, "a", [(5, 1 / 3, 1 / 7), (9, 0.5, 0.5)])
    markers = clip.tracking.tracks["a"].markers
    before = facts(markers.find_frame(5))
    shot = shot_of(clip)
    reading = read_keys(clip, shot.frames)
    markers.delete_frame(5)
    write_all(clip, reading, [samples("a", shot.frames, range(1, 21), _drift)])
    assert_same(facts(markers.find_frame(5)), before)


def check_an_undo_while_it_runs_is_survived(folder: Path) -> None:
    clip = load(folder / "short")
    add_track(clip, "a", [(5, 0.25, 0.5)])
    bpy.ops.ed.undo_push(message="one track")
    add_track(clip, "b", [(5, 0.75, 0.5)])
    bpy.ops.ed.undo_push(message="two tracks")
    shot = shot_of(clip)
    writer = Writer(read_keys(clip, shot.frames), shot.frames, shot.size)
    writer.add(samples(name, shot.frames, range(1, 11), _drift) for name in "ab")
    assert_same(writer.write(seconds=1), 0)
    bpy.ops.ed.undo()
    writer.add(samples(name, shot.frames, range(11, 21), _drift) for name in "ab")
    writer.end()
    assert_same(writer.write(seconds=1), 0)
    tracks = bpy.data.movieclips[0].tracking.tracks
    assert_same([track.name for track in tracks], ["a"])
    assert_same(writer.remarks(), ("deleted or renamed meanwhile, and therefore not written: b",))
    assert_same([marker.frame for marker in tracks["a"].markers], [4, 5, 6, *range(10, 21)])


def check_one_undo_takes_all_back(folder: Path) -> None:
    clip = load(folder / "short")
    add_track(clip, "a", [(5, 0.25, 0.5)])
    bpy.ops.ed.undo_push(message="placed")
    _write(clip, range(1, 21))
    bpy.ops.ed.undo_push(message="tracked")
    bpy.ops.ed.undo()
    markers = bpy.data.movieclips[0].tracking.tracks["a"].markers
    assert_same([(marker.frame, tuple(marker.co)) for marker in markers], [(5, (0.25, 0.5))])
    bpy.ops.ed.redo()
    assert_same(len(bpy.data.movieclips[0].tracking.tracks["a"].markers), 20)


def check_a_track_that_was_deleted_is_skipped_and_named(folder: Path) -> None:
    clip = load(folder / "short")
    add_track(clip, "a", [(5, 0.25, 0.5)])
    add_track(clip, "b", [(5, 0.75, 0.5)])
    shot = shot_of(clip)
    reading = read_keys(clip, shot.frames)
    for track in clip.tracking.tracks:
        track.select = track.name == "a"
    with clip_editor(clip, 5):
        bpy.ops.clip.delete_track()
    writer = write_all(clip, reading, [samples(name, shot.frames, range(1, 21), _drift) for name in "ab"])
    assert_same(writer.remarks(), ("deleted or renamed meanwhile, and therefore not written: a",))
    assert_same(len(clip.tracking.tracks["b"].markers), 20)


def check_another_file_loaded_meanwhile_is_survived(folder: Path) -> None:
    clip = load(folder / "short")
    add_track(clip, "a", [(5, 0.25, 0.5)])
    shot = shot_of(clip)
    writer = Writer(read_keys(clip, shot.frames), shot.frames, shot.size)
    writer.add([samples("a", shot.frames, range(1, 21), _drift)])
    bpy.ops.wm.read_factory_settings()
    writer.end()
    assert_same(writer.write(seconds=1), 0)
    assert_same(writer.remarks(), ("deleted or renamed meanwhile, and therefore not written: a",))


def check_a_job_without_samples_changes_nothing(folder: Path) -> None:
    clip = load(folder / "short")
    add_track(clip, "a", [(5, 0.25, 0.5)])
    before = [facts(marker) for marker in clip.tracking.tracks["a"].markers]
    write_all(clip, read_keys(clip, shot_of(clip).frames), [])
    assert_same([facts(marker) for marker in clip.tracking.tracks["a"].markers], before)


def check_a_slice_writes_one_piece_when_its_time_is_over(folder: Path) -> None:
    clip = load(folder / "long")
    add_track(clip, "a", [(1, 0.25, 0.5)])
    shot = shot_of(clip)
    writer = Writer(read_keys(clip, shot.frames), shot.frames, shot.size)
    writer.add([samples("a", shot.frames, range(1, 1201), _drift)])
    assert_same(writer.write(seconds=0), 1200 - PIECE)
    assert_same(len(clip.tracking.tracks["a"].markers), PIECE)


def check_confidence_becomes_the_weight(folder: Path) -> None:
    clip = load(folder / "short")
    clip.frame_start = 101
    add_track(clip, 'with "quotes"', [(5, 0.25, 0.5)])
    add_track(clip, "other", [(5, 0.25, 0.5)])
    shot = shot_of(clip)
    reading = read_keys(clip, shot.frames)
    for frames in (range(1, 11), range(8, 21)):
        stretches = [samples(track.name, shot.frames, frames, _drift, hidden=(8,)) for track in reading.tracks]
        write_all(clip, reading, stretches, weights=True)
    weights = []
    for frame in range(101, 121):
        bpy.context.scene.frame_set(frame)
        evaluated = clip.evaluated_get(bpy.context.evaluated_depsgraph_get())
        weights.append(evaluated.tracking.tracks[0].weight)
    assert_close(weights, [0.25 if frame == 108 else 0.75 for frame in range(101, 121)], 1e-6)


def check_blenders_own_tracker_and_refine_go_on_from_samples(folder: Path) -> None:
    clip = load(folder / "texture")
    add_track(clip, "a", [(1, 0.5, 0.5)])
    shot = shot_of(clip)
    true = lambda frame: (32.0 + 0.5 * (frame - 1), 24.0)  # noqa: E731  how the texture moves
    write_all(clip, read_keys(clip, shot.frames), [samples("a", shot.frames, range(1, 6), true)])
    with clip_editor(clip, 5):
        bpy.ops.clip.track_markers(sequence=True)
    markers = clip.tracking.tracks["a"].markers
    assert_close(raster.from_blender(*markers.find_frame(12).co, 64, 48), true(12), 0.25)
    moved = markers.find_frame(5)
    moved.co = (moved.co[0] + 0.6 / 64, moved.co[1])
    with clip_editor(clip, 5):
        bpy.ops.clip.refine_markers()
    assert_close(raster.from_blender(*markers.find_frame(5).co, 64, 48), true(5), 0.1)
