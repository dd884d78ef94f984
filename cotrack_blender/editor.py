# SPDX-License-Identifier: GPL-3.0-or-later
"""A Movie Clip Editor for Blender's own operators to act in, even where none is on the screen."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import bpy

from cotrack_client.errors import CotrackError


@contextmanager
def clip_editor(clip: bpy.types.MovieClip) -> Iterator[None]:
    """Within the block operators act on the clip, in tracking mode, at the scene's frame.

    The editor is the one that the mouse is in, else one in the window, else the largest area, which is given back as it
    was. Blender has a window to borrow from in background too.
    """
    window = bpy.context.window or bpy.context.window_manager.windows[0]
    area = bpy.context.area
    if area is None or area.type != "CLIP_EDITOR":
        area = max(window.screen.areas, key=lambda area: (area.type == "CLIP_EDITOR", area.width * area.height))
    kind = area.ui_type
    area.type = "CLIP_EDITOR"
    space = area.spaces.active
    before = space.clip, space.mode
    space.clip, space.mode = clip, "TRACKING"
    space.clip_user.frame_current = bpy.context.scene.frame_current  # in background it lags behind
    region = next(region for region in area.regions if region.type == "WINDOW")
    try:
        with bpy.context.temp_override(window=window, screen=window.screen, area=area, region=region):
            yield
    finally:
        space.clip, space.mode = before
        area.ui_type = kind


def run(operator: Callable[[], object]) -> None:
    """Call one of Blender's operators. Raises CotrackError with its own words when it refuses."""
    try:
        operator()
    except RuntimeError as error:
        raise CotrackError(str(error).strip()) from error
