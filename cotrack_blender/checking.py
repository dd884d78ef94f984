# SPDX-License-Identifier: GPL-3.0-or-later
"""What the last check found: the keys that cannot be tracked well, for as long as they stay where they were judged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import bpy

from cotrack_client.messages import CheckedPoint

from .clip_frames import ClipFrames
from .markers import Reading, TrackList
from .selecting import select_only
from .tasks import Outcome
from .words import listed


@dataclass(frozen=True)
class Doubt:
    """A key that was warned about.

    frame: the marker's; scene_frame: the same as the artist sees it. co: where it was, in Blender's units.
    reason: in a few words. warning: a sentence with the cure.
    """

    track: str
    frame: int
    scene_frame: int
    co: tuple[float, float]
    reason: str
    warning: str


class Findings:
    """Keeps the doubts of the last check for the panel."""

    def __init__(self) -> None:
        self._place: TrackList | None = None
        self._doubts: tuple[Doubt, ...] = ()

    def keep(self, place: TrackList, doubts: Sequence[Doubt]) -> None:
        """Take those of a new check, in the place of the old."""
        self._place, self._doubts = place, tuple(doubts)

    def of(self, clip: bpy.types.MovieClip) -> tuple[Doubt, ...]:
        """What still holds of a clip: a key that was moved or deleted since is doubted no longer."""
        if self._place != TrackList.active(clip):
            return ()
        tracks = clip.tracking.objects.active.tracks
        return tuple(doubt for doubt in self._doubts if _holds(doubt, tracks.get(doubt.track)))


FINDINGS = Findings()


def judge(reading: Reading, frames: ClipFrames, points: Sequence[CheckedPoint]) -> Outcome:
    """Keep the doubts about the keys that were read, in whose order the points are, and select their tracks alone."""
    keys = [(track.name, key) for track in reading.tracks for key in track.keys]
    doubts = [
        Doubt(name, key.frame, frames.to_scene(key.frame), key.co, point.reason or point.warning, point.warning)
        for (name, key), point in zip(keys, points, strict=True)
        if point.warning is not None
    ]
    FINDINGS.keep(reading.place, doubts)
    clip = reading.place.clip()
    if doubts and clip is not None:
        select_only(clip, {doubt.track for doubt in doubts})
    told = "; ".join((_told(doubts, len(keys)), *reading.remarks))
    return Outcome("WARNING" if doubts or reading.remarks else "INFO", told, changed=bool(doubts))


def _holds(doubt: Doubt, track: bpy.types.MovieTrackingTrack | None) -> bool:
    marker = track.markers.find_frame(doubt.frame) if track else None
    return marker is not None and tuple(marker.co) == doubt.co


def _told(doubts: Sequence[Doubt], count: int) -> str:
    if not doubts:
        return f"{count} {'marker' if count == 1 else 'markers'} checked, and nothing speaks against any"
    named = listed(f"{doubt.track} ({doubt.reason}, frame {doubt.scene_frame})" for doubt in doubts)
    verb = "is" if len(doubts) == 1 else "are"
    return f"{len(doubts)} of {count} markers will not track well, and {verb} selected: {named}"
