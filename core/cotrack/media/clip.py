# SPDX-License-Identifier: Apache-2.0
"""A shot's frames on demand, as display-referred sRGB, within a budget of memory."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Hashable, Iterable, Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

import numpy as np
import numpy.typing as npt

from cotrack.media.cache import PictureCache
from cotrack.media.colour import Conversion, Space, load_colours
from cotrack.media.errors import MediaError
from cotrack.media.info import ClipInfo
from cotrack.media.locate import Movie, locate
from cotrack.media.movie_source import MovieSource
from cotrack.media.picture import Picture
from cotrack.media.read_ahead import read_ahead
from cotrack.media.selection import Selection, missing_error, select
from cotrack.media.sequence_source import SequenceSource
from cotrack.media.source import Description, Source
from cotrack.media.stored import StoredPicture
from cotrack_client.frames import FrameRange

__all__ = ["Clip", "ClipInfo", "open_clip"]


class Clip:
    """Frames of a shot.

    One thread may `read` while another one does, or while `iterate` reads ahead. Close it, or use it in `with`.
    """

    info: ClipInfo
    frames: tuple[int, ...]

    def __init__(
        self,
        source: Source,
        info: ClipInfo,
        frames: tuple[int, ...],
        *,
        offset: int,
        conversion: Conversion,
        memory: int,
    ) -> None:
        """Use `open_clip`. offset: the shot's frame numbers minus the source's own."""
        source.use(conversion)
        self.info = info
        self.frames = frames
        self._known = frozenset(frames)
        self._source = source
        self._offset = offset
        self._conversion_identity = conversion.identity
        self._cache = PictureCache(memory // 2)
        self._most_ahead = max(1, memory // 2 // source.picture_bytes)
        self._readers = threading.Semaphore(source.readers)
        self._is_closed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    @property
    def width(self) -> int:
        """Of the display window, px."""
        return self.info.width

    @property
    def height(self) -> int:
        """Of the display window, px."""
        return self.info.height

    def read(self, frame: int) -> npt.NDArray[np.float32]:
        """(H, W, 3) float32 in 0..1, display-referred sRGB, the caller's own.

        Raises MediaError when the clip has no such frame, FrameError when it cannot be read.
        """
        self._check(frame)
        return self._load((frame,))[0].as_float()

    def iterate(self, frames: Iterable[int]) -> Iterator[tuple[int, npt.NDArray[np.float32]]]:
        """Frames in the order given, with the next ones read ahead; descending is as good as ascending.

        Errors as of `read`, each when its frame's turn comes; a frame that the clip does not have is told at once.
        """
        wanted = list(frames)
        for frame in wanted:
            self._check(frame)
        return self._iterate(wanted)

    def read_stored(self, frame: int) -> StoredPicture:
        """Every channel as the file stores it, at its depth, without any colour conversion. Errors as of `read`."""
        self._check(frame)
        with self._reading():
            return self._source.load_stored(frame - self._offset)

    def read_mask(self, frame: int) -> npt.NDArray[np.bool_]:
        """(H, W), by `cotrack.media.mask.read_mask`."""
        self._check(frame)
        with self._reading():
            return self._source.load_mask(frame - self._offset)

    def identity(self, frame: int) -> Hashable:
        """Everything that a frame's picture depends on: file, place in it, how it is decoded, colour conversion.

        Frames of equal identity, also of other clips, show the same picture. Costs one stat and decodes nothing.
        Raises MediaError when the clip has no such frame, or its file is gone.
        """
        self._check(frame)
        return self._identity(frame)

    def close(self) -> None:
        """Let go of files and memory. Iterators that still run end with an error."""
        for _ in range(self._source.readers):
            self._readers.acquire()
        self._is_closed = True
        self._source.close()
        self._cache.clear()
        self._readers.release(self._source.readers)

    def _iterate(self, frames: list[int]) -> Iterator[tuple[int, npt.NDArray[np.float32]]]:
        most = max(1, self._most_ahead // 2)  # one half is being read while the other one is being used
        batches = self._source.batches([frame - self._offset for frame in frames], most)
        own = (tuple(frame + self._offset for frame in batch) for batch in batches)
        for batch, pictures in read_ahead(own, self._load, most=most, readers=self._source.readers):
            for frame, picture in zip(batch, pictures, strict=True):
                yield frame, picture.as_float()

    def _load(self, frames: Sequence[int]) -> list[Picture]:
        keys = {frame: self._identity(frame) for frame in frames}
        kept = {frame: picture for frame in frames if (picture := self._cache.get(keys[frame])) is not None}
        absent = [frame for frame in frames if frame not in kept]
        if absent:
            with self._reading():
                loaded = self._source.load([frame - self._offset for frame in absent])
            for frame, picture in zip(absent, loaded, strict=True):
                self._cache.put(keys[frame], picture)
                kept[frame] = picture
        return [kept[frame] for frame in frames]

    def _identity(self, frame: int) -> Hashable:
        return self._source.identity(frame - self._offset), self._conversion_identity

    @contextlib.contextmanager
    def _reading(self) -> Iterator[None]:
        """Wait for a turn to use the source; FFmpeg would crash the program if it were closed."""
        with self._readers:
            if self._is_closed:
                raise ValueError(f"{self.info.path} is closed")
            yield

    def _check(self, frame: int) -> None:
        if frame in self._known:
            return
        if frame in self.info.missing:
            raise MediaError(f"frame {frame} of {self.info.path} is missing; render it again")
        raise MediaError(
            f"frame {frame} is not in {self.info.path}, which has {self.info.first}-{self.info.last}; choose another"
        )


def open_clip(
    path: str | Path,
    *,
    frames: FrameRange | None = None,
    first: int | None = None,
    colorspace: str | None = None,
    missing: Literal["error", "skip"] = "error",
    upright: bool = True,
    rate: float | Fraction | None = None,
    memory: int = 512 * 2**20,
) -> Clip:
    """Open a shot: a movie, a pattern, one file of a sequence, or a folder.

    frames:     use only these, in the numbers of the clip.
    first:      number of the first frame; without it files keep their numbers and movies start at 1.
    colorspace: what the shot is in, instead of what the files say; a name, alias or role of the OCIO config.
    missing:    "skip" leaves out frames that are not there, also those after the end of a movie that is cut short.
    upright:    turn the pictures of a movie as its display matrix says; hosts that ignore it show them as stored.
    rate:       of a movie, a host's frames per second: frames are numbered, and pictures repeated, as that host does.
    memory:     bytes for pictures that are kept and read ahead; those being decoded come on top.

    Raises MediaError when the shot cannot be read as asked.
    """
    colours = load_colours()
    asked = Space(colours.find(colorspace), "asked") if colorspace else None
    place = locate(Path(path).expanduser())
    source: Source = (
        MovieSource(place.path, host_rate=rate, upright=upright) if isinstance(place, Movie) else SequenceSource(place)
    )
    try:
        offset = 0 if first is None else first - source.frames[0]
        selection = select(place.path, source, offset, frames)
        if selection.absent and missing == "error":
            raise missing_error(place.path, selection, is_cut_short=bool(source.unreadable))
        facts = source.describe(selection.frames[0] - offset)
        space = asked or source.space(colours)
        conversion = colours.conversion(space.name)
    except MediaError:
        source.close()
        raise
    length = len(source.frames) if isinstance(place, Movie) else len(selection.frames)
    info = _info(place.path, facts, selection, space, ocio_config=colours.name, length=length)
    return Clip(source, info, selection.frames, offset=offset, conversion=conversion, memory=memory)


def _info(
    path: Path, facts: Description, selection: Selection, space: Space, *, ocio_config: str, length: int
) -> ClipInfo:
    chosen, absent = selection.frames, selection.absent
    return ClipInfo(
        path=path,
        kind=facts.kind,
        width=facts.width,
        height=facts.height,
        first=chosen[0],
        last=chosen[-1],
        missing=tuple(frame for frame in absent if chosen[0] < frame < chosen[-1]),
        fps=facts.fps,
        pixel_aspect=facts.pixel_aspect,
        colorspace=space.name,
        colorspace_source=space.source,
        codec=facts.codec,
        bit_depth=facts.bit_depth,
        channels=facts.channels,
        data_window=facts.data_window,
        rotation=facts.rotation,
        variable_rate=facts.variable_rate,
        ocio_config=ocio_config,
        length=length,
    )
