# SPDX-License-Identifier: Apache-2.0
"""What Blender shows of movies whose pictures are not evenly spaced.

SEEN was read off pictures that Blender 4.2.23, 4.5.15 and 5.0.1 rendered of these very movies, frame by frame.
"""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace

import av
import numpy as np
import pytest

from cotrack.media.clip import open_clip
from cotrack.media.errors import MediaError

TIMES = {  # ms
    "thirtieths": [0, 33, 67, 100, 133, 167, 200, 233, 267, 300, 333, 367],
    "dropped": [0, 33, 67, 167, 200, 233, 267, 300, 367, 400],
    "held": [0, 40, 80, 200, 240, 360, 400, 440, 1000, 1040],
    "wild": [0, 43, 71, 150, 171, 260, 270, 352, 380, 455, 500, 590],
    "late": [1000, 1033, 1067, 1133, 1167, 1200],
    "crowded": [0, 12, 27, 41, 58, 75, 90, 101, 119, 133, 150],
    "slower": [0, 33, 67, 100, 133, 200, 267, 333, 400, 467],
}
SEEN = [  # times, file, nominal rate, the rate Blender gives, the picture at each of its frames
    ("thirtieths", "a.mp4", 30, 29.970029830932617, "1 2 2 4 5 5 7 8 8 10 11 12"),
    ("thirtieths", "a.mkv", 30, 30.0, "1 2 3 4 5 6 7 8 9 10 11 12"),
    ("thirtieths", "a.mov", 30, 30.0, "1 2 2 4 5 5 7 8 8 10 11 11"),
    ("dropped", "a.mp4", 30, 29.970029830932617, "1 2 2 3 3 3 5 6 6 8 8 9"),
    ("dropped", "a.mkv", 30, 30.0, "1 2 3 3 3 4 5 6 7 8 8 9 10"),
    ("dropped", "a.webm", 30, 30.0, "1 2 3 3 3 4 5 6 7 8 8 9 10"),
    ("dropped", "a.flv", 30, 29.970029830932617, "1 2 3 3 3 4 5 6 7 8 8 9 10"),
    ("dropped", "a.avi", 30, 30.0, "1 2 3 3 3 4 5 6 7 8 8 9 10"),
    ("held", "a.mp4", 25, 25.0, "1 2 3 3 3 4 5 5 5 6 7 8 8 8"),
    ("held", "a.mkv", 25, 25.0, "1 2 3 3 3 4 5 5 5 6 7 8 8 8 8 8 8 8 8 8 8 8 8 8 8 9 10"),
    ("held", "a.mov", 25, 25.0, "1 2 3 3 3 4 5 5 5 6 7 8 8 8 8 8 8 8 8 8 8 8 8 8 8 9 10"),
    ("wild", "a.mp4", 30, 21.454910278320312, "1 2 3 3 5 5 7 7 8 9 10 11"),
    ("wild", "a.mkv", 30, 30.0, "1 1 2 3 3 4 5 5 6 7 7 8 9 9 10 11 11 11 12"),
    ("late", "a.mp4", 30, 29.970029830932617, "1 2 2 3 4 4 6"),
    ("late", "a.mkv", 30, 30.0, "1 2 3 3 4 5 6"),
    ("crowded", "a.mp4", 30, 61.34541702270508, "1 2 3 4 5 6 7 8 9 10 11"),
    ("crowded", "a.mkv", 30, 30.0, "1 3 5 7 10"),
    ("slower", "a.mp4", 30, 29.970029830932617, "1 2 2 4 5 5 6 6 6 7 8 8 9"),
    ("slower", "a.mkv", 30, 30.0, "1 2 3 4 5 5 6 6 7 7 8 8 9 9 10"),
]


@pytest.mark.parametrize("seen", SEEN, ids=lambda seen: f"{seen[0]}-{seen[1]}")
def test_frames_are_those_that_blender_shows(
    tmp_path: Path, media: SimpleNamespace, seen: tuple[str, str, int, float, str]
) -> None:
    times, name, rate, fps, shown = seen
    path = write(tmp_path, media, times, name, rate)
    with open_clip(path, rate=fps) as clip:
        assert [media.number_in(picture) for _, picture in clip.iterate(clip.frames)] == [int(n) for n in shown.split()]
        assert float(clip.info.fps) == pytest.approx(fps, rel=1e-6)


def write(folder: Path, media: SimpleNamespace, times: str, name: str, rate: int) -> Path:
    codec, pix_fmt = ("mjpeg", "yuvj420p") if name.endswith((".avi", ".mov")) else ("libx264", "yuv420p")
    codec = "libvpx-vp9" if name.endswith(".webm") else codec
    numbers = range(1, len(TIMES[times]) + 1)
    return media.write_movie(folder / name, numbers, codec, pix_fmt, times=TIMES[times], rate=rate)


@pytest.mark.parametrize("name", ["a.mp4", "a.mov", "a.mkv", "a.mxf", "a.ts"])
@pytest.mark.parametrize("rate", [Fraction(25), Fraction(24000, 1001)])
def test_in_a_movie_of_constant_rate_every_frame_is_a_picture(
    tmp_path: Path, media: SimpleNamespace, name: str, rate: Fraction
) -> None:
    codec, pix_fmt = ("mpeg2video", "yuv420p") if name == "a.mxf" else ("libx264", "yuv420p")
    path = media.write_movie(tmp_path / name, range(1, 41), codec, pix_fmt, rate=rate, bf="2", g="12")
    with open_clip(path, rate=float(np.float32(float(rate)))) as clip, open_clip(path) as plain:
        assert (clip.frames, clip.info.fps, clip.info.variable_rate) == (plain.frames, rate, False)
        assert [media.number_in(picture) for _, picture in clip.iterate(clip.frames)] == list(clip.frames)


def test_a_movie_stands_still_while_its_sound_goes_on(tmp_path: Path, media: SimpleNamespace) -> None:
    """Blender 4.2, 4.5 and 5.0 give 60 frames to one second of pictures with two seconds of sound in Matroska."""
    with open_clip(with_sound(tmp_path / "a.mkv", media, seconds=2), rate=30.0) as clip:
        assert (clip.frames, clip.info.variable_rate) == (tuple(range(1, 61)), False)
        assert [media.number_in(clip.read(frame)) for frame in (29, 30, 31, 60)] == [29, 30, 30, 30]


def test_what_an_edit_list_hides_is_no_frame_of_a_host(tmp_path: Path, media: SimpleNamespace) -> None:
    whole = media.write_movie(tmp_path / "whole.mp4", range(1, 21), bf="2")
    with open_clip(cut(whole, tmp_path / "a.mp4", earlier=5), rate=24.0) as clip:
        assert [media.number_in(picture) for _, picture in clip.iterate(clip.frames)] == list(range(6, 21))


def test_a_rate_of_ones_own_is_followed(tmp_path: Path, media: SimpleNamespace) -> None:
    with open_clip(media.write_movie(tmp_path / "a.mp4", range(1, 9)), rate=Fraction(12), first=1001) as clip:
        assert clip.info.fps == 12
        assert [media.number_in(picture) for _, picture in clip.iterate([1001, 1002, 1003, 1004])] == [1, 3, 5, 7]


def test_files_of_pictures_have_no_rate(plate: Path) -> None:
    with open_clip(plate, rate=0.0) as clip:
        assert clip.frames == tuple(range(1001, 1013))


def test_a_movie_that_is_cut_short_is_told_also_to_a_host(tmp_path: Path, media: SimpleNamespace) -> None:
    def noise(number: int) -> np.ndarray:
        return np.random.default_rng(number).integers(0, 255, (64, 96, 3), np.uint8)

    path = media.write_movie(tmp_path / "a.mkv", range(1, 41), g="4", picture=noise)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(MediaError, match=r"is cut short: \d+ frames can be read"):
        open_clip(path, rate=24.0)
    with open_clip(path, rate=24.0, missing="skip") as clip:
        assert 10 < len(clip.frames) < 30


def test_empty_slots_of_an_avi_are_not_lost(tmp_path: Path, media: SimpleNamespace) -> None:
    with open_clip(write(tmp_path, media, "dropped", "a.avi", 30)) as clip:
        assert [media.number_in(picture) for _, picture in clip.iterate(clip.frames)] == [
            1, 2, 3, 3, 3, 4, 5, 6, 7, 8, 8, 9, 10,
        ]  # fmt: skip


@pytest.mark.parametrize("rate", [0.0, -1.0, float("nan"), float("inf")])
def test_a_movie_that_the_host_gives_no_rate_is_refused(tmp_path: Path, media: SimpleNamespace, rate: float) -> None:
    path = media.write_movie(tmp_path / "a.mp4", range(1, 3))
    with pytest.raises(MediaError, match="has no frame rate in the host"):
        open_clip(path, rate=rate)


def test_movies_in_which_hosts_lose_their_place_are_refused(tmp_path: Path, media: SimpleNamespace) -> None:
    """Blender 4.2 and 4.5 show the first picture at 14 of the 60 frames of such a transport stream."""
    write_variable = {"times": TIMES["dropped"], "rate": 30, "bf": "2", "g": "6"}
    refused = {
        media.write_movie(tmp_path / "a.ts", range(1, 11), **write_variable): "is a transport stream of variable rate",
        media.write_movie(tmp_path / "a.mpg", codec="mpeg2video", bf="2"): "is an MPEG program stream",
        media.write_movie(tmp_path / "a.avi", bf="2"): "does not say when its pictures are shown",
        cut(media.write_movie(tmp_path / "w.mp4", range(1, 31), g="12"), tmp_path / "b.mp4", without=5): (
            "starts with pictures that cannot be decoded"
        ),
    }
    for path, fault in refused.items():
        with pytest.raises(MediaError, match=f"{path.name} {fault}.*; convert it to MP4 or MOV, or to an image sequ"):
            open_clip(path, rate=30.0)


MIRRORED_X = [-65536, 0, 0, 0, 65536, 0, 0, 0, 1 << 30]
MIRRORED_Y = [65536, 0, 0, 0, -65536, 0, 0, 0, 1 << 30]
TRANSPOSED = [0, 65536, 0, 65536, 0, 0, 0, 0, 1 << 30]


@pytest.mark.parametrize("matrix", [MIRRORED_X, MIRRORED_Y, TRANSPOSED])
def test_a_mirrored_movie_is_refused_where_hosts_turn_it(
    tmp_path: Path, media: SimpleNamespace, matrix: list[int]
) -> None:
    """Blender 4.5 turns the first by 180 degrees, leaves the second as it is, and 4.2 leaves all as they are."""
    path = media.write_movie(tmp_path / "a.mp4", [5, 6], matrix=matrix)
    with pytest.raises(MediaError, match="asks to be shown mirrored, which hosts do not do alike; convert it"):
        open_clip(path, rate=24.0)
    with open_clip(path, rate=24.0, upright=False) as clip:
        assert media.number_in(clip.read(1)) == 5


def test_a_turned_movie_may_be_left_as_it_is_stored(tmp_path: Path, media: SimpleNamespace) -> None:
    path = media.write_movie(tmp_path / "a.mp4", [5, 6], rotation=90)
    with open_clip(path, upright=False) as stored, open_clip(path) as turned:
        assert (stored.width, stored.height, stored.info.rotation) == (turned.height, turned.width, 0)
        np.testing.assert_array_equal(np.rot90(stored.read(1)), turned.read(1))
        assert stored.identity(1) != turned.identity(1)


def cut(source: Path, target: Path, *, earlier: int = 0, without: int = 0) -> Path:
    """Copy a movie without its first packets, or with all shown some pictures earlier, which hides the first."""
    with av.open(str(source)) as whole, av.open(str(target), "w") as part:
        stream = whole.streams.video[0]
        copy = part.add_stream_from_template(stream)
        shift = int(earlier / (stream.guessed_rate * stream.time_base))
        for packet in [packet for packet in whole.demux(stream) if packet.size][without:]:
            packet.pts, packet.dts, packet.stream = packet.pts - shift, packet.dts - shift, copy
            part.mux(packet)
    return target


def with_sound(path: Path, media: SimpleNamespace, *, seconds: int) -> Path:
    """One second of pictures at 30 a second, with silence from the start on."""
    pictures = media.write_movie(path.with_name("silent.mkv"), range(1, 31), rate=30)
    with av.open(str(pictures)) as silent, av.open(str(path), "w") as container:
        stream = silent.streams.video[0]
        copy = container.add_stream_from_template(stream)
        sound = container.add_stream("pcm_s16le", rate=48000)
        for packet in silent.demux(stream):
            if packet.size:
                packet.stream = copy
                container.mux(packet)
        samples = av.AudioFrame.from_ndarray(np.zeros((1, 48000 * seconds), np.int16), layout="mono")
        samples.sample_rate, samples.pts = 48000, 0
        container.mux(sound.encode(samples))
        container.mux(sound.encode(None))
    return path
