# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import resource
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace

import av
import numpy as np
import numpy.typing as npt
import pytest

from cotrack.media.clip import open_clip
from cotrack.media.errors import MediaError
from cotrack.media.movie_writer import MovieWriter
from cotrack_client.errors import CotrackError

BARS = np.array(
    [(255, 255, 255), (255, 255, 0), (0, 255, 255), (0, 255, 0), (255, 0, 255), (255, 0, 0), (0, 0, 255), (0, 0, 0)]
)


def write(path: Path, pictures: Sequence[npt.NDArray[np.uint8]], fps: Fraction | int = 24) -> None:
    height, width, _ = pictures[0].shape
    with MovieWriter(path, width, height, fps) as movie:
        for picture in pictures:
            movie.write(picture)


@pytest.mark.parametrize("name", ["a.mp4", "a.mov", "a.mkv"])
def test_what_was_written_is_read_back(tmp_path: Path, media: SimpleNamespace, name: str) -> None:
    write(tmp_path / name, [media.draw(number) for number in range(1, 11)], Fraction(24000, 1001))
    with open_clip(tmp_path / name) as clip:
        assert (clip.width, clip.height, clip.info.fps) == (96, 64, Fraction(24000, 1001))
        assert [media.number_in(picture) for _, picture in clip.iterate(clip.frames)] == list(range(1, 11))


def test_colour_bars_stay_what_they_are_and_are_tagged(tmp_path: Path) -> None:
    write(tmp_path / "a.mp4", [np.kron(BARS[None], np.ones((64, 16, 1))).astype(np.uint8)] * 2)
    with open_clip(tmp_path / "a.mp4") as clip:
        assert np.abs(clip.read(1)[32, 8::16] * 255 - BARS).max() <= 6
    with av.open(str(tmp_path / "a.mp4")) as container:
        context = container.streams.video[0].codec_context
        assert (context.pix_fmt, context.colorspace, context.color_range) == ("yuv420p", 1, 1)
        assert (context.color_primaries, context.color_trc) == (1, 1)


def test_odd_sizes_are_filled_up(tmp_path: Path) -> None:
    write(tmp_path / "a.mp4", [np.full((63, 95, 3), 200, np.uint8)])
    with open_clip(tmp_path / "a.mp4") as clip:
        assert (clip.width, clip.height) == (96, 64)
        np.testing.assert_allclose(clip.read(1), 200 / 255, atol=0.01)


def test_the_index_comes_first(tmp_path: Path, media: SimpleNamespace) -> None:
    write(tmp_path / "a.mp4", [media.draw(1)])
    content = (tmp_path / "a.mp4").read_bytes()
    assert content.index(b"moov") < content.index(b"mdat")


def test_nothing_is_left_of_a_movie_that_was_not_finished(tmp_path: Path, media: SimpleNamespace) -> None:
    def interrupted() -> None:
        with MovieWriter(tmp_path / "a.mp4", 96, 64, 24) as movie:
            movie.write(media.draw(1))
            assert [path.name for path in tmp_path.glob(".cotrack-*.mp4")] == [path.name for path in tmp_path.iterdir()]
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert not list(tmp_path.iterdir())


def test_an_older_movie_stays_until_the_new_one_is_complete(tmp_path: Path, media: SimpleNamespace) -> None:
    (tmp_path / "a.mp4").write_bytes(b"older")
    with MovieWriter(tmp_path / "a.mp4", 96, 64, 24) as movie:
        movie.write(media.draw(1))
        assert (tmp_path / "a.mp4").read_bytes() == b"older"
    assert (tmp_path / "a.mp4").read_bytes() != b"older"


@pytest.mark.parametrize("limit", [1000, 60_000])
def test_a_full_disk_is_told_and_leaves_nothing(tmp_path: Path, limit: int) -> None:
    noise = np.random.default_rng(0).integers(0, 255, (20, 96, 128, 3), dtype=np.uint8)
    whole = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, whole[1]))
    try:
        with pytest.raises(
            MediaError, match=r"a.mp4 cannot be written \(File too large\); choose another place, or make"
        ):
            write(tmp_path / "a.mp4", list(noise))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, whole)
    assert not list(tmp_path.iterdir())


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with (
        pytest.raises(CotrackError, match=r"cannot write .*a.mp4: No such file or directory"),
        MovieWriter(tmp_path / "nowhere" / "a.mp4", 96, 64, 24),
    ):
        pass


def test_other_suffixes_are_refused(tmp_path: Path) -> None:
    with pytest.raises(MediaError, match=r"a.gif does not end in one of .mp4, .m4v, .mov, .mkv; rename it"):
        MovieWriter(tmp_path / "a.gif", 96, 64, 24)
