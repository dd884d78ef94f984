# SPDX-License-Identifier: Apache-2.0
"""What the round trips share: the installed extension at work in a Blender without a window, as an artist would use it.

Nothing of the checkout is imported: what runs is what the zip brought.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager

import bpy
import extension

KeysByTrack = Mapping[str, Sequence[tuple[int, float, float]]]


def begin(zip_file: str, python: str) -> None:
    """Install the extension, and name the worker."""
    extension.install(zip_file)
    extension.preferences().python = python


@contextmanager
def editor(clip: bpy.types.MovieClip, frame: int) -> Iterator[None]:
    """Have operators act on a clip at a scene frame."""
    window = bpy.context.window_manager.windows[0]
    area = max(window.screen.areas, key=lambda area: area.width * area.height)
    area.type = "CLIP_EDITOR"
    space = area.spaces.active
    space.clip, space.mode = clip, "TRACKING"
    bpy.context.scene.frame_set(frame)
    space.clip_user.frame_current = frame
    region = next(region for region in area.regions if region.type == "WINDOW")
    with bpy.context.temp_override(window=window, screen=window.screen, area=area, region=region):
        yield


def add_tracks(clip: bpy.types.MovieClip, keys: KeysByTrack) -> None:
    """Place markers: of each track marker frame and raster position; they alone are selected."""
    tracks = clip.tracking.objects.active.tracks
    select(clip, ())
    width, height = clip.size
    for name, (first, *others) in keys.items():
        track = tracks.new(name=name, frame=first[0])
        track.select = True
        track.markers[0].co = first[1] / width, 1 - first[2] / height
        search = tuple(track.markers[0].search_min), tuple(track.markers[0].search_max)
        for frame, x, y in others:
            marker = track.markers.insert_frame(frame, co=(x / width, 1 - y / height))
            marker.search_min, marker.search_max = search  # which a hand-placed marker has too


def select(clip: bpy.types.MovieClip, names: Iterable[str]) -> None:
    """Select these tracks alone."""
    chosen = set(names)
    for track in clip.tracking.objects.active.tracks:
        track.select = track.select_pattern = track.select_search = track.name in chosen


def delete_all(clip: bpy.types.MovieClip) -> None:
    """Delete all tracks."""
    if len(clip.tracking.tracks):
        select(clip, [track.name for track in clip.tracking.tracks])
        with editor(clip, bpy.context.scene.frame_current):
            bpy.ops.clip.delete_track()


def markers(clip: bpy.types.MovieClip) -> dict[str, list[tuple[object, ...]]]:
    """By track of every marker: frame, position, whether keyed, whether disabled, pattern and search area."""
    return {
        track.name: [
            (
                marker.frame,
                *marker.co,
                marker.is_keyed,
                marker.mute,
                [tuple(corner) for corner in marker.pattern_corners],
                tuple(marker.search_min),
                tuple(marker.search_max),
            )
            for marker in track.markers
        ]
        for track in clip.tracking.tracks
    }


def refusal(operator: object, **settings: object) -> str:
    """The sentence with which an operator refuses."""
    try:
        operator(**settings)
    except RuntimeError as error:
        return str(error).strip()
    return ""
