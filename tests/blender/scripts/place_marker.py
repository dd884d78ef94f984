# SPDX-License-Identifier: Apache-2.0
"""Opens a clip, presses a button, Ctrl-clicks a marker, and takes a picture of it."""

from collections.abc import Iterator


def play(stage: object, movie: str, position: tuple[float, float]) -> Iterator[float]:
    clip = yield from stage.open_clip(movie)
    button = yield from stage.find_button("clip.set_scene_frames", "TOOLS")
    yield from stage.click(*button)
    yield from stage.open_sidebar("Track")
    pixel = stage.pixel_of(position)
    yield from stage.click(*pixel, ctrl=True)
    yield from stage.screenshot("marker")
    region = stage.region()
    return {
        "last_frame": stage.window.scene.frame_end,
        "aimed_at": region.view2d.region_to_view(pixel[0] - region.x, pixel[1] - region.y),
        "clip_per_pixel": region.view2d.region_to_view(1, 1)[0] - region.view2d.region_to_view(0, 0)[0],
        "markers": [list(track.markers[0].co) for track in clip.tracking.tracks],
    }
