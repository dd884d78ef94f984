# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace

import pytest

from cotrack.media.clip import open_clip
from cotrack.media.errors import MediaError
from cotrack.media.expectation import Expectation, check_expectation
from cotrack.media.info import ClipInfo
from cotrack_client.frames import FrameRange

MOVIE = ClipInfo(
    path=Path("a.mp4"),
    kind="movie",
    width=1920,
    height=1080,
    first=1,
    last=100,
    missing=(),
    fps=Fraction(24000, 1001),
    pixel_aspect=1.0,
    colorspace="sRGB",
    colorspace_source="asked",
    codec="h264",
    bit_depth=8,
    channels=("R", "G", "B"),
    data_window=(0, 0, 1920, 1080),
    rotation=0,
    variable_rate=False,
    ocio_config="c",
    length=100,
)
VARIABLE = replace(MOVIE, variable_rate=True)
FILES = replace(MOVIE, path=Path("a.####.exr"), kind="sequence", fps=None)
OVERSCAN = replace(FILES, data_window=(-20, -10, 1960, 1100))
SHIFTED = replace(FILES, data_window=(5, 0, 1920, 1080))


@pytest.mark.parametrize(
    ("info", "expected"),
    [
        (MOVIE, Expectation(1920, 1080)),
        (MOVIE, Expectation(1920, 1080, 100, 23.976024627685547)),
        (MOVIE, Expectation(1920, 1080, 99, 23.976022720336914)),
        (MOVIE, Expectation(1920, 1080, 101)),
        (FILES, Expectation(1920, 1080, 100, 0.0)),
        (OVERSCAN, Expectation(1920, 1080, 100)),
    ],
)
def test_a_host_may_see_the_same(info: ClipInfo, expected: Expectation) -> None:
    check_expectation(info, expected)


@pytest.mark.parametrize(
    ("info", "expected", "sentence"),
    [
        (
            MOVIE,
            Expectation(1080, 1920),
            (
                "a.mp4 is 1920 x 1080, but 1080 x 1920 in the host: one of the two does not turn it as its rotation "
                "tag says; convert it to a movie that is stored upright, or to an image sequence"
            ),
        ),
        (
            MOVIE,
            Expectation(960, 540),
            ("a.mp4 is 1920 x 1080, but 960 x 540 in the host; reload the clip there, in case the file was changed"),
        ),
        (
            OVERSCAN,
            Expectation(1960, 1100),
            (
                "the host shows only the data window of a.####.exr, 1960 x 1100 at (-20, -10) of a frame of 1920 x "
                "1080; write it anew with a data window that is the frame"
            ),
        ),
        (
            SHIFTED,
            Expectation(1920, 1080),
            (
                "the host shows only the data window of a.####.exr, 1920 x 1080 at (5, 0) of a frame of 1920 x 1080; "
                "write it anew with a data window that is the frame"
            ),
        ),
        (
            MOVIE,
            Expectation(1920, 1080, 100, 24.0),
            (
                "a.mp4 has 23.976 frames per second, but 24 in the host; convert it to a constant frame rate, or to an "
                "image sequence"
            ),
        ),
        (
            VARIABLE,
            Expectation(1920, 1080, 100, 30.0),
            (
                "a.mp4 has 23.976 frames per second, but 30 in the host, since its frame rate varies; convert it to a "
                "constant frame rate, or to an image sequence"
            ),
        ),
        (
            VARIABLE,
            Expectation(1920, 1080, 119),
            (
                "a.mp4 has 100 frames, but 119 in the host, since its frame rate varies; reload the clip there, or "
                "convert it to a constant frame rate or an image sequence"
            ),
        ),
        (
            MOVIE,
            Expectation(1920, 1080, 60),
            (
                "a.mp4 has 100 frames, but 60 in the host, since it is cut short or was changed; reload the clip "
                "there, or convert it to a constant frame rate or an image sequence"
            ),
        ),
        (
            replace(FILES, length=99, missing=(7,)),
            Expectation(1920, 1080, 100),
            (
                "a.####.exr has 99 frames, but 100 in the host: frame 7 is missing; render the missing ones again, "
                "then reload the clip in the host"
            ),
        ),
    ],
)
def test_another_view_is_named_with_its_cure(info: ClipInfo, expected: Expectation, sentence: str) -> None:
    with pytest.raises(MediaError) as error:
        check_expectation(info, expected)
    assert str(error.value) == sentence


def test_the_length_of_a_movie_is_that_of_the_whole(tmp_path: Path, media: SimpleNamespace) -> None:
    with open_clip(media.write_movie(tmp_path / "a.mp4"), frames=FrameRange(5, 9), rate=24.0) as clip:
        assert (len(clip.frames), clip.info.length) == (5, 24)
        check_expectation(clip, Expectation(96, 64, 24, 24.0))


def test_the_length_of_a_sequence_is_that_of_the_frames_asked_for(plate: Path) -> None:
    (plate.parent / "plate.1009.png").unlink()
    with open_clip(plate, frames=FrameRange(1003, 1008)) as clip:
        check_expectation(clip, Expectation(96, 64, 6))


def test_the_data_window_of_a_file_is_compared(tmp_path: Path, media: SimpleNamespace) -> None:
    """Blender 4.2, 4.5 and 5.0 show the data window of an EXR and nothing else."""
    window = {"x": 10, "y": 6, "full_x": 0, "full_y": 0, "full_width": 120, "full_height": 80}
    path = media.write_still(tmp_path / "a.exr", media.draw(1), "half", **window)
    with open_clip(path) as clip, pytest.raises(MediaError, match=r"data window of .*, 96 x 64 at \(10, 6\) of a fr"):
        check_expectation(clip, Expectation(96, 64))
