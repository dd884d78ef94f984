# SPDX-License-Identifier: Apache-2.0
"""When each picture of a movie is shown, known without decoding it.

A movie's frames are numbered along a timeline of constant rate: frame k shows what a player shows at k / rate seconds
after the first picture, each picture starting at the frame nearest to its own time. In a movie of constant rate every
frame is a picture of its own. In one of variable rate some frames repeat a picture, and pictures that come closer than
the rate allows are passed over; the rate is then the one that the file gives as its base, if at most twice its average,
else its average. ffmpeg's `fps` filter does the same. When a host's rate is given, its own rule holds instead: see
`host_timing`.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from fractions import Fraction

import av
import numpy as np
import numpy.typing as npt
from av.container import InputContainer

from cotrack.media.host_timing import host_timing, refuse_what_hosts_misread
from cotrack.media.movie_packets import Packet, nominal_rate, read_packets

_USUAL_RATES = tuple(Fraction(rate) for rate in (10, 12, 15, 24, 25, 30, 48, 50, 60, 90, 100, 120, 240)) + tuple(
    Fraction(rate * 1000, 1001) for rate in (24, 30, 48, 60, 120)
)
_USUAL_WITHIN = Fraction(1, 500)
_MOST_REORDERED = 16  # pictures, in H.264 and H.265


@dataclass(frozen=True, eq=False)
class MovieIndex:
    """The pictures of a movie in the order they are shown, and the frames that show them.

    pts:          (P,) int64, presentation times in the stream's time base, ascending.
    keys:         (K,) int64, places of the pictures where decoding can start, ascending; the first is one.
    picture:      (F,) int64, the picture that each frame of the timeline shows.
    rate:         frames per second.
    is_variable:  a frame does not always show a picture of its own.
    has_times:    pts are those of the decoded pictures; else pictures can only be counted from the start.
    lost:         pictures after the last one that the file lists but does not hold, because it is cut short.
    """

    pts: npt.NDArray[np.int64]
    keys: npt.NDArray[np.int64]
    picture: npt.NDArray[np.int64]
    rate: Fraction
    is_variable: bool
    has_times: bool
    lost: int

    def key_before(self, picture: int) -> int:
        """The nearest picture at or before this one where decoding can start."""
        return int(self.keys[np.searchsorted(self.keys, picture, side="right") - 1])


@dataclass(frozen=True, eq=False)
class _Shown:
    """The pictures of a movie; see `MovieIndex`. last: the last one, or None. is_headless: some before a key."""

    pts: npt.NDArray[np.int64]
    keys: npt.NDArray[np.int64]
    last: Packet | None
    time_base: Fraction
    has_times: bool
    is_headless: bool
    lost: int


def build_index(
    container: InputContainer, stream: av.VideoStream, host_rate: float | Fraction | None = None
) -> MovieIndex:
    """Index the pictures of a movie that has just been opened.

    Left out are pictures that an edit list hides, and those before the first one that can be decoded.
    Raises MediaError when a host's rate is given and there is no telling what the host shows.
    """
    shown = _shown(container, stream)
    if host_rate is not None and shown.last is not None:
        return _host_index(container, stream, shown, shown.last, host_rate)
    rate, slots = _timeline(shown.pts, shown.time_base, stream)
    is_variable = not np.array_equal(slots, np.arange(len(slots)))
    picture = np.arange(len(shown.pts))
    if is_variable and shown.last is not None:
        end = int(slots[-1]) + max(1, round(shown.last.duration * shown.time_base * rate))
        picture = np.searchsorted(slots, np.arange(end), side="right") - 1
    return MovieIndex(shown.pts, shown.keys, picture, rate, is_variable, shown.has_times, shown.lost)


def _host_index(
    container: InputContainer, stream: av.VideoStream, shown: _Shown, last: Packet, host_rate: float | Fraction
) -> MovieIndex:
    refuse_what_hosts_misread(container, has_times=shown.has_times, starts_with_a_key=not shown.is_headless)
    duration = last.duration or round(1 / (nominal_rate(stream) * shown.time_base))
    timing = host_timing(container, stream, shown.pts, last.pts + duration, host_rate)
    picture, lost = timing.picture, shown.lost
    if lost:  # frames that would show what is lost are lost, too
        picture, lost = picture[: timing.held], max(lost, len(picture) - timing.held)
    return MovieIndex(shown.pts, shown.keys, picture, timing.rate, timing.is_variable, shown.has_times, lost)


def _shown(container: InputContainer, stream: av.VideoStream) -> _Shown:
    listed = read_packets(container, stream)
    keys = [packet.pts for packet in listed.packets if packet.is_key]
    to_show = [packet for packet in listed.packets if packet.is_shown]
    shown = sorted((p for p in to_show if keys and p.pts >= keys[0]), key=lambda packet: packet.pts)
    whole = _before_last_gap(shown) if listed.lost else shown
    return _Shown(
        pts=np.array([packet.pts for packet in whole], np.int64),
        # The first picture counts as a key: what an edit list hides before it is decoded on the way.
        keys=np.array([i for i, packet in enumerate(whole) if packet.is_key or i == 0], np.int64),
        last=whole[-1] if whole else None,
        time_base=(stream.time_base if listed.has_times else None) or 1 / nominal_rate(stream),
        has_times=listed.has_times,
        is_headless=len(shown) < len(to_show),
        lost=listed.lost + len(shown) - len(whole),
    )


def _before_last_gap(shown: list[Packet]) -> list[Packet]:
    """Pictures up to where others, stored later but shown earlier, were cut off."""
    steps = [after.pts - before.pts for before, after in itertools.pairwise(shown)]
    for place in range(max(0, len(steps) - _MOST_REORDERED), len(steps)):
        if steps[place] > 1.5 * min(steps):
            return shown[: place + 1]
    return shown


def _timeline(
    pts: npt.NDArray[np.int64], time_base: Fraction, stream: av.VideoStream
) -> tuple[Fraction, npt.NDArray[np.int64]]:
    """The rate, and the frame at which each picture starts."""
    average = _average_rate(pts, time_base, stream)
    guessed = stream.guessed_rate
    for rate in (guessed if guessed in _USUAL_RATES else average, average, guessed, stream.average_rate):
        if rate:
            slots = _slots(pts, time_base, rate)
            if np.array_equal(slots, np.arange(len(slots))):
                return rate, slots
    base = stream.base_rate
    rate = base if base and average * Fraction(99, 100) <= base <= 2 * average else average
    return rate, _slots(pts, time_base, rate)


def _slots(pts: npt.NDArray[np.int64], time_base: Fraction, rate: Fraction) -> npt.NDArray[np.int64]:
    """The frame nearest to each picture's time, exactly, in integers."""
    if not len(pts):
        return pts
    step = time_base * rate
    slots: npt.NDArray[np.int64] = ((pts - pts[0]) * (2 * step.numerator) + step.denominator) // (2 * step.denominator)
    return slots


def _average_rate(pts: npt.NDArray[np.int64], time_base: Fraction, stream: av.VideoStream) -> Fraction:
    """Pictures per second, as one of the usual rates where it is near enough."""
    if len(pts) < 2:
        return nominal_rate(stream)
    average = Fraction(len(pts) - 1, int(pts[-1] - pts[0])) / time_base
    usual = min(_USUAL_RATES, key=lambda rate: abs(rate - average))
    return usual if abs(usual - average) <= usual * _USUAL_WITHIN else average.limit_denominator(1001)
