# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import logging
import re
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import numpy.typing as npt
import OpenImageIO as oiio  # noqa: N813  as its makers write it
import pytest

from cotrack.media.clip import open_clip
from cotrack.media.errors import FrameError, MediaError
from cotrack_client.frames import FrameRange

GREY_IN_SRGB = 0.4613561  # of linear 0.18, by the formula of IEC 61966-2-1


def srgb(linear: npt.ArrayLike) -> npt.NDArray[np.float64]:
    linear = np.clip(np.asarray(linear, np.float64), 0, 1)
    return np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)


def read_one(path: Path) -> npt.NDArray[np.float32]:
    with open_clip(path) as clip:
        return clip.read(clip.frames[0])


@pytest.fixture
def colours() -> npt.NDArray[np.float32]:
    """(64, 96, 3) float32 that differ in every pixel, from 0 to above 1."""
    y, x = np.mgrid[0:64, 0:96].astype(np.float32)
    return np.stack([x / 80, y / 64, (x + y) / 160], axis=-1).astype(np.float32)


@pytest.mark.parametrize(
    ("name", "kind", "attributes", "tolerance"),
    [
        ("a.exr", "half", {}, 5e-4),
        ("a.exr", "float", {"compression": "zip"}, 2e-5),
        ("a.exr", "half", {"compression": "dwaa:15"}, 5e-3),
        ("a.exr", "half", {"compression": "piz"}, 5e-4),
        ("a.tif", "float", {}, 2e-5),
    ],
)
def test_float_files_are_scene_linear(  # noqa: PLR0917  fixtures and parameters
    tmp_path: Path,
    media: SimpleNamespace,
    colours: npt.NDArray[np.float32],
    name: str,
    kind: str,
    attributes: dict[str, Any],
    tolerance: float,
) -> None:
    path = media.write_still(tmp_path / name, colours, kind, **attributes)
    picture = read_one(path)
    assert picture.dtype == np.float32
    assert picture.flags.c_contiguous
    np.testing.assert_allclose(picture, srgb(colours), atol=tolerance)


@pytest.mark.parametrize(
    ("name", "kind", "attributes", "steps"),
    [
        ("a.png", "uint8", {}, 255),
        ("a.png", "uint16", {}, 65535),
        ("a.tif", "uint8", {}, 255),
        ("a.tif", "uint16", {}, 65535),
        ("a.dpx", "uint16", {"oiio__BitsPerSample": 10}, 1023),
        ("a.dpx", "uint16", {"oiio__BitsPerSample": 16}, 65535),
    ],
)
def test_integer_files_are_display_referred_and_exact(  # noqa: PLR0917  fixtures and parameters
    tmp_path: Path,
    media: SimpleNamespace,
    colours: npt.NDArray[np.float32],
    name: str,
    kind: str,
    attributes: dict[str, Any],
    steps: int,
) -> None:
    whole = np.iinfo(kind).max
    codes = (np.clip(colours, 0, 1) * whole).round().astype(kind)
    picture = read_one(media.write_still(tmp_path / name, codes, kind, **attributes))
    np.testing.assert_allclose(picture, codes / whole, atol=1.01 / steps if steps < whole else 1e-7)


def test_jpeg_comes_close(tmp_path: Path, media: SimpleNamespace, colours: npt.NDArray[np.float32]) -> None:
    codes = (np.clip(colours, 0, 1) * 255).round().astype(np.uint8)
    picture = read_one(media.write_still(tmp_path / "a.jpg", codes, compression="jpeg:98"))
    assert np.abs(picture - codes / 255).mean() < 0.01


def test_everything_outside_of_the_data_window_is_black(tmp_path: Path, media: SimpleNamespace) -> None:
    white = np.ones((10, 20, 3), np.float32)
    path = media.write_still(tmp_path / "a.exr", white, "half", x=5, y=3, full_width=48, full_height=32)
    with open_clip(path) as clip:
        assert (clip.width, clip.height) == (48, 32)
        assert clip.info.data_window == (5, 3, 20, 10)
        expected = np.zeros((32, 48, 3))
        expected[3:13, 5:25] = 1
        np.testing.assert_array_equal(clip.read(1), expected)


def test_overscan_is_cut_off(tmp_path: Path, media: SimpleNamespace, colours: npt.NDArray[np.float32]) -> None:
    path = media.write_still(
        tmp_path / "a.exr", colours, "float", x=-10, y=-4, full_x=0, full_y=0, full_width=70, full_height=50
    )
    with open_clip(path) as clip:
        assert clip.info.data_window == (-10, -4, 96, 64)
        np.testing.assert_allclose(clip.read(1), srgb(colours[4:54, 10:80]), atol=2e-5)


def test_a_display_window_may_start_anywhere(
    tmp_path: Path, media: SimpleNamespace, colours: npt.NDArray[np.float32]
) -> None:
    path = media.write_still(
        tmp_path / "a.exr", colours, "float", x=-30, y=20, full_x=-20, full_y=10, full_width=40, full_height=30
    )
    with open_clip(path) as clip:
        picture = clip.read(1)
        assert clip.info.data_window == (-10, 10, 96, 64)
        assert not picture[:10].any()
        np.testing.assert_allclose(picture[10:], srgb(colours[:20, 10:50]), atol=2e-5)


def test_a_data_window_beside_the_display_window_leaves_black(
    tmp_path: Path, media: SimpleNamespace, colours: npt.NDArray[np.float32]
) -> None:
    path = media.write_still(tmp_path / "a.exr", colours, "half", x=500, y=500, full_width=48, full_height=32)
    assert not read_one(path).any()


def test_a_data_window_that_moves_through_a_sequence_stays_in_place(tmp_path: Path, media: SimpleNamespace) -> None:
    for frame in (1, 2, 3):
        media.write_still(
            tmp_path / f"a.{frame}.exr", np.ones((4, 4, 3), np.float32), "half", x=frame, full_width=16, full_height=8
        )
    with open_clip(tmp_path) as clip:
        assert [int(np.argmax(picture[0, :, 0])) for _, picture in clip.iterate(clip.frames)] == [1, 2, 3]


def test_pixel_aspect_is_told_and_changes_nothing(
    tmp_path: Path, media: SimpleNamespace, colours: npt.NDArray[np.float32]
) -> None:
    path = media.write_still(tmp_path / "a.exr", colours, "half", PixelAspectRatio=2.0)
    with open_clip(path) as clip:
        assert clip.info.pixel_aspect == 2.0
        assert (clip.width, clip.height) == (96, 64)


def test_channels_are_found_by_name(tmp_path: Path, media: SimpleNamespace) -> None:
    values = {"A": 0.9, "Z": 77.0, "B": 0.18, "diffuse.R": 0.5, "diffuse.G": 0.5, "diffuse.B": 0.5, "G": 0.0, "R": 1.0}
    pixels = np.tile(np.array(list(values.values()), np.float32), (8, 8, 1))
    picture = read_one(media.write_still(tmp_path / "a.exr", pixels, "half", channelnames=tuple(values)))
    np.testing.assert_allclose(picture[0, 0], [1, 0, GREY_IN_SRGB], atol=1e-4)


@pytest.mark.parametrize(
    "names",
    [
        ("ViewLayer.Combined.R", "ViewLayer.Combined.G", "ViewLayer.Combined.B"),
        ("beauty.red", "beauty.green", "beauty.blue"),
    ],
)
def test_a_beauty_layer_stands_for_the_picture(tmp_path: Path, media: SimpleNamespace, names: tuple[str, ...]) -> None:
    other = ("ViewLayer.Normal.R", "ViewLayer.Normal.G", "ViewLayer.Normal.B")
    pixels = np.tile(np.array([0.5, 0.5, 0.5, 1.0, 0.0, 0.18], np.float32), (8, 8, 1))
    picture = read_one(media.write_still(tmp_path / "a.exr", pixels, "half", channelnames=other + names))
    np.testing.assert_allclose(picture[0, 0], [1, 0, GREY_IN_SRGB], atol=1e-4)


def test_of_several_parts_the_first_with_colour_is_taken(tmp_path: Path, multipart: Callable[..., Path]) -> None:
    path = multipart(
        tmp_path / "a.exr",
        [("depth", ("Z",), 5.0), ("rgba.left", ("R", "G", "B", "A"), 0.18), ("rgba.right", ("R", "G", "B", "A"), 1.0)],
    )
    np.testing.assert_allclose(read_one(path), GREY_IN_SRGB, atol=1e-4)


def test_one_channel_is_grey(tmp_path: Path, media: SimpleNamespace) -> None:
    pixels = np.full((8, 8, 1), 0.18, np.float32)
    path = media.write_still(tmp_path / "a.exr", pixels, "half", channelnames=("Y",))
    np.testing.assert_allclose(read_one(path), GREY_IN_SRGB, atol=1e-4)


def test_luminance_and_chroma_become_colour(tmp_path: Path, media: SimpleNamespace) -> None:
    red, green, blue = 0.4, 0.2, 0.7
    luma = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    values = {"Y": luma, "RY": (red - luma) / luma, "BY": (blue - luma) / luma}
    pixels = np.tile(np.array(list(values.values()), np.float32), (8, 8, 1))
    picture = read_one(media.write_still(tmp_path / "a.exr", pixels, "float", channelnames=tuple(values)))
    np.testing.assert_allclose(picture[0, 0], srgb([red, green, blue]), atol=1e-4)


def test_a_file_without_colour_is_refused_by_its_channels(tmp_path: Path, media: SimpleNamespace) -> None:
    path = media.write_still(tmp_path / "a.exr", np.ones((8, 8, 2), np.float32), "half", channelnames=("u", "v"))
    with pytest.raises(MediaError, match=re.escape("has no colour channels (it has u, v); save it with R, G and B")):
        open_clip(path)


def test_alpha_does_not_darken_the_plate(tmp_path: Path, media: SimpleNamespace) -> None:
    pixels = np.tile(np.array([200, 100, 50, 128], np.uint8), (8, 8, 1))
    path = media.write_still(tmp_path / "a.png", pixels, oiio__UnassociatedAlpha=1)
    np.testing.assert_array_equal(read_one(path)[0, 0], np.float32([200, 100, 50]) / 255)


def test_what_is_no_number_becomes_finite_and_is_told(
    tmp_path: Path, media: SimpleNamespace, caplog: pytest.LogCaptureFixture
) -> None:
    pixels = np.full((8, 8, 3), 0.18, np.float32)
    pixels[0, 0], pixels[0, 1], pixels[0, 2] = np.nan, np.inf, -np.inf
    path = media.write_still(tmp_path / "a.exr", pixels, "half")
    with caplog.at_level(logging.WARNING):
        picture = read_one(path)
    np.testing.assert_allclose(picture[0, :4, 0], [0, 1, 0, GREY_IN_SRGB], atol=1e-4)
    assert f"frame 1 of {path} has 3 pixels that are not finite" in caplog.text


def test_a_frame_of_another_size_is_named(tmp_path: Path, media: SimpleNamespace) -> None:
    media.write_still(tmp_path / "a.1.png", np.zeros((8, 8, 3), np.uint8))
    media.write_still(tmp_path / "a.2.png", np.zeros((8, 9, 3), np.uint8))
    with open_clip(tmp_path) as clip, pytest.raises(FrameError) as error:
        clip.read(2)
    assert str(error.value) == (
        f"frame 2 of {tmp_path / 'a.#.png'} is 9 x 8, but the shot is 8 x 8; "
        "render it again, or leave it out (--frames)"
    )


@pytest.mark.parametrize("name", ["plate.1005.png", "a.exr"])
def test_a_damaged_picture_is_named(tmp_path: Path, media: SimpleNamespace, name: str) -> None:
    path = tmp_path / name
    media.write_still(path, media.draw(1))
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(FrameError, match=re.escape(str(path)) + ".*render it again or copy it anew"):
        read_one(path)


def test_one_damaged_frame_leaves_the_others_readable(plate: Path, media: SimpleNamespace) -> None:
    damaged = plate.parent / "plate.1005.png"
    damaged.write_bytes(b"")
    with open_clip(plate) as clip:
        read = []
        with pytest.raises(FrameError, match=re.escape(str(damaged))):
            read.extend(frame for frame, _ in clip.iterate(clip.frames))
        assert read == [1001, 1002, 1003, 1004]
        assert media.number_in(clip.read(1006)) == 6


def test_subsampled_colour_is_refused(data: Path) -> None:
    with pytest.raises(MediaError, match=r"stores its colour at half resolution \(Y, RY, BY\).*; save it as RGB"):
        open_clip(data / "luminance_chroma.exr")


def test_the_rate_in_an_exr_is_told(tmp_path: Path, colours: npt.NDArray[np.float32]) -> None:
    spec = oiio.ImageSpec(96, 64, 3, "half")
    spec.attribute("FramesPerSecond", oiio.TypeDesc("rational"), (24000, 1001))
    output = oiio.ImageOutput.create("a.exr")
    output.open(str(tmp_path / "a.exr"), spec)
    output.write_image(colours)
    output.close()
    with open_clip(tmp_path / "a.exr") as clip:
        assert (clip.info.fps.numerator, clip.info.fps.denominator) == (24000, 1001)


def test_what_lies_outside_of_the_range_is_not_looked_at(tmp_path: Path, media: SimpleNamespace) -> None:
    """Not even for the size of the shot: slates are often larger, or damaged."""
    (tmp_path / "a.1.png").write_bytes(b"damaged")
    media.write_still(tmp_path / "a.2.png", np.zeros((9, 9, 3), np.uint8))
    media.write_still(tmp_path / "a.3.png", np.zeros((8, 8, 3), np.uint8))
    with open_clip(tmp_path, frames=FrameRange(3, 3)) as clip:
        assert (clip.width, clip.height, clip.frames) == (8, 8, (3,))


def test_a_deep_picture_is_refused(tmp_path: Path) -> None:
    spec = oiio.ImageSpec(8, 8, 5, "float")
    spec.channelnames, spec.deep = ("R", "G", "B", "A", "Z"), True
    samples = oiio.DeepData()
    samples.init(64, 5, [spec.format] * 5, spec.channelnames)
    output = oiio.ImageOutput.create("a.exr")
    output.open(str(tmp_path / "a.exr"), spec)
    output.write_deep_image(samples)
    output.close()
    with pytest.raises(MediaError, match=r"is a deep picture, which cannot be tracked; flatten it"):
        open_clip(tmp_path / "a.exr")
