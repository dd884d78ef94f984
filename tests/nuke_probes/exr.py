# SPDX-License-Identifier: Apache-2.0
"""Writes the smallest of EXR files, uncompressed floats by OpenEXR's file layout, as Nuke's Python has no library."""

from __future__ import annotations

import struct
from pathlib import Path

Window = tuple[int, int, int, int]
"""x and y of the first and the last pixel, y down."""


def write_dot(path: Path, display: Window, data: Window, dot: tuple[int, int], pixel_aspect: float = 1.0) -> None:
    """Write a black picture with one white pixel. dot: in the file's own coordinates, y down."""
    channels = b"".join(name + b"\0" + struct.pack("<iBxxxii", 2, 0, 1, 1) for name in (b"B", b"G", b"R")) + b"\0"
    header = b"".join(
        [
            _attribute("channels", "chlist", channels),
            _attribute("compression", "compression", b"\0"),
            _attribute("dataWindow", "box2i", struct.pack("<4i", *data)),
            _attribute("displayWindow", "box2i", struct.pack("<4i", *display)),
            _attribute("lineOrder", "lineOrder", b"\0"),
            _attribute("pixelAspectRatio", "float", struct.pack("<f", pixel_aspect)),
            _attribute("screenWindowCenter", "v2f", struct.pack("<2f", 0, 0)),
            _attribute("screenWindowWidth", "float", struct.pack("<f", 1)),
        ]
    )
    start = struct.pack("<2i", 20000630, 2) + header + b"\0"
    width = data[2] - data[0] + 1
    lines = [_line(y, [float((x, y) == dot) for x in range(data[0], data[2] + 1)]) for y in range(data[1], data[3] + 1)]
    offset = len(start) + 8 * len(lines)
    table = b"".join(struct.pack("<Q", offset + place * (8 + 12 * width)) for place in range(len(lines)))
    path.write_bytes(start + table + b"".join(lines))


def _attribute(name: str, kind: str, value: bytes) -> bytes:
    return name.encode() + b"\0" + kind.encode() + b"\0" + struct.pack("<i", len(value)) + value


def _line(y: int, values: list[float]) -> bytes:
    pixels = struct.pack(f"<{len(values)}f", *values) * 3
    return struct.pack("<2i", y, len(pixels)) + pixels
