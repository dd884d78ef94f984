# SPDX-License-Identifier: Apache-2.0
"""Pictures of a movie by their place in its index, each decoded from the nearest point where that can start."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import av
from av.container import InputContainer

from cotrack.media.errors import FrameError, MediaError, check_readable
from cotrack.media.movie_index import MovieIndex, build_index

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

    def __init__(self, path: Path) -> None:
        self.path = path
        self._container = open_container(path)
        if not self._container.streams.video:
            self._container.close()
            raise MediaError(f"{path} has no pictures, only {_kinds(self._container)}; choose a movie with video")
        self.stream = _first_video(self._container)
        self.index: MovieIndex = build_index(self._container, self.stream)
        self._places = {int(pts): place for place, pts in enumerate(self.index.pts)}
        self._decoded: Iterator[tuple[int, av.VideoFrame]] = iter(())
        self._next: int | None = None

    def picture(self, place: int) -> av.VideoFrame:
        """Decode the picture at a place of the index.

        Raises FrameError when it is damaged.
        """
        if self._next is None or not self._is_ahead(place, self._next):
            self._start_at(self.index.key_before(place) if self.index.has_times else 0)
        frame = self._decode_until(place)
        if frame is None and self.index.has_times:
            self._start_at(0)  # a key that cannot be started from, as in streams cut out of longer ones
            frame = self._decode_until(place)
        if frame is None or frame.is_corrupt:
            raise FrameError(f"picture {place + 1} of {self.path} is damaged; copy the movie anew, or leave it out")
        return frame

    def close(self) -> None:
        """Close the file."""
        self._decoded = iter(())
        self._container.close()

    def _is_ahead(self, place: int, following: int) -> bool:
        """Decoding on is cheaper than a seek."""
        if place < following:
            return False
        return place - following <= _CHEAPER_THAN_A_SEEK or self.index.key_before(place) <= following

    def _start_at(self, place: int) -> None:
        if self.index.has_times:
            self._container.seek(int(self.index.pts[place]), stream=self.stream, backward=True)
        else:
            self._container.close()
            self._container = open_container(self.path)
            self.stream = _first_video(self._container)
        self._decoded = self._decode()
        self._next = place

    def _decode_until(self, place: int) -> av.VideoFrame | None:
        """The picture, or None when the decoder passed its place without it."""
        for decoded, frame in self._decoded:
            self._next = decoded + 1
            if decoded == place:
                return frame
            if decoded > place:
                break
        self._next = None
        return None

    def _decode(self) -> Iterator[tuple[int, av.VideoFrame]]:
        """Pictures with their places, without those that the index does not know, and without damaged packets."""
        count = 0
        for packet in self._container.demux(self.stream):
            try:
                frames = packet.decode()
            except av.InvalidDataError:
                continue
            for frame in frames:
                place = count if frame.pts is None or not self.index.has_times else self._places.get(frame.pts)
                count += 1
                if place is not None:
                    yield place, frame


def _first_video(container: InputContainer) -> av.VideoStream:
    stream = container.streams.video[0]
    stream.thread_type = "AUTO"  # several pictures at once, not only parts of one
    return stream


def _kinds(container: InputContainer) -> str:
    return " and ".join(sorted({stream.type for stream in container.streams})) or "nothing at all"
