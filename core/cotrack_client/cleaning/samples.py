# SPDX-License-Identifier: Apache-2.0
"""How operations change a track: samples become gaps, or come in where there were none."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from cotrack_client.tracks import Track


@dataclass(frozen=True)
class Filled:
    """A visible sample that comes into a track. x, y: raster px."""

    frame: int
    x: float
    y: float
    confidence: float


def taken_out(track: Track, indices: Iterable[int]) -> Track:
    """Return the track with gaps at these indices of its columns, keys excepted.

    The position stays, but as a guess: neither refined nor with any confidence.
    """
    keys = frozenset(track.keys)
    gone = {index for index in indices if track.frames[index] not in keys}
    if not gone:
        return track
    visible, confidence = list(track.visible), list(track.confidence)
    refined, covariance = list(track.refined), list(track.covariance)
    for index in gone:
        visible[index], confidence[index], refined[index], covariance[index] = False, 0.0, False, None
    return replace(
        track,
        visible=tuple(visible),
        confidence=tuple(confidence),
        refined=tuple(refined),
        covariance=tuple(covariance),
    )


def filled_in(track: Track, samples: Iterable[Filled]) -> Track:
    """Return the track with these samples, in the place of what it has at their frames."""
    new = {sample.frame: sample for sample in samples}
    if not new:
        return track
    old = {frame: index for index, frame in enumerate(track.frames)}
    frames = tuple(sorted(old.keys() | new.keys()))
    return replace(
        track,
        frames=frames,
        x=tuple(new[frame].x if frame in new else track.x[old[frame]] for frame in frames),
        y=tuple(new[frame].y if frame in new else track.y[old[frame]] for frame in frames),
        visible=tuple(frame in new or track.visible[old[frame]] for frame in frames),
        confidence=tuple(new[frame].confidence if frame in new else track.confidence[old[frame]] for frame in frames),
        refined=tuple(frame not in new and track.refined[old[frame]] for frame in frames),
        covariance=tuple(None if frame in new else track.covariance[old[frame]] for frame in frames),
    )
