# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import av
import numpy as np
import numpy.typing as npt
import pytest

from cotrack.media.clip import open_clip
from cotrack.media.errors import FrameError, MediaError
from cotrack_client.frames import FrameRange

Drawing = Callable[[int], npt.NDArray[np.uint8]]


@pytest.fixture
def noisy(media: SimpleNamespace) -> Drawing:
    """A picture that a codec cannot make small, so that the middle of a file is the middle of the movie."""
    noise = np.random.default_rng(3).integers(0, 60, (media.height, media.width, 3), dtype=np.uint8)

    def picture(number: int) -> npt.NDArray[np.uint8]:
        drawn = media.draw(number)
        drawn[12:] = drawn[12:] // 2 + np.roll(noise, number * 3, axis=1)[12:]
        return drawn

    return picture


def at_the_front(path: Path) -> Path:
    """The same movie with its index before its pictures, as it is streamed."""
    moved = path.with_stem("streamed")
    with av.open(str(path)) as source, av.open(str(moved), "w", options={"movflags": "+faststart"}) as target:
        stream = source.streams.video[0]
        copy = target.add_stream_from_template(stream)
        for packet in source.demux(stream):
            if packet.size:
                packet.stream = copy
                target.mux(packet)
    return moved


CODECS = [
    ("a.mp4", {"bf": "3", "g": "12", "threads": "1"}),
    ("a.mov", {"codec": "prores_ks", "pix_fmt": "yuv422p10le"}),
    ("a.mkv", {"bf": "2", "threads": "1"}),
    ("a.avi", {"codec": "mpeg4", "bf": "2"}),
    ("a.mxf", {"codec": "prores_ks", "pix_fmt": "yuv422p10le"}),
]


@pytest.fixture(params=CODECS, ids=lambda codec: codec[0])
def cut_short(request: pytest.FixtureRequest, tmp_path: Path, media: SimpleNamespace, noisy: Drawing) -> Path:
    """A movie of 60 frames that lost its last third."""
    name, options = request.param
    path = media.write_movie(tmp_path / name, range(1, 61), picture=noisy, **options)
    if path.suffix in (".mp4", ".mov"):
        path = at_the_front(path)
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * 0.7)])
    return path


def test_a_movie_that_is_cut_short_says_how_much_can_be_read(cut_short: Path, media: SimpleNamespace) -> None:
    with pytest.raises(MediaError) as error:
        open_clip(cut_short)
    sentence = str(error.value)
    match = re.search(r"is cut short: (\d+) frames can be read, frame (\d+) is the first that cannot", sentence)
    assert match, sentence
    readable = int(match[1])
    assert int(match[2]) == readable + 1 < 61
    with open_clip(cut_short, frames=FrameRange(1, readable)) as clip:
        assert [media.number_in(picture) for _, picture in clip.iterate(clip.frames)] == list(range(1, readable + 1))
    with open_clip(cut_short, missing="skip") as clip:
        assert clip.frames == tuple(range(1, readable + 1))


def test_a_movie_without_its_index_is_refused(tmp_path: Path, media: SimpleNamespace) -> None:
    path = media.write_movie(tmp_path / "a.mp4")
    path.write_bytes(path.read_bytes()[:-2000])
    with pytest.raises(MediaError, match=r"cannot be read as a movie .* damaged, cut short or of an unknown kind"):
        open_clip(path)


@pytest.mark.parametrize("content", [b"", b"this is no movie"])
def test_what_is_no_movie_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.mov"
    path.write_bytes(content)
    with pytest.raises(MediaError, match=re.escape(f"{path} cannot be read as a movie")):
        open_clip(path)


def test_a_sound_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.mov"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("pcm_s16le", rate=48000)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 960), np.int16), format="s16", layout="mono")
        frame.sample_rate = 48000
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    with pytest.raises(MediaError, match=r"has no pictures, only audio; choose a movie with video"):
        open_clip(path)


@pytest.mark.parametrize(
    ("name", "options"),
    [("a.mp4", {"bf": "2", "g": "12", "threads": "1"}), ("a.mov", {"codec": "prores_ks", "pix_fmt": "yuv422p10le"})],
)
def test_a_damaged_picture_is_named_and_the_others_are_read(
    tmp_path: Path, media: SimpleNamespace, noisy: Drawing, name: str, options: dict[str, str]
) -> None:
    path = media.write_movie(tmp_path / name, range(1, 61), picture=noisy, **options)
    with av.open(str(path)) as container:
        packets = [packet for packet in container.demux(video=0) if packet.size]
    packet = next(packet for packet in packets[24:] if packet.is_keyframe)
    damaged = round(packet.pts * packet.time_base * 24) + 1
    with path.open("r+b") as file:
        file.seek(packet.pos)
        file.write(b"\xff" * packet.size)
    with open_clip(path) as clip:
        with pytest.raises(FrameError) as error:
            clip.read(damaged)
        assert str(error.value) == (
            f"frame {damaged} of {path} is damaged; copy the movie anew, or leave it out (--frames)"
        )
        healthy = [frame for frame in clip.frames if frame < damaged - 3 or frame > damaged + 12]
        assert [media.number_in(picture) for _, picture in clip.iterate(healthy)] == healthy


def test_a_movie_that_changes_its_size_names_the_frame(tmp_path: Path, media: SimpleNamespace) -> None:
    """Two raw streams, one after the other."""
    first = media.write_movie(tmp_path / "1.h264", [1, 2, 3], bf="0")
    second = media.write_movie(
        tmp_path / "2.h264", [4, 5], bf="0", picture=lambda _: np.full((32, 48, 3), 99, np.uint8)
    )
    joined = tmp_path / "joined.h264"
    joined.write_bytes(first.read_bytes() + second.read_bytes())
    with open_clip(joined) as clip:
        assert media.number_in(clip.read(3)) == 3
        with pytest.raises(FrameError, match=r"frame 4 of .* is 48 x 32, but the shot is 96 x 64"):
            clip.read(4)


def test_a_damaged_first_picture_does_not_hide_the_others(
    tmp_path: Path, media: SimpleNamespace, noisy: Drawing
) -> None:
    path = media.write_movie(tmp_path / "a.mov", range(1, 6), codec="prores_ks", pix_fmt="yuv422p10le", picture=noisy)
    with av.open(str(path)) as container:
        packet = next(container.demux(video=0))
    with path.open("r+b") as file:
        file.seek(packet.pos)
        file.write(bytes(packet.size))
    with open_clip(path) as clip:
        assert media.number_in(clip.read(2)) == 2
        with pytest.raises(FrameError, match=r"frame 1 of .* is damaged"):
            clip.read(1)
