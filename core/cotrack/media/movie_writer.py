# SPDX-License-Identifier: Apache-2.0
"""H.264 movies that every player shows alike: yuv420p, tagged and converted as BT.709, index at the front."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Self

import av
import numpy as np
import numpy.typing as npt
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc, Interpolation

from cotrack.media.errors import MediaError

_OPTIONS = {"crf": "18", "preset": "veryfast"}
_FORMATS = {".mp4": "mp4", ".m4v": "mp4", ".mov": "mov", ".mkv": "matroska"}
_ACCURATE = int(Interpolation.BICUBIC | Interpolation.ACCURATE_RND | Interpolation.FULL_CHR_H_INP)


class MovieWriter:
    """Writes one movie; use it in `with`.

    The file appears under its name once it is complete; after any error, or Ctrl-C, nothing is left of it. H.264 has
    whole pairs of rows and columns, so the last row or column of an odd size is written twice.
    """

    def __init__(self, path: str | Path, width: int, height: int, fps: Fraction | float) -> None:
        """Create the file. Raises MediaError when it cannot be written, or its suffix is not one of H.264's."""
        self.path = Path(path)
        self._size = (height, width)
        format_name = _FORMATS.get(self.path.suffix.lower())
        if format_name is None:
            raise MediaError(f"{self.path} does not end in one of {', '.join(_FORMATS)}; rename it")
        self._part = self.path.with_name(f".{self.path.name}.part")
        try:
            self._part.open("wb").close()
            options = {"movflags": "+faststart"} if format_name != "matroska" else {}
            self._container = av.open(str(self._part), "w", format=format_name, options=options)
        except (OSError, av.FFmpegError) as error:
            raise self._failed(error) from error
        self._stream = self._add_stream(width + width % 2, height + height % 2, Fraction(fps).limit_denominator(1001))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        try:
            if error is None:
                self._finish()
            else:
                self._abandon()
        finally:
            self._part.unlink(missing_ok=True)

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

    def _add_stream(self, width: int, height: int, rate: Fraction) -> av.VideoStream:
        stream = self._container.add_stream("libx264", rate=rate, options=dict(_OPTIONS))
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
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
            self._part.replace(self.path)
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
