# SPDX-License-Identifier: Apache-2.0
"""Frames from a movie."""

from __future__ import annotations

import logging
from collections.abc import Hashable, Iterator, Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt

from cotrack.media.colour import Colours, Conversion, Space
from cotrack.media.errors import FrameError, MediaError
from cotrack.media.file_state import state_of
from cotrack.media.movie_decoder import MovieDecoder
from cotrack.media.movie_picture import HLG, PQ, Orientation, RgbConverter, bit_depth, orientation_of
from cotrack.media.picture import Codes, Picture
from cotrack.media.source import Description
from cotrack.media.stored import StoredPicture

_log = logging.getLogger(__name__)

_MOST_SAMPLES = 5
_HDR_SPACES = {PQ: ("rec2100_pq_display", "pq_rec2020_display"), HLG: ("rec2100_hlg_display", "hlg_rec2020_display")}


class MovieSource:
    """A movie's frames, the first one being 1. One reader at a time."""

    readers = 1

    def __init__(self, path: Path, *, host_rate: float | Fraction | None = None, upright: bool = True) -> None:
        """host_rate: number frames as a host does; upright: turn pictures as the file's display matrix says."""
        self._path = path
        self._state = state_of(path)
        self._decoder = MovieDecoder(path, host_rate)
        try:
            self._examine(upright=upright)
            if host_rate is not None and self._orientation.is_mirroring:
                raise MediaError(
                    f"{path} asks to be shown mirrored, which hosts do not do alike; convert it with the mirroring done"
                )
        except MediaError:
            self._decoder.close()
            raise
        self._conversion: Conversion | None = None
        self._shown: tuple[int, Codes, int] | None = None

    def _examine(self, *, upright: bool) -> None:
        index = self._decoder.index
        frame = self._sample()
        self.frames = tuple(range(1, len(index.picture) + 1))
        self.unreadable = tuple(range(len(self.frames) + 1, len(self.frames) + 1 + index.lost))
        if frame.interlaced_frame:
            _log.warning("%s is interlaced, and its two fields are shown together; deinterlace it first", self._path)
        self._transfer = int(frame.color_trc)
        self._orientation = orientation_of(frame) if upright else Orientation()
        self._rgb = RgbConverter(self._decoder.codec, self._orientation)
        is_turned = self._orientation.is_transposed
        aspect = self._decoder.pixel_aspect
        width, height = (frame.height, frame.width) if is_turned else (frame.width, frame.height)
        self._description = Description(
            kind="movie",
            width=width,
            height=height,
            fps=index.rate,
            pixel_aspect=1 / aspect if is_turned else aspect,
            codec=" ".join(filter(None, (self._decoder.codec, self._decoder.profile, frame.format.name))),
            bit_depth=bit_depth(frame),
            channels=("R", "G", "B"),
            data_window=(0, 0, width, height),
            rotation=int(frame.rotation) % 360 if upright else 0,
            variable_rate=index.is_variable,
        )

    def _sample(self) -> av.VideoFrame:
        """The first picture, or one of the next that decoding can start from."""
        for place in self._decoder.index.keys[:_MOST_SAMPLES]:
            try:
                return self._decoder.picture(int(place))
            except FrameError:
                continue
        raise MediaError(f"{self._path} holds no picture that can be decoded; copy it anew")

    def describe(self, frame: int) -> Description:  # noqa: ARG002  of `Source`; all frames are alike
        """Describe the movie."""
        return self._description

    def space(self, colours: Colours) -> Space:
        """Video is display-referred: its code values are shown as they are, unless it is tagged as HDR."""
        names = _HDR_SPACES.get(self._transfer)
        if names is None:
            return Space(colours.display_space, "default for movies: shown as it is")
        if (found := colours.first_of(names)) is None:
            raise MediaError(
                f"{self._path} is HDR video, for which the OCIO config {colours.name} has no colour space; "
                "name its colour space (--colorspace), or unset OCIO for the built-in config"
            )
        return Space(found, "file")

    def use(self, conversion: Conversion) -> None:
        """Set how pictures become display-referred."""
        self._conversion = conversion

    @property
    def picture_bytes(self) -> int:
        """Of one converted picture."""
        is_small = (
            self._description.bit_depth <= 8 and self._conversion is not None and self._conversion.changes_nothing
        )
        return self._description.width * self._description.height * 3 * (1 if is_small else 2)

    def identity(self, frame: int) -> Hashable:
        """The state of the movie, the place of the picture in it, and how it is turned.

        Raises MediaError when the movie is another one than was opened, whose pictures were indexed.
        """
        if state_of(self._path) != self._state:
            raise MediaError(f"{self._path} was changed while it was being read; wait until it is whole, and try again")
        return self._state, self._place(frame), self._orientation

    def batches(self, frames: Sequence[int], most: int) -> Iterator[tuple[int, ...]]:
        """Frames that go backward within one group of pictures are decoded together, the others one by one."""
        batch: list[int] = []
        for frame in frames:
            if batch and not (frame < batch[-1] and len(batch) < most and self._key(frame) == self._key(batch[0])):
                yield tuple(batch)
                batch = []
            batch.append(frame)
        if batch:
            yield tuple(batch)

    def load(self, frames: Sequence[int]) -> list[Picture]:
        """Decode and convert frames, in the order of the movie."""
        if self._conversion is None:
            raise ValueError("no conversion is set")
        pictures = {frame: self._conversion(*self._codes(frame)) for frame in sorted(set(frames))}
        return [pictures[frame] for frame in frames]

    def load_stored(self, frame: int) -> StoredPicture:
        """Upright RGB code values, without any conversion but that from the movie's luma and chroma."""
        codes, white = self._codes(frame)
        size = (self._description.width, self._description.height)
        return StoredPicture(codes, (0, 0), size, colour=(0, 1, 2), alpha=None, white=float(white))

    def load_mask(self, frame: int) -> npt.NDArray[np.bool_]:
        """Whether any channel is above one half; (H, W)."""
        codes, white = self._codes(frame)
        return np.asarray((codes > white / 2).any(axis=-1))

    def close(self) -> None:
        """Close the file."""
        self._decoder.close()

    def _key(self, frame: int) -> int:
        return self._decoder.index.key_before(self._place(frame))

    def _place(self, frame: int) -> int:
        return int(self._decoder.index.picture[frame - 1])

    def _codes(self, frame: int) -> tuple[Codes, int]:
        """Code values of a frame, and the one that means white."""
        place = self._place(frame)
        if self._shown is None or self._shown[0] != place:
            self._shown = (place, *self._rgb(self._picture(frame, place)))
        _, codes, white = self._shown
        if codes.shape[:2] != (self._description.height, self._description.width):
            raise FrameError(
                f"frame {frame} of {self._path} is {codes.shape[1]} x {codes.shape[0]}, but the shot is "
                f"{self._description.width} x {self._description.height}; leave it out (--frames)"
            )
        return codes, white

    def _picture(self, frame: int, place: int) -> av.VideoFrame:
        try:
            return self._decoder.picture(place)
        except FrameError as error:
            raise FrameError(
                f"frame {frame} of {self._path} is damaged; copy the movie anew, or leave it out (--frames)"
            ) from error
