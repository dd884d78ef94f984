# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from cotrack.media.clip import open_clip
from cotrack.media.errors import MediaError


def test_every_frame_has_an_identity_of_its_own(plate: Path) -> None:
    with open_clip(plate) as clip:
        assert len({clip.identity(frame) for frame in clip.frames}) == len(clip.frames)


def test_another_clip_of_the_same_files_has_the_same_identities(plate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(plate.parent)
    with open_clip(plate) as clip, open_clip(Path("../" + plate.parent.name) / plate.name, first=1) as other:
        assert [clip.identity(frame) for frame in clip.frames] == [other.identity(frame) for frame in other.frames]


def test_a_frame_rendered_again_is_read_again(plate: Path, media: SimpleNamespace) -> None:
    with open_clip(plate) as clip:
        before = clip.identity(1003)
        assert media.number_in(clip.read(1003)) == 3
        media.write_still(plate.parent / "plate.1003.png", media.draw(77))
        assert clip.identity(1003) != before
        assert media.number_in(clip.read(1003)) == 77


def test_a_file_that_is_as_large_as_before_is_told_by_its_time(plate: Path) -> None:
    with open_clip(plate) as clip:
        before = clip.identity(1003)
        os.utime(plate.parent / "plate.1003.png", ns=(0, 1_000_000_001))
        assert clip.identity(1003) != before


def test_another_colour_space_is_another_picture(plate: Path) -> None:
    with open_clip(plate) as clip, open_clip(plate, colorspace="ACEScct") as other:
        assert clip.identity(1003) != other.identity(1003)


@pytest.mark.parametrize("exponent", [2, 3])
def test_what_a_config_does_is_part_of_it_not_what_it_is_called(
    plate: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, exponent: int
) -> None:
    config = tmp_path / "house.ocio"
    monkeypatch.setenv("OCIO", str(config))
    spaces = (
        "ocio_profile_version: 2\nroles: {default: mine, scene_linear: mine, color_picking: srgb}\n"
        "displays:\n  d: [!<View> {name: v, colorspace: srgb}]\n"
        "colorspaces:\n  - !<ColorSpace> {name: srgb}\n  - !<ColorSpace> {name: mine, to_scene_reference: "
    )
    identities = []
    for value in (2, exponent):
        config.write_text(f"{spaces}!<ExponentTransform> {{value: {value}}}}}\n")
        os.utime(config, (value, value))
        monkeypatch.setattr("cotrack.media.colour._load", _uncached)
        with open_clip(plate, colorspace="mine") as clip:
            identities.append(clip.identity(1003))
    assert (identities[0] == identities[1]) == (exponent == 2)


def _uncached(source: str) -> object:
    from cotrack.media import colour

    return colour.Colours(colour.ocio.Config.CreateFromFile(source), source)


def test_a_frame_that_is_not_there_has_none(plate: Path) -> None:
    with open_clip(plate) as clip:
        with pytest.raises(MediaError, match="frame 1013 is not in"):
            clip.identity(1013)
        (plate.parent / "plate.1003.png").unlink()
        with pytest.raises(MediaError, match=r"plate.1003.png does not exist"):
            clip.identity(1003)


def test_frames_of_a_movie_that_show_one_picture_are_one(tmp_path: Path, media: SimpleNamespace) -> None:
    path = media.write_movie(tmp_path / "a.mp4", range(1, 5), times=[0, 40, 80, 200], rate=25)
    with open_clip(path) as clip:
        third = clip.identity(3)
        assert [clip.identity(frame) == third for frame in (2, 3, 4, 5, 6)] == [False, True, True, True, False]


def test_a_movie_that_was_replaced_is_not_read_on(tmp_path: Path, media: SimpleNamespace) -> None:
    """Its pictures would be sought where those of the old one lay."""
    path = media.write_movie(tmp_path / "a.mp4", range(1, 9))
    with open_clip(path) as clip:
        clip.read(1)
        media.write_movie(tmp_path / "b.mp4", range(31, 39)).replace(path)
        for call in (clip.identity, clip.read):
            with pytest.raises(MediaError, match=r"a.mp4 was changed while it was being read; wait until it is whole"):
                call(2)
    with open_clip(path) as clip:
        assert media.number_in(clip.read(2)) == 32


def test_a_frame_kept_for_one_number_serves_another(tmp_path: Path, media: SimpleNamespace) -> None:
    path = media.write_movie(tmp_path / "a.mp4", range(1, 5), times=[0, 40, 80, 200], rate=25)
    with open_clip(path) as clip:
        np.testing.assert_array_equal(clip.read(3), clip.read(5))
