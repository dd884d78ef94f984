# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import numpy.typing as npt
import pytest

from cotrack.media.clip import open_clip
from cotrack.media.mask import read_mask

LEFT = np.zeros((8, 12), bool)
LEFT[:, :5] = True


def mask_of(path: Path, frame: int = 1) -> npt.NDArray[np.bool_]:
    with open_clip(path) as clip:
        return read_mask(clip, frame)


@pytest.mark.parametrize(
    ("name", "kind", "full"), [("a.png", "uint8", 255), ("a.tif", "uint16", 65535), ("a.exr", "half", 1)]
)
def test_alpha_is_the_mask(tmp_path: Path, media: SimpleNamespace, name: str, kind: str, full: int) -> None:
    pixels = np.zeros((8, 12, 4), np.dtype(kind.replace("half", "float32")))
    pixels[..., 3] = LEFT * full
    np.testing.assert_array_equal(mask_of(media.write_still(tmp_path / name, pixels, kind)), LEFT)


@pytest.mark.parametrize("alpha", [0, 255])
def test_a_constant_alpha_says_nothing(tmp_path: Path, media: SimpleNamespace, alpha: int) -> None:
    pixels = np.zeros((8, 12, 4), np.uint8)
    pixels[..., :3] = LEFT[..., None] * 255
    pixels[..., 3] = alpha
    path = media.write_still(tmp_path / "a.png", pixels, oiio__UnassociatedAlpha=1)
    np.testing.assert_array_equal(mask_of(path), LEFT)


@pytest.mark.parametrize("colour", [(255, 0, 0), (0, 0, 255), (128, 128, 128), (255, 255, 255)])
def test_any_colour_over_one_half_selects(tmp_path: Path, media: SimpleNamespace, colour: tuple[int, int, int]) -> None:
    pixels = (LEFT[..., None] * np.array(colour)).astype(np.uint8)
    np.testing.assert_array_equal(mask_of(media.write_still(tmp_path / "a.png", pixels)), LEFT)


def test_colour_is_not_converted(tmp_path: Path, media: SimpleNamespace) -> None:
    """0.4 linear would be 0.66 in sRGB."""
    pixels = np.where(LEFT[..., None], 0.6, 0.4).repeat(3, axis=2).astype(np.float32)
    np.testing.assert_array_equal(mask_of(media.write_still(tmp_path / "a.exr", pixels, "half")), LEFT)


def test_a_single_channel_is_the_mask(tmp_path: Path, media: SimpleNamespace) -> None:
    pixels = LEFT[..., None].astype(np.float32)
    path = media.write_still(tmp_path / "a.exr", pixels, "half", channelnames=("matte",))
    np.testing.assert_array_equal(mask_of(path), LEFT)


def test_what_lies_outside_of_the_data_window_is_not_selected(tmp_path: Path, media: SimpleNamespace) -> None:
    path = media.write_still(tmp_path / "a.exr", np.ones((8, 5, 4), np.float32), "half", full_width=12, full_height=8)
    np.testing.assert_array_equal(mask_of(path), LEFT)


def test_a_roto_sequence_gives_each_frame_its_own(tmp_path: Path, media: SimpleNamespace) -> None:
    for frame in (7, 8):
        media.write_still(
            tmp_path / f"roto.{frame}.png", np.roll(LEFT, frame, axis=1)[..., None].astype(np.uint8) * 255
        )
    np.testing.assert_array_equal(mask_of(tmp_path / "roto.#.png", 8), np.roll(LEFT, 8, axis=1))


def test_a_movie_can_be_a_mask(tmp_path: Path, media: SimpleNamespace) -> None:
    path = media.write_movie(tmp_path / "a.mp4", [0b00001111], picture=media.draw)
    blocks = mask_of(path)[6, 6::12]
    assert blocks.tolist() == [True] * 4 + [False] * 4


def test_an_alpha_alone_is_a_mask(tmp_path: Path, media: SimpleNamespace) -> None:
    pixels = LEFT[..., None].astype(np.float32)
    path = media.write_still(tmp_path / "a.exr", pixels, "half", channelnames=("A",))
    np.testing.assert_array_equal(mask_of(path), LEFT)


def test_a_closed_clip_reads_no_mask(tmp_path: Path, media: SimpleNamespace) -> None:
    clip = open_clip(media.write_movie(tmp_path / "a.mp4", [1]))
    clip.close()
    with pytest.raises(ValueError, match="is closed"):
        read_mask(clip, 1)
