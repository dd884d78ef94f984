# SPDX-License-Identifier: Apache-2.0
"""Checks what regions are read from masks and annotations."""

import math
from pathlib import Path

import bpy
from drawing import add_shape, annotate
from scene import add_track, clip_editor, load
from suite import assert_close, assert_same, failures, refusal

from cotrack_blender.regions import regions_of_annotation, regions_of_mask

SIZES = ((320, 240), (240, 320), (200, 200))
STEPS = 16


def main(folder: str) -> dict[str, str]:
    return failures(globals(), folder=Path(folder))


def _area(polygon: tuple[tuple[float, float], ...]) -> float:
    following = polygon[1:] + polygon[:1]
    return abs(sum(x * v - u * y for (x, y), (u, v) in zip(polygon, following, strict=True))) / 2


def check_the_corners_of_the_picture_in_mask_space() -> None:
    edges = {(320, 240): (0.0, 0.125), (240, 320): (0.125, 0.0), (200, 200): (0.0, 0.0)}
    for (width, height), (left, low) in edges.items():
        mask = bpy.data.masks.new("mask")
        add_shape(mask, [(left, low), (1 - left, low), (1 - left, 1 - low), (left, 1 - low)])
        (polygon,) = regions_of_mask(mask, (width, height))
        corners = [(0, height), (width, height), (width, 0), (0, 0)]
        assert_close(polygon[::STEPS], corners, 1e-4)
        assert_close(_area(polygon), float(width * height), 0.1)


def check_shapes_lie_where_blender_renders_them() -> None:
    shape = [(0.25, 0.375), (0.75, 0.375), (0.5, 0.75)]
    known = {
        (320, 240): [(80, 160), (240, 160), (160, 40)],
        (240, 320): [(40, 200), (200, 200), (120, 80)],
        (200, 200): [(50, 125), (150, 125), (100, 50)],
    }
    for size in SIZES:
        mask = bpy.data.masks.new("mask")
        add_shape(mask, shape)
        assert_close(regions_of_mask(mask, size)[0][::STEPS], known[size], 1e-4)


def check_curves_are_followed() -> None:
    handle = 0.25 * 4 / 3 * (math.sqrt(2) - 1)
    mask = bpy.data.masks.new("circle")
    spline = add_shape(mask, [(0.75, 0.5), (0.5, 0.75), (0.25, 0.5), (0.5, 0.25)])
    for point, (x, y) in zip(spline.points, [(0, 1), (-1, 0), (0, -1), (1, 0)], strict=True):
        point.handle_right = (point.co[0] + x * handle, point.co[1] + y * handle)
        point.handle_left = (point.co[0] - x * handle, point.co[1] - y * handle)
    (polygon,) = regions_of_mask(mask, (320, 240))
    for x, y in polygon:
        assert_close(math.hypot(x - 160, y - 120), 80.0, 0.05)


def check_several_shapes_and_inverted_layers() -> None:
    mask = bpy.data.masks.new("mask")
    square = [(0.1, 0.1), (0.2, 0.1), (0.2, 0.2), (0.1, 0.2)]
    add_shape(mask, square)
    add_shape(mask, square, layer="inverted")
    add_shape(mask, square, layer="hidden")
    mask.layers["inverted"].invert = True
    mask.layers["hidden"].hide = True
    polygons = regions_of_mask(mask, (200, 200))
    assert_same(len(polygons), 3)
    assert_same(polygons[2], ((0.0, 0.0), (200.0, 0.0), (200.0, 200.0), (0.0, 200.0)))


def check_a_mask_without_closed_shapes() -> None:
    mask = bpy.data.masks.new("outline")
    add_shape(mask, [(0.1, 0.1), (0.2, 0.1), (0.2, 0.2)]).use_cyclic = False
    sentence = "the mask outline has no closed shape; close one with Alt C, or show its layer"
    assert_same(refusal(lambda: regions_of_mask(mask, (200, 200))), sentence)


def check_a_mask_that_follows_a_track(folder: Path) -> None:
    clip = load(folder)
    add_track(clip, "a", [(1, 0.5, 0.5)])
    clip.tracking.tracks.active = clip.tracking.tracks["a"]
    mask = bpy.data.masks.new("tied")
    spline = add_shape(mask, [(0.1, 0.1), (0.2, 0.1), (0.2, 0.2)])
    for point in spline.points:
        point.select = True
    with clip_editor(clip, 1):
        space = bpy.context.space_data
        space.mode, space.mask = "MASK", mask
        bpy.ops.mask.parent_set()
    assert "moves with a track" in refusal(lambda: regions_of_mask(mask, (200, 200)))


def check_an_animated_mask_is_read_at_the_current_frame(folder: Path) -> None:
    clip = load(folder)
    mask = bpy.data.masks.new("moving")
    spline = add_shape(mask, [(0.2, 0.2), (0.4, 0.2), (0.4, 0.4)])
    for point in spline.points:
        point.select = True
    for frame, shift in ((1, 0.0), (11, 0.5)):
        with clip_editor(clip, frame):
            space = bpy.context.space_data
            space.mode, space.mask = "MASK", mask
            for point in spline.points:
                point.co = point.handle_left = point.handle_right = (point.co[0] + shift, point.co[1])
            bpy.ops.mask.shape_key_insert()
    for frame, x in ((1, 40.0), (11, 140.0)):
        bpy.context.scene.frame_set(frame)
        assert_close(regions_of_mask(mask, (200, 200))[0][0], (x, 160.0), 1e-3)


def check_strokes_are_in_the_units_of_markers(folder: Path) -> None:
    for size in SIZES:
        bpy.ops.wm.read_factory_settings()
        clip = load(folder)
        annotate(clip, 1, [[(0.25, 0.25), (0.75, 0.25), (0.5, 0.75)], [(0.0, 0.0), (1.0, 0.0), (1.0, 1.0)]])
        width, height = size
        first, second = regions_of_annotation(clip, size)
        expected = [(width / 4, height * 3 / 4), (width * 3 / 4, height * 3 / 4), (width / 2, height / 4)]
        assert_close(first, expected, 1e-4)
        assert_close(second, [(0, height), (width, height), (width, 0)], 1e-4)


def check_a_clip_without_annotation(folder: Path) -> None:
    clip = load(folder)
    sentence = "no region is drawn on plate.0001.png; draw around one with the annotation tool"
    assert_same(refusal(lambda: regions_of_annotation(clip, (320, 240))), sentence)
    annotate(clip, 1, [[(0.25, 0.25), (0.75, 0.25)]])
    assert_same(refusal(lambda: regions_of_annotation(clip, (320, 240))), sentence)
    drawing = clip.annotation if hasattr(clip, "annotation") else clip.grease_pencil
    drawing.layers[0].annotation_hide = True
    assert_same(refusal(lambda: regions_of_annotation(clip, (320, 240))), sentence)
