# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import numpy.typing as npt
import PyOpenColorIO as ocio  # noqa: N813  as its makers write it
import pytest

from cotrack.media.clip import open_clip
from cotrack.media.errors import MediaError

GREY = np.full((8, 8, 3), 0.18, np.float32)
GREY_CODE = np.full((8, 8, 3), 120, np.uint8)
IN_SRGB = 0.4613561

CUSTOM = """ocio_profile_version: 1
search_path: ""
strictparsing: false
roles:
  default: raw
  scene_linear: plate_linear
  color_picking: my_srgb
displays:
  monitor:
    - !<View> {name: Film, colorspace: my_srgb}
colorspaces:
  - !<ColorSpace>
    name: raw
    isdata: true
  - !<ColorSpace>
    name: plate_linear
  - !<ColorSpace>
    name: my_srgb
    from_reference: !<ExponentTransform> {value: [0.5, 0.5, 0.5, 1]}
"""


@pytest.fixture
def grey(tmp_path: Path, media: SimpleNamespace) -> Path:
    return media.write_still(tmp_path / "grey.exr", GREY, "half")


def space_of(path: Path, **options: str) -> tuple[str, str, float]:
    with open_clip(path, **options) as clip:
        return clip.info.colorspace, clip.info.colorspace_source, float(clip.read(1)[0, 0, 0])


def test_the_built_in_config_is_the_aces_studio_one(grey: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OCIO", raising=False)
    with open_clip(grey) as clip:
        assert clip.info.ocio_config.startswith("studio-config")


def test_an_exr_is_linear_rec709_unless_it_says_otherwise(grey: Path) -> None:
    assert space_of(grey) == ("Linear Rec.709 (sRGB)", "default for .exr", pytest.approx(IN_SRGB, abs=1e-4))


def test_a_space_is_found_by_alias_and_by_role_whatever_the_case(grey: Path) -> None:
    assert space_of(grey, colorspace="LIN_AP1")[:2] == ("ACEScg", "asked")
    assert space_of(grey, colorspace="scene_linear")[:2] == ("ACEScg", "asked")


@pytest.mark.parametrize(
    ("attributes", "space"),
    [
        ({"colorInteropID": "lin_ap1_scene"}, "ACEScg"),
        ({"acesImageContainerFlag": 1, "compression": "none"}, "ACES2065-1"),
    ],
)
def test_what_an_exr_says_of_its_colour_is_believed(
    tmp_path: Path, media: SimpleNamespace, attributes: dict[str, Any], space: str
) -> None:
    path = media.write_still(tmp_path / "a.exr", GREY, "half", **attributes)
    assert space_of(path)[:2] == (space, "file")


@pytest.mark.parametrize(
    ("primaries", "space"),
    [
        ((0.7347, 0.2653, 0.0, 1.0, 0.0001, -0.077, 0.32168, 0.33767), "ACES2065-1"),
        ((0.713, 0.293, 0.165, 0.83, 0.128, 0.044, 0.32168, 0.33767), "ACEScg"),
        ((0.708, 0.292, 0.17, 0.797, 0.131, 0.046, 0.3127, 0.329), "Linear Rec.2020"),
    ],
)
def test_the_primaries_in_an_exr_are_recognised(tmp_path: Path, primaries: tuple[float, ...], space: str) -> None:
    import OpenImageIO as oiio  # noqa: N813  as its makers write it

    spec = oiio.ImageSpec(8, 8, 3, "half")
    spec.attribute("chromaticities", oiio.TypeDesc("float[8]"), primaries)
    output = oiio.ImageOutput.create("a.exr")
    output.open(str(tmp_path / "a.exr"), spec)
    output.write_image(GREY)
    output.close()
    assert space_of(tmp_path / "a.exr")[:2] == (space, "file")


def test_a_space_that_the_config_lacks_is_told(tmp_path: Path, media: SimpleNamespace) -> None:
    path = media.write_still(tmp_path / "a.exr", GREY, "half", colorInteropID="house_linear")
    assert space_of(path)[1] == "default for .exr; the OCIO config has no house_linear, which the file names"


@pytest.mark.parametrize(("name", "source"), [("a.png", "file"), ("a.tif", "default for .tif")])
def test_integer_pictures_are_srgb(tmp_path: Path, media: SimpleNamespace, name: str, source: str) -> None:
    path = media.write_still(tmp_path / name, GREY_CODE)
    assert space_of(path) == ("sRGB Encoded Rec.709 (sRGB)", source, pytest.approx(120 / 255, abs=1e-7))


@pytest.mark.parametrize("transfer", ["Linear", "User defined", "ITU-R 709-4"])
def test_a_dpx_is_video(tmp_path: Path, media: SimpleNamespace, transfer: str) -> None:
    path = media.write_still(tmp_path / "a.dpx", GREY_CODE.astype(np.uint16) * 257, dpx__Transfer=transfer)
    assert space_of(path)[1:] == ("default for .dpx", pytest.approx(120 / 255, abs=1e-3))


@pytest.mark.parametrize("transfer", ["Printing density", "Logarithmic"])
def test_a_logarithmic_dpx_asks_for_its_space(tmp_path: Path, media: SimpleNamespace, transfer: str) -> None:
    path = media.write_still(tmp_path / "a.dpx", GREY_CODE.astype(np.uint16) * 257, dpx__Transfer=transfer)
    with pytest.raises(MediaError, match=r"is logarithmic .* name its colour space \(--colorspace\), such as ADX10"):
        open_clip(path)
    assert space_of(path, colorspace="ADX10")[:2] == ("ADX10", "asked")


def test_a_tone_map_is_not_applied(tmp_path: Path, media: SimpleNamespace) -> None:
    white = media.write_still(tmp_path / "white.exr", np.ones((8, 8, 3), np.float32), "half")
    assert space_of(white)[2] == pytest.approx(1.0, abs=1e-4)


@pytest.mark.parametrize(
    ("asked", "near"),
    [("acescgg", "near to it are ACEScg"), ("LogC4", "near to it are ARRI LogC4"), ("rec709", "Linear Rec.709 (sRGB)")],
)
def test_an_unknown_space_is_answered_by_near_ones(grey: Path, asked: str, near: str) -> None:
    with pytest.raises(MediaError, match=rf"has no colour space '{asked}'; .*{re.escape(near)}"):
        open_clip(grey, colorspace=asked)


def test_a_config_of_ones_own_is_honoured(tmp_path: Path, grey: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = tmp_path / "house.ocio"
    config.write_text(CUSTOM)
    monkeypatch.setenv("OCIO", str(config))
    with open_clip(grey) as clip:
        assert (clip.info.colorspace, clip.info.ocio_config) == ("plate_linear", str(config))
        assert clip.read(1)[0, 0, 0] == pytest.approx(0.18**0.5, abs=1e-3)


def test_a_config_without_srgb_is_refused(tmp_path: Path, grey: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = tmp_path / "house.ocio"
    config.write_text(CUSTOM.replace("  color_picking: my_srgb\n", ""))
    monkeypatch.setenv("OCIO", str(config))
    with pytest.raises(MediaError, match="neither an un-tone-mapped sRGB view nor an sRGB texture space; set OCIO"):
        open_clip(grey)


@pytest.mark.parametrize("text", [None, "no config at all"])
def test_a_config_that_cannot_be_read_is_named(
    tmp_path: Path, grey: Path, monkeypatch: pytest.MonkeyPatch, text: str | None
) -> None:
    config = tmp_path / "broken.ocio"
    if text:
        config.write_text(text)
    monkeypatch.setenv("OCIO", str(config))
    with pytest.raises(MediaError, match=re.escape(f"the OCIO config {config} cannot be read")):
        open_clip(grey)


def test_a_movie_is_shown_as_it_is(tmp_path: Path, media: SimpleNamespace) -> None:
    path = media.write_movie(tmp_path / "a.mp4", range(1, 3))
    assert space_of(path)[:2] == ("sRGB - Display", "default for movies: shown as it is")


def test_the_space_of_a_movie_can_be_asked_again(tmp_path: Path, media: SimpleNamespace) -> None:
    path = media.write_movie(tmp_path / "a.mp4", range(1, 3))
    with open_clip(path) as shown, open_clip(path, colorspace=shown.info.colorspace) as asked:
        np.testing.assert_array_equal(shown.read(1), asked.read(1))


def test_a_log_movie_goes_through_its_space(tmp_path: Path, media: SimpleNamespace) -> None:
    path = media.write_movie(tmp_path / "a.mov", range(1, 3), codec="prores_ks", pix_fmt="yuv422p10le")
    config = ocio.Config.CreateFromFile("ocio://studio-config-latest")
    view = ocio.DisplayViewTransform(src="ARRI LogC3 (EI800)", display="sRGB - Display", view="Un-tone-mapped")
    with open_clip(path) as plain, open_clip(path, colorspace="arri_logc3_ei800") as clip:
        expected = plain.read(1)
        config.getProcessor(view).getDefaultCPUProcessor().applyRGB(expected)
        np.testing.assert_allclose(clip.read(1), np.clip(expected, 0, 1), atol=2e-5)


@pytest.mark.parametrize(
    ("transfer", "white", "space"), [(16, 0.5807, "Rec.2100-PQ - Display"), (18, 0.75, "Rec.2100-HLG - Display")]
)
def test_reference_white_of_hdr_video_becomes_white(
    tmp_path: Path, media: SimpleNamespace, transfer: int, white: float, space: str
) -> None:
    def grey(number: int) -> npt.NDArray[np.uint8]:
        return np.full((64, 96, 3), round(255 * white * number), np.uint8)

    path = media.write_movie(
        tmp_path / "hdr.mp4",
        [1],
        pix_fmt="yuv420p10le",
        picture=grey,
        tags={"colorspace": 1, "color_range": 1, "color_trc": transfer, "color_primaries": 9},
        crf="4",
    )
    name, source, value = space_of(path)
    assert (name, source) == (space, "file")
    assert value == pytest.approx(1.0, abs=0.02)
