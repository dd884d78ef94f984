# SPDX-License-Identifier: GPL-3.0-or-later
"""Confidence as the animated weight of a track, which Blender's solver and stabiliser heed."""

from __future__ import annotations

from array import array
from collections.abc import Mapping

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
    points = _curve(clip, track.path_from_id("weight")).keyframe_points
    values = {int(point.co[0]): point.co[1] for point in points}
    values.update(weights)
    points.clear()
    points.add(len(values))
    points.foreach_set("co", array("f", (number for frame in sorted(values) for number in (frame, values[frame]))))
    points.foreach_set("interpolation", array("i", [_LINEAR]) * len(values))
    points.handles_recalc()


def _curve(clip: bpy.types.MovieClip, path: str) -> bpy.types.FCurve:
    """The curve of a property that has one. Actions have layers and slots since Blender 4.4."""
    animation = clip.animation_data
    action = animation.action
    if not hasattr(animation, "action_slot"):
        return action.fcurves.find(path)
    bags = (strip.channelbag(animation.action_slot) for layer in action.layers for strip in layer.strips)
    return next(curve for bag in bags if bag is not None and (curve := bag.fcurves.find(path)) is not None)
