# SPDX-License-Identifier: Apache-2.0
"""Shapes of the example shot as arrays: boxes with worn edges, barrels, tubes, sheets, scattered leaves.

Lengths are metres, z is up. A shape also carries `grain`: each piece's own coordinates, long axis first and shifted by
a random amount, so that wood grain runs along a board and no two bricks have the same pattern.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from itertools import product

import bpy
import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
GRAIN = "grain"
SEED = 7


def dice(name: str) -> np.random.Generator:
    """Each piece's own random numbers, so that a change to one leaves the others as they are."""
    return np.random.default_rng([SEED, zlib.crc32(name.encode())])


@dataclass(frozen=True, eq=False)
class Shape:
    """vertices: (V, 3) m; faces: (F, 3 or 4) vertex indices; grain: (V, 3) m."""

    vertices: Array
    faces: npt.NDArray[np.int64]
    grain: Array


def joined(shapes: list[Shape]) -> Shape:
    """One shape of many whose faces have the same number of corners."""
    starts = np.cumsum([0] + [len(shape.vertices) for shape in shapes[:-1]])
    return Shape(
        np.concatenate([shape.vertices for shape in shapes]),
        np.concatenate([shape.faces + start for shape, start in zip(shapes, starts, strict=True)]),
        np.concatenate([shape.grain for shape in shapes]),
    )


def place(name: str, shape: Shape, material: bpy.types.Material, *, smooth: bool = True) -> bpy.types.Object:
    """Put a shape into the scene."""
    mesh = bpy.data.meshes.new(name)
    mesh.from_pydata(shape.vertices.tolist(), [], shape.faces.tolist())
    mesh.attributes.new(GRAIN, "FLOAT_VECTOR", "POINT").data.foreach_set("vector", shape.grain.ravel())
    mesh.polygons.foreach_set("use_smooth", [smooth] * len(mesh.polygons))
    mesh.materials.append(material)
    thing = bpy.data.objects.new(name, mesh)
    bpy.context.scene.collection.objects.link(thing)
    return thing


def ripple(points: Array, wavelength: float, rng: np.random.Generator) -> Array:
    """A smooth random vector of about unit size at each point, (V, 3); the same seed gives the same field."""
    directions = rng.normal(size=(3, 12, 3)) * (2 * np.pi / wavelength / np.sqrt(3))
    phases = rng.uniform(0, 2 * np.pi, size=(3, 12))
    return np.stack(
        [np.sin(points @ d.T + p).sum(axis=1) / np.sqrt(6) for d, p in zip(directions, phases, strict=True)], axis=1
    )


def fractal(u: Array, v: Array, wavelength: float, rng: np.random.Generator, octaves: int = 5) -> Array:
    """Value noise in the plane, about 0..1, from octaves of smoothed random lattices."""
    total, weight = np.zeros_like(u), 0.0
    for octave in range(octaves):
        lattice = rng.random((256, 256))
        s, t = u / wavelength * 2**octave + 128, v / wavelength * 2**octave + 128
        i, j = np.floor(s).astype(int), np.floor(t).astype(int)
        along, across = (f * f * (3 - 2 * f) for f in (s - i, t - j))
        corners = lattice[np.array([i, i + 1])[:, None] % 256, np.array([j, j + 1])[None] % 256]
        sides = corners[:, 0] * (1 - across) + corners[:, 1] * across
        smooth = sides[0] * (1 - along) + sides[1] * along
        total, weight = total + smooth * 0.55**octave, weight + 0.55**octave
    return total / weight


def _box_template(inner: int) -> tuple[Array, Array, npt.NDArray[np.int64]]:
    """A box's grid: how far along the flat part (-1..1), which way over the rounded edge (-1, 0, 1), and the quads."""
    steps = [(-1.0, -1.0), *((a, 0.0) for a in np.linspace(-1, 1, inner)), (1.0, 1.0)]
    index: dict[tuple[float, ...], int] = {}
    faces = []
    for axis, side in product(range(3), (-1.0, 1.0)):
        grid = np.empty((len(steps), len(steps)), dtype=np.int64)
        for (i, first), (j, second) in product(enumerate(steps), repeat=2):
            along = np.insert([first[0], second[0]], axis, side)
            over = np.insert([first[1], second[1]], axis, side)
            grid[i, j] = index.setdefault((*along, *over), len(index))
        quads = np.stack([grid[:-1, :-1], grid[1:, :-1], grid[1:, 1:], grid[:-1, 1:]], axis=-1).reshape(-1, 4)
        faces.append(quads if (side > 0) == (axis != 1) else quads[:, ::-1])
    table = np.array(list(index))
    return table[:, :3], table[:, 3:], np.concatenate(faces)


def boxes(
    centres: Array,
    sizes: Array,
    rng: np.random.Generator,
    *,
    edge: float = 0.006,
    wear: float = 0.0015,
    wavelength: float = 0.08,
    turns: Array | None = None,
    inner: int = 4,
) -> Shape:
    """N boxes with rounded edges of radius `edge`, worn by `wear`.

    centres, sizes: (N, 3) m; turns: (N, 3) rad, about x, then y, then z.
    """
    along, over, quads = _box_template(inner)
    half = np.broadcast_to(sizes, centres.shape)[:, None] / 2
    radius = np.minimum(edge, half.min(axis=2, keepdims=True) * 0.9)
    local = along * (half - radius) + radius * over / np.linalg.norm(over, axis=1, keepdims=True)
    shift = rng.uniform(-50, 50, size=(len(centres), 1, 3))
    local = local + wear * ripple((local + shift).reshape(-1, 3), wavelength, rng).reshape(local.shape)
    longest_first = np.argsort(-half, axis=2)
    grain = np.take_along_axis(local, np.broadcast_to(longest_first, local.shape), axis=2) + shift
    if turns is not None:
        local = np.einsum("nij,nvj->nvi", rotations(turns), local)
    world = local + centres[:, None]
    faces = quads[None] + np.arange(len(centres))[:, None, None] * len(along)
    return Shape(world.reshape(-1, 3), faces.reshape(-1, 4), grain.reshape(-1, 3))


def rotations(turns: Array) -> Array:
    """(N, 3) angles about x, then y, then z, in rad -> (N, 3, 3)."""
    result = np.broadcast_to(np.eye(3), (len(turns), 3, 3))
    for axis in range(3):
        j, k = (axis + 1) % 3, (axis + 2) % 3
        c, s = np.cos(turns[:, axis]), np.sin(turns[:, axis])
        turn = np.broadcast_to(np.eye(3), (len(turns), 3, 3)).copy()
        turn[:, j, j], turn[:, j, k], turn[:, k, j], turn[:, k, k] = c, -s, s, c
        result = turn @ result
    return result


def sheet(points: Array, keep: npt.NDArray[np.bool_] | None = None) -> Shape:
    """A surface through an (A, B, 3) grid of points; `keep` (A-1, B-1) says which quads are there."""
    index = np.arange(points.shape[0] * points.shape[1]).reshape(points.shape[:2])
    quads = np.stack([index[:-1, :-1], index[1:, :-1], index[1:, 1:], index[:-1, 1:]], axis=-1)
    flat = points.reshape(-1, 3)
    return Shape(flat, quads[keep] if keep is not None else quads.reshape(-1, 4), flat.copy())


def revolved(profile: Array, turns: int = 48) -> Shape:
    """A surface of revolution about z; profile: (P, 2) radius and height."""
    angle = np.linspace(0, 2 * np.pi, turns + 1)[:, None]
    return sheet(
        np.stack([profile[:, 0] * np.cos(angle), profile[:, 0] * np.sin(angle), profile[:, 1] + 0 * angle], -1)
    )


def barrel_staves(height: float, belly: float, rng: np.random.Generator, count: int = 22) -> Shape:
    """Staves about z, each a piece of its own, with a groove between them; `belly` is the largest radius."""
    z, width = np.linspace(0, 1, 14), 2 * np.pi / count
    radius = belly * (1 - 0.17 * (2 * z - 1) ** 2)
    across = np.array([-0.5, -0.46, -0.2, 0.2, 0.46, 0.5])
    groove = np.array([0.009, 0.001, 0, 0, 0.001, 0.009])
    staves = []
    for k in range(count):
        angle = (k + across)[:, None] * width + 0 * z
        r = radius - groove[:, None] + rng.normal(0, 0.0015)
        piece = sheet(np.stack([r * np.cos(angle), r * np.sin(angle), height * z + 0 * angle], axis=-1))
        own = np.stack([height * z + 0 * angle, across[:, None] * width * belly + 0 * angle, 0 * angle], axis=-1)
        staves.append(Shape(piece.vertices, piece.faces, own.reshape(-1, 3) + rng.uniform(-50, 50, 3)))
    return joined(staves)


def leaves(centres: Array, facing: Array, size: float, rng: np.random.Generator) -> Shape:
    """Five-cornered leaves, each two quads folded along the middle, at (N, 3) centres turned about `facing`."""
    outline = np.array(
        [[0, -1, 0], [0.75, -0.5, 0.22], [0.55, 0.45, 0.15], [0, 1, -0.12], [-0.55, 0.45, 0.15], [-0.75, -0.5, 0.22]]
    )
    scale = size * rng.uniform(0.5, 1.2, size=(len(centres), 1, 1))
    normal = facing + rng.normal(0, 0.45, size=centres.shape)
    normal /= np.linalg.norm(normal, axis=1, keepdims=True)
    down = np.array([0, 0, -1.0]) + rng.normal(0, 0.4, size=centres.shape)
    side = np.cross(normal, down)
    side /= np.linalg.norm(side, axis=1, keepdims=True)
    frame = np.stack([side, np.cross(side, normal), normal], axis=2)
    world = centres[:, None] + np.einsum("nij,nvj->nvi", frame, outline * scale)
    quads = np.array([[0, 1, 2, 3], [0, 3, 4, 5]])[None] + np.arange(len(centres))[:, None, None] * len(outline)
    own = outline * scale + rng.uniform(-50, 50, size=(len(centres), 1, 3))
    return Shape(world.reshape(-1, 3), quads.reshape(-1, 4), own.reshape(-1, 3))
