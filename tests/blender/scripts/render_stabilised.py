# SPDX-License-Identifier: Apache-2.0
"""Writes tracks on a shaky clip, stabilises it, and renders what Blender makes of it."""

from pathlib import Path

import bpy
from scene import add_track, load, samples, write_all

from cotrack_blender.clip_shot import shot_of
from cotrack_blender.markers import read_keys
from cotrack_blender.use import stabilise


def main(folder: str, paths: dict[str, list[tuple[float, float]]], output: str) -> None:
    """Each path holds a track's raster position at every frame, from 1 on."""
    clip = load(Path(folder))
    shot = shot_of(clip)
    width, height = shot.size
    for name, path in paths.items():
        add_track(clip, name, [(1, path[0][0] / width, 1 - path[0][1] / height)])
    frames = range(1, shot.frames.last + 1)
    stretches = [
        samples(name, shot.frames, frames, lambda frame, path=path: path[frame - 1]) for name, path in paths.items()
    ]
    write_all(clip, read_keys(clip, shot.frames), stretches)
    stabilise(clip)
    _compose(clip)
    scene = bpy.context.scene
    scene.render.engine = "CYCLES"
    scene.render.resolution_x, scene.render.resolution_y = shot.size
    scene.render.image_settings.color_mode = "BW"
    scene.view_settings.view_transform = "Standard"
    for frame in frames:
        scene.frame_set(frame)
        scene.render.filepath = str(Path(output) / f"out.{frame:04d}.png")
        bpy.ops.render.render(write_still=True)


def _compose(clip: bpy.types.MovieClip) -> None:
    """Have the compositor render the stabilised clip."""
    scene = bpy.context.scene
    if hasattr(scene, "compositing_node_group"):  # since Blender 5.0
        tree = scene.compositing_node_group = bpy.data.node_groups.new("stabilised", "CompositorNodeTree")
        tree.interface.new_socket("Image", in_out="OUTPUT", socket_type="NodeSocketColor")
        target = tree.nodes.new("NodeGroupOutput")
    else:
        scene.use_nodes = True
        tree = scene.node_tree
        tree.nodes.clear()
        target = tree.nodes.new("CompositorNodeComposite")
    source, steady = tree.nodes.new("CompositorNodeMovieClip"), tree.nodes.new("CompositorNodeStabilize")
    source.clip = steady.clip = clip
    tree.links.new(source.outputs["Image"], steady.inputs["Image"])
    tree.links.new(steady.outputs["Image"], target.inputs["Image"])
