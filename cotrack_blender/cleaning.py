# SPDX-License-Identifier: GPL-3.0-or-later
"""Tracks read from markers, cleaned, and written back: neither a key is touched, nor any marker that may stay."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import bpy

from cotrack_client import raster
from cotrack_client.cleaning.clean import Change, Cleaning, clean
from cotrack_client.errors import CotrackError
from cotrack_client.tracks import Track

from .clip_frames import ClipFrames
from .clip_shot import ClipShot
from .markers import copy_of, is_key, put
from .weights import animated_weights
from .words import listed


def clean_tracks(
    clip: bpy.types.MovieClip,
    tracks: Sequence[bpy.types.MovieTrackingTrack],
    shot: ClipShot,
    cleaning: Cleaning,
) -> tuple[Change, ...]:
    """Clean tracks of a clip, of which `shot` has all frames; what each operation changed.

    Disabled markers are gaps, and so are frames without a marker. What is taken out becomes a disabled marker.
    Raises CotrackError when nothing is asked for, or confidence matters and Blender knows none.
    """
    if not cleaning.operations():
        raise CotrackError("nothing is chosen in Clean Up; tick what it should do")
    weights = [animated_weights(clip, track, _scene_frames(track, shot.frames)) for track in tracks]
    if cleaning.confidence is not None and all(own is None for own in weights):
        names = listed(track.name for track in tracks)
        raise CotrackError(
            f"Blender knows no confidence of {names}; turn on Animate Weight and track again, or turn Doubtful off"
        )
    before = [_read(track, own, shot) for track, own in zip(tracks, weights, strict=True)]
    after, changes = clean(before, cleaning)
    for track, old, new in zip(tracks, before, after, strict=True):
        _write(track.markers, old, new, shot)
    return changes


def _scene_frames(track: bpy.types.MovieTrackingTrack, frames: ClipFrames) -> list[int]:
    return [frames.to_scene(marker.frame) for marker in track.markers if marker.frame in frames]


def _read(track: bpy.types.MovieTrackingTrack, weights: Sequence[float] | None, shot: ClipShot) -> Track:
    """A track with the frames of the scene, which are those that the artist knows."""
    frames = shot.frames
    markers = [marker for marker in track.markers if marker.frame in frames]
    places = [raster.from_blender(marker.co[0], marker.co[1], *shot.size) for marker in markers]
    return Track(
        name=track.name,
        keys=tuple(frames.to_scene(marker.frame) for marker in markers if is_key(marker)),
        frames=tuple(frames.to_scene(marker.frame) for marker in markers),
        x=tuple(x for x, _ in places),
        y=tuple(y for _, y in places),
        visible=tuple(not marker.mute for marker in markers),
        confidence=(1.0,) * len(markers) if weights is None else tuple(weights),
    )


def _write(markers: bpy.types.MovieTrackingMarkers, before: Track, after: Track, shot: ClipShot) -> None:
    """Write what cleaning has changed, with the pattern and search area that stand there, or else just before."""
    for frame, x, y, seen in _changed(before, after):
        number = shot.frames.from_scene(frame)
        like = copy_of(markers.find_frame(number, exact=False))
        put(markers, number, raster.to_blender(x, y, *shot.size), like, enabled=seen)


def _changed(before: Track, after: Track) -> Iterable[tuple[int, float, float, bool]]:
    old = set(_samples(before))
    return (sample for sample in _samples(after) if sample not in old)


def _samples(track: Track) -> Iterable[tuple[int, float, float, bool]]:
    return zip(track.frames, track.x, track.y, track.visible, strict=True)
