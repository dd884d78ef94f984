# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from cotrack.media.clip import Clip, open_clip
from cotrack.media.errors import MediaError
from cotrack_client.frames import FrameRange


def refusal(path: Path, **options: FrameRange) -> str:
    with pytest.raises(MediaError) as error:
        open_clip(path, **options)
    return str(error.value)


@pytest.mark.parametrize("name", ["plate.####.png", "plate.%04d.png", "plate.$F4.png", "plate.1005.png", ""])
def test_a_pattern_one_file_and_the_folder_are_the_same_shot(plate: Path, media: SimpleNamespace, name: str) -> None:
    with open_clip(plate.parent / name) as clip:
        assert clip.info.path == plate
        assert clip.frames == tuple(range(1001, 1013))
        assert media.number_in(clip.read(1005)) == 5


def test_a_home_folder_may_be_a_tilde(plate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(plate.parent))
    with open_clip("~/plate.####.png") as clip:
        assert clip.info.path == plate


def test_frames_are_numbered_anew_when_asked(plate: Path, media: SimpleNamespace) -> None:
    with open_clip(plate, first=1) as clip:
        assert clip.frames == tuple(range(1, 13))
        assert media.number_in(clip.read(5)) == 5


def test_a_lone_picture_is_the_frame_that_its_name_says(tmp_path: Path, media: SimpleNamespace) -> None:
    with open_clip(media.write_still(tmp_path / "still.0042.png", media.draw(1))) as clip:
        assert (clip.info.kind, clip.frames) == ("still", (42,))


def test_a_folder_with_one_movie_is_that_movie(tmp_path: Path, media: SimpleNamespace) -> None:
    movie = media.write_movie(tmp_path / "shot.mp4", range(1, 4))
    (tmp_path / "notes.txt").write_text("x")
    (tmp_path / ".DS_Store").write_text("x")
    with open_clip(tmp_path) as clip:
        assert (clip.info.kind, clip.info.path) == ("movie", movie)


def test_missing_frames_are_named_together(plate: Path) -> None:
    for frame in (1003, 1006, 1007, 1008):
        (plate.parent / f"plate.{frame}.png").unlink()
    assert refusal(plate) == (
        f"frames 1003, 1006-1008 of {plate} are missing; skip what is missing (--missing skip), or render them again"
    )


def test_one_missing_frame_is_named(plate: Path) -> None:
    (plate.parent / "plate.1003.png").unlink()
    assert (
        refusal(plate) == f"frame 1003 of {plate} is missing; skip what is missing (--missing skip), or render it again"
    )


def test_missing_frames_are_skipped_when_asked(plate: Path) -> None:
    (plate.parent / "plate.1003.png").unlink()
    with open_clip(plate, missing="skip") as clip:
        assert clip.frames == (1001, 1002, *range(1004, 1013))
        assert clip.info.missing == (1003,)
        with pytest.raises(MediaError, match=r"frame 1003 of .* is missing"):
            clip.read(1003)


def test_frames_missing_outside_of_the_range_do_not_matter(plate: Path) -> None:
    (plate.parent / "plate.1003.png").unlink()
    with open_clip(plate, frames=FrameRange(1004, 1008)) as clip:
        assert clip.frames == (1004, 1005, 1006, 1007, 1008)
        assert (clip.info.first, clip.info.last, clip.info.missing) == (1004, 1008, ())


@pytest.mark.parametrize(
    ("pattern", "first", "numbers"),
    [("p#.png", 7, range(7, 13)), ("p##.png", 10, range(10, 13)), ("a_0001_v#.png", 2, [2, 3]), ("m#.png", 1, [1, 2])],
)
def test_a_pattern_and_a_range_name_what_a_host_counts(
    tmp_path: Path, media: SimpleNamespace, pattern: str, first: int, numbers: list[int]
) -> None:
    """Blender counts on from the file that was opened, with the last number of its name, to the first gap."""
    others = ["a_0001_v2.png", "a_0001_v3.png", "a_0002_v2.png", "m1.png", "m02.png", "m2.png", "m4.png"]
    for name in [*(f"p{number}.png" for number in range(7, 13)), *others]:
        media.write_still(tmp_path / name, media.draw(int(name[-6:-4].lstrip("p_vm0"))))
    with open_clip(tmp_path / pattern, frames=FrameRange(first, max(numbers))) as clip:
        assert clip.frames == tuple(numbers)
        assert [media.number_in(picture) for _, picture in clip.iterate(clip.frames)] == list(numbers)


def test_a_range_that_reaches_outside_of_the_shot_is_refused(plate: Path) -> None:
    assert refusal(plate, frames=FrameRange(990, 1005)) == (
        f"frames 990-1005 reach outside of {plate}, which has 1001-1012; choose frames within it"
    )


@pytest.mark.parametrize("call", [lambda clip: clip.read(1013), lambda clip: clip.iterate([1012, 1013])])
def test_a_frame_outside_of_the_clip_is_refused_at_once(plate: Path, call: Callable[[Clip], object]) -> None:
    with open_clip(plate) as clip, pytest.raises(MediaError, match=r"frame 1013 is not in .* which has 1001-1012"):
        call(clip)


def test_a_missing_file_is_answered_by_what_lies_there(plate: Path) -> None:
    assert refusal(plate.parent / "plaet.####.png") == (
        f"no file in {plate.parent} matches plaet.####.png; the folder holds plate.####.png"
    )
    assert refusal(plate.parent / "plate.mov") == (
        f"{plate.parent / 'plate.mov'} does not exist; the folder holds plate.####.png"
    )


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    assert refusal(tmp_path / "nowhere" / "plate.####.exr") == (
        f"there is no folder {tmp_path / 'nowhere'}; check the path"
    )


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path) == (f"{tmp_path} holds no picture and no movie; name the folder of a sequence, or a movie")


def test_a_folder_with_several_shots_lists_them(plate: Path, media: SimpleNamespace) -> None:
    media.write_still(plate.parent / "matte.0001.png", media.draw(1))
    media.write_movie(plate.parent / "ref.mov", range(1, 3))
    assert refusal(plate.parent) == (
        f"{plate.parent} holds more than one shot (matte.0001.png, plate.####.png, ref.mov); name one of them"
    )


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("a.heic", "is a HEIF picture, which cannot be read here; convert it to PNG or EXR"),
        ("a.0001.CR3", "is a camera raw picture, which cannot be read here; develop it to EXR, DPX or TIFF"),
        ("A001.R3D", "is a camera raw movie, which cannot be read here; export it to ProRes or EXR"),
        ("a.txt", "is not of a kind that can be read; use EXR, DPX, TIFF, PNG or JPEG, or a MOV, MP4 or MXF movie"),
    ],
)
def test_kinds_that_cannot_be_read_are_refused_by_name(tmp_path: Path, name: str, sentence: str) -> None:
    (tmp_path / name).write_bytes(b"x")
    assert refusal(tmp_path / name) == f"{tmp_path / name} {sentence}"


@pytest.mark.skipif(not hasattr(os, "seteuid"), reason="no users to switch between")
@pytest.mark.parametrize("name", ["plate.1001.png", "shot.mp4", ""])
def test_what_may_not_be_read_is_named(plate: Path, media: SimpleNamespace, name: str) -> None:
    media.write_movie(plate.parent / "shot.mp4", range(1, 3))
    path = plate.parent / name
    path.chmod(0)
    nobody = 65534
    if os.geteuid() == 0:
        os.seteuid(nobody)
    try:
        sentence = refusal(path)
    finally:
        if os.getuid() == 0:
            os.seteuid(0)
        path.chmod(0o755)
    assert sentence == f"{path} may not be read (permission denied); change its permissions"
