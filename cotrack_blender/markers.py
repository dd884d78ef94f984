# SPDX-License-Identifier: GPL-3.0-or-later
"""What the artist placed: the keys of the tracks of the clip's active object, read out as plain values.

A key is a marker that is keyed and not disabled. Blender's own tracker leaves keyed markers that are disabled where it
stopped, so those are no keys. Nothing here holds on to a track or marker of Blender's: undo, loading a file, and even
adding a marker would leave it dangling. Tracks are found again by name each time.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import bpy

from cotrack_client import raster
from cotrack_client.errors import CotrackError
from cotrack_client.tracks import Key

from .clip_frames import ClipFrames
from .selecting import chosen_tracks
from .words import listed


@dataclass(frozen=True)
class Marker:
    """One marker. co and the rest in Blender's units, fractions of the picture with the origin at the bottom left.

    corners: of the pattern, relative to co. search_min, search_max: likewise.
    is_keyed is False for a tracked sample that stands in for a key.
    """

    frame: int
    co: tuple[float, float]
    corners: tuple[tuple[float, float], ...]
    search_min: tuple[float, float]
    search_max: tuple[float, float]
    is_keyed: bool = True


@dataclass(frozen=True)
class KeyedTrack:
    """A track's name and its keys, ascending and at least one."""

    name: str
    keys: tuple[Marker, ...]


@dataclass(frozen=True)
class TrackList:
    """Where tracks are found again: in an object of a clip."""

    clip_uid: int
    object_name: str

    @classmethod
    def active(cls, clip: bpy.types.MovieClip) -> TrackList:
        """The tracks of the object that is active now."""
        return cls(clip.session_uid, clip.tracking.objects.active.name)

    def clip(self) -> bpy.types.MovieClip | None:
        """The clip, None when it is gone."""
        return next((clip for clip in bpy.data.movieclips if clip.session_uid == self.clip_uid), None)

    def tracks(self) -> bpy.types.MovieTrackingObjectTracks | None:
        """The tracks as they are now, None when clip or object is gone."""
        clip = self.clip()
        owner = clip.tracking.objects.get(self.object_name) if clip else None
        return owner.tracks if owner else None


@dataclass(frozen=True)
class Reading:
    """What was read: where, which tracks with which keys, and what the artist should hear, a sentence each."""

    place: TrackList
    tracks: tuple[KeyedTrack, ...]
    remarks: tuple[str, ...]

    def keys(self, frames: ClipFrames, size: tuple[int, int]) -> tuple[Key, ...]:
        """The keys as the worker wants them: frames of the shot, raster px."""
        return tuple(
            Key(track.name, frames.to_shot(key.frame), *raster.from_blender(*key.co, *size))
            for track in self.tracks
            for key in track.keys
        )


def read_keys(
    clip: bpy.types.MovieClip, frames: ClipFrames, *, only_selected: bool = True, stand_in: int | None = None
) -> Reading:
    """Read the keys at `frames` of the selected tracks, or of all.

    stand_in: a marker frame at which any enabled marker counts, of those tracks that have no key at `frames`; Blender's
    own tracker takes the current frame so.

    Raises CotrackError when no track is left.
    """
    chosen, remarks = chosen_tracks(clip, only_selected=only_selected)
    tracks = []
    for track in chosen:
        markers = [marker for marker in track.markers if marker.frame in frames and not marker.mute]
        found = [marker for marker in markers if marker.is_keyed]
        found = found or [marker for marker in markers if marker.frame == stand_in]
        keys = tuple(copy_of(marker) for marker in found if _is_inside(marker))
        remarks += [
            f"{track.name} has a key outside of the picture at frame {frames.to_scene(marker.frame)}, which is left out"
            for marker in found
            if not _is_inside(marker)
        ]
        if keys:
            tracks.append(KeyedTrack(track.name, keys))
    left = {track.name for track in tracks}
    idle = [track.name for track in chosen if track.name not in left]
    if not tracks:
        raise CotrackError(_no_key_within(idle, frames))
    return Reading(TrackList.active(clip), tuple(tracks), (*remarks, *([_no_key_within(idle, frames)] if idle else [])))


def is_key(marker: bpy.types.MovieTrackingMarker) -> bool:
    """Whether the artist placed it."""
    return marker.is_keyed and not marker.mute


def copy_of(marker: bpy.types.MovieTrackingMarker) -> Marker:
    """The marker as plain values."""
    corners = tuple(tuple(corner) for corner in marker.pattern_corners)
    return Marker(
        marker.frame, tuple(marker.co), corners, tuple(marker.search_min), tuple(marker.search_max), marker.is_keyed
    )


def put(
    markers: bpy.types.MovieTrackingMarkers, frame: int, co: tuple[float, float], like: Marker, *, enabled: bool = True
) -> bpy.types.MovieTrackingMarker:
    """Write a marker that is no key, with the pattern and search area of another; valid until the next one is written.

    The search area matters: Blender inserts markers without one, and its own tracker then does nothing, silently.
    """
    marker = markers.insert_frame(frame)
    marker.co = co  # as an argument of insert_frame it would be clamped to -1..1
    marker.is_keyed = False
    marker.mute = not enabled
    marker.pattern_corners = like.corners
    marker.search_min = like.search_min
    marker.search_max = like.search_max
    return marker


def put_back(markers: bpy.types.MovieTrackingMarkers, key: Marker) -> None:
    """Write a marker that was read before, exactly as it was."""
    put(markers, key.frame, key.co, key).is_keyed = key.is_keyed


def put_bound(markers: bpy.types.MovieTrackingMarkers, frame: int, beyond: int) -> None:
    """Write a disabled marker beside an enabled one, which Blender would else take to stay where it is."""
    last = markers.find_frame(frame)
    if not last.mute:
        like = copy_of(last)
        put(markers, beyond, like.co, like, enabled=False)


def _is_inside(marker: bpy.types.MovieTrackingMarker) -> bool:
    """Whether it is in the picture; not a number is nowhere."""
    return all(math.isfinite(value) and 0.0 <= value <= 1.0 for value in marker.co)


def _no_key_within(names: Iterable[str], frames: ClipFrames) -> str:
    limits = f"{frames.to_scene(frames.first)}-{frames.to_scene(frames.last)}"
    return f"no key within the frames {limits} has {listed(names)}; place one, or choose other frames"
