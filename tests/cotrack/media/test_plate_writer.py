# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import OpenImageIO as oiio  # noqa: N813  as its makers write it
import pytest

from cotrack.media.clip import open_clip
from cotrack.media.errors import MediaError
from cotrack.media.plate_writer import writing_like
from cotrack.media.stored import StoredPicture


def copy(source: Path, target: Path) -> None:
    """Read everything and write it again."""
    with open_clip(source) as clip, writing_like(clip, target, clip.frames) as writer:
        for frame in clip.frames:
            writer.write(frame, clip.read_stored(frame))


def read(path: Path) -> tuple[oiio.ImageSpec, np.ndarray]:
    image = oiio.ImageInput.open(str(path))
    assert image is not None, oiio.geterror()
    spec = image.spec()
    return spec, image.read_image(str(spec.format) if str(spec.format) != "double" else "float")


def test_an_exr_keeps_depth_windows_channels_and_what_it_says(tmp_path: Path, media: SimpleNamespace) -> None:
    pixels = np.random.default_rng(0).uniform(-1, 900, (20, 30, 5)).astype(np.float16)
    media.write_still(
        tmp_path / "a.1001.exr",
        pixels,
        x=-3,
        y=4,
        full_x=2,
        full_y=6,
        full_width=24,
        full_height=14,
        channelnames=("R", "G", "B", "A", "depth.Z"),
        compression="piz",
        oiio__ColorSpace="ACEScg",
        take="A12",
        PixelAspectRatio=2.0,
    )
    copy(tmp_path / "a.1001.exr", tmp_path / "b.####.exr")
    (before, stored), (after, written) = read(tmp_path / "a.1001.exr"), read(tmp_path / "b.1001.exr")
    assert written.dtype == np.float16
    np.testing.assert_array_equal(written, stored)
    for name in ("x", "y", "width", "height", "full_x", "full_y", "full_width", "full_height", "channelnames"):
        assert getattr(after, name) == getattr(before, name), name
    kept = {attribute.name: attribute.value for attribute in before.extra_attribs}
    assert {"compression", "take", "PixelAspectRatio", "oiio:ColorSpace"} <= set(kept)
    there = {attribute.name: attribute.value for attribute in after.extra_attribs}
    assert {name: there[name] for name in kept if name in there and name != "DateTime"} == {
        name: value for name, value in kept.items() if name != "DateTime"
    }


def test_channels_of_different_depth_keep_theirs(tmp_path: Path) -> None:
    spec = oiio.ImageSpec(8, 6, 4, "half")
    spec.channelnames = ("R", "G", "B", "Z")
    spec.channelformats = (oiio.HALF, oiio.HALF, oiio.HALF, oiio.FLOAT)
    output = oiio.ImageOutput.create("a.exr")
    assert output.open(str(tmp_path / "a.0001.exr"), spec), output.geterror()
    assert output.write_image(np.full((6, 8, 4), 1 / 3, np.float32)), output.geterror()
    assert output.close()
    copy(tmp_path / "a.0001.exr", tmp_path / "b.####.exr")
    after, written = read(tmp_path / "b.0001.exr")
    assert [str(kind) for kind in after.channelformats] == ["half", "half", "half", "float"]
    assert written[0, 0].tolist() == pytest.approx([float(np.float16(1 / 3))] * 3 + [float(np.float32(1 / 3))], abs=0)


@pytest.mark.parametrize(
    ("suffix", "kind", "channels"),
    [
        ("png", "uint8", 3),
        ("png", "uint16", 3),
        ("png", "uint16", 4),
        ("tif", "uint8", 4),
        ("tif", "uint16", 3),
        ("tif", "float", 3),
        ("dpx", "uint16", 3),
        ("exr", "float", 4),
        ("exr", "half", 1),
        ("tga", "uint8", 4),
    ],
)
def test_other_pictures_come_back_as_they_were(
    tmp_path: Path, media: SimpleNamespace, suffix: str, kind: str, channels: int
) -> None:
    top = {"uint8": 255, "uint16": 65535}.get(kind, 1)
    values = np.random.default_rng(0).uniform(0, top, (12, 16, channels))
    numpy_kind = {"float": "float32", "half": "float16"}.get(kind, kind)
    media.write_still(tmp_path / f"a.1001.{suffix}", values.astype(numpy_kind), kind)
    copy(tmp_path / f"a.1001.{suffix}", tmp_path / f"b.####.{suffix}")
    (before, stored), (after, written) = (read(tmp_path / f"{name}.1001.{suffix}") for name in "ab")
    assert str(after.format) == str(before.format)
    np.testing.assert_array_equal(written, stored)


def test_a_ten_bit_dpx_stays_one(tmp_path: Path, media: SimpleNamespace) -> None:
    values = np.random.default_rng(0).integers(0, 65535, (12, 16, 3), dtype=np.uint16)
    media.write_still(tmp_path / "a.1001.dpx", values, oiio__BitsPerSample=10)
    copy(tmp_path / "a.1001.dpx", tmp_path / "b.####.dpx")
    (before, stored), (after, written) = read(tmp_path / "a.1001.dpx"), read(tmp_path / "b.1001.dpx")
    assert after.get_int_attribute("oiio:BitsPerSample") == before.get_int_attribute("oiio:BitsPerSample") == 10
    np.testing.assert_array_equal(written, stored)


def test_the_part_that_is_the_picture_is_written(
    tmp_path: Path, multipart: Callable[[Path, list[tuple[str, tuple[str, ...], float]]], Path]
) -> None:
    multipart(tmp_path / "a.0001.exr", [("depth", ("Z",), 7.0), ("beauty", ("R", "G", "B", "A"), 0.5)])
    copy(tmp_path / "a.0001.exr", tmp_path / "b.####.exr")
    spec, pixels = read(tmp_path / "b.0001.exr")
    assert spec.channelnames == ("R", "G", "B", "A")
    assert (pixels == 0.5).all()


@pytest.mark.parametrize(("codec", "pixels"), [("libx264", "yuv420p"), ("prores_ks", "yuv422p10le")])
def test_a_movie_becomes_prores_of_the_same_rate(
    tmp_path: Path, media: SimpleNamespace, codec: str, pixels: str
) -> None:
    media.write_movie(tmp_path / "a.mov", range(1, 7), codec, pixels, rate=Fraction(24000, 1001))
    copy(tmp_path / "a.mov", tmp_path / "b.mov")
    with open_clip(tmp_path / "a.mov") as before, open_clip(tmp_path / "b.mov") as after:
        assert after.info.codec.startswith("prores 4444")
        assert (after.info.fps, after.frames) == (Fraction(24000, 1001), before.frames)
        for frame in before.frames:
            difference = after.read(frame) - before.read(frame)
            assert np.abs(difference).max() < 0.03  # at the edges of the blocks
            assert np.abs(difference.mean()) < 0.0005


def test_values_are_rounded_and_clipped_to_what_is_stored() -> None:
    codes = StoredPicture(np.zeros((1, 3, 1), np.uint8), (0, 0), (3, 1), (0,), None, 255.0)
    halves = StoredPicture(np.zeros((1, 3, 1), np.float16), (0, 0), (3, 1), (0,), None, 1.0)
    values = np.array([-0.5, 0.5, 1e6], np.float32).reshape(1, 3, 1)
    assert codes.as_stored(values).ravel().tolist() == [0, 128, 255]
    assert halves.as_stored(values).ravel().tolist() == [-0.5, 0.5, 65504]


def test_the_shot_itself_is_never_written_over(plate: Path, tmp_path: Path) -> None:
    before = (tmp_path / "plate.1001.png").read_bytes()
    with pytest.raises(MediaError, match=r"plate.1001.png belongs to the shot itself, which stays as it is"):
        copy(plate, plate)
    assert (tmp_path / "plate.1001.png").read_bytes() == before


def test_a_movie_is_never_written_over(tmp_path: Path, media: SimpleNamespace) -> None:
    media.write_movie(tmp_path / "a.mov")
    with pytest.raises(MediaError, match=r"a.mov belongs to the shot itself"):
        copy(tmp_path / "a.mov", tmp_path / "a.mov")


@pytest.mark.parametrize(
    ("name", "complaint"),
    [
        ("o.####.exr", r"o.####.exr is another kind of file than the shot; write .*o.####.png"),
        ("o.png", r"o.png is one file for 12 frames; write .*o.####.png"),
        ("nowhere/o.####.png", r"nowhere is no folder; make it"),
    ],
)
def test_a_name_that_does_not_fit_is_told(plate: Path, tmp_path: Path, name: str, complaint: str) -> None:
    with pytest.raises(MediaError, match=complaint):
        copy(plate, tmp_path / name)
