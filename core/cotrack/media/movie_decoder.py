# SPDX-License-Identifier: Apache-2.0
"""Pictures of a movie by their place in its index, each decoded from the nearest point where that can start."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path

import av
from av.container import InputContainer

from cotrack.media.errors import FrameError, MediaError, check_readable
from cotrack.media.movie_index import MovieIndex, build_index
from cotrack.media.movie_packets import until_damaged

_CHEAPER_THAN_A_SEEK = 4  # pictures


def open_container(path: Path) -> InputContainer:
    """Open a movie file.

    Raises MediaError when it is not there, not readable, or no movie.
    """
    check_readable(path)
    try:
        return av.open(str(path))
    except av.FFmpegError as error:
        raise MediaError(
            f"{path} cannot be read as a movie ({error.strerror}); it is damaged, cut short or of an unknown kind: "
            "copy it anew or convert it to ProRes"
        ) from error


class MovieDecoder:
    """One movie's pictures. Not to be used from several threads at once."""

    def __init__(self, path: Path, host_rate: float | Fraction | None = None) -> None:
        """host_rate: see `build_index`."""
        self.path = path
        self._container = open_container(path)
        if not self._container.streams.video:
            kinds = " and ".join(sorted({stream.type for stream in self._container.streams})) or "nothing at all"
            self._container.close()
            raise MediaError(f"{path} has no pictures, only {kinds}; choose a movie with video")
        self._stream = self._container.streams.video[0]
        self._stream.thread_type = "AUTO"  # several pictures at once, not only parts of one
        try:
            self.index: MovieIndex = build_index(self._container, self._stream, host_rate)
        except MediaError:
            self._container.close()
            raise
        self.codec = self._stream.codec_context.name
        self.profile = self._stream.profile
        self.pixel_aspect = float(self._stream.sample_aspect_ratio or 1)
        self._places = {int(pts): place for place, pts in enumerate(self.index.pts)}
        self._decoded: Iterator[tuple[int, av.VideoFrame]] = iter(())
        self._next: int | None = None

    def picture(self, place: int) -> av.VideoFrame:
        """Decode the picture at a place of the index.

        Raises FrameError when it is damaged.
        """
        if self._is_ahead(place) and (frame := self._decode_until(place)):
            return frame
        for start in self._starts(place):
            start()
            if frame := self._decode_until(place):
                return frame
        raise FrameError(f"picture {place + 1} of {self.path} is damaged; copy the movie anew, or leave it out")

    def close(self) -> None:
        """Close the file."""
        self._decoded = iter(())
        self._container.close()

    def _is_ahead(self, place: int) -> bool:
        """Decoding on is cheaper than a seek."""
        if self._next is None or place < self._next:
            return False
        return place - self._next <= _CHEAPER_THAN_A_SEEK or self.index.key_before(place) <= self._next

    def _starts(self, place: int) -> Iterator[Callable[[], None]]:
        """Ways to start decoding before a picture, the cheapest first.

        A seek may end behind its key (MPEG transport streams), and a key may not be enough (streams cut out of others).
        """
        if self.index.has_times:
            key = self.index.key_before(place)
            for start in dict.fromkeys((key, self.index.key_before(max(0, key - 1)))):
                yield functools.partial(self._seek, start)
            yield functools.partial(self._seek_with_care, key)
        yield self._rewind

    def _seek(self, key: int) -> None:
        self._next = None
        with contextlib.suppress(av.FFmpegError):  # some files can only be read from the start
            self._container.seek(int(self.index.pts[key]), stream=self._stream, backward=True)
            self._decoded = self._decode()
            self._next = key

    def _seek_with_care(self, key: int) -> None:
        """Decode one picture at a time from now on: a damaged one takes those with it that are decoded beside it."""
        self._reopen()
        self._seek(key)

    def _rewind(self) -> None:
        """Start anew; a stream without times cannot be sought in."""
        self._reopen()
        self._decoded = self._decode()
        self._next = 0

    def _reopen(self) -> None:
        self._decoded = iter(())
        self._container.close()
        self._container = open_container(self.path)
        self._stream = self._container.streams.video[0]

    def _decode_until(self, place: int) -> av.VideoFrame | None:
        """The picture, or None when the decoder passed its place without it, or could only guess it."""
        for decoded, frame in self._decoded if self._next is not None else ():
            self._next = decoded + 1
            if decoded == place and not frame.is_corrupt:
                return frame
            if decoded >= place:
                break
        self._next = None
        return None

    def _decode(self) -> Iterator[tuple[int, av.VideoFrame]]:
        """Pictures with their places, without those that the index does not know, and without damaged packets."""
        count = 0
        for packet in until_damaged(self._container.demux(self._stream)):
            try:
                frames = packet.decode()
            except av.FFmpegError:
                continue
            for frame in frames:
                shown_at = frame.pts if self.index.has_times else int(self.index.pts[0]) + count
                count += 1
                if shown_at is not None and (place := self._places.get(shown_at)) is not None:
                    yield place, frame
