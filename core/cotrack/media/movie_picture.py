# SPDX-License-Identifier: Apache-2.0
"""From a decoder's frame to upright RGB code values.

FFmpeg's scaler is exact only when it is asked to round accurately and to interpolate chroma fully; otherwise grey is
up to three code values too dark. Its 16-bit output of limited-range video puts white at 255 * 256. It places chroma
where the decoder says it lies, and midway where the decoder says nothing; but ProRes, DNxHR and their like have it on
the even columns, and half a pixel counts here.
"""

from __future__ import annotations

import itertools
import struct
from dataclasses import dataclass
from typing import cast

import av
import numpy as np
from av.filter import Graph
from av.sidedata.sidedata import SideData
from av.video.reformatter import ColorRange, Colorspace, Interpolation

from cotrack.media.picture import Codes

PQ, HLG = 16, 18  # transfer characteristics of ITU-T H.273
_UNSPECIFIED = 2
_ACCURATE = int(
    Interpolation.BICUBIC | Interpolation.ACCURATE_RND | Interpolation.FULL_CHR_H_INT | Interpolation.FULL_CHR_H_INP
)
_SILENT_ON_SITING = frozenset(("cfhd", "dnxhd", "ffv1", "prores", "rawvideo", "v210", "vp9"))
_SMALLEST_HD = (1280, 720)


def bit_depth(frame: av.VideoFrame) -> int:
    """Bits per channel."""
    return max(component.bits for component in frame.format.components)


@dataclass(frozen=True)
class Orientation:
    """What makes a stored picture upright: rows and columns swapped first, then mirrored."""

    is_transposed: bool = False
    mirrors_x: bool = False
    mirrors_y: bool = False

    @property
    def is_mirroring(self) -> bool:
        """It cannot be done by turning alone."""
        return (self.is_transposed + self.mirrors_x + self.mirrors_y) % 2 == 1

    def upright(self, codes: Codes) -> Codes:
        """(H, W, 3) contiguous."""
        if self.is_transposed:
            codes = codes.swapaxes(0, 1)
        if self.mirrors_x:
            codes = codes[:, ::-1]
        if self.mirrors_y:
            codes = codes[::-1]
        return np.ascontiguousarray(codes)


def orientation_of(frame: av.VideoFrame) -> Orientation:
    """What the container's display matrix asks for, to the nearest quarter turn.

    The matrix takes stored (x, y) to shown (a x + c y, b x + d y), y down, and is the same for all frames of a movie.
    PyAV never frees a frame whose side data was looked at, so a tiny copy is.
    """
    copy = frame.reformat(width=16, height=16)
    matrix = cast("SideData | None", copy.side_data.get("DISPLAYMATRIX"))
    if matrix is None:
        return Orientation()
    a, b, _, c, d, *_ = struct.unpack("=9i", bytes(matrix))
    if abs(b) > abs(a):
        return Orientation(is_transposed=True, mirrors_x=c < 0, mirrors_y=b < 0)
    return Orientation(mirrors_x=a < 0, mirrors_y=d < 0)


class RgbConverter:
    """Turns the frames of one movie into upright RGB."""

    def __init__(self, codec: str, orientation: Orientation) -> None:
        self._is_silent_on_siting = codec in _SILENT_ON_SITING
        self._orientation = orientation
        self._graph: Graph | None = None
        self._graph_is_for = ""

    def __call__(self, frame: av.VideoFrame) -> tuple[Codes, int]:
        """(H, W, 3) code values, and the one that means white. Alpha is ignored.

        Video that does not say its matrix is BT.709 from 1280 x 720 on, else BT.601.
        """
        is_deep = bit_depth(frame) > 8
        codes = self._sited(frame).to_ndarray(
            format="rgb48le" if is_deep else "gbrp",
            src_colorspace=_matrix(frame),
            interpolation=_ACCURATE,
        )
        return self._orientation.upright(codes), _white(frame) if is_deep else 255

    def _sited(self, frame: av.VideoFrame) -> av.VideoFrame:
        """The same frame with a word on where its chroma lies; a filter is the only way to say it."""
        if not self._is_silent_on_siting or frame.format.is_rgb:
            return frame
        source = (
            f"video_size={frame.width}x{frame.height}:pix_fmt={frame.format.name}:time_base=1/1"
            f":colorspace={int(frame.colorspace)}:range={int(frame.color_range)}"
        )
        if self._graph is None or self._graph_is_for != source:
            self._graph, self._graph_is_for = _siting_graph(source), source
        self._graph.push(frame)
        return cast("av.VideoFrame", self._graph.pull())


def _siting_graph(source: str) -> Graph:
    graph = Graph()
    steps = (graph.add("buffer", source), graph.add("setparams", "chroma_location=left"), graph.add("buffersink"))
    for step, following in itertools.pairwise(steps):
        step.link_to(following)
    graph.configure()
    return graph


def _matrix(frame: av.VideoFrame) -> int | None:
    if frame.colorspace != _UNSPECIFIED or frame.format.is_rgb:
        return None
    width, height = _SMALLEST_HD
    is_hd = max(frame.width, frame.height) >= width and min(frame.width, frame.height) >= height
    return int(Colorspace.ITU709 if is_hd else Colorspace.ITU601)


def _white(frame: av.VideoFrame) -> int:
    bits = bit_depth(frame)
    if frame.format.is_rgb:
        return 65535
    if frame.color_range == ColorRange.JPEG or len(frame.format.components) < 3:
        return ((1 << bits) - 1) << (16 - bits)
    return 255 << 8
