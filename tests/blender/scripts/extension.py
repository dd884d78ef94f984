# SPDX-License-Identifier: Apache-2.0
"""What window scripts need of the installed extension."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from types import ModuleType

import bpy

PACKAGE = "bl_ext.user_default.cotrack_blender"


def install(zip_file: str) -> None:
    """Install the extension as dropping the zip into the window would."""
    bpy.ops.extensions.package_install_files(filepath=zip_file, repo="user_default", enable_on_install=True)


def module(name: str) -> ModuleType:
    """One of the extension's modules."""
    return sys.modules[f"{PACKAGE}.{name}"]


def preferences() -> bpy.types.AddonPreferences:
    """The extension's preferences."""
    return bpy.context.preferences.addons[PACKAGE].preferences


def begin(stage: object, zip_file: str, movie: str, python: str) -> Iterator[float]:
    """Install the extension, open a clip and the tab, and wait until the panel has started the worker."""
    install(zip_file)
    preferences().python = python
    clip = yield from stage.open_clip(movie)
    yield from stage.open_sidebar("CoTracker")
    yield from wait_for_worker(stage)
    return clip


def wait_for_worker(stage: object) -> Iterator[float]:
    session = module("session").SESSION
    yield from stage.until(lambda: session.state in ("ready", "ended"))
    assert session.state == "ready", session.trouble
    yield from stage.redraw()


def press_button(stage: object, operator: str, *, across: float | None = None) -> Iterator[float]:
    """Click the first button of an operator, or the one so far across the sidebar, 0..1, in its row."""
    picture = stage.region()
    yield from stage.move(picture.x + picture.width // 2, picture.y + picture.height // 2)  # off the last button
    yield from stage.redraw()
    x, y = yield from stage.find_button(operator)
    region = stage.region("UI")
    yield from stage.click(x if across is None else round(region.x + across * region.width), y)


def start_task(stage: object, operator: str, *, across: float | None = None) -> Iterator[float]:
    """Press a button that sets something under way, and wait until the worker has been asked for it."""
    session = module("session").SESSION
    asked = []
    submit = session.submit
    session.submit = lambda request: asked.append(request) or submit(request)
    yield from press_button(stage, operator, across=across)
    try:
        yield from stage.until(lambda: asked, timeout=20)
    except AssertionError:
        yield from stage.screenshot("nothing_started")
        raise
    finally:
        session.submit = submit


def tasks() -> list[object]:
    """What is under way."""
    return module("tasks").TASKS


def wait_until_done(stage: object) -> Iterator[float]:
    yield from stage.until(lambda: not tasks())
    yield from stage.redraw()


def markers(clip: bpy.types.MovieClip) -> list[list[tuple[int, float, float, bool, bool]]]:
    """Of each track frame, position, whether keyed, whether disabled, of every marker."""
    return [
        [(marker.frame, *marker.co, marker.is_keyed, marker.mute) for marker in track.markers]
        for track in clip.tracking.tracks
    ]


def worker_process() -> subprocess.Popen[bytes]:
    """The worker that runs."""
    return module("session").SESSION._worker._process
