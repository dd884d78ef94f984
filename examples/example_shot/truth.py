# SPDX-License-Identifier: Apache-2.0
"""Exact tracks of the example shot: points on surfaces, projected at the shutter's centre, seen or hidden.

Positions are raster pixels: origin at the outer top-left corner, the centre of the first pixel is (0.5, 0.5).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise, product
from pathlib import Path

import bpy
import numpy as np
import numpy.typing as npt
from bpy_extras.object_utils import world_to_camera_view
from example_shot import finish
from example_shot.camera import FIRST, HEIGHT, LAST, WIDTH
from example_shot.geometry import Array
from mathutils import Vector

PROBE_FRAMES = (1, 12, 24, 36, 48)
CELLS = (9, 5)
APART_PX = 80.0
TRIES, TRY_APART_PX = 8, 10
AROUND_PX = 6
DEPTH_STEP = 0.012
HIDDEN_METRES = 0.004
LEAST_SEEN = 20
UNFIT = ("ivy", "weeds", "grit", "mortar", "pane", "lane_window", "bill", "bill_text")
MARGIN_PX = 24
DROPPED = ("post_2", "post_3", "post_4", "post_5", "bricks_5", "bricks_8", "window_stone_1")
"""Looked at and found unfit: hardly any detail out of focus, or the swinging sign's shadow passes over them."""

MARKERS = {
    "lane_shutter_left_1": ("shutter", 1),
    "quoins_3": ("quoin", 1),
    "barrel_near_1": ("barrel", 1),
    "sign_door_text_1": ("sign_hale", 1),
    "door_1": ("hinge_top", 1),
    "sign_hung_text_1": ("sign_no7", 1),
    "crate_big_1": ("crate", 1),
    "beam_2": ("beam", 12),
    "bricks_9": ("wall", 12),
    "bricks_7": ("wall_by_pipe", 24),
    "crate_front_1": ("crate_front", 24),
    "sign_door_text_2": ("sign_son", 30),
    "door_iron_2": ("hinge_low", 30),
}
"""What an artist would pick: its name, and the frame it is placed at."""


@dataclass(frozen=True)
class Spot:
    """A point on a surface: the object's name, and where, in the object's own coordinates."""

    thing: str
    local: Vector


@dataclass(frozen=True, eq=False)
class Points:
    """Tracks of N points over T frames.

    names: N; frames: (T,); xy: (N, T, 2) raster px, also where hidden; visible: (N, T), False where hidden or outside.
    """

    names: tuple[str, ...]
    frames: npt.NDArray[np.int64]
    xy: Array
    visible: npt.NDArray[np.bool_]


def measure(pictures: dict[int, Path]) -> Points:
    """Choose textured spots in some frames, then follow them exactly through all."""
    spots: list[Spot] = []
    for frame in PROBE_FRAMES:
        bpy.context.scene.frame_set(frame)
        spots += _spots(finish.corner_strength(pictures[frame]), [_project(spot)[0] for spot in spots])
    frames = np.arange(FIRST, LAST + 1)
    xy, visible = np.empty((len(spots), len(frames), 2)), np.zeros((len(spots), len(frames)), dtype=bool)
    for t, frame in enumerate(frames.tolist()):
        bpy.context.scene.frame_set(frame)
        for n, spot in enumerate(spots):
            xy[n, t], world = _project(spot)
            visible[n, t] = _is_seen(xy[n, t], world)
    seen_long = np.flatnonzero(visible.sum(axis=1) >= LEAST_SEEN)
    names = dict(zip(_numbered([spots[n].thing for n in seen_long]), seen_long.tolist(), strict=True))
    kept = {MARKERS[name][0] if name in MARKERS else name: n for name, n in names.items() if name not in DROPPED}
    rows = list(kept.values())
    return Points(tuple(kept), frames, xy[rows], visible[rows])


def _spots(strength: Array, taken: list[Array]) -> list[Spot]:
    """In each cell of the picture the strongest corner that lies on a fit surface and not near one that is taken."""
    found: list[Spot] = []
    columns = np.linspace(MARGIN_PX, WIDTH - MARGIN_PX, CELLS[0] + 1).astype(int)
    rows = np.linspace(MARGIN_PX, HEIGHT - MARGIN_PX, CELLS[1] + 1).astype(int)
    for (left, right), (top, bottom) in product(pairwise(columns), pairwise(rows)):
        cell = strength[top:bottom, left:right].copy()
        for _ in range(TRIES):
            row, column = np.unravel_index(np.argmax(cell), cell.shape)
            at = np.array([left + column + 0.5, top + row + 0.5])
            spot = _spot(at) if all(np.hypot(*(at - other)) > APART_PX for other in taken) else None
            if spot is not None:
                found.append(spot)
                taken = [*taken, at]
                break
            cell[
                max(row - TRY_APART_PX, 0) : row + TRY_APART_PX, max(column - TRY_APART_PX, 0) : column + TRY_APART_PX
            ] = 0
    return found


def _spot(at: Array) -> Spot | None:
    """What is seen at a raster position; None near a depth edge, or where leaves move or glass mirrors."""
    around = AROUND_PX * np.array(
        [[0, 0], [1, 0], [0, 1], [-1, 0], [0, -1], [0.7, 0.7], [-0.7, 0.7], [0.7, -0.7], [-0.7, -0.7]]
    )
    hits = [hit for hit in map(_cast, at + around) if hit is not None and _is_fit(hit[1])]
    depths = [hit[0] for hit in hits]
    if len(hits) < len(around) or max(depths) - min(depths) > DEPTH_STEP * depths[0]:
        return None
    _, thing, world = hits[0]
    return Spot(thing.name, thing.matrix_world.inverted() @ world)


def _is_fit(thing: bpy.types.Object) -> bool:
    name = thing.name.split(".")[0]
    return name not in UNFIT and not name.endswith("_inside")


def _cast(at: Array) -> tuple[float, bpy.types.Object, Vector] | None:
    """Distance, object and world position of the first surface behind a raster position."""
    scene = bpy.context.scene
    eye, ray = _ray(at)
    hit, world, _, _, thing, _ = scene.ray_cast(bpy.context.evaluated_depsgraph_get(), eye, ray)
    return ((world - eye).length, thing, world) if hit else None


def _ray(at: Array) -> tuple[Vector, Vector]:
    """The camera's position, and the direction through a raster position."""
    camera = bpy.context.scene.camera
    corners = camera.data.view_frame(scene=bpy.context.scene)
    right, left = max(c.x for c in corners), min(c.x for c in corners)
    top, bottom = max(c.y for c in corners), min(c.y for c in corners)
    u, v = at[0] / WIDTH, at[1] / HEIGHT
    local = Vector((left + (right - left) * u, top + (bottom - top) * v, corners[0].z))
    eye = camera.matrix_world.translation
    return eye, (camera.matrix_world @ local - eye).normalized()


def _project(spot: Spot) -> tuple[Array, Vector]:
    """Raster position and world position at the scene's frame."""
    scene = bpy.context.scene
    world = bpy.data.objects[spot.thing].matrix_world @ spot.local
    u, v, _ = world_to_camera_view(scene, scene.camera, world)
    return np.array([u * WIDTH, (1 - v) * HEIGHT]), world


def _is_seen(at: Array, world: Vector) -> bool:
    """In the frame, and nothing stands between."""
    if not (0 <= at[0] <= WIDTH and 0 <= at[1] <= HEIGHT):
        return False
    hit = _cast(at)
    distance = (world - bpy.context.scene.camera.matrix_world.translation).length
    return hit is not None and hit[0] > distance - HIDDEN_METRES


def _numbered(things: list[str]) -> list[str]:
    """Each object's name without Blender's suffix, and a number."""
    plain = [thing.split(".")[0] for thing in things]
    return [f"{name}_{plain[: i + 1].count(name)}" for i, name in enumerate(plain)]


def write(points: Points, truth: Path, markers: Path) -> None:
    """Write the truth, and an artist's handful of markers."""
    xy = points.xy.astype(np.float32)
    np.savez_compressed(truth, names=np.array(points.names), frames=points.frames, xy=xy, visible=points.visible)
    lines = ["name,frame,x,y"]
    for name, frame in MARKERS.values():
        x, y = points.xy[points.names.index(name), frame - FIRST]
        lines.append(f"{name},{frame},{x:.2f},{y:.2f}")
    markers.write_text("\n".join(lines) + "\n", encoding="utf-8")
