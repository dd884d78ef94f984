# SPDX-License-Identifier: GPL-3.0-or-later
"""What is written to one track during one job.

Keys are never touched. A sample replaces whatever else stood at its frame; where the track is not visible it becomes a
disabled marker, at the place where it is guessed to be. Where samples begin or end within the clip a disabled marker
bounds them, as Blender's own tracker does it, so that Blender makes up no position beyond.
"""

from __future__ import annotations

from bisect import bisect_left

import bpy

from cotrack_client import raster
from cotrack_client.messages import Stretch

from .clip_frames import ClipFrames
from .markers import KeyedTrack, Marker, is_key, put, put_back, put_bound
from .weights import animate_weight


class TrackRun:
    """Takes the samples of one track."""

    def __init__(self, track: KeyedTrack, frames: ClipFrames, size: tuple[int, int], *, weights: bool) -> None:
        """frames: all of the clip's. weights: animate the track's weight with the confidence of its samples."""
        self._keys = {key.frame: key for key in track.keys}
        self._key_frames = sorted(self._keys)
        self._frames = frames
        self._size = size
        self._weights = weights
        self._confidence: dict[int, float] = {}

    def write(
        self, _clip: bpy.types.MovieClip, track: bpy.types.MovieTrackingTrack, *, stretch: Stretch, part: range
    ) -> None:
        """Write some of the samples of a stretch; those where Blender has no picture are dropped."""
        markers = track.markers
        for index in part:
            frame = self._frames.from_shot(stretch.frames[index])
            if frame not in self._frames:
                continue
            self._confidence[frame] = stretch.confidence[index]
            old = markers.find_frame(frame)
            if frame in self._keys or (old is not None and is_key(old)):
                continue
            co = raster.to_blender(stretch.x[index], stretch.y[index], *self._size)
            put(markers, frame, co, self._nearest_key(frame), enabled=stretch.visible[index])

    def close(self, clip: bpy.types.MovieClip, track: bpy.types.MovieTrackingTrack) -> None:
        """Put back keys that an undo took away, bound the samples, and animate the weight."""
        if not self._confidence:
            return
        self._put_back_keys(track)
        self._bound(track)
        if self._weights:
            weights = {self._frames.to_scene(frame): value for frame, value in self._confidence.items()}
            animate_weight(clip, track, weights)

    def _put_back_keys(self, track: bpy.types.MovieTrackingTrack) -> None:
        for key in self._keys.values():
            there = track.markers.find_frame(key.frame)
            if there is None or (key.is_keyed and not there.is_keyed):
                put_back(track.markers, key)

    def _bound(self, track: bpy.types.MovieTrackingTrack) -> None:
        there = {marker.frame for marker in track.markers}
        for frame in self._confidence.keys() & there:
            for beyond in (frame - 1, frame + 1):
                if beyond not in there and beyond in self._frames:
                    put_bound(track.markers, frame, beyond)

    def _nearest_key(self, frame: int) -> Marker:
        """The key whose pattern and search area fit best: the one closest in time."""
        after = bisect_left(self._key_frames, frame)
        around = self._key_frames[max(0, after - 1) : after + 1]
        return self._keys[min(around, key=lambda key: abs(key - frame))]
