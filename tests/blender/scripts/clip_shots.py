# SPDX-License-Identifier: Apache-2.0
"""Checks how movie clips become shots."""

from pathlib import Path

import bpy
from scene import clip_editor
from suite import assert_close, assert_same, failures, refusal

from cotrack_blender.clip_frames import ClipFrames
from cotrack_blender.clip_shot import shot_of


def main(folder: str) -> dict[str, str]:
    return failures(globals(), folder=Path(folder))


def check_a_sequence_keeps_the_numbers_of_its_files(folder: Path) -> None:
    shot = shot_of(bpy.data.movieclips.load(str(folder / "plate/plate.1001.png")))
    assert_same(shot.request.path, str(folder / "plate/plate.####.png"))
    assert_same(shot.request.frames, (1001, 1010))
    assert_same((shot.request.first, shot.request.rate), (None, None))
    assert_same(shot.frames, ClipFrames(start=1, first=1, last=10, shift=1000))
    assert_same(shot.size, (32, 24))
    assert_same((shot.request.expected.width, shot.request.expected.height), (32, 24))


def check_a_sequence_begins_at_the_file_that_was_opened(folder: Path) -> None:
    shot = shot_of(bpy.data.movieclips.load(str(folder / "plate/plate.1004.png")))
    assert_same(shot.request.frames, (1004, 1010))
    assert_same(shot.frames.to_shot(1), 1004)


def check_blender_ends_a_sequence_at_a_missing_file(folder: Path) -> None:
    shot = shot_of(bpy.data.movieclips.load(str(folder / "hole/a1.png")))
    assert_same((shot.request.path, shot.request.frames), (str(folder / "hole/a#.png"), (1, 3)))


def check_numbers_without_padding(folder: Path) -> None:
    shot = shot_of(bpy.data.movieclips.load(str(folder / "loose/x9.png")))
    assert_same((shot.request.path, shot.request.frames), (str(folder / "loose/x#.png"), (9, 12)))


def check_a_lone_picture_is_one_frame(folder: Path) -> None:
    shot = shot_of(bpy.data.movieclips.load(str(folder / "alone/still.png")))
    assert_same((shot.request.path, shot.request.frames), (str(folder / "alone/still.png"), (1, 1)))


def check_spaces_and_any_script_may_stand_in_a_path(folder: Path) -> None:
    place = folder / "Größe 東京/シーン 1"
    shot = shot_of(bpy.data.movieclips.load(str(place / "plate é_0001.png")))
    assert_same(shot.request.path, str(place / "plate é_####.png"))


def check_a_path_relative_to_the_blend_file(folder: Path) -> None:
    (folder / "scenes").mkdir(exist_ok=True)
    clip = bpy.data.movieclips.load(str(folder / "plate/plate.1001.png"))
    bpy.ops.wm.save_as_mainfile(filepath=str(folder / "scenes/shot.blend"))
    clip.filepath = "//../plate/plate.1001.png"
    assert_same(shot_of(clip).request.path, str(folder / "plate/plate.####.png"))


def check_a_movie(folder: Path) -> None:
    clip = bpy.data.movieclips.load(str(folder / "movie/take 1.mp4"))
    shot = shot_of(clip)
    assert_same((shot.request.path, shot.request.frames), (str(folder / "movie/take 1.mp4"), None))
    assert_same((shot.frames.first, shot.frames.last), (1, 30))
    assert_close(shot.request.rate, 25.0, 1e-6)
    assert_same(shot.request.upright, bpy.app.version >= (4, 5, 0))
    expected = shot.request.expected
    assert_same((expected.width, expected.height, expected.frames, expected.fps), (64, 48, 30, 25.0))


def check_frame_offset_and_frame_start(folder: Path) -> None:
    clip = bpy.data.movieclips.load(str(folder / "movie/take 1.mp4"))
    for start, offset, limits in ((1, 29, (30, 30)), (1001, 7, (8, 30)), (-10, 7, (8, 30)), (1, -50, (1, 30))):
        clip.frame_start, clip.frame_offset = start, offset
        shot = shot_of(clip)
        frames = shot.frames
        assert_same(shot.request.frames, limits)
        assert_same(frames.to_scene(1), start)
        assert_same(frames.from_scene(frames.to_scene(4)), 4)
        assert_same(frames.to_shot(4), 4 + offset)
        assert_same(frames.from_shot(frames.to_shot(4)), 4)
        assert_same(len(range(frames.first, frames.last + 1)), limits[1] - limits[0] + 1)


def check_a_sequence_that_was_reloaded_with_an_offset(folder: Path) -> None:
    clip = bpy.data.movieclips.load(str(folder / "plate/plate.1001.png"))
    for offset in (4, -3):
        clip.frame_offset = offset
        before = shot_of(clip)
        with clip_editor(clip, 1):
            bpy.ops.clip.reload()
        assert clip.frame_duration < 10  # Blender counts from the first file that is shown
        assert_same(shot_of(clip), before)
        assert_same(before.request.frames, (1001 + max(0, offset), 1010))


def check_a_part_of_a_shot(folder: Path) -> None:
    clip = bpy.data.movieclips.load(str(folder / "plate/plate.1001.png"))
    clip.frame_start = 101
    shot = shot_of(clip)
    assert_same(shot.within(3, 99).request.frames, (1003, 1010))
    sentence = refusal(lambda: shot.within(11, 20))
    assert_same(sentence, "the frames 111-120 lie outside of the clip, which has 101-110; choose frames within it")


def check_the_colour_space_is_the_clips(folder: Path) -> None:
    clip = bpy.data.movieclips.load(str(folder / "plate/plate.1001.png"))
    assert_same(shot_of(clip).request.colorspace, "sRGB")
    clip.colorspace_settings.name = "Non-Color"
    assert_same(shot_of(clip).request.colorspace, "Non-Color")


def check_a_missing_file_is_named(folder: Path) -> None:
    gone = folder / "gone/b.0001.png"
    gone.parent.mkdir(exist_ok=True)
    gone.write_bytes((folder / "plate/plate.1001.png").read_bytes())
    clip = bpy.data.movieclips.load(str(gone))
    gone.unlink()
    assert_same(
        refusal(lambda: shot_of(clip)),
        f"{gone}, the original of b.0001.png, is missing; bring it back, or open it anew",
    )
    clip.use_proxy = True
    assert "the proxies alone are not enough" in refusal(lambda: shot_of(clip))


def check_a_file_that_blender_cannot_read(folder: Path) -> None:
    broken = folder / "broken.png"
    broken.write_bytes(b"no picture")
    clip = bpy.data.movieclips.load(str(broken))
    assert_same(refusal(lambda: shot_of(clip)), f"Blender cannot read {broken}; convert it, or open another file")


def check_a_clip_that_is_offset_out_of_itself(folder: Path) -> None:
    clip = bpy.data.movieclips.load(str(folder / "plate/plate.1001.png"))
    clip.frame_offset = 10
    assert "set its Frame Offset to less" in refusal(lambda: shot_of(clip))


def check_a_linked_clip(folder: Path) -> None:
    clip = bpy.data.movieclips.load(str(folder / "plate/plate.1001.png"))
    clip.use_fake_user = True
    library = folder / "library.blend"
    bpy.ops.wm.save_as_mainfile(filepath=str(library))
    bpy.ops.wm.read_factory_settings()
    with bpy.data.libraries.load(str(library), link=True) as (_, wanted):
        wanted.movieclips = ["plate.1001.png"]
    linked = bpy.data.movieclips[0]
    assert "is linked from another file" in refusal(lambda: shot_of(linked))


def check_a_proxy_changes_nothing(folder: Path) -> None:
    clip = bpy.data.movieclips.load(str(folder / "plate/plate.1001.png"))
    before = shot_of(clip)
    clip.use_proxy = True
    clip.use_proxy_custom_directory = True
    clip.proxy.directory = str(folder / "proxies")
    assert_same(shot_of(clip), before)
    assert_same(list(bpy.data.movieclips), [clip])


def check_a_wildcard_in_a_name_is_refused_where_it_would_be_misread(folder: Path) -> None:
    odd = folder / "odd/a.0001.#.png"
    odd.parent.mkdir(exist_ok=True)
    odd.write_bytes((folder / "plate/plate.1001.png").read_bytes())
    clip = bpy.data.movieclips.load(str(odd))
    assert "rename the files" in refusal(lambda: shot_of(clip))
