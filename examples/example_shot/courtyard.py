# SPDX-License-Identifier: Apache-2.0
"""The set of the example shot: a cooper's yard with a passage to a lane, under a low sun.

x runs right along the brick wall (y = 0), y away from the camera, z up, in metres.
"""

from __future__ import annotations

import bpy
import numpy as np
from example_shot import materials, props
from example_shot.geometry import Array, boxes, dice, fractal, leaves, place, sheet
from example_shot.materials import Palette
from mathutils import Vector

PASSAGE = (-2.7, -1.15)
DOOR = (0.95, 1.9)
WINDOW = (2.55, 3.35)
SIDE_WALL_X = 4.1
TO_SUN = np.array([-0.50, -0.62, 0.60])
LIME_LIGHT, LIME_DARK = (0.52, 0.45, 0.34), (0.36, 0.30, 0.22)


def build() -> bpy.types.Object:
    """Build everything, and return the hanging sign, which moves."""
    palette = materials.palette()
    _ground(palette)
    _brick_wall()
    _plaster_walls()
    _lane_window()
    _passage(palette)
    _door(palette)
    _window(palette)
    _ivy()
    _weeds()
    _sun_through_a_tree()
    _sky()
    return props.dress(palette)


def _ground(palette: Palette) -> None:
    """Cobbles in wavering rows over earth, with grit between."""
    rng = dice("ground")
    rows = [
        (np.arange(-5, SIDE_WALL_X if y < 0 else -0.4, 0.152) + rng.uniform(0, 0.15), y)
        for y in np.arange(-5.2, 6.4, 0.118)
    ]
    spots = np.concatenate([np.stack(np.broadcast_arrays(x, y), axis=1) for x, y in rows])
    spots = spots + rng.normal(0, 0.007, spots.shape)
    z = rng.normal(-0.062, 0.007, len(spots)) + 0.05 * (fractal(*spots.T, 1.7, rng) - 0.5)
    sizes = np.array([0.138, 0.104, 0.13]) * rng.normal(1, 0.05, (len(spots), 3))
    turns = rng.normal(0, (0.06, 0.06, 0.09), (len(spots), 3))
    stones = boxes(np.column_stack([spots, z]), sizes, rng, edge=0.036, wear=0.004, turns=turns, inner=3)
    place("cobbles", stones, palette.stone)
    x, y = np.meshgrid(np.linspace(-6, 5, 221), np.linspace(-6, 9, 301), indexing="ij")
    earth = materials.plaster("earth", (0.10, 0.082, 0.06), (0.055, 0.045, 0.035))
    place("earth", sheet(np.stack([x, y, -0.03 + 0.05 * (fractal(x, y, 0.6, rng) - 0.5)], axis=-1)), earth)
    grit = rng.uniform((-4, -4.5, 0.003), (4, 5, 0.005), (900, 3))
    place(
        "grit", boxes(grit, rng.uniform(0.008, 0.03, (900, 3)), rng, edge=0.01, wavelength=0.02, inner=2), palette.stone
    )


def _within(x: Array, span: tuple[float, float], margin: float) -> Array:
    return (x > span[0] - margin) & (x < span[1] + margin)


def _openings(x: Array, z: Array, margin: float) -> Array:
    """Where the front wall has a hole, `margin` metres larger all round."""
    passage = _within(x, PASSAGE, margin) & (z < 2.45 + margin)
    door = _within(x, DOOR, margin) & (z < 2.12 + margin)
    window = _within(x, WINDOW, margin) & _within(z, (1.05, 2.15), margin)
    return passage | door | window


def _wall(x: tuple[float, float], z: tuple[float, float], step: float = 0.02) -> tuple[Array, Array]:
    return tuple(np.meshgrid(np.arange(*x, step), np.arange(*z, step), indexing="ij"))


def _brick_wall() -> None:
    """Running bond from the passage to the side wall, mortar behind the faces, patches of plaster left on it."""
    rng = dice("bricks")
    rows = [(np.arange(PASSAGE[1], SIDE_WALL_X, 0.226) + 0.113 * (k % 2), 0.076 * k) for k in range(58)]
    spots = np.concatenate([np.stack(np.broadcast_arrays(x, z), axis=1) for x, z in rows])
    spots = spots[~_openings(*spots.T, 0.10)]
    depth = 0.05 + rng.normal(0.0, 0.0035, len(spots)) + (rng.random(len(spots)) < 0.02) * 0.02
    centres = np.stack([spots[:, 0], depth, spots[:, 1] + 0.038], axis=1) + rng.normal(0, 0.0018, (len(spots), 3))
    sizes = np.array([0.214, 0.1, 0.066]) * rng.normal(1, (0.012, 0.0, 0.025), (len(spots), 3))
    turns = rng.normal(0, 0.008, (len(spots), 3))
    bricks = boxes(centres, sizes, rng, edge=0.007, wear=0.0028, wavelength=0.06, turns=turns)
    place("bricks", bricks, materials.brick())
    x, z = _wall((-1.2, SIDE_WALL_X), (-0.1, 4.6))
    joints = np.stack([x, 0.011 + 0.010 * (fractal(x, z, 0.09, rng) - 0.5), z], axis=-1)
    place("mortar", sheet(joints, ~_openings(x, z, 0.02)[1:, 1:]), materials.mortar())
    _plaster_remains(x, z)


def _plaster_remains(x: Array, z: Array) -> None:
    """Plaster where it has not fallen off yet: high up on the right, and beside the passage."""
    rng = dice("plaster")
    high_right = 0.16 * np.exp(-(((x - 3.0) / 1.1) ** 2) - ((z - 3.2) / 0.55) ** 2)
    at_passage = 0.15 * np.exp(-(((x + 0.75) / 0.45) ** 2) - ((z - 2.3) / 0.8) ** 2)
    left = fractal(x, z, 0.9, rng) + high_right + at_passage - 0.12 * np.exp(-(((x - 0.4) / 0.6) ** 2))
    keep = (left > 0.60) & ~_openings(x, z, 0.24)
    edge = np.clip((left - 0.60) / 0.02, 0, 1)
    face = np.stack([x, -0.012 - 0.010 * fractal(x, z, 0.22, rng) * edge, z], axis=-1)
    remains = place("plaster", sheet(face, keep[1:, 1:]), materials.plaster("lime_wash_old", LIME_LIGHT, LIME_DARK))
    remains.modifiers.new("thickness", "SOLIDIFY").thickness = 0.016


def _plaster_walls() -> None:
    """Left of the passage, above it, the side wall, the house across the lane, and solid masonry behind."""
    rng = dice("walls")
    lime = materials.plaster("lime_wash", LIME_LIGHT, LIME_DARK)
    blue = materials.plaster("blue_wash", (0.24, 0.29, 0.32), (0.16, 0.19, 0.20))
    ochre = materials.plaster("ochre_wash", (0.50, 0.39, 0.24), (0.34, 0.25, 0.15))
    x, z = _wall((-6.5, PASSAGE[0]), (-0.1, 4.6))
    place("wall_left", sheet(np.stack([x, 0.02 + _uneven(x, z, rng), z], axis=-1)), blue)
    x, z = _wall((PASSAGE[0] - 0.05, PASSAGE[1] + 0.05), (2.71, 4.6))
    place("wall_over", sheet(np.stack([x, _uneven(x, z, rng), z], axis=-1)), lime)
    y, z = _wall((-6.0, 0.1), (-0.1, 4.6))
    place("wall_side", sheet(np.stack([SIDE_WALL_X + _uneven(y, z, rng), y, z], axis=-1)), lime)
    x, z = _wall((-9.0, 4.0), (-0.1, 6.0), 0.04)
    place("wall_lane", sheet(np.stack([x, 6.5 + _uneven(x, z, rng), z], axis=-1)), ochre)
    middle, span = sum(PASSAGE) / 2, PASSAGE[1] - PASSAGE[0]
    centres = np.array([[middle, 0.30, 3.65], [0.9, 0.5, 4.9], [-4.6, 0.35, 2.3], [1.70, 0.36, 2.2]])
    sizes = np.array([[span + 0.6, 0.5, 1.88], [10.0, 0.5, 0.9], [3.2, 0.5, 5.0], [5.2, 0.3, 4.8]])
    place("masonry", boxes(centres, sizes, rng, edge=0.01), lime)


def _uneven(u: Array, v: Array, rng: np.random.Generator) -> Array:
    return 0.03 * (fractal(u, v, 0.7, rng) - 0.5)


def _lane_window() -> None:
    """A window with open louvred shutters, in the sun, seen through the passage."""
    rng = dice("lane")
    red = materials.wood("red_paint", (0.12, 0.09, 0.07), (0.32, 0.26, 0.2), (0.20, 0.045, 0.03))
    for side, x in (("left", -4.05), ("right", -2.75)):
        slats = np.stack(np.broadcast_arrays(x, 6.42, np.arange(1.25, 2.5, 0.075)), axis=1)
        tilt = np.tile([0.6, 0.0, 0.0], (len(slats), 1))
        place(f"lane_shutter_{side}", boxes(slats, np.array([0.52, 0.015, 0.085]), rng, turns=tilt), red)
        place(f"lane_frame_{side}", props.frame((x - 0.3, x + 0.3), (1.2, 2.52), 6.42, 0.06, rng), red)
    pane = boxes(np.array([[-3.4, 6.46, 1.86]]), np.array([0.72, 0.02, 1.3]), rng)
    place("lane_window", pane, materials.glass("lane_glass"))


def _passage(palette: Palette) -> None:
    """Quoins on both sides, alternately long and short, and a hewn beam above."""
    rng = dice("passage")
    blocks, sizes = [], []
    for x, outward in ((PASSAGE[0], -1), (PASSAGE[1], 1)):
        for k, z in enumerate(np.arange(0.14, 2.45, 0.285)):
            length = 0.46 if k % 2 else 0.30
            blocks.append([x + outward * (length / 2 - 0.03), 0.20, z])
            sizes.append([length, 0.50, 0.272])
    turns = rng.normal(0, 0.006, (len(blocks), 3))
    quoins = boxes(
        np.array(blocks), np.array(sizes), rng, edge=0.014, wear=0.006, wavelength=0.12, turns=turns, inner=6
    )
    place("quoins", quoins, palette.stone)
    size = np.array([PASSAGE[1] - PASSAGE[0] + 0.75, 0.48, 0.27])
    beam = boxes(np.array([[sum(PASSAGE) / 2, 0.16, 2.58]]), size, rng, edge=0.02, wear=0.012, wavelength=0.5, inner=24)
    place("beam", beam, palette.grey_wood)


def _door(palette: Palette) -> None:
    """Planks, strap hinges, a latch, a stone surround and a step."""
    rng = dice("door")
    width = (DOOR[1] - DOOR[0]) / 6
    planks = np.array([[DOOR[0] + width * (k + 0.5), 0.14, 1.07] for k in range(6)]) + rng.normal(
        0, (0, 0.003, 0.006), (6, 3)
    )
    size = np.array([width - 0.007, 0.04, 2.06])
    place("door", boxes(planks, size, rng, edge=0.008, wear=0.002, wavelength=0.3, inner=30), palette.green_paint)
    fittings = np.array([[DOOR[0] + 0.32, 0.112, 0.42], [DOOR[0] + 0.32, 0.112, 1.72], [DOOR[1] - 0.12, 0.10, 1.05]])
    sizes = np.array([[0.62, 0.012, 0.055], [0.62, 0.012, 0.055], [0.05, 0.05, 0.17]])
    place("door_iron", boxes(fittings, sizes, rng), palette.iron)
    _surround("door_stone", DOOR, (0.0, 2.12), palette)
    size = np.array([1.35, 0.42, 0.16])
    step = boxes(np.array([[sum(DOOR) / 2, -0.16, 0.035]]), size, rng, edge=0.025, wear=0.010, wavelength=0.3, inner=16)
    place("step", step, palette.stone)


def _window(palette: Palette) -> None:
    """Two by three panes, a stone surround with a sill."""
    rng = dice("window")
    middle = sum(WINDOW) / 2
    place("pane", boxes(np.array([[middle, 0.14, 1.6]]), np.array([0.8, 0.01, 1.1]), rng), materials.glass("glass"))
    outer = props.frame((WINDOW[0] + 0.03, WINDOW[1] - 0.03), (1.08, 2.12), 0.12, 0.06, rng)
    place("window_frame", outer, palette.green_paint)
    bars = np.array([[middle, 0.12, 1.6], [middle, 0.12, 1.43], [middle, 0.12, 1.78]])
    sizes = np.array([[0.045, 0.04, 1.0], [0.74, 0.03, 0.03], [0.74, 0.03, 0.03]])
    place("window_bars", boxes(bars, sizes, rng), palette.green_paint)
    _surround("window_stone", WINDOW, (1.05, 2.15), palette)
    sill = boxes(np.array([[middle, -0.02, 1.02]]), np.array([1.15, 0.28, 0.09]), rng, edge=0.012, wear=0.005, inner=12)
    place("sill", sill, palette.stone)


def _surround(name: str, xs: tuple[float, float], zs: tuple[float, float], palette: Palette) -> None:
    """Jambs of stone blocks and a lintel."""
    count = max(2, round((zs[1] - zs[0]) / 0.36))
    tall = (zs[1] - zs[0]) / count
    blocks = [[x, 0.07, zs[0] + tall * (k + 0.5)] for x in (xs[0] - 0.06, xs[1] + 0.06) for k in range(count)]
    sizes = [[0.17, 0.22, tall - 0.008]] * len(blocks)
    blocks.append([sum(xs) / 2, 0.06, zs[1] + 0.105])
    sizes.append([xs[1] - xs[0] + 0.42, 0.24, 0.21])
    shape = boxes(np.array(blocks), np.array(sizes), dice(name), edge=0.012, wear=0.005, wavelength=0.12, inner=8)
    place(name, shape, palette.stone)


def _ivy() -> None:
    """Ivy coming over the wall, left of the door."""
    rng = dice("ivy")
    x, z = rng.uniform(-1.2, 2.4, 30000), rng.uniform(1.6, 4.4, 30000)
    mound = 0.13 * np.exp(-(((x + 0.05) / 0.9) ** 2)) + 0.11 * (z - 3.0)
    keep = (fractal(x, z, 0.7, rng) + mound > 0.57) & ~_openings(x, z, -0.05)
    spots = np.stack([x, -0.03 - rng.exponential(0.03, x.size), z], axis=1)[keep]
    green = materials.leaf("ivy", (0.075, 0.13, 0.030), (0.022, 0.050, 0.015))
    place("ivy", leaves(spots, np.array([-0.1, -1.0, 0.35]), 0.042, rng), green)


def _weeds() -> None:
    """Weeds in tufts along the foot of the wall."""
    rng = dice("weeds")
    spots = np.stack(
        [rng.uniform(-5, SIDE_WALL_X, 2600), -0.02 - rng.exponential(0.10, 2600), np.full(2600, 0.03)], axis=1
    )
    spots = spots[fractal(spots[:, 0], spots[:, 1], 0.4, rng, 2) > 0.57]
    green = materials.leaf("weeds", (0.11, 0.13, 0.045), (0.06, 0.07, 0.03))
    place("weeds", leaves(spots, np.array([0.0, -1.0, 0.2]), 0.026, rng), green)


def _sun_through_a_tree() -> None:
    """An afternoon sun; out of frame a tree that dapples it, and a house that shades the left."""
    rng = dice("tree")
    sun = bpy.data.objects.new("sun", bpy.data.lights.new("sun", "SUN"))
    sun.data.energy, sun.data.angle, sun.data.color = 4.2, 0.0093, (1.0, 0.90, 0.76)
    direction = TO_SUN / np.linalg.norm(TO_SUN)
    sun.rotation_mode, sun.rotation_quaternion = "QUATERNION", Vector(direction).to_track_quat("Z", "Y")
    bpy.context.scene.collection.objects.link(sun)
    crown = rng.normal((2.6, 0, 1.9), (1.7, 1.2, 1.1), (2600, 3)) + direction * 8.0
    place("tree", leaves(crown, -direction, 0.085, rng), materials.leaf("tree", (0.1, 0.15, 0.03), (0.05, 0.09, 0.02)))
    house = boxes(np.array([[-9.5, -5.5, 2.2]]), np.array([2.0, 9.0, 4.4]), rng)
    place("house_left", house, materials.plaster("house", (0.4, 0.36, 0.3), (0.3, 0.26, 0.2)))


def _sky() -> None:
    world = bpy.data.worlds.new("sky")
    bpy.context.scene.world = world
    world.use_nodes = True
    sky = world.node_tree.nodes.new("ShaderNodeTexSky")
    sky.sky_type, sky.sun_disc, sky.sun_elevation, sky.air_density = "NISHITA", False, 0.65, 1.2
    background = world.node_tree.nodes["Background"]
    background.inputs["Strength"].default_value = 0.16
    world.node_tree.links.new(sky.outputs[0], background.inputs[0])
