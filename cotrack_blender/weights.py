# SPDX-License-Identifier: GPL-3.0-or-later
"""Confidence as the animated weight of a track, heeded by Blender's solver and stabiliser, and read back from there."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping

import bpy

_LINEAR = 1
"""Of the interpolations of a keyframe, as Blender numbers them."""


def animate_weight(
    clip: bpy.types.MovieClip, track: bpy.types.MovieTrackingTrack, weights: Mapping[int, float]
) -> None:
    """Give the weight of a track a key at each of these scene frames; keys at other frames stay.

    One key is made by Blender itself, so that clip, action and curve are connected as each release wants it; inserting
    all of them that way would take seconds.
    """
    track.keyframe_insert("weight", frame=min(weights))
    curve = _curve(clip, track)
    assert curve is not None  # noqa: S101  it has just got a key
    points = curve.keyframe_points
    values = {int(point.co[0]): point.co[1] for point in points}
    values.update(weights)
    points.clear()
    points.add(len(values))
    points.foreach_set("co", array("f", (number for frame in sorted(values) for number in (frame, values[frame]))))
    points.foreach_set("interpolation", array("i", [_LINEAR]) * len(values))
    points.handles_recalc()


def animated_weights(
    clip: bpy.types.MovieClip, track: bpy.types.MovieTrackingTrack, frames: Iterable[int]
) -> tuple[float, ...] | None:
    """The weight of a track at each of these scene frames, None where it is not animated."""
    curve = _curve(clip, track)
    return None if curve is None else tuple(curve.evaluate(frame) for frame in frames)


def _curve(clip: bpy.types.MovieClip, track: bpy.types.MovieTrackingTrack) -> bpy.types.FCurve | None:
    """The curve of a track's weight, if it has one. Actions have layers and slots since Blender 4.4."""
    animation, path = clip.animation_data, track.path_from_id("weight")
    action = animation.action if animation else None
    if action is None:
        return None
    if not hasattr(animation, "action_slot"):
        return action.fcurves.find(path)
    bags = (strip.channelbag(animation.action_slot) for layer in action.layers for strip in layer.strips)
    found = (bag.fcurves.find(path) for bag in bags if bag is not None)
    return next((curve for curve in found if curve is not None), None)
