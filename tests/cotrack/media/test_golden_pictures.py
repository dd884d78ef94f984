# SPDX-License-Identifier: Apache-2.0
"""Pictures compared with those of independent tools: zimg (tests/data/media/SOURCES.md) and oiiotool."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import numpy.typing as npt
import OpenImageIO as oiio  # noqa: N813  as its makers write it
import pytest

from cotrack.media.clip import open_clip

CODE = 1 / 255


def read_png(path: Path) -> npt.NDArray[np.float64]:
    picture = oiio.ImageInput.open(str(path))
    return picture.read_image("uint16")[..., :3] / 65535


def oiiotool(*arguments: object) -> None:
    tool = Path(sys.executable).with_name("oiiotool")
    subprocess.run([tool, "--colorconfig", "ocio://studio-config-latest", *map(str, arguments)], check=True)


@pytest.mark.parametrize(
    ("movie", "mean", "percentile_99"),
    [
        ("h264_8bit.mp4", 0.40, 2.1),
        ("hevc_10bit.mp4", 0.25, 2.1),
        ("prores_422hq.mov", 0.10, 1.3),
        ("prores_4444_alpha.mov", 0.005, 0.02),
        ("dnxhr_hqx.mxf", 0.10, 1.3),
        ("rotated.mp4", 0.40, 2.1),
    ],
)
def test_a_movie_looks_as_zimg_shows_it(data: Path, movie: Path, mean: float, percentile_99: float) -> None:
    """In 8-bit codes; what is left is the kernel that interpolates chroma at hard edges, and rounding to 8 bits."""
    with open_clip(data / movie) as clip:
        error = np.abs(clip.read(4) - read_png((data / movie).with_suffix(".0004.png"))) / CODE
    assert error.mean() < mean
    assert np.percentile(error, 99) < percentile_99


@pytest.mark.parametrize(
    ("space", "kind"),
    [
        ("lin_rec709_scene", "half"),
        ("ACEScg", "half"),
        ("ACES2065-1", "float"),
        ("ARRI LogC4", "half"),
        ("S-Log3 S-Gamut3", "float"),
        ("sRGB - Texture", "uint16"),
        ("ARRI LogC3 (EI800)", "uint16"),
        ("Gamma 2.2 Rec.709 - Texture", "uint8"),
    ],
)
def test_colour_is_that_of_oiiotool(tmp_path: Path, media: SimpleNamespace, space: str, kind: str) -> None:
    values = np.random.default_rng(7).uniform(0, 1, (32, 48, 3)).astype(np.float32)
    if kind in ("uint8", "uint16"):
        values = (values * np.iinfo(kind).max).astype(kind)
    path = media.write_still(tmp_path / ("a.exr" if kind in ("half", "float") else "a.tif"), values, kind)
    golden = tmp_path / "golden.png"
    oiiotool(path, f"--ociodisplay:from={space}", "sRGB - Display", "Un-tone-mapped", "-d", "uint16", "-o", golden)
    with open_clip(path, colorspace=space) as clip:
        np.testing.assert_allclose(clip.read(1), read_png(golden), atol=2e-4 if kind == "uint16" else 4e-5)


@pytest.mark.parametrize(
    "windows",
    [
        {"x": 7, "y": -3, "full_width": 64, "full_height": 40},
        {"x": -20, "y": -10, "full_x": -5, "full_y": 5, "full_width": 20, "full_height": 30},
        {"x": 10, "y": 10, "full_width": 200, "full_height": 100},
    ],
)
def test_windows_are_cut_as_by_oiiotool(tmp_path: Path, media: SimpleNamespace, windows: dict[str, int]) -> None:
    values = np.random.default_rng(8).uniform(0, 1, (32, 48, 3)).astype(np.float32)
    path = media.write_still(tmp_path / "a.exr", values, "half", **windows)
    golden = tmp_path / "golden.png"
    display = ("--ociodisplay:from=lin_rec709_scene", "sRGB - Display", "Un-tone-mapped")
    oiiotool(path, *display, "--croptofull", "--origin", "+0+0", "--fullpixels", "-d", "uint16", "-o", golden)
    with open_clip(path) as clip:
        np.testing.assert_allclose(clip.read(1), read_png(golden), atol=4e-5)
