# SPDX-License-Identifier: Apache-2.0
"""Opens a clip, Ctrl-clicks a marker in the Movie Clip Editor, and takes a picture of it."""

from collections.abc import Iterator


def play(stage: object, movie: str, position: tuple[float, float]) -> Iterator[float]:
    clip = yield from stage.open_clip(movie)
    yield from stage.open_sidebar("Track")
    yield from stage.click(*stage.pixel_of(position), ctrl=True)
    yield from stage.screenshot("marker")
    region = stage.region()
    return {
        "size": list(clip.size),
        "markers": [list(track.markers[0].co) for track in clip.tracking.tracks],
        "pixel": [abs(a - b) for a, b in zip(region.view2d.region_to_view(1, 1), region.view2d.region_to_view(0, 0))],
    }
