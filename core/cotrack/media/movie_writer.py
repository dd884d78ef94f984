# SPDX-License-Identifier: Apache-2.0
"""H.264 movies that every player shows alike: yuv420p, tagged and converted as BT.709, index at the front."""

from __future__ import annotations

from contextlib import ExitStack
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Self

import av
import numpy as np
import numpy.typing as npt
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc, Interpolation

from cotrack.media.errors import MediaError
from cotrack_client.atomic import replacing

_OPTIONS = {"crf": "18", "preset": "veryfast"}
_FORMATS = {".mp4": "mp4", ".m4v": "mp4", ".mov": "mov", ".mkv": "matroska"}
_ACCURATE = int(Interpolation.BICUBIC | Interpolation.ACCURATE_RND | Interpolation.FULL_CHR_H_INP)


class MovieWriter:
    """Writes one movie; use it in `with`.

    The file appears under its name once it is complete; after any error, or Ctrl-C, nothing is left of it. H.264 has
    whole pairs of rows and columns, so the last row or column of an odd size is written twice.
    """

    def __init__(self, path: str | Path, width: int, height: int, fps: Fraction | float) -> None:
        """Raises MediaError when the suffix is not one of H.264's."""
        self.path = Path(path)
        self._size = (height, width)
        self._rate = Fraction(fps).limit_denominator(1001)
        if self.path.suffix.lower() not in _FORMATS:
            raise MediaError(f"{self.path} does not end in one of {', '.join(_FORMATS)}; rename it")

    def __enter__(self) -> Self:
        """Begin the file under another name. Raises CotrackError when it cannot be written."""
        with ExitStack() as files:
            part = files.enter_context(replacing(self.path))
            format_name = _FORMATS[self.path.suffix.lower()]
            options = {"movflags": "+faststart"} if format_name != "matroska" else {}
            self._container = av.open(str(part), "w", format=format_name, options=options)
            self._stream = self._add_stream()
            self._files = files.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        with self._files:  # takes the file away again when an error leaves this block
            if error is not None:
                self._abandon()
                raise error
            self._finish()

    def write(self, picture: npt.NDArray[np.uint8]) -> None:
        """Append an (H, W, 3) sRGB picture. Raises MediaError when the disk is full."""
        if picture.shape != (*self._size, 3) or picture.dtype != np.uint8:
            raise ValueError(f"a picture of {picture.shape} {picture.dtype} in a movie of {self._size} uint8")
        height, width = self._size
        even = np.pad(picture, ((0, height % 2), (0, width % 2), (0, 0)), mode="edge")
        frame = av.VideoFrame.from_ndarray(even, format="rgb24").reformat(
            format="yuv420p", dst_colorspace=Colorspace.ITU709, dst_color_range=ColorRange.MPEG, interpolation=_ACCURATE
        )
        try:
            self._container.mux(self._stream.encode(frame))
        except (OSError, av.FFmpegError) as error:
            raise self._failed(error) from error

    def _add_stream(self) -> av.VideoStream:
        height, width = self._size
        stream = self._container.add_stream("libx264", rate=self._rate, options=dict(_OPTIONS))
        stream.width, stream.height, stream.pix_fmt = width + width % 2, height + height % 2, "yuv420p"
        context = stream.codec_context
        context.colorspace = Colorspace.ITU709
        context.color_range = ColorRange.MPEG
        context.color_primaries = ColorPrimaries.BT709
        context.color_trc = ColorTrc.BT709
        return stream

    def _finish(self) -> None:
        try:
            self._container.mux(self._stream.encode(None))
            self._container.close()
        except (OSError, av.FFmpegError) as error:
            self._abandon()
            raise self._failed(error) from error

    def _abandon(self) -> None:
        try:
            self._container.close()
        except (OSError, av.FFmpegError):  # the disk is as full as it was; the file goes away anyhow
            return

    def _failed(self, error: OSError | av.FFmpegError) -> MediaError:
        return MediaError(f"{self.path} cannot be written ({error.strerror}); choose another place, or make room")
