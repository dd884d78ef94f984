# SPDX-License-Identifier: Apache-2.0
"""Clips, tracks and samples for the checks."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import bpy
import suite  # noqa: F401  it lets the project be imported

from cotrack_blender.clip_frames import ClipFrames
from cotrack_blender.clip_shot import shot_of
from cotrack_blender.markers import Reading
from cotrack_blender.writing import Writer
from cotrack_client.messages import Stretch

SEARCH = ((-0.2, -0.15), (0.2, 0.15))
CORNERS = ((-0.05, -0.05), (0.06, -0.05), (0.05, 0.07), (-0.05, 0.05))

Position = Callable[[int], tuple[float, float]]


def load(folder: Path) -> bpy.types.MovieClip:
    """The first sequence of a folder, kept through undo."""
    clip = bpy.data.movieclips.load(str(sorted(folder.glob("*.png"))[0]))
    clip.use_fake_user = True
    return clip


def add_track(clip: bpy.types.MovieClip, name: str, keys: Iterable[tuple[int, float, float]]) -> None:
    """Add a track with keys: marker frame and co each."""
    (first, *co), *others = keys
    track = clip.tracking.objects.active.tracks.new(name=name, frame=first)
    track.select = True
    track.markers[0].co = co
    track.markers[0].pattern_corners = CORNERS
    track.markers[0].search_min, track.markers[0].search_max = SEARCH
    for frame, *co in others:
        marker = track.markers.insert_frame(frame)
        marker.co = co
        marker.search_min, marker.search_max = SEARCH


def samples(
    name: str, frames: ClipFrames, marker_frames: Iterable[int], at: Position, hidden: Iterable[int] = ()
) -> Stretch:
    """What a worker would say: at each marker frame the raster position, and whether it is visible."""
    numbers = tuple(marker_frames)
    gaps = set(hidden)
    return Stretch(
        name=name,
        frames=tuple(frames.to_shot(frame) for frame in numbers),
        x=tuple(at(frame)[0] for frame in numbers),
        y=tuple(at(frame)[1] for frame in numbers),
        visible=tuple(frame not in gaps for frame in numbers),
        confidence=tuple(0.25 if frame in gaps else 0.75 for frame in numbers),
    )


def write_all(
    clip: bpy.types.MovieClip, reading: Reading, stretches: Iterable[Stretch], *, weights: bool = False
) -> Writer:
    """Write samples to the end."""
    shot = shot_of(clip)
    writer = Writer(reading, shot.frames, shot.size, weights=weights)
    writer.add(stretches)
    writer.end()
    while writer.write(seconds=0.05):
        pass
    return writer


def facts(marker: bpy.types.MovieTrackingMarker) -> tuple[object, ...]:
    """Everything that a marker is, to the last bit."""
    corners = tuple(tuple(corner) for corner in marker.pattern_corners)
    return (
        marker.frame, tuple(marker.co), corners, tuple(marker.search_min), tuple(marker.search_max),
        marker.is_keyed, marker.mute,
    )  # fmt: skip


@contextmanager
def clip_editor(clip: bpy.types.MovieClip, frame: int) -> Iterator[None]:
    """Make Blender's own operators act on the clip at a scene frame."""
    window = bpy.context.window_manager.windows[0]
    area = max(window.screen.areas, key=lambda area: area.width * area.height)
    area.type = "CLIP_EDITOR"
    space = area.spaces.active
    space.clip = clip
    space.mode = "TRACKING"
    bpy.context.scene.frame_set(frame)
    space.clip_user.frame_current = frame
    region = next(region for region in area.regions if region.type == "WINDOW")
    with bpy.context.temp_override(window=window, screen=window.screen, area=area, region=region):
        yield
