# SPDX-License-Identifier: Apache-2.0
"""Inside a Blender with a window: what a hand and an eye would do with it.

Every gesture is a generator, to be used with `yield from`: Blender handles events only while the script waits. Pixels
are those of the window, from its bottom-left corner.
"""

import time
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, TypeAlias

import bpy

Steps: TypeAlias = Generator[float, None, Any]  # yields seconds to wait
_EVENT_SECONDS = 0.1
_REDRAW_SECONDS = 0.3  # in software
_CLUTTER = ("OUTLINER", "PROPERTIES")
_SCAN_PIXELS = 8  # buttons are 20 high


class Stage:
    """The window of this Blender, and its Movie Clip Editor."""

    def __init__(self, photographs: Path) -> None:
        self._photographs = photographs

    @property
    def window(self) -> bpy.types.Window:
        """The only window."""
        return bpy.context.window_manager.windows[0]

    @property
    def area(self) -> bpy.types.Area:
        """The Movie Clip Editor, after open_clip."""
        return next(area for area in self.window.screen.areas if area.type == "CLIP_EDITOR")

    def region(self, kind: str = "WINDOW") -> bpy.types.Region:
        """Return a part of the Movie Clip Editor: WINDOW (the picture), UI (the sidebar), TOOLS or HEADER."""
        return next(region for region in self.area.regions if region.type == kind)

    def override(self, kind: str = "WINDOW") -> AbstractContextManager[None]:
        """Return the context in which an operator acts on the Movie Clip Editor."""
        return bpy.context.temp_override(
            window=self.window, screen=self.window.screen, area=self.area, region=self.region(kind)
        )

    def open_clip(self, path: str) -> Steps:
        """Show a movie, or the sequence of a picture, in a Movie Clip Editor as wide as the window; return the clip."""
        for area in [area for area in self.window.screen.areas if area.type in _CLUTTER]:
            with bpy.context.temp_override(window=self.window, area=area):
                bpy.ops.screen.area_close()
        max(self.window.screen.areas, key=lambda area: area.width * area.height).ui_type = "CLIP_EDITOR"
        clip = bpy.data.movieclips.load(path)
        space = self.area.spaces.active
        space.clip = clip
        space.mode = "TRACKING"
        yield from self.go_to(clip.frame_start)
        with self.override():
            bpy.ops.clip.view_all(fit_view=True)
        yield from self.redraw()
        return clip

    def go_to(self, frame: int) -> Steps:
        """Show a frame of the scene."""
        bpy.context.scene.frame_set(frame)
        self.area.spaces.active.clip_user.frame_current = frame  # which follows the scene only when drawn
        yield from self.redraw()

    def open_sidebar(self, tab: str) -> Steps:
        """Show the sidebar with the tab of that name."""
        self.area.spaces.active.show_region_ui = True
        yield from self.redraw()  # tabs are known once they were drawn
        self.region("UI").active_panel_category = tab
        yield from self.redraw()

    def pixel_of(self, position: tuple[float, float]) -> tuple[int, int]:
        """Return the pixel nearest to a place in the clip, given as markers are: 0..1, origin bottom-left."""
        region = self.region()
        x, y = region.view2d.view_to_region(*position, clip=False)
        return round(region.x + x), round(region.y + y)

    def find_button(self, operator: str, kind: str = "UI") -> Steps:
        """Return the pixel of the first button that calls an operator ("clip.add_marker"), feeling down the region."""
        region = self.region(kind)
        for x in (region.x + region.width // 4, region.x + region.width * 3 // 4):  # buttons may stand side by side
            for y in range(region.y + region.height - _SCAN_PIXELS, region.y, -_SCAN_PIXELS):
                yield from self.move(x, y)
                if f"bpy.ops.{operator}(" in self._call_of_hovered_button(kind):
                    return x, y
        raise AssertionError(f"no button calls {operator}")

    def _call_of_hovered_button(self, kind: str) -> str:
        with self.override(kind):
            if not bpy.ops.ui.copy_python_command_button.poll():
                return ""
            bpy.ops.ui.copy_python_command_button()
        return bpy.context.window_manager.clipboard

    def move(self, x: int, y: int) -> Steps:
        """Move the mouse."""
        self.window.event_simulate(type="MOUSEMOVE", value="NOTHING", x=x, y=y)
        yield _EVENT_SECONDS

    def click(self, x: int, y: int, button: str = "LEFTMOUSE", **modifiers: bool) -> Steps:
        """Click with the mouse; modifiers are `ctrl=True` and the like."""
        yield from self.move(x, y)
        yield from self._press_and_release(button, x, y, modifiers)

    def press(self, key: str, at: tuple[int, int] | None = None, **modifiers: bool) -> Steps:
        """Press a key ("ESC") while the mouse is at a pixel: the middle of the picture, by default."""
        region = self.region()
        x, y = at or (region.x + region.width // 2, region.y + region.height // 2)
        yield from self.move(x, y)
        yield from self._press_and_release(key, x, y, modifiers)

    def _press_and_release(self, kind: str, x: int, y: int, modifiers: dict[str, bool]) -> Steps:
        self.window.event_simulate(type=kind, value="PRESS", x=x, y=y, **modifiers)
        yield _EVENT_SECONDS
        self.window.event_simulate(type=kind, value="RELEASE", x=x, y=y, **modifiers)
        yield _REDRAW_SECONDS

    def until(self, is_true: Callable[[], bool], timeout: float = 120) -> Steps:
        """Wait until something is true; fail when it is not within `timeout` seconds."""
        end = time.monotonic() + timeout
        while not is_true():
            assert time.monotonic() < end, f"not so within {timeout} s"
            yield 0.05

    def redraw(self) -> Steps:
        """Draw everything anew, and wait until that was done."""
        for area in self.window.screen.areas:
            area.tag_redraw()
        yield _REDRAW_SECONDS

    def screenshot(self, name: str) -> Steps:
        """Photograph the window as NAME.png."""
        yield from self.redraw()
        wish = self._photographs / f"{name}.wish"
        wish.touch()
        yield from self.until(lambda: not wish.exists())
