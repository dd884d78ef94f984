# SPDX-License-Identifier: Apache-2.0
"""What stands and hangs in the yard: barrels, a wheel, crates, signs, a rain pipe, and the post near the camera."""

from __future__ import annotations

from itertools import product

import bpy
import numpy as np
from example_shot import materials
from example_shot.geometry import Shape, barrel_staves, boxes, dice, fractal, joined, place, revolved, sheet
from example_shot.materials import Colour, Palette

POST = (0.30, -3.75)
Spot = tuple[float, float, float]


def dress(palette: Palette) -> bpy.types.Object:
    """Put the props into the yard, and return the hanging sign, which moves."""
    _barrel("barrel_near", (-0.62, -1.35), 0.92, 0.36, palette)
    _barrel("barrel_far", (-0.95, -0.52), 0.80, 0.31, palette)
    _barrel("barrel_lane", (-2.2, 4.6), 0.92, 0.36, palette)
    _barrel("bucket", (0.78, -0.62), 0.36, 0.17, palette)
    _wheel((0.10, -0.22, 0.62), 0.60, palette)
    _crate("crate_big", (2.85, -0.85, 0.33), (0.80, 0.62, 0.62), 0.12, palette.old_wood)
    _crate("crate_top", (2.78, -0.82, 0.86), (0.56, 0.46, 0.42), -0.22, palette.grey_wood)
    _crate("crate_front", (2.05, -2.25, 0.22), (0.58, 0.46, 0.40), 0.5, palette.old_wood)
    _pipe(palette)
    _post(palette)
    _sign(
        "sign_door", (("HALE & SON", 0.21), ("COOPERS", 0.143)), (1.42, -0.075, 2.62), (1.55, 0.42), (0.50, 0.42, 0.25)
    )
    _sign_arm(palette)
    return _sign("sign_hung", (("No 7", 0.23), ("CIDER", 0.185)), (2.78, -0.95, 2.66), (0.62, 0.56), (0.42, 0.10, 0.06))


def frame(xs: tuple[float, float], zs: tuple[float, float], y: float, width: float, rng: np.random.Generator) -> Shape:
    """Four boards around an opening."""
    middle = (sum(xs) / 2, sum(zs) / 2)
    centres = np.array([[xs[0], y, middle[1]], [xs[1], y, middle[1]], [middle[0], y, zs[0]], [middle[0], y, zs[1]]])
    tall, wide = [width, width, zs[1] - zs[0] + width], [xs[1] - xs[0] - width, width, width]
    return boxes(centres, np.array([tall, tall, wide, wide]), rng)


def _barrel(name: str, at: tuple[float, float], height: float, belly: float, palette: Palette) -> None:
    """Staves, a lid of boards, and four hoops."""
    rng = dice(name)
    hoops = []
    for share in (0.05, 0.24, 0.76, 0.95):
        z, radius = height * share, belly * (1 - 0.17 * (2 * share - 1) ** 2) + 0.004
        section = [
            [radius - 0.01, z - 0.021],
            [radius, z - 0.02],
            [radius + 0.001, z + 0.02],
            [radius - 0.01, z + 0.021],
        ]
        hoops.append(revolved(np.array(section)))
    x = belly * np.array([-0.625, -0.375, -0.125, 0.125, 0.375, 0.625])
    centres = np.stack([x, 0 * x, 0 * x + height - 0.045], axis=1)
    sizes = np.stack([0 * x + 0.24 * belly, 2 * np.sqrt((0.81 * belly) ** 2 - x**2), 0 * x + 0.02], axis=1)
    pieces = (
        place(name, barrel_staves(height, belly, rng), palette.old_wood),
        place(f"{name}_lid", boxes(centres, sizes, rng, edge=0.004), palette.old_wood),
        place(f"{name}_hoops", joined(hoops), palette.iron),
    )
    turn = rng.uniform(0, 6)
    for piece in pieces:
        piece.location, piece.rotation_euler = (*at, 0.0), (0, 0, turn)


def _wheel(at: Spot, radius: float, palette: Palette) -> None:
    """A cart wheel leaning on the wall."""
    angle = np.arange(12) * 2 * np.pi / 12 + 0.1
    turns = np.stack([0 * angle, 0 * angle, angle], axis=1)
    out = np.stack([np.cos(angle), np.sin(angle), 0 * angle], axis=1)
    spokes = boxes(out * radius * 0.5, np.array([radius * 0.86, 0.035, 0.03]), dice("spokes"), turns=turns, edge=0.01)
    section = [
        [-0.07, -0.03],
        [-0.012, -0.034],
        [-0.005, 0.0],
        [-0.012, 0.034],
        [-0.07, 0.03],
        [-0.078, 0.0],
        [-0.07, -0.03],
    ]
    rim = revolved(np.array([radius, 0]) + section, 96)
    hub = revolved(np.array([[0.0, 0.11], [0.05, 0.11], [0.055, 0.08], [0.09, 0.05], [0.09, -0.05], [0.05, -0.1]]), 24)
    band = [[-0.03, -0.026], [0, -0.026], [0, 0.026], [-0.03, 0.026]]
    tyre = revolved(np.array([radius, 0]) + band, 96)
    pieces = place("wheel", joined([spokes, rim, hub]), palette.grey_wood), place("wheel_tyre", tyre, palette.iron)
    for piece in pieces:
        piece.location, piece.rotation_euler = at, (np.pi / 2 - 0.20, 0.0, 0.0)


def _crate(name: str, centre: Spot, size: Spot, turn: float, wood: bpy.types.Material) -> None:
    """Boards with gaps on four sides and the lid, held by battens, dark inside."""
    rng, (a, b, c), count = dice(name), np.array(size) / 2, 5
    step = size[2] / count
    boards = []
    for k, side in product(range(count), (-1, 1)):
        z = -c + step * (k + 0.5)
        boards.append(([0, side * b, z], [size[0] + 0.015, 0.016, step - 0.014]))
        boards.append(([side * a, 0, z], [0.016, size[1], step - 0.014]))
    for x, y in product((-1, 1), (-1, 1)):
        boards.append(([x * (a - 0.045), y * (b + 0.016), 0], [0.085, 0.018, size[2] + 0.01]))
        boards.append(([x * (a + 0.016), y * (b - 0.045), 0], [0.018, 0.085, size[2] + 0.01]))
    for k in range(count):
        y = -b + size[1] / count * (k + 0.5)
        boards.append(([0, y, c + 0.012], [size[0] + 0.05, size[1] / count - 0.010, 0.018]))
    centres, sizes = (np.array(column, dtype=float) for column in zip(*boards, strict=True))
    turns = rng.normal(0, 0.006, centres.shape)
    pieces = (
        place(name, boxes(centres, sizes, rng, edge=0.004, wear=0.002, turns=turns, inner=10), wood),
        place(f"{name}_inside", boxes(np.zeros((1, 3)), np.array(size) - 0.05, rng), materials.mortar()),
    )
    for piece in pieces:
        piece.location, piece.rotation_euler = centre, (0, 0, turn)


def _pipe(palette: Palette) -> None:
    """A rain pipe with collars and clamps, between door and window."""
    heights = (0.55, 1.75, 2.95)
    tube = revolved(np.array([[0.042, z] for z in np.linspace(0, 4.4, 45)]), 20)
    sections = [[[0.04, z], [0.058, z], [0.058, z + 0.07], [0.04, z + 0.07]] for z in heights]
    pipe = place("pipe", joined([tube, *(revolved(np.array(section), 20) for section in sections)]), palette.iron)
    pipe.location = (2.235, -0.07, 0)
    clamps = np.array([[2.235, -0.03, z + 0.03] for z in heights])
    place("pipe_clamps", boxes(clamps, np.array([0.17, 0.02, 0.05]), dice("pipe")), palette.iron)


def _post(palette: Palette) -> None:
    """The hewn post near the camera that hides what is behind it for a while, with a bill pasted on it."""
    rng = dice("post")
    size = np.array([0.27, 0.25, 4.4])
    post = boxes(np.array([[*POST, 2.2]]), size, rng, edge=0.022, wear=0.009, wavelength=0.45, inner=60)
    place("post", post, palette.grey_wood)
    x, z = np.meshgrid(np.linspace(-0.085, 0.075, 17), np.linspace(1.36, 1.62, 27), indexing="ij")
    paste = np.stack([POST[0] + x, POST[1] - 0.150 - 0.006 * fractal(x, z, 0.05, rng), z + 0.05 * x], axis=-1)
    place("bill", sheet(paste), materials.paper())
    ink = materials.lettering("bill_ink", (0.03, 0.026, 0.022))
    lines = (
        ("AUCTION", 1.565, 0.034),
        ("Saturday 14th", 1.525, 0.021),
        ("casks, staves", 1.49, 0.021),
        ("& tools", 1.46, 0.021),
    )
    for text, height, letter in lines:
        _letters("bill_text", text, letter, (POST[0] - 0.005, POST[1] - 0.158, height), ink)


def _letters(name: str, text: str, size: float, at: Spot, paint: bpy.types.Material) -> bpy.types.Object:
    """A line of text as a mesh, upright, centred on `at`, facing the camera."""
    curve = bpy.data.curves.new(name, "FONT")
    curve.body, curve.size, curve.align_x, curve.space_character = text, size, "CENTER", 1.08
    mesh = bpy.data.meshes.new_from_object(bpy.data.objects.new(name, curve))
    mesh.materials.append(paint)
    letters = bpy.data.objects.new(name, mesh)
    bpy.context.scene.collection.objects.link(letters)
    letters.location, letters.rotation_euler = at, (np.pi / 2, 0, 0)
    return letters


def _sign(
    name: str, lines: tuple[tuple[str, float], ...], at: Spot, size: tuple[float, float], ground: Colour
) -> bpy.types.Object:
    """Three painted boards and lines of letters of given size, hanging from their upper edge at `at`."""
    width, height = size
    boards = np.array([[0, 0, -height / 6 - k * height / 3] for k in range(3)])
    paint = materials.wood(f"{name}_paint", (0.14, 0.10, 0.07), (0.34, 0.27, 0.19), ground)
    sign = place(name, boxes(boards, np.array([width, 0.028, height / 3 - 0.004]), dice(name), inner=20), paint)
    sign.location = at
    ink = materials.lettering(f"{name}_ink", (0.035, 0.03, 0.03) if ground[1] > 0.3 else (0.66, 0.58, 0.40))
    for (text, letter), down in zip(lines, (0.50, 0.90), strict=True):
        line = _letters(f"{name}_text", text, letter, (0, -0.0165, -height * down), ink)
        line.parent = sign
    return sign


def _sign_arm(palette: Palette) -> None:
    """From the side wall: an iron arm with its stay, and two hooks."""
    centres = np.array([[3.2, -0.95, 2.77], [3.4, -0.95, 3.02], [2.53, -0.95, 2.71], [3.03, -0.95, 2.71]])
    sizes = np.array([[1.85, 0.022, 0.022], [1.5, 0.016, 0.016], [0.012, 0.012, 0.12], [0.012, 0.012, 0.12]])
    tilts = np.array([[0.0, 0.0, 0.0], [0.0, -0.33, 0.0], [0.0, 0.0, 0.0], [0.0, 0.0, 0.0]])
    place("sign_arm", boxes(centres, sizes, dice("sign_arm"), edge=0.005, wear=0.001, turns=tilts), palette.iron)
