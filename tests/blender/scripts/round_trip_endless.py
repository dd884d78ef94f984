# SPDX-License-Identifier: Apache-2.0
"""Tracks for much longer than anybody waits, in a Blender without a window, and says when the worker is at it."""

from __future__ import annotations

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
        _tell_when_it_tracks(Path(told))
        bpy.ops.cotrack.track()


def _tell_when_it_tracks(told: Path) -> None:
    tracking = extension.module("tasks").Tracking
    tick = tracking.tick

    def told_tick(self: object) -> object:
        outcome = tick(self)
        if self.life.fraction > 0 and not told.exists():
            part = told.with_suffix(".part")
            part.write_text(str(extension.worker_process().pid), "utf-8")
            part.rename(told)
        return outcome

    tracking.tick = told_tick
