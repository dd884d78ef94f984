# SPDX-License-Identifier: GPL-3.0-or-later
"""Operators that track: from every key, or anew from here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import bpy
from bpy.props import BoolProperty, EnumProperty

from cotrack_client.merging import Span, span_from
from cotrack_client.messages import Direction, ShotRequest, TrackJob
from cotrack_client.tracks import Key

from .clearing import clear, enable_keys
from .clip_frames import ClipFrames
from .clip_shot import ClipShot, shot_of
from .markers import KeyedTrack, Reading, read_keys
from .session import SESSION
from .settings import DEFAULT_MODEL, CotrackSettings
from .tasks import Task, Tracking
from .watching import WatchesTask
from .worker_operators import start_worker
from .writing import Writer

DIRECTIONS = (
    ("BACKWARD", "Backward", "From each key towards the start"),
    ("BOTH", "Both", "From each key both ways"),
    ("FORWARD", "Forward", "From each key towards the end"),
)

_WORDS: dict[str, Direction] = {"BACKWARD": "backward", "BOTH": "both", "FORWARD": "forward"}


class ShowsTracking:
    """What operators of the clip editor need."""

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Whether a clip is shown for tracking."""
        space = context.space_data
        is_shown = space is not None and space.type == "CLIP_EDITOR" and space.clip is not None
        return is_shown and space.mode == "TRACKING"


class COTRACK_OT_track(ShowsTracking, WatchesTask):
    """Track from every key of these markers. Your keys stay as they are, and Blender stays usable meanwhile"""

    bl_idname = "cotrack.track"
    bl_label = "Track"

    direction: EnumProperty(name="Direction", items=DIRECTIONS, default="BOTH")
    one_step: BoolProperty(name="One Step", description="Only to the next frame", options={"SKIP_SAVE"})

    @classmethod
    def description(cls, _context: bpy.types.Context, properties: bpy.types.OperatorProperties) -> str:
        """The tooltip of each of the buttons."""
        if properties.one_step:
            return f"Track one frame {properties.direction.lower()} from the current one"
        way = {"BACKWARD": "towards the start", "BOTH": "both ways", "FORWARD": "towards the end"}[properties.direction]
        return f"Track {way} from every key of these markers. Your keys stay as they are; Esc cancels"

    def begin(self, context: bpy.types.Context) -> Task:
        """Read the keys and ask for the job."""
        settings, clip = context.scene.cotrack, context.space_data.clip
        whole = shot_of(clip)
        here = whole.frames.from_scene(context.scene.frame_current)
        first, last = _limits(context, whole.frames, here, self.direction, one_step=self.one_step)
        shot = whole.within(first, last)
        reading = read_keys(clip, shot.frames, only_selected=settings.tracks == "SELECTED", stand_in=here)
        start_worker(context)
        return _tracking(settings, reading, shot, whole.frames, direction=_WORDS[self.direction])


class COTRACK_OT_retrack(ShowsTracking, WatchesTask):
    """Throw away what was tracked from here to the next key, or to the end, and track it anew from the marker here"""

    bl_idname = "cotrack.retrack"
    bl_label = "Clear and Re-track from Here"

    direction: EnumProperty(name="Direction", items=DIRECTIONS, default="FORWARD")

    def begin(self, context: bpy.types.Context) -> Task:
        """Read the keys, clear, and ask for the job; but change nothing when no worker can be had."""
        settings, clip = context.scene.cotrack, context.space_data.clip
        only_selected = settings.tracks == "SELECTED"
        whole = shot_of(clip)
        frames, direction = whole.frames, _WORDS[self.direction]
        here = frames.from_scene(context.scene.frame_current)
        start_worker(context)
        enable_keys(clip, here, only_selected=only_selected)
        at_here = read_keys(clip, whole.within(here, here).frames, only_selected=only_selected, stand_in=here)
        everywhere = read_keys(clip, frames, only_selected=only_selected, stand_in=here)
        spans = {
            track.name: span_from(here, [key.frame for key in track.keys], direction) for track in everywhere.tracks
        }
        for forward in (True, False):
            if direction in ("both", "forward" if forward else "backward"):
                clear(clip, frames, [track.name for track in at_here.tracks], here, forward=forward)
        reading = _with_keys_around(at_here, everywhere, spans)
        shot = whole.within(*_hull([spans[track.name] for track in reading.tracks], frames, direction))
        in_shot = {name: _moved(span, frames.shift) for name, span in spans.items()}
        return _tracking(settings, reading, shot, frames, direction=direction, spans=in_shot)


def _limits(
    context: bpy.types.Context, frames: ClipFrames, here: int, direction: str, *, one_step: bool
) -> tuple[int, int]:
    """The marker frames between which to track."""
    scene, settings = context.scene, context.scene.cotrack
    if one_step or settings.reach == "FRAMES":
        count = 1 if one_step else settings.frames
        return here - count * (direction != "FORWARD"), here + count * (direction != "BACKWARD")
    if settings.reach == "SCENE":
        preview = scene.use_preview_range
        first = scene.frame_preview_start if preview else scene.frame_start
        last = scene.frame_preview_end if preview else scene.frame_end
        return frames.from_scene(first), frames.from_scene(last)
    return frames.first, frames.last


def _with_keys_around(at_here: Reading, everywhere: Reading, spans: Mapping[str, Span]) -> Reading:
    """The tracks that have a marker here, with that one and the keys at the ends of their spans."""
    keys = {track.name: track.keys for track in everywhere.tracks}
    tracks = []
    for track in at_here.tracks:
        span = spans[track.name]
        ends = {None if span.first is None else span.first - 1, None if span.last is None else span.last + 1}
        around = [key for key in keys[track.name] if key.frame in ends and key.frame != span.here]
        tracks.append(KeyedTrack(track.name, tuple(sorted([*track.keys, *around], key=lambda key: key.frame))))
    return replace(at_here, tracks=tuple(tracks))


def _hull(spans: Sequence[Span], frames: ClipFrames, direction: str) -> tuple[int, int]:
    """The marker frames that hold all spans, with the keys at their ends."""
    firsts = [frames.first if span.first is None else span.first - 1 for span in spans]
    lasts = [frames.last if span.last is None else span.last + 1 for span in spans]
    here = spans[0].here
    return here if direction == "forward" else min(firsts), here if direction == "backward" else max(lasts)


def _moved(span: Span, shift: int) -> Span:
    """The same span in other frame numbers."""
    first, last = (None if end is None else end + shift for end in (span.first, span.last))
    return Span(span.here + shift, first, last)


def _tracking(
    settings: CotrackSettings,
    reading: Reading,
    shot: ClipShot,
    whole: ClipFrames,
    *,
    direction: Direction,
    spans: Mapping[str, Span] | None = None,
) -> Tracking:
    """Ask for the job. shot: what is tracked. whole: all of the clip's frames. spans: see `Tracking`."""
    request = _job(settings, shot.request, reading.keys(shot.frames, shot.size), direction)
    writer = Writer(reading, whole, shot.size, weights=settings.weights)
    return Tracking(request, writer, reading.remarks, spans)


def _job(settings: CotrackSettings, shot: ShotRequest, keys: tuple[Key, ...], direction: Direction) -> TrackJob:
    return TrackJob(
        job=SESSION.name_job(),
        shot=shot,
        keys=keys,
        direction=direction,
        model=None if settings.model in ("", DEFAULT_MODEL) else settings.model,
        device=settings.device,
        support="none" if settings.quality == "QUICK" else "auto",
        isolate=settings.quality == "APART",
        refine=settings.refine,
    )


CLASSES = (COTRACK_OT_track, COTRACK_OT_retrack)
