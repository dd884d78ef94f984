# SPDX-License-Identifier: Apache-2.0
"""Masks and annotations for the checks."""

from collections.abc import Sequence

import bpy
from scene import clip_editor

Point = tuple[float, float]


def add_shape(mask: bpy.types.Mask, points: Sequence[Point], *, layer: str = "layer") -> bpy.types.MaskSpline:
    """Add a closed shape with straight sides."""
    owner = mask.layers.get(layer) or mask.layers.new(name=layer)
    spline = owner.splines.new()
    spline.points.add(len(points) - len(spline.points))
    spline.use_cyclic = True
    for here, point in zip(spline.points, points, strict=True):
        here.handle_type = "FREE"
        here.co = here.handle_left = here.handle_right = point
    return spline


def annotate(clip: bpy.types.MovieClip, frame: int, strokes: Sequence[Sequence[Point]]) -> None:
    """Draw strokes at a scene frame with Blender's own operator, and move their points to where they should be."""
    with clip_editor(clip, frame):
        for stroke in strokes:
            draw_stroke([(100 * index, 0) for index, _ in enumerate(stroke)])
    drawing = clip.annotation if hasattr(clip, "annotation") else clip.grease_pencil
    drawn = drawing.layers[0].active_frame.strokes
    for stroke, points in zip(drawn, strokes, strict=True):
        for point, co in zip(stroke.points, points, strict=True):
            point.co = (*co, 0.0)


def draw_stroke(pixels: Sequence[tuple[int, int]]) -> None:
    """Draw with the annotation tool through pixels of the region, which mean nothing without a window.

    The operator drops points that are close to the one before. What it wants to know of a point differs by release.
    """
    known = bpy.types.OperatorStrokeElement.bl_rna.properties.keys()
    points = [
        {
            "name": "", "location": (0, 0, 0), "mouse": pixel, "mouse_event": pixel, "pressure": 1, "size": 1,
            "pen_flip": False, "x_tilt": 0, "y_tilt": 0, "time": 0, "is_start": False,
        }
        for pixel in pixels
    ]  # fmt: skip
    stroke = [{name: value for name, value in point.items() if name in known} for point in points]
    bpy.ops.gpencil.annotate("EXEC_DEFAULT", mode="DRAW", stroke=stroke)
