# SPDX-License-Identifier: Apache-2.0
"""Draws around a part of a clip with the annotation tool, in a window, and reads it as a region."""

from collections.abc import Iterator

from drawing import draw_stroke

from cotrack_blender.regions import regions_of_annotation


def play(stage: object, movie: str, corners: list[tuple[float, float]]) -> Iterator[float]:
    clip = yield from stage.open_clip(movie)
    region = stage.region()
    pixels = [stage.pixel_of(corner) for corner in corners]
    with stage.override():
        draw_stroke([(x - region.x, y - region.y) for x, y in pixels])
    yield from stage.screenshot("drawn")
    pixel = region.view2d.region_to_view(1, 1)[0] - region.view2d.region_to_view(0, 0)[0]
    return {"regions": regions_of_annotation(clip, tuple(clip.size)), "pixel": pixel}
