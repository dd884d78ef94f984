# SPDX-License-Identifier: Apache-2.0
"""The compressed pictures of a movie: when they are shown and which stand for themselves, without decoding them.

Headers are often wrong about their number, so packets are read; only QuickTime's table of them is good enough by
itself, and only for codecs that do not reorder. That spares reading a long ProRes file from end to end.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
from av.container import InputContainer
from av.packet import Packet as StreamPacket

_NEVER_REORDERS = frozenset(("cfhd", "dnxhd", "mjpeg", "png", "prores", "qtrle", "rawvideo", "v210"))
_LARGEST_RATE = 1000
_TELEVISION = Fraction(25)


@dataclass(frozen=True)
class Packet:
    """One compressed picture. Times in the stream's time base; an edit list may say not to show it."""

    pts: int
    dts: int
    is_key: bool
    is_shown: bool
    duration: int


@dataclass(frozen=True)
class Packets:
    """All pictures in the order of the file.

    has_times: decoded pictures carry these times; else packets are numbered, and pictures can only be counted.
    lost:      how many pictures more the file announces than it holds, 0 where it announces nothing.
    """

    packets: tuple[Packet, ...]
    has_times: bool
    lost: int


def read_packets(container: InputContainer, stream: av.VideoStream) -> Packets:
    """List the pictures of a movie that has just been opened."""
    end = Path(container.name).stat().st_size
    is_quicktime = "mov" in container.format.name
    beyond = sum(entry.pos + entry.size > end and not entry.is_discard for entry in stream.index_entries)
    if is_quicktime and stream.codec_context.name in _NEVER_REORDERS and stream.frames == len(stream.index_entries):
        entries = [entry for entry in stream.index_entries if entry.pos + entry.size <= end]
        return Packets(
            tuple(Packet(e.timestamp, e.timestamp, e.is_keyframe, not e.is_discard, 0) for e in entries),
            has_times=True,
            lost=beyond,
        )
    found = tuple(
        Packet(
            pts=-1 if packet.pts is None else packet.pts,
            dts=-1 if packet.dts is None else packet.dts,
            is_key=packet.is_keyframe,
            is_shown=not packet.is_discard,
            duration=packet.duration or 0,
        )
        for packet in until_damaged(container.demux(stream))
        if packet.size and not packet.is_corrupt
    )
    lost = beyond if is_quicktime else _lost(container, stream, found)
    if _has_times(container, stream, found):
        return Packets(found, has_times=True, lost=lost)
    return Packets(
        tuple(Packet(i, i, i == 0, packet.is_shown, 1) for i, packet in enumerate(found)), has_times=False, lost=lost
    )


def nominal_rate(stream: av.VideoStream) -> Fraction:
    """Frames per second as the file says, or a guess."""
    rates = (stream.guessed_rate, stream.average_rate, _TELEVISION)
    return next(rate for rate in rates if rate and rate <= _LARGEST_RATE)


def until_damaged(packets: Iterator[StreamPacket[av.VideoStream]]) -> Iterator[StreamPacket[av.VideoStream]]:
    """Read on until the container itself is damaged; what comes before that can be used."""
    try:
        yield from packets
    except av.FFmpegError:
        return


def _has_times(container: InputContainer, stream: av.VideoStream, packets: Sequence[Packet]) -> bool:
    """AVI stores no presentation times, which matters where pictures are reordered; a bare stream no times at all."""
    if "avi" in container.format.name and stream.codec_context.name in ("h264", "hevc"):
        return False
    return stream.start_time is not None or all(packet.pts >= 0 for packet in packets)


def _lost(container: InputContainer, stream: av.VideoStream, packets: Sequence[Packet]) -> int:
    kind = container.format.name
    if "avi" in kind:
        return _lost_of_avi(stream, packets)
    if "mxf" in kind:
        return max(0, (stream.duration or 0) - len(packets))
    announced = _matroska_duration(stream)
    if announced is None or stream.time_base is None or not packets:
        return 0
    rate = nominal_rate(stream)
    held = max(packet.pts * stream.time_base + max(packet.duration * stream.time_base, 1 / rate) for packet in packets)
    return max(0, round((announced - held) * rate))


def _lost_of_avi(stream: av.VideoStream, packets: Sequence[Packet]) -> int:
    """AVI counts slots of one tick each; a picture takes one of them and is shown on through the empty ones."""
    slots_per_picture = 1 / (nominal_rate(stream) * (stream.time_base or 1 / nominal_rate(stream)))
    last = max((packet.dts for packet in packets), default=-slots_per_picture)
    return max(0, round((stream.frames - last) / slots_per_picture) - 1)


def _matroska_duration(stream: av.VideoStream) -> Fraction | None:
    """Seconds to the end of the stream, of the tag that Matroska's writers leave: 00:01:02.500000000."""
    match = re.fullmatch(r"(\d+):(\d\d):(\d\d(?:\.\d+)?)", stream.metadata.get("DURATION", ""))
    return int(match[1]) * 3600 + int(match[2]) * 60 + Fraction(match[3]) if match else None
