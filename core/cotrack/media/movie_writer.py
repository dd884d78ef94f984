# SPDX-License-Identifier: Apache-2.0
"""Movies that every player shows alike: tagged and converted as BT.709, index at the front.

H.264 (yuv420p, 8 bit) is for looking at, ProRes 4444 (yuv444p10) for working on.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Any, Self, cast

import av
import numpy as np
import numpy.typing as npt
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc, Interpolation

from cotrack.media.errors import MediaError
from cotrack_client.atomic import replacing

_FORMATS = {".mp4": "mp4", ".m4v": "mp4", ".mov": "mov", ".mkv": "matroska"}
_ACCURATE = int(Interpolation.BICUBIC | Interpolation.ACCURATE_RND | Interpolation.FULL_CHR_H_INP)


@dataclass(frozen=True)
class Encoding:
    """How a movie is compressed.

    codec, pixel_format: FFmpeg's. takes: the depth of the pictures that are written; white: their code for 1.0, which
    of 16 bits is that of FFmpeg's scaler. suffixes: of its files.
    """

    codec: str
    pixel_format: str
    takes: type[np.uint8 | np.uint16]
    white: int
    suffixes: tuple[str, ...]
    options: Mapping[str, str]


H264 = Encoding("libx264", "yuv420p", np.uint8, 255, tuple(_FORMATS), {"crf": "18", "preset": "veryfast"})
PRORES = Encoding("prores_ks", "yuv444p10le", np.uint16, 255 << 8, (".mov",), {"profile": "4444", "vendor": "apl0"})

_LAYOUTS = {np.uint8: "rgb24", np.uint16: "rgb48le"}


class MovieWriter:
    """Writes one movie; use it in `with`.

    The file appears under its name once it is complete; after any error, or Ctrl-C, nothing is left of it. Movies have
    whole pairs of rows and columns, so the last row or column of an odd size is written twice.
    """

    def __init__(
        self, path: str | Path, width: int, height: int, fps: Fraction | float, encoding: Encoding = H264
    ) -> None:
        """Raises MediaError when the suffix is not one of the encoding's."""
        self.path = Path(path)
        self._encoding = encoding
        self._size = (height, width)
        self._rate = Fraction(fps).limit_denominator(1001)
        if self.path.suffix.lower() not in encoding.suffixes:
            raise MediaError(f"{self.path} does not end in {_one_of(encoding.suffixes)}; rename it")

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

    def write(self, picture: npt.NDArray[np.uint8] | npt.NDArray[np.uint16]) -> None:
        """Append a display-referred (H, W, 3) picture, as deep as the encoding takes. Raises MediaError (disk full)."""
        takes = self._encoding.takes
        if picture.shape != (*self._size, 3) or picture.dtype != takes:
            raise ValueError(f"a picture of {picture.shape} {picture.dtype} in a movie of {self._size} {takes}")
        height, width = self._size
        even: npt.NDArray[Any] = np.pad(picture, ((0, height % 2), (0, width % 2), (0, 0)), mode="edge")
        frame = av.VideoFrame.from_ndarray(even, format=_LAYOUTS[takes]).reformat(
            format=self._encoding.pixel_format,
            dst_colorspace=Colorspace.ITU709,
            dst_color_range=ColorRange.MPEG,
            interpolation=_ACCURATE,
        )
        try:
            self._container.mux(self._stream.encode(frame))
        except (OSError, av.FFmpegError) as error:
            raise self._failed(error) from error

    def _add_stream(self) -> av.VideoStream:
        height, width = self._size
        encoding = self._encoding
        stream = cast(
            "av.VideoStream",
            self._container.add_stream(encoding.codec, rate=self._rate, options=dict(encoding.options)),
        )
        stream.width, stream.height = width + width % 2, height + height % 2
        stream.pix_fmt = encoding.pixel_format
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


def _one_of(suffixes: tuple[str, ...]) -> str:
    return suffixes[0] if len(suffixes) == 1 else f"one of {', '.join(suffixes)}"
