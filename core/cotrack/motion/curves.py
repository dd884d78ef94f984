# SPDX-License-Identifier: Apache-2.0
"""A motion as curves: a Transform or a CornerPin2D for Nuke, or matrices as JSON.

    {"schema": "cotrack.motion/1", "kind", "reference", "width", "height", "pixel_aspect", "zoom",
     "frames": [1001, ...], "matrices": [[[a, b, c], [d, e, f], [g, h, 1]], ...],
     "error": [px or null, ...], "solved": [true, ...]}

A matrix takes a place in a frame of the shot to its place in the new frame, raster px: origin at the outer top-left
corner, y down. Nuke's nodes count from the bottom, about the middle of the format; their keys are linear.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from cotrack.motion import warps
from cotrack.motion.joint import CommonMotion
from cotrack.motion.warps import Floats
from cotrack_client.atomic import write_bytes
from cotrack_client.errors import CotrackError
from cotrack_client.formats.nuke.curves import Channel, curve_of
from cotrack_client.formats.nuke.nodes import CornerPin, Pair, Transform, corner_pin_node, transform_node
from cotrack_client.formats.nuke.pieces import Node

SCHEMA = "cotrack.motion/1"
SUFFIXES = (".nk", ".json")


@dataclass(frozen=True, eq=False)
class MotionCurves:
    """What is done to a shot: matrices (T, 3, 3) from a place in its frame to that in the new one, raster px."""

    motion: CommonMotion
    matrices: Floats
    size: tuple[int, int]
    pixel_aspect: float = 1.0
    zoom: float = 1.0


def write_curves(curves: MotionCurves, path: Path, name: str) -> None:
    """Write a .nk with one node of that name, or a .json. Raises CotrackError."""
    check_suffix(path)
    text = _json(curves) if path.suffix == ".json" else nuke_node(curves, name).text + "\n"
    write_bytes(path, text.encode())


def check_suffix(path: Path) -> None:
    """Raise CotrackError when a path does not say what curves to write."""
    if path.suffix not in SUFFIXES:
        raise CotrackError(f"{path}: cannot tell which curves to write; end it in {' or '.join(SUFFIXES)}")


def nuke_node(curves: MotionCurves, name: str) -> Node:
    """Return a Transform, or for a motion with perspective a CornerPin2D."""
    frames = curves.motion.frames.tolist()
    if curves.motion.kind == "perspective":
        return corner_pin_node(_corner_pin(curves, frames), name)
    return transform_node(_transform(curves, frames), name)


def _transform(curves: MotionCurves, frames: list[int]) -> Transform:
    """About the middle of the format; angles and sizes are those of the picture as it is shown."""
    width, height = curves.size
    aspect = curves.pixel_aspect
    center = np.array([[width / 2, height / 2]])
    moved = (warps.mapped(curves.matrices, center) - center)[:, 0]
    # across and down of a small step to the right, in square units
    right = curves.matrices[:, 0, 0] + 1j * curves.matrices[:, 1, 0] / aspect
    angle = np.degrees(np.unwrap(-np.angle(right)))
    scale = np.abs(right)
    turned, sized = channel(frames, angle), channel(frames, scale)
    return Transform(
        translate=(channel(frames, moved[:, 0]), channel(frames, -moved[:, 1])),
        rotate=turned,
        scale=(sized, sized),
        center=(width / 2, height / 2),
    )


def _corner_pin(curves: MotionCurves, frames: list[int]) -> CornerPin:
    width, height = curves.size
    corners = np.array([(0, height), (width, height), (width, 0), (0, 0)], dtype=np.float64)
    moved = warps.mapped(curves.matrices, corners[None])
    to: list[Pair] = [(channel(frames, moved[:, i, 0]), channel(frames, height - moved[:, i, 1])) for i in range(4)]
    origin: list[Pair] = [(float(x), float(height - y)) for x, y in corners]
    return CornerPin((to[0], to[1], to[2], to[3]), (origin[0], origin[1], origin[2], origin[3]))


def channel(frames: list[int], values: Floats) -> Channel:
    """A curve, or a number where nothing changes."""
    if np.ptp(values) < 1e-12:
        return float(values[0])
    return curve_of(zip(map(float, frames), values.tolist(), strict=True), "L")


def _json(curves: MotionCurves) -> str:
    motion = curves.motion
    head = {
        "schema": SCHEMA,
        "kind": motion.kind,
        "reference": motion.reference,
        "width": curves.size[0],
        "height": curves.size[1],
        "pixel_aspect": curves.pixel_aspect,
        "zoom": curves.zoom,
        "frames": motion.frames.tolist(),
        "matrices": curves.matrices.tolist(),
        "error": [None if np.isnan(error) else float(error) for error in motion.error],
        "solved": motion.solved.tolist(),
    }
    lines = ",\n".join(f" {json.dumps(key)}: {json.dumps(value, allow_nan=False)}" for key, value in head.items())
    return "{\n" + lines + "\n}\n"
