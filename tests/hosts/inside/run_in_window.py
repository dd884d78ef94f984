# SPDX-License-Identifier: Apache-2.0
"""Inside a Blender with a window: `blender ... --python run_in_window.py -- REQUEST` plays `play` of the script.

`play(stage, **arguments)` is a generator. What it yields is for how many seconds Blender is left to itself; what it
returns becomes the JSON result; the window closes when it ends.
"""

import faulthandler
import os
import sys
import time
import traceback
from pathlib import Path

import bpy

sys.path.insert(0, str(Path(__file__).parent))

from request import Request
from stage import Stage, Steps

_REST_SECONDS = 0.005


def start(request: Request) -> None:
    """Begin to play the script of a request as soon as the window is there."""
    bpy.context.preferences.view.show_splash = False  # it would cover the editor
    play = request.load_script().play(Stage(request.photographs), **request.arguments)
    bpy.app.timers.register(lambda: _go_on(play, request), first_interval=1.0, persistent=True)
    bpy.app.timers.register(_rest, persistent=True)


def _rest() -> float:
    """Sleep a little in every turn of the main loop, as Blender does itself but for when events are simulated."""
    time.sleep(_REST_SECONDS)
    return 0.0


def _go_on(play: Steps, request: Request) -> float | None:
    """Play on; return the seconds until the next time."""
    try:
        return next(play)
    except StopIteration as end:
        request.answer(end.value)
        bpy.ops.wm.quit_blender()
    except BaseException:  # noqa: BLE001  the process's edge: Blender would stay open
        traceback.print_exc()
        sys.stderr.flush()
        os._exit(3)
    return None


if __name__ == "__main__":
    faulthandler.enable()  # a crash says where, before Blender writes its own report
    start(Request(Path(sys.argv[-1])))
