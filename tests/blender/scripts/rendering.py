# SPDX-License-Identifier: Apache-2.0
"""Renders a clip as Blender's 2D stabilisation shows it."""

from pathlib import Path

import bpy


def render_stabilised(clip: bpy.types.MovieClip, folder: str) -> None:
    """Write out.0001.png and so on, grey, as large as the clip."""
    _compose(clip)
    scene = bpy.context.scene
    scene.render.engine = "CYCLES"
    scene.render.resolution_x, scene.render.resolution_y = clip.size
    scene.render.resolution_percentage = 100
    scene.render.image_settings.color_mode = "BW"
    scene.view_settings.view_transform = "Standard"
    for frame in range(1, clip.frame_duration + 1):
        scene.frame_set(frame)
        scene.render.filepath = str(Path(folder) / f"out.{frame:04d}.png")
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
