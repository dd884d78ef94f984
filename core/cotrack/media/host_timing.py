# SPDX-License-Identifier: Apache-2.0
"""Which picture of a movie Blender shows at each of its frames.

Frame n, counted from 0, is due at the stream's start plus n / rate seconds, rounded to a tick of the stream's time
base. Shown is the last picture that is due by then, so a movie whose ticks are coarse can repeat one picture and pass
over the next although its rate is constant. The rate is FFmpeg's guess; the number of frames is the duration that the
file gives for the stream, else for the whole file, times the rate. After its last picture a movie stands still.
Observed in Blender 4.2, 4.5 and 5.0; tests/cotrack/media/test_host_timing.py holds what was seen.

Blender cannot be followed where its seeking fails, or where pictures carry no times; such movies are refused.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

import av
import numpy as np
import numpy.typing as npt
from av.container import InputContainer

from cotrack.media.errors import MediaError

_SAME_RATE_WITHIN = 1e-5  # hosts keep their rates as 32-bit floats, some of them twice rounded
_LONGEST_STANDSTILL = 1000  # frames; a duration that claims more is a broken header


@dataclass(frozen=True, eq=False)
class HostTiming:
    """A movie's frames in a host.

    rate:         frames per second.
    picture:      (F,) int64, the picture that each frame shows.
    held:         frames up to the end of the last picture; later ones repeat it.
    is_variable:  a frame up to there does not always show a picture of its own.
    """

    rate: Fraction
    picture: npt.NDArray[np.int64]
    held: int
    is_variable: bool


def host_timing(
    container: InputContainer, stream: av.VideoStream, pts: npt.NDArray[np.int64], end: int, asked: float | Fraction
) -> HostTiming:
    """Number the frames of a movie as a host does.

    pts:   (P,) int64, times of the pictures in the stream's time base, ascending, never empty.
    end:   of the last picture, in the same unit.
    asked: the host's frames per second.

    Raises MediaError when there is no telling what a host shows.
    """
    rate = _exact_rate(container, stream, asked)
    time_base = stream.time_base or 1 / rate
    ticks_per_frame = float(1 / (rate * time_base))
    start = stream.start_time or 0
    held = max(1, _rounded((end - start) / ticks_per_frame))
    count = min(_announced(container, stream, rate), 2 * held + _LONGEST_STANDSTILL) or held
    due = start + np.floor(np.arange(count) * ticks_per_frame + 0.5).astype(np.int64)
    picture = np.maximum(0, np.searchsorted(pts, due, side="right") - 1)
    own = min(count, len(pts))
    is_variable = abs(held - len(pts)) > 1 or not np.array_equal(picture[:own], np.arange(own))
    if is_variable and "mpegts" in container.format.name:
        raise _unfollowable(container, "is a transport stream of variable rate, in which hosts lose their place")
    return HostTiming(rate, picture, held, is_variable)


def refuse_what_hosts_misread(container: InputContainer, *, has_times: bool, starts_with_a_key: bool) -> None:
    """Raise MediaError for movies in which hosts, as far as was seen, show other pictures than they should."""
    if not has_times:
        raise _unfollowable(container, "does not say when its pictures are shown")
    if container.format.name == "mpeg":
        raise _unfollowable(container, "is an MPEG program stream, whose length and pictures hosts get wrong")
    if not starts_with_a_key:
        raise _unfollowable(container, "starts with pictures that cannot be decoded, since it was cut out of another")


def _unfollowable(container: InputContainer, fault: str) -> MediaError:
    return MediaError(f"{container.name} {fault}; convert it to MP4 or MOV, or to an image sequence")


def _exact_rate(container: InputContainer, stream: av.VideoStream, asked: float | Fraction) -> Fraction:
    """The host's rate without the rounding that it came with."""
    if not (math.isfinite(asked) and asked > 0):
        raise _unfollowable(container, f"has no frame rate in the host ({asked}), which then cannot show it")
    rate, guessed = Fraction(asked), stream.guessed_rate
    if guessed and abs(rate - guessed) <= guessed * _SAME_RATE_WITHIN:
        return guessed
    return rate.limit_denominator(100_000)


def _announced(container: InputContainer, stream: av.VideoStream, rate: Fraction) -> int:
    """Frames by the durations in the file, 0 where it gives none."""
    if stream.duration is not None and stream.time_base is not None:
        return _rounded(float(stream.duration * stream.time_base * rate))
    if container.duration is None:
        return stream.frames
    audio = next((_start(other) for other in container.streams if other.type == "audio"), 0.0)
    late = max(0.0, _start(stream) - audio)  # the file's duration counts from its first sound
    return _rounded((container.duration / av.time_base - late) * float(rate))


def _start(stream: av.stream.Stream) -> float:
    """Seconds."""
    if stream.start_time is None or stream.time_base is None:
        return 0.0
    return float(stream.start_time * stream.time_base)


def _rounded(value: float) -> int:
    return math.floor(value + 0.5)
