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
    known = bpy.types.OperatorStrokeElement.bl_rna.properties.keys()
    with clip_editor(clip, frame):
        for stroke in strokes:
            elements = [_element(known, 100 * index) for index, _ in enumerate(stroke)]
            bpy.ops.gpencil.annotate("EXEC_DEFAULT", mode="DRAW", stroke=elements)
    drawing = clip.annotation if hasattr(clip, "annotation") else clip.grease_pencil
    drawn = drawing.layers[0].active_frame.strokes
    for stroke, points in zip(drawn, strokes, strict=True):
        for point, co in zip(stroke.points, points, strict=True):
            point.co = (*co, 0.0)


def _element(known: Sequence[str], pixel: int) -> dict[str, object]:
    """What the operator wants to know of a point; the fields differ between releases.

    It drops points that are close to the one before; where exactly they are means nothing without a window.
    """
    values = {
        "name": "", "location": (0, 0, 0), "mouse": (pixel, pixel), "mouse_event": (pixel, pixel), "pressure": 1,
        "size": 1, "pen_flip": False, "x_tilt": 0, "y_tilt": 0, "time": 0, "is_start": False,
    }  # fmt: skip
    return {name: value for name, value in values.items() if name in known}
