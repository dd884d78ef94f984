# SPDX-License-Identifier: Apache-2.0
"""Colour spaces by the names that Blender's own config gives them."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from cotrack.media.clip import open_clip
from cotrack.media.errors import MediaError

LINEAR = np.tile(np.array([0.4, 0.2, 0.1], np.float32), (8, 8, 1))


def srgb(linear: np.ndarray) -> np.ndarray:
    """IEC 61966-2-1."""
    linear = np.clip(linear, 0, 1)
    return np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)


REC2020 = [[1.660491, -0.587641, -0.072850], [-0.124550, 1.132900, -0.008349], [-0.018151, -0.100579, 1.118730]]
P3 = [[1.224940, -0.224940, 0.0], [-0.042057, 1.042057, 0.0], [-0.019638, -0.078636, 1.098274]]
AP1 = [[1.705051, -0.621792, -0.083259], [-0.130256, 1.140805, -0.010548], [-0.024003, -0.128969, 1.152972]]
AP0 = [[2.521687, -1.134131, -0.387556], [-0.276480, 1.372719, -0.096239], [-0.015378, -0.152975, 1.168353]]
XYZ = [[3.240970, -1.537383, -0.498611], [-0.969244, 1.875968, 0.041555], [0.055630, -0.203977, 1.056972]]
SAME = np.eye(3)


@pytest.mark.parametrize(
    ("name", "to_rec709"),
    [
        ("Linear Rec.709", SAME),
        ("Linear", SAME),
        ("Linear Rec.2020", REC2020),
        ("Linear DCI-P3 D65", P3),
        ("ACEScg", AP1),
        ("Linear ACEScg", AP1),
        ("ACES2065-1", AP0),
        ("Linear ACES", AP0),
        ("Linear CIE-XYZ D65", XYZ),
        ("XYZ", XYZ),
    ],
)
def test_linear_spaces(tmp_path: Path, media: SimpleNamespace, name: str, to_rec709: np.ndarray) -> None:
    path = media.write_still(tmp_path / "a.exr", LINEAR, "float")
    with open_clip(path, colorspace=name) as clip:
        np.testing.assert_allclose(clip.read(1), srgb(LINEAR @ np.transpose(to_rec709)), atol=5e-4)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("sRGB", LINEAR),
        ("Non-Color", LINEAR),
        ("Raw", LINEAR),
        ("Rec.1886", srgb(LINEAR**2.4)),
        ("Display P3", srgb(np.where(LINEAR <= 0.04045, 0, ((LINEAR + 0.055) / 1.055) ** 2.4) @ np.transpose(P3))),
    ],
)
def test_encoded_spaces(tmp_path: Path, media: SimpleNamespace, name: str, shown: np.ndarray) -> None:
    path = media.write_still(tmp_path / "a.exr", LINEAR, "float")
    with open_clip(path, colorspace=name) as clip:
        np.testing.assert_allclose(clip.read(1), shown, atol=5e-4)


@pytest.mark.parametrize(
    "name",
    [
        "Filmic Log",
        "Filmic sRGB",
        "AgX Log",
        "AgX Base sRGB",
        "Linear FilmLight E-Gamut",
        "Linear CIE-XYZ E",
        "Rec.2020",
    ],
)
def test_what_only_blender_has_is_refused(tmp_path: Path, media: SimpleNamespace, name: str) -> None:
    path = media.write_still(tmp_path / "a.exr", LINEAR, "half")
    with pytest.raises(MediaError) as error:
        open_clip(path, colorspace=name)
    assert str(error.value).endswith(
        f" has no equal of {name!r}, which is Blender's own; choose another colour space for the clip, or set OCIO to "
        "a copy of Blender's config"
    )


@pytest.mark.parametrize(("name", "space"), [("Rec.2100-PQ", "Rec.2100-PQ"), ("Rec.2100-HLG", "Rec.2100-HLG")])
def test_hdr_spaces(tmp_path: Path, media: SimpleNamespace, name: str, space: str) -> None:
    path = media.write_movie(tmp_path / "a.mp4", [1, 2], pix_fmt="yuv420p10le")
    with open_clip(path, colorspace=name) as clip:
        assert clip.info.colorspace == f"{space} - Display"


def test_video_as_srgb_is_shown_as_it_is(tmp_path: Path, media: SimpleNamespace) -> None:
    path = media.write_movie(tmp_path / "a.mp4", [1, 2])
    with open_clip(path, colorspace="sRGB") as asked, open_clip(path) as plain:
        np.testing.assert_array_equal(asked.read(1), plain.read(1))
