# SPDX-License-Identifier: Apache-2.0
"""Turns the extension off while it tracks, then on again, and quits Blender while it tracks."""

from __future__ import annotations

import os
from collections.abc import Iterator

import addon_utils
import bpy
import extension


def play(stage: object, zip_file: str, movie: str, python: str) -> Iterator[float]:
    yield from extension.begin(stage, zip_file, movie, python)
    bpy.context.scene.cotrack.grid, bpy.context.scene.cotrack.quality = 20, "APART"
    told = {"started": (yield from _start_tracking(stage))}
    addon_utils.disable(extension.PACKAGE)
    yield from stage.until(lambda: not _is_running(told["started"]), timeout=20)
    yield from stage.redraw()
    yield from stage.screenshot("turned_off")

    addon_utils.enable(extension.PACKAGE)
    extension.preferences().python = python
    yield from stage.open_sidebar("CoTracker")
    yield from extension.wait_for_worker(stage)
    told["at_quit"] = yield from _start_tracking(stage)
    return told


def _start_tracking(stage: object) -> Iterator[float]:
    """Place a grid and track it, as the buttons do; the worker's process id."""
    with stage.override("UI"):
        bpy.ops.cotrack.place_grid("INVOKE_DEFAULT")
    yield from extension.wait_until_done(stage)
    with stage.override("UI"):
        bpy.ops.cotrack.track("INVOKE_DEFAULT")
    yield from stage.until(lambda: any(task.life.fraction > 0 for task in extension.tasks()))
    return extension.worker_process().pid


def _is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
