# SPDX-License-Identifier: Apache-2.0
"""The bundled example: a short plate, an artist's points on it, and where they truly go."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path


def example_shot() -> Path:
    """The plate: 48 frames of 1280 x 720, hand-held, with a post that passes before the wall; its first frame is 1."""
    return _bundled("courtyard.mp4")


def example_points() -> Path:
    """Points on the plate as an artist would place them, on several frames: name, frame, x, y in raster pixels."""
    return _bundled("courtyard_points.csv")


def example_truth() -> Path:
    """The exact tracks, from the scene that the plate was rendered from; the example's points are among them.

    An .npz without pickles: names (N,) str; frames (T,) int64; xy (N, T, 2) float32, raster px at the shutter's
    centre, also where hidden; visible (N, T) bool, False where hidden or out of frame.
    """
    return _bundled("courtyard_truth.npz")


def _bundled(name: str) -> Path:
    path = files(__name__) / name
    assert isinstance(path, Path)  # noqa: S101  the package is installed as plain files, never inside a zip
    return path
