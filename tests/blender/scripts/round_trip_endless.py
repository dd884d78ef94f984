# SPDX-License-Identifier: Apache-2.0
"""Tracks for much longer than anybody waits, in a Blender without a window, and says when the worker is at it."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import bpy
import extension
import round_trip_host as host


def main(zip_file: str, python: str, movie: str, told: str) -> None:
    """told: a file that is there from when the worker tracks; the worker's process id is in it."""
    host.begin(zip_file, python)
    clip = bpy.data.movieclips.load(movie)
    settings = bpy.context.scene.cotrack
    settings.grid, settings.quality = 20, "APART"
    with host.editor(clip, 1):
        bpy.ops.cotrack.place_grid()
        threading.Thread(target=_tell_when_it_tracks, args=(Path(told),), daemon=True).start()
        bpy.ops.cotrack.track()


def _tell_when_it_tracks(told: Path) -> None:
    while not any(task.life.fraction > 0 for task in extension.tasks()):
        time.sleep(0.02)
    part = told.with_suffix(".part")
    part.write_text(str(extension.worker_process().pid), "utf-8")
    part.rename(told)
