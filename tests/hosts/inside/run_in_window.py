# SPDX-License-Identifier: Apache-2.0
"""Runs inside a Blender with a window: `blender ... --python run_in_window.py -- REQUEST` plays the script's `play`.

`play(stage, **arguments)` is a generator. What it yields is the number of seconds that Blender is left to itself; what it
returns becomes the JSON result; the window closes when it ends.
"""

import importlib.util
import json
import os
import sys
import time
import traceback
from pathlib import Path

import bpy

_SETTLE_SECONDS = 0.3  # for a redraw in software


class Stage:
    """The window, and what a hand and an eye would do with it. Positions are window pixels, origin bottom-left."""

    def __init__(self, photographs):
        self._photographs = photographs

    @property
    def window(self):
        return bpy.context.window_manager.windows[0]

    @property
    def area(self):
        """The Movie Clip Editor."""
        return next(area for area in self.window.screen.areas if area.type == "CLIP_EDITOR")

    def region(self, kind="WINDOW"):
        return next(region for region in self.area.regions if region.type == kind)

    def override(self, kind="WINDOW"):
        """Return the context in which an operator acts on the Movie Clip Editor."""
        return bpy.context.temp_override(
            window=self.window, screen=self.window.screen, area=self.area, region=self.region(kind)
        )

    def open_clip(self, path):
        """Show a movie or sequence in a Movie Clip Editor that takes most of the window; return the clip."""
        largest = max(self.window.screen.areas, key=lambda area: area.width * area.height)
        largest.ui_type = "CLIP_EDITOR"
        clip = bpy.data.movieclips.load(str(path))
        space = largest.spaces.active
        space.clip = clip
        space.mode = "TRACKING"
        bpy.context.scene.frame_set(clip.frame_start)
        space.clip_user.frame_current = clip.frame_start
        yield _SETTLE_SECONDS
        with self.override():
            bpy.ops.clip.view_all(fit_view=True)
        yield from self.redraw()
        return clip

    def open_sidebar(self, category):
        """Show the sidebar with the tab of that name."""
        self.area.spaces.active.show_region_ui = True
        yield from self.redraw()
        self.region("UI").active_panel_category = category
        yield from self.redraw()

    def pixel_of(self, position):
        """Return the window pixel of a position in the clip, in Blender's 0..1 with the origin bottom-left."""
        region = self.region()
        x, y = region.view2d.view_to_region(*position, clip=False)
        return round(region.x + x), round(region.y + y)

    def move(self, x, y):
        self.window.event_simulate(type="MOUSEMOVE", value="NOTHING", x=x, y=y)
        yield 0.1

    def click(self, x, y, button="LEFTMOUSE", **modifiers):
        """Click with the mouse; modifiers are `ctrl=True` and the like."""
        yield from self.move(x, y)
        yield from self._press_and_release(button, x, y, modifiers)

    def press(self, key, at=None, **modifiers):
        """Press a key while the mouse is at a pixel: by default, in the middle of the clip."""
        region = self.region()
        x, y = at or (region.x + region.width // 2, region.y + region.height // 2)
        yield from self.move(x, y)
        yield from self._press_and_release(key, x, y, modifiers)

    def _press_and_release(self, kind, x, y, modifiers):
        self.window.event_simulate(type=kind, value="PRESS", x=x, y=y, **modifiers)
        yield 0.1
        self.window.event_simulate(type=kind, value="RELEASE", x=x, y=y, **modifiers)
        yield _SETTLE_SECONDS

    def until(self, is_true, timeout=60):
        """Wait until a condition holds; fail when it does not within `timeout` seconds."""
        end = time.monotonic() + timeout
        while not is_true():
            assert time.monotonic() < end, f"not so within {timeout} s"
            yield 0.05

    def redraw(self):
        """Draw everything anew, and wait until that was done."""
        for area in self.window.screen.areas:
            area.tag_redraw()
        yield _SETTLE_SECONDS

    def screenshot(self, name):
        """Photograph the window as NAME.png."""
        yield from self.redraw()
        wish = self._photographs / f"{name}.wish"
        wish.touch()
        yield from self.until(lambda: not wish.exists())


def start(request_path):
    """Begin to play the script of a request as soon as the window is there."""
    request = json.loads(request_path.read_text("utf-8"))
    bpy.context.preferences.view.show_splash = False  # it would cover the editor
    script = Path(request["script"])
    sys.path.insert(0, str(script.parent))  # scripts may share a module beside them
    spec = importlib.util.spec_from_file_location(script.stem, script)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    play = module.play(Stage(Path(request["photographs"])), **request["arguments"])
    result = Path(request["result"])
    bpy.app.timers.register(lambda: _next(play, result), first_interval=1.0, persistent=True)


def _next(play, result):
    """Play on; return the seconds until the next time."""
    try:
        return next(play)
    except StopIteration as end:
        part = result.with_suffix(".part")
        part.write_text(json.dumps(end.value), "utf-8")
        part.rename(result)
        bpy.ops.wm.quit_blender()
        return None
    except BaseException:  # noqa: BLE001  Blender would stay open
        traceback.print_exc()
        sys.stderr.flush()
        os._exit(3)


if __name__ == "__main__":
    try:
        start(Path(sys.argv[-1]))
    except BaseException:  # noqa: BLE001  Blender would stay open
        traceback.print_exc()
        sys.stderr.flush()
        os._exit(3)
