# SPDX-License-Identifier: Apache-2.0
"""The corners of a plane as a CornerPin2D for Nuke, or as JSON.

    {"schema": "cotrack.cornerpin/1", "reference", "frames": [1001, ...], "corners": [[[x, y], x 4], ...],
     "error": [px or null, ...], "solved": [true, ...], "tracks": [names]}

Corners are bottom left, bottom right, top right, top left; in JSON as raster px, in Nuke from the bottom.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from cotrack.motion.curves import channel, check_suffix
from cotrack.motion.planar import Plane
from cotrack_client.atomic import write_bytes
from cotrack_client.formats.nuke.nodes import CornerPin, Pair, corner_pin_node
from cotrack_client.formats.nuke.pieces import Node

__all__ = ["check_suffix", "nuke_pin", "write_pin"]

SCHEMA = "cotrack.cornerpin/1"


def write_pin(plane: Plane, path: Path, height: int, insert: tuple[int, int] | None) -> None:
    """Write a .nk with one CornerPin2D, or a .json.

    height: of the plate. insert: size of what is pinned, px; without it the pin is from the reference frame's corners.
    """
    check_suffix(path)
    text = _json(plane) if path.suffix == ".json" else nuke_pin(plane, height, insert).text + "\n"
    write_bytes(path, text.encode())


def nuke_pin(plane: Plane, height: int, insert: tuple[int, int] | None) -> Node:
    """Return a CornerPin2D."""
    frames = plane.motion.frames.tolist()
    to: list[Pair] = [
        (channel(frames, plane.quads[:, i, 0]), channel(frames, height - plane.quads[:, i, 1])) for i in range(4)
    ]
    if insert is None:
        still = plane.quads[frames.index(plane.motion.reference)]
        origin: list[Pair] = [(float(x), float(height - y)) for x, y in still]
    else:
        across, up = map(float, insert)
        origin = [(0.0, 0.0), (across, 0.0), (across, up), (0.0, up)]
    return corner_pin_node(
        CornerPin((to[0], to[1], to[2], to[3]), (origin[0], origin[1], origin[2], origin[3])), "CornerPin"
    )


def _json(plane: Plane) -> str:
    motion = plane.motion
    head = {
        "schema": SCHEMA,
        "reference": motion.reference,
        "frames": motion.frames.tolist(),
        "corners": plane.quads.tolist(),
        "error": [None if np.isnan(error) else float(error) for error in motion.error],
        "solved": motion.solved.tolist(),
        "tracks": list(plane.names),
    }
    lines = ",\n".join(f" {json.dumps(key)}: {json.dumps(value, allow_nan=False)}" for key, value in head.items())
    return "{\n" + lines + "\n}\n"
