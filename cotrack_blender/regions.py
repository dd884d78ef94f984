# SPDX-License-Identifier: GPL-3.0-or-later
"""Where new points may be placed: what an artist drew, a mask or an annotation, as polygons in raster px.

Only what lies inside an odd number of the polygons counts, as Blender fills the overlapping shapes of a mask's layer.
Annotations are in the units of `marker.co`. Mask space is square: its side is the longer one of the picture, and the
picture lies in its middle. Feather and the clip's display aspect are ignored.
"""

from __future__ import annotations

import bpy

from cotrack_client import raster
from cotrack_client.errors import CotrackError

Point = tuple[float, float]
Polygon = tuple[Point, ...]

_STEPS = 16
"""Straight pieces of a curve between two points of a mask."""


def regions_of_mask(mask: bpy.types.Mask, size: tuple[int, int]) -> tuple[Polygon, ...]:
    """The closed shapes of a mask's visible layers, as they are at the scene's current frame; size: of the clip, px.

    Raises CotrackError when there is none, or one moves with a track, which cannot be read out.
    """
    polygons: list[Polygon] = []
    for layer in mask.layers:
        shapes = [] if layer.hide else [spline for spline in layer.splines if spline.use_cyclic and spline.use_fill]
        polygons += [_outline(mask, spline, size) for spline in shapes]
        if layer.invert and shapes:
            polygons.append(_whole(size))
    if not polygons:
        raise CotrackError(f"the mask {mask.name} has no closed shape; close one with Alt C, or show its layer")
    return tuple(polygons)


def regions_of_annotation(clip: bpy.types.MovieClip, size: tuple[int, int]) -> tuple[Polygon, ...]:
    """The strokes of the clip's active annotation layer at the scene's current frame, each closed by a straight line.

    Raises CotrackError when nothing is drawn there.
    """
    drawing = clip.annotation if hasattr(clip, "annotation") else clip.grease_pencil  # the name since Blender 5.0
    layer = drawing.layers[drawing.layers.active_index] if drawing and drawing.layers else None
    frame = layer.active_frame if layer and not layer.annotation_hide else None
    strokes = [stroke for stroke in frame.strokes if len(stroke.points) > 2] if frame else []
    if not strokes:
        raise CotrackError(f"no region is drawn on {clip.name}; draw around one with the annotation tool")
    width, height = size
    return tuple(
        tuple(raster.from_blender(point.co[0], point.co[1], width, height) for point in stroke.points)
        for stroke in strokes
    )


def _outline(mask: bpy.types.Mask, spline: bpy.types.MaskSpline, size: tuple[int, int]) -> Polygon:
    points = list(spline.points)
    if any(point.parent.id is not None for point in points):
        raise CotrackError(f"the mask {mask.name} moves with a track; clear its parent with Alt P, or draw another")
    polygon: list[Point] = []
    for point, following in zip(points, points[1:] + points[:1], strict=True):
        curve = (point.co, point.handle_right, following.handle_left, following.co)
        polygon += [_on_curve(curve, step / _STEPS) for step in range(_STEPS)]
    return tuple(_from_mask_space(x, y, *size) for x, y in polygon)


def _on_curve(curve: tuple[Point, Point, Point, Point], t: float) -> Point:
    """Where a cubic Bezier curve is at t from 0 to 1."""
    s = 1.0 - t
    weights = (s * s * s, 3 * s * s * t, 3 * s * t * t, t * t * t)
    x, y = (sum(weight * point[axis] for weight, point in zip(weights, curve, strict=True)) for axis in (0, 1))
    return x, y


def _from_mask_space(x: float, y: float, width: int, height: int) -> Point:
    side = max(width, height)
    return (x - 0.5) * side + width / 2, (0.5 - y) * side + height / 2


def _whole(size: tuple[int, int]) -> Polygon:
    width, height = map(float, size)
    return (0.0, 0.0), (width, 0.0), (width, height), (0.0, height)
