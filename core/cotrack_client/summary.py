# SPDX-License-Identifier: Apache-2.0
"""A track in a few figures, each with the frame to look at first, so that the artist need not play every track.

Only the frames of the shot count. Lengths are raster px.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from cotrack_client.frames import FrameRange
from cotrack_client.local_motion import NEIGHBOURS, bends, departure, runs, stretches
from cotrack_client.tracks import Track


@dataclass(frozen=True)
class Jump:
    """The way from one frame to the next, or from where a sample should be to where it is.

    frame: where it arrives. pixels: how long it is.
    """

    frame: int
    pixels: float


@dataclass(frozen=True)
class Summary:
    """What a list of tracks says of one of them.

    coverage:   share of the shot's frames in which the track is visible, 0..1; frames not tracked yet are not.
    gaps:       how often it is not visible, at its beginning and at its end too.
    gap:        the first frame in which it is not visible.
    confidence: mean where it is visible, 0..1; None where it never is.
    doubt:      the frame of the least confidence, of those where it is visible; the first of equals.
    jump:       the worst; None where no two frames in a row are visible.
    stray:      the sample that departs most from the motion of its neighbours, see `local_motion.departure`; None where
                no five frames in a row are visible.
    refined:    share of the visible samples that were registered on the plate, 0..1; None where it is never
                visible.
    """

    name: str
    keys: tuple[int, ...]
    coverage: float
    gaps: int
    gap: int | None
    confidence: float | None
    doubt: int | None
    jump: Jump | None
    stray: Jump | None
    refined: float | None


def summary(track: Track, shot: FrameRange) -> Summary:
    """Return the figures of a track in a shot."""
    confidence = {
        frame: confidence
        for frame, visible, confidence in zip(track.frames, track.visible, track.confidence)
        if visible and shot.first <= frame <= shot.last
    }
    hidden = {frame for frame in shot.numbers() if frame not in confidence}
    return Summary(
        name=track.name,
        keys=tuple(sorted(key for key in track.keys if key in shot)),
        coverage=len(confidence) / len(shot),
        gaps=sum(frame - 1 not in hidden for frame in hidden),
        gap=min(hidden, default=None),
        confidence=math.fsum(confidence.values()) / len(confidence) if confidence else None,
        doubt=min(confidence, key=confidence.__getitem__, default=None),
        jump=worst_jump(track, shot),
        stray=worst_stray(track, shot),
        refined=_share_refined(track, shot),
    )


def worst_jump(track: Track, shot: FrameRange) -> Jump | None:
    """Return the longest way from one visible frame to the next, the first of equals; gaps are no jumps."""
    columns = zip(track.frames, track.x, track.y, track.visible)
    seen = [(frame, x, y) for frame, x, y, visible in columns if visible and shot.first <= frame <= shot.last]
    longest, arrival = -1.0, 0
    for (before, from_x, from_y), (frame, x, y) in zip(seen, seen[1:]):
        way = math.hypot(x - from_x, y - from_y)
        if way > longest and frame == before + 1:
            longest, arrival = way, frame
    return Jump(arrival, longest) if longest >= 0.0 else None


def worst_stray(track: Track, shot: FrameRange) -> Jump | None:
    """Return the largest departure from the motion of neighbours, the first of equals; keys never depart."""
    largest, where = -1.0, 0
    keys = frozenset(track.keys)
    for part in (part for run in runs(track) for part in stretches(track, run) if len(part) > NEIGHBOURS):
        bent = [math.inf, *bends(track.x, track.y, part), math.inf]
        for index, bend in zip(part, bent):
            frame = track.frames[index]
            if bend > largest and frame in shot and frame not in keys:
                own = departure(track.x, track.y, index, part)
                if own is not None and own > largest:
                    largest, where = own, frame
    return Jump(where, largest) if largest >= 0.0 else None


def _share_refined(track: Track, shot: FrameRange) -> float | None:
    columns = zip(track.frames, track.visible, track.refined)
    refined = [own for frame, visible, own in columns if visible and frame in shot]
    return sum(refined) / len(refined) if refined else None
