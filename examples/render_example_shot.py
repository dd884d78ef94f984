# SPDX-License-Identifier: Apache-2.0
"""Make the bundled example shot: render the set, write the exact truth, grade, and encode.

    python3.11 -m venv bpyenv && bpyenv/bin/pip install bpy==4.5.15 "av>=17,<20"
    bpyenv/bin/python examples/render_example_shot.py /tmp/courtyard

The folder then holds the frames as EXR (rendered once; delete one to render it anew), and the three files of the
example: copy them to core/cotrack/examples/. Everything is seeded and made here: geometry, textures, movement.
About 45 s per frame on one core.
"""

from __future__ import annotations

import argparse
import logging
from pathlib import Path

import bpy
from example_shot import camera, courtyard, finish, truth

NAME = "courtyard"
log = logging.getLogger(__name__)


def main() -> None:
    """Render what is missing in the folder, then write movie, truth and points."""
    parser = argparse.ArgumentParser(description="Make the bundled example shot.")
    parser.add_argument("folder", type=Path, help="where the frames and the finished files go")
    folder = parser.parse_args().folder
    logging.basicConfig(level=logging.INFO)
    folder.mkdir(parents=True, exist_ok=True)
    bpy.ops.wm.read_factory_settings(use_empty=True)
    camera.animate(courtyard.build())
    _prepare_render()
    frames = {frame: folder / f"{NAME}.{frame:04d}.exr" for frame in range(camera.FIRST, camera.LAST + 1)}
    for frame, path in frames.items():
        if not path.exists():
            log.info("rendering frame %d of %d", frame, camera.LAST)
            _render(frame, path)
    finish.write_movie(frames, folder / f"{NAME}.mp4")
    points = truth.measure(frames)
    truth.write(points, folder / f"{NAME}_truth.npz", folder / f"{NAME}_points.csv")


def _prepare_render() -> None:
    """Few samples, one bounce, denoised: a plate, not an architect's picture. Half a frame of motion blur, centred."""
    scene = bpy.context.scene
    render, cycles = scene.render, scene.cycles
    render.engine, render.resolution_x, render.resolution_y = "CYCLES", camera.WIDTH, camera.HEIGHT
    render.use_motion_blur, render.motion_blur_shutter, render.motion_blur_position = True, 0.5, "CENTER"
    render.use_persistent_data = True
    render.image_settings.file_format, render.image_settings.color_depth = "OPEN_EXR", "16"
    cycles.samples, cycles.use_adaptive_sampling, cycles.seed = 8, False, 0
    cycles.use_animated_seed = True
    cycles.use_denoising, cycles.denoiser, cycles.denoising_prefilter = True, "OPENIMAGEDENOISE", "FAST"
    cycles.max_bounces, cycles.diffuse_bounces, cycles.glossy_bounces, cycles.transparent_max_bounces = 4, 1, 1, 6
    cycles.use_fast_gi, cycles.fast_gi_method = True, "REPLACE"
    cycles.ao_bounces = cycles.ao_bounces_render = 1
    cycles.caustics_reflective = cycles.caustics_refractive = False
    cycles.sample_clamp_indirect = 4.0


def _render(frame: int, path: Path) -> None:
    part = path.with_name(f"part.{path.name}")
    bpy.context.scene.frame_set(frame)
    bpy.context.scene.render.filepath = str(part)
    bpy.ops.render.render(write_still=True)
    part.rename(path)


if __name__ == "__main__":
    main()
