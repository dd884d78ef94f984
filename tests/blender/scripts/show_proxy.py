# SPDX-License-Identifier: Apache-2.0
"""Shows a clip by a proxy of a quarter of its size, and says how large the shot is."""

from collections.abc import Iterator
from pathlib import Path

import bpy
import suite  # noqa: F401  it lets the project be imported

from cotrack_blender.clip_shot import shot_of


def play(stage: object, movie: str) -> Iterator[float]:
    clip = yield from stage.open_clip(movie)
    clip.use_proxy_custom_directory = False
    clip.use_proxy = clip.proxy.build_25 = True
    with stage.override():
        bpy.ops.clip.rebuild_proxy("EXEC_DEFAULT")
    yield from stage.until(lambda: list(Path(movie).parent.rglob("proxy_25.*")), timeout=20)  # it goes on in a thread
    yield 1
    with stage.override():
        stage.area.spaces.active.clip_user.proxy_render_size = "PROXY_25"
        bpy.ops.clip.reload()
    yield from stage.redraw()
    shown, shot = tuple(clip.size), shot_of(clip)
    return {"shown": shown, "size": shot.size, "expected": [shot.request.expected.width, shot.request.expected.height]}
