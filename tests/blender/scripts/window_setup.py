# SPDX-License-Identifier: Apache-2.0
"""The preferences, and what an artist sees when something is missing."""

from __future__ import annotations

from collections.abc import Iterator

import bpy
import extension


def play(stage: object, zip_file: str, movie: str, python: str) -> Iterator[float]:
    yield from extension.begin(stage, zip_file, movie, python)
    told = {}

    settings = bpy.context.scene.cotrack
    settings.model = "cotracker3-offline"
    yield from stage.redraw()
    yield from stage.screenshot("1_not_for_paid_work")
    told["model_kept"] = settings.model

    yield from extension.press_button(stage, "cotrack.track", across=0.5)
    yield 0.5
    yield from stage.screenshot("2_no_tracks")

    yield from stage.move(600, 400)  # which makes the popup go
    yield 0.5
    yield from extension.press_button(stage, "cotrack.fetch_weights")
    yield 0.5
    yield from stage.screenshot("3_licence")
    yield from stage.press("ESC")

    bpy.context.preferences.active_section = "ADDONS"
    bpy.context.window_manager.addon_search = "CoTracker3"
    bpy.ops.preferences.addon_expand(module=extension.PACKAGE)
    extension.preferences().python = "/studio/cotrack/bin/python"  # the worker that runs is not asked again
    stage.area.ui_type = "PREFERENCES"
    yield 1.0
    yield from stage.screenshot("4_preferences")
    return told
