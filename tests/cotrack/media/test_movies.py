# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace

import av
import numpy as np
import numpy.typing as npt
import psutil
import pytest

from cotrack.media.clip import open_clip

MOVIES = [
    ("a.mp4", "libx264", "yuv420p", {"bf": "3", "g": "12"}),
    ("a.mov", "libx264", "yuv420p", {"bf": "3", "g": "12", "x264-params": "open-gop=1"}),
    ("a.mp4", "libx265", "yuv420p10le", {"x265-params": "log-level=none"}),
    ("a.mov", "prores_ks", "yuv422p10le", {}),
    ("a.mxf", "prores_ks", "yuv422p10le", {}),
    ("a.mkv", "ffv1", "gbrp10le", {}),
    ("a.mkv", "libx264", "yuv420p", {"bf": "2", "g": "8"}),
    ("a.avi", "libx264", "yuv420p", {"bf": "2", "g": "8"}),
    ("a.avi", "mpeg4", "yuv420p", {"bf": "2", "g": "8"}),
    ("a.ts", "libx264", "yuv420p", {"bf": "2", "g": "6"}),
    ("a.mpg", "mpeg2video", "yuv420p", {"bf": "2"}),
    ("a.webm", "libvpx-vp9", "yuv420p", {"deadline": "realtime"}),
    ("a.h264", "libx264", "yuv420p", {"bf": "2"}),
]


@pytest.fixture(params=MOVIES, ids=lambda movie: f"{movie[1]}-{movie[0][2:]}")
def movie(request: pytest.FixtureRequest, tmp_path: Path, media: SimpleNamespace) -> Path:
    """A movie of 24 numbered frames."""
    name, codec, pix_fmt, options = request.param
    return media.write_movie(tmp_path / name, codec=codec, pix_fmt=pix_fmt, **options)


def test_every_frame_is_found_in_any_order(movie: Path, media: SimpleNamespace) -> None:
    with open_clip(movie, memory=1) as clip:
        assert (clip.frames, clip.info.fps, clip.info.variable_rate) == (tuple(range(1, 25)), 24, False)
        order = np.random.default_rng(3).permutation(clip.frames).tolist()
        assert [media.number_in(clip.read(frame)) for frame in order] == order


@pytest.mark.parametrize("memory", [1, 200_000, 2**29])
def test_frames_come_in_the_order_asked_for(tmp_path: Path, media: SimpleNamespace, memory: int) -> None:
    path = media.write_movie(tmp_path / "a.mp4", bf="2", g="9")
    with open_clip(path, memory=memory) as clip:
        for order in (clip.frames, clip.frames[::-1], (5, 5, 4, 20, 19, 18, 1, 24)):
            assert [(frame, media.number_in(picture)) for frame, picture in clip.iterate(order)] == [
                (frame, frame) for frame in order
            ]


def test_dnxhr_is_read(tmp_path: Path, media: SimpleNamespace) -> None:
    def large(number: int) -> npt.NDArray[np.uint8]:
        return np.kron(media.draw(number), np.ones((3, 3, 1), np.uint8))

    path = media.write_movie(
        tmp_path / "a.mxf", [1, 2, 3], codec="dnxhd", pix_fmt="yuv422p10le", picture=large, profile="dnxhr_hqx"
    )
    with open_clip(path) as clip:
        assert (clip.width, clip.height, clip.info.bit_depth) == (288, 192, 10)
        assert [media.number_in(clip.read(frame)[::3, ::3]) for frame in clip.frames] == [1, 2, 3]


def test_a_movie_starts_at_one_or_where_asked(tmp_path: Path, media: SimpleNamespace) -> None:
    path = media.write_movie(tmp_path / "a.mp4", range(1, 6))
    with open_clip(path, first=1001) as clip:
        assert clip.frames == (1001, 1002, 1003, 1004, 1005)
        assert media.number_in(clip.read(1003)) == 3
        assert (clip.info.first, clip.info.last) == (1001, 1005)


@pytest.mark.parametrize("rate", [Fraction(24000, 1001), Fraction(30000, 1001), Fraction(25)])
@pytest.mark.parametrize("name", ["a.mp4", "a.mkv"])
def test_the_rate_is_exact(tmp_path: Path, media: SimpleNamespace, rate: Fraction, name: str) -> None:
    with open_clip(media.write_movie(tmp_path / name, range(1, 60), rate=rate)) as clip:
        assert (clip.info.fps, clip.info.variable_rate, len(clip.frames)) == (rate, False, 59)


def test_a_movie_of_variable_rate_is_mapped_by_time(tmp_path: Path, media: SimpleNamespace) -> None:
    """Frame k shows what is on the screen (k - 1) / 25 s after the first picture."""
    times = [0, 40, 80, 200, 240, 360, 400, 440]
    with open_clip(media.write_movie(tmp_path / "a.mp4", range(1, 9), times=times, rate=25)) as clip:
        assert (clip.info.variable_rate, clip.info.fps) == (True, 25)
        shown = [media.number_in(picture) for _, picture in clip.iterate(clip.frames)]
        assert shown[:12] == [1, 2, 3, 3, 3, 4, 5, 5, 5, 6, 7, 8]
        assert [media.number_in(picture) for _, picture in clip.iterate(clip.frames[::-1])] == shown[::-1]


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv"])
def test_wild_timing_is_followed_to_the_nearest_frame(tmp_path: Path, media: SimpleNamespace, name: str) -> None:
    times = np.cumsum(np.random.default_rng(5).integers(8, 90, 40))
    with open_clip(media.write_movie(tmp_path / name, range(1, 41), times=times.tolist())) as clip:
        assert clip.info.variable_rate
        for frame, picture in clip.iterate(clip.frames):
            time = (frame - 1 + 0.5) / float(clip.info.fps) * 1000 + times[0]
            assert media.number_in(picture) in {np.sum(times <= time + slack) for slack in (-1, 0, 1)}


def test_jitter_is_no_variable_rate(tmp_path: Path, media: SimpleNamespace) -> None:
    times = [0, 35, 66, 99, 135, 166, 201, 233]
    with open_clip(media.write_movie(tmp_path / "a.mp4", range(1, 9), times=times, rate=30)) as clip:
        assert not clip.info.variable_rate
        assert [media.number_in(picture) for _, picture in clip.iterate(clip.frames)] == list(range(1, 9))


def test_what_an_edit_list_hides_is_no_frame(tmp_path: Path, media: SimpleNamespace) -> None:
    """As a trimmed phone movie: the first five pictures are there to be decoded, but not to be shown."""
    path = media.write_movie(tmp_path / "whole.mp4", range(1, 21), bf="2")
    with av.open(str(path)) as whole, av.open(str(tmp_path / "trimmed.mp4"), "w") as trimmed:
        stream = whole.streams.video[0]
        copy = trimmed.add_stream_from_template(stream)
        hidden = int(5 / (24 * stream.time_base))
        for packet in whole.demux(stream):
            if packet.size:
                packet.pts, packet.dts, packet.stream = packet.pts - hidden, packet.dts - hidden, copy
                trimmed.mux(packet)
    with open_clip(tmp_path / "trimmed.mp4") as clip:
        assert clip.frames == tuple(range(1, 16))
        assert [media.number_in(clip.read(frame)) for frame in (1, 8, 15, 2)] == [6, 13, 20, 7]


@pytest.mark.parametrize(("degrees", "turns"), [(90, 1), (180, 2), (270, 3)])
def test_a_turned_movie_stands_upright(tmp_path: Path, media: SimpleNamespace, degrees: int, turns: int) -> None:
    stored = media.write_movie(tmp_path / "stored.mp4", [5])
    turned = media.write_movie(tmp_path / "turned.mp4", [5], rotation=degrees)
    with open_clip(stored) as plain, open_clip(turned) as clip:
        expected = np.rot90(plain.read(1), turns)
        assert (clip.height, clip.width) == expected.shape[:2]
        assert clip.info.rotation == degrees
        np.testing.assert_array_equal(clip.read(1), expected)
        assert clip.read(1).flags.c_contiguous


def test_a_mirrored_movie_is_mirrored_back(tmp_path: Path, media: SimpleNamespace) -> None:
    stored = media.write_movie(tmp_path / "stored.mp4", [5])
    mirrored = media.write_movie(tmp_path / "mirrored.mp4", [5], matrix=[-65536, 0, 0, 0, 65536, 0, 0, 0, 1 << 30])
    with open_clip(stored) as plain, open_clip(mirrored) as clip:
        np.testing.assert_array_equal(clip.read(1), plain.read(1)[:, ::-1])


def test_the_pixel_aspect_of_a_turned_movie_is_turned_too(tmp_path: Path, media: SimpleNamespace) -> None:
    path = tmp_path / "a.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=24)
        stream.width, stream.height, stream.pix_fmt = media.width, media.height, "yuv420p"
        stream.codec_context.sample_aspect_ratio = Fraction(2)
        stream.set_display_rotation(90)
        for _ in range(2):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(media.draw(1), format="rgb24")))
        container.mux(stream.encode(None))
    with open_clip(path) as clip:
        assert clip.info.pixel_aspect == 0.5


@pytest.mark.parametrize(("pix_fmt", "codec"), [("yuv444p10le", "prores_ks"), ("yuv420p", "libx264")])
@pytest.mark.parametrize("level", [0, 20, 128, 250, 255])
def test_grey_is_as_bright_as_it_was(
    tmp_path: Path, media: SimpleNamespace, pix_fmt: str, codec: str, level: int
) -> None:
    def flat(_: int) -> npt.NDArray[np.uint8]:
        return np.full((64, 96, 3), level, np.uint8)

    path = media.write_movie(tmp_path / "a.mov", [1], codec=codec, pix_fmt=pix_fmt, picture=flat)
    with open_clip(path) as clip:
        np.testing.assert_allclose(clip.read(1), level / 255, atol=0.003)


def test_ten_bits_are_kept(tmp_path: Path) -> None:
    """A ramp over a quarter of the range shows more steps than eight bits have there."""
    path = tmp_path / "a.mov"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("prores_ks", rate=24)
        stream.width, stream.height, stream.pix_fmt = 960, 64, "yuv422p10le"
        frame = av.VideoFrame(960, 64, "yuv422p10le")
        ramp = np.broadcast_to(np.linspace(300, 520, 960).round().astype(np.uint16), (64, 960))
        for plane, values in zip(frame.planes, (ramp, 512, 512), strict=True):
            rows = np.frombuffer(plane, np.uint16).reshape(plane.height, -1).copy()
            rows[:, : plane.width] = values if np.isscalar(values) else values[:, : plane.width]
            plane.update(rows.tobytes())
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    with open_clip(path) as clip:
        row = clip.read(1)[32, :, 1]
        assert len(np.unique((row * 4095).round())) > 150
        np.testing.assert_allclose(row, (np.linspace(300, 520, 960) - 64) / 876, atol=0.004)


@pytest.mark.parametrize("codec", ["prores_ks", "libx264"])
def test_chroma_lies_where_it_was_sampled(tmp_path: Path, codec: str) -> None:
    """4:2:2 video samples chroma on the even columns; taken to lie between them, colour moves by half a pixel."""
    path = tmp_path / "a.mov"
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=24, options={"qp": "1"} if codec == "libx264" else {})
        stream.width, stream.height = 128, 64
        stream.pix_fmt = "yuv422p10le" if codec == "prores_ks" else "yuv422p"
        stream.codec_context.colorspace, stream.codec_context.color_range = 1, 1
        frame = av.VideoFrame(128, 64, "yuv422p10le")
        for place, plane in enumerate(frame.planes):
            rows = np.full((plane.height, plane.line_size // 2), 512, np.uint16)
            if place == 2:
                rows[:, : plane.width] = 512 + 4 * (np.arange(plane.width) - 32)
            plane.update(rows.tobytes())
        container.mux(stream.encode(frame.reformat(format=stream.pix_fmt)))
        container.mux(stream.encode(None))
    with open_clip(path) as clip:
        red = clip.read(1)[32, :, 0]
    luma = (512 - 64) / 876
    sampled_at = (red - luma) / (2 * (1 - 0.2126)) * 224 + 32
    assert np.mean(2 * sampled_at[20:108] - np.arange(20, 108)) == pytest.approx(0, abs=0.1)


@pytest.mark.parametrize(("size", "matrix"), [((1280, 720), 709), ((720, 576), 601)])
def test_untagged_video_is_bt709_from_hd_on(tmp_path: Path, size: tuple[int, int], matrix: int) -> None:
    width, height = size
    kr, kb = {709: (0.2126, 0.0722), 601: (0.299, 0.114)}[matrix]
    path = tmp_path / "a.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=24, options={"qp": "0"})
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        frame = av.VideoFrame(width, height, "yuv420p")
        for plane, code in zip(frame.planes, (100, 110, 150), strict=True):
            plane.update(bytes([code]) * plane.buffer_size)
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    with open_clip(path) as clip:
        luma, blue, red = (100 - 16) / 219, (110 - 128) / 224, (150 - 128) / 224
        expected_red, expected_blue = luma + 2 * (1 - kr) * red, luma + 2 * (1 - kb) * blue
        expected_green = (luma - kr * expected_red - kb * expected_blue) / (1 - kr - kb)
        np.testing.assert_allclose(clip.read(1)[10, 10], [expected_red, expected_green, expected_blue], atol=0.51 / 255)


def test_alpha_is_ignored(tmp_path: Path, media: SimpleNamespace) -> None:
    path = media.write_movie(tmp_path / "a.mov", [5], codec="prores_ks", pix_fmt="yuva444p10le")
    with open_clip(path) as clip:
        assert media.number_in(clip.read(1)) == 5


def test_opening_does_not_read_a_long_prores_file(tmp_path: Path, media: SimpleNamespace) -> None:
    """Its table of pictures is enough: what lies between the first picture and the last is not touched."""
    path = media.write_movie(tmp_path / "a.mov", range(1, 61), codec="prores_ks", pix_fmt="yuv422p10le")
    with av.open(str(path)) as container:
        entries = list(container.streams.video[0].index_entries)
    with path.open("r+b") as file:
        file.seek(entries[30].pos)
        file.write(bytes(entries[30].size))
    with open_clip(path) as clip:
        assert clip.frames == tuple(range(1, 61))
        assert media.number_in(clip.read(60)) == 60


@pytest.mark.parametrize(
    ("name", "codec", "pix_fmt"), [("a.mp4", "libx264", "yuv420p"), ("a.mov", "prores_ks", "yuv422p10le")]
)
def test_reading_on_and_on_takes_no_more_memory(
    tmp_path: Path, media: SimpleNamespace, name: str, codec: str, pix_fmt: str
) -> None:
    """A frame that is never freed takes 0.9 MB, those of three passes take 69 MB."""

    def large(number: int) -> npt.NDArray[np.uint8]:
        return np.kron(media.draw(number), np.ones((10, 10, 1), np.uint8))

    path = media.write_movie(tmp_path / name, range(1, 26), codec=codec, pix_fmt=pix_fmt, picture=large)
    process = psutil.Process()
    with open_clip(path, memory=1) as clip:
        for _ in clip.iterate(clip.frames):
            pass
        before = process.memory_info().rss
        for _ in range(3):
            for _ in clip.iterate(clip.frames):
                pass
        assert process.memory_info().rss - before < 40 * 2**20
