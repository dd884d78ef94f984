# SPDX-License-Identifier: Apache-2.0
"""Whether a host, which opened the same files by itself, sees the same pictures at the same frames."""

from __future__ import annotations

from dataclasses import dataclass

from cotrack.media.clip import Clip
from cotrack.media.errors import MediaError
from cotrack.media.info import ClipInfo

_SAME_RATE_WITHIN = 1e-4
_SAME_LENGTH_WITHIN = 1  # frames of a movie: versions of FFmpeg measure the end of some files differently


@dataclass(frozen=True)
class Expectation:
    """A clip as its host sees it.

    width, height: px.
    frames:        of the whole movie; of picture files, those that were asked for. None where the host does not say.
    fps:           of a movie; None where the host does not say.
    """

    width: int
    height: int
    frames: int | None = None
    fps: float | None = None


def check_expectation(clip: Clip | ClipInfo, expected: Expectation) -> None:
    """Compare a clip with what its host sees.

    Raises MediaError that names both views and the cure when they differ.
    """
    info = clip if isinstance(clip, ClipInfo) else clip.info
    _check_size(info, expected)
    _check_rate(info, expected)
    _check_length(info, expected)


def _check_size(info: ClipInfo, expected: Expectation) -> None:
    own, hosts = (info.width, info.height), (expected.width, expected.height)
    if info.kind != "movie" and hosts == info.data_window[2:] and info.data_window != (0, 0, *own):
        x, y, width, height = info.data_window
        raise MediaError(
            f"the host shows only the data window of {info.path}, {width} x {height} at ({x}, {y}) of a frame of "
            f"{own[0]} x {own[1]}; write it anew with a data window that is the frame"
        )
    if own == hosts:
        return
    sizes = f"{info.path} is {own[0]} x {own[1]}, but {hosts[0]} x {hosts[1]} in the host"
    if own == hosts[::-1]:
        raise MediaError(
            f"{sizes}: one of the two does not turn it as its rotation tag says; convert it to a movie that is stored "
            "upright, or to an image sequence"
        )
    raise MediaError(f"{sizes}; reload the clip there, in case the file was changed")


def _check_rate(info: ClipInfo, expected: Expectation) -> None:
    if info.kind != "movie" or info.fps is None or expected.fps is None:
        return
    if abs(expected.fps - info.fps) > info.fps * _SAME_RATE_WITHIN:
        raise MediaError(
            f"{info.path} has {float(info.fps):.5g} frames per second, but {expected.fps:.5g} in the host"
            f"{_because_of_timing(info)}; convert it to a constant frame rate, or to an image sequence"
        )


def _check_length(info: ClipInfo, expected: Expectation) -> None:
    if expected.frames is None:
        return
    views = f"{info.path} has {info.length} frames, but {expected.frames} in the host"
    if info.kind != "movie" and info.length != expected.frames:
        gap = f": frame {info.missing[0]} is missing" if info.missing else ""
        raise MediaError(f"{views}{gap}; render the missing ones again, then reload the clip in the host")
    if abs(info.length - expected.frames) > _SAME_LENGTH_WITHIN:
        reason = _because_of_timing(info) or ", since it is cut short or was changed"
        raise MediaError(
            f"{views}{reason}; reload the clip there, or convert it to a constant frame rate or an image sequence"
        )


def _because_of_timing(info: ClipInfo) -> str:
    return ", since its frame rate varies" if info.variable_rate else ""
