# SPDX-License-Identifier: Apache-2.0
"""From some tracks to where every pixel goes: between a reference frame and each other frame, and back.

Where tracks went from the reference frame on is interpolated by a thin-plate spline. A track fades out towards its
gaps, so that the surface does not jump when it is hidden; one that is far from where all others would have it is left
out. The way back is found by iteration from the way there, so that the two undo one another.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cotrack.motion.joint import fading
from cotrack.motion.resample import Resampler
from cotrack.motion.thin_plate import ThinPlate, fit_thin_plate
from cotrack.motion.warps import Floats
from cotrack.tracking.tracks import Tracks
from cotrack_client.errors import CotrackError

LEAST_TRACKS = 3

_SPACING = 8  # px between the places at which the surface is computed
_MARGIN = 4  # of these around the raster
_WRONG = 8.0  # of the median distance from the surface of the others
_LEAST_WRONG_PX = 2.0
_ITERATIONS = 12  # on the coarse grid, and from there for each pixel
_LAST_ITERATIONS = 2


@dataclass(frozen=True, eq=False)
class Displacement:
    """How far every place of the reference frame has gone, px, by what is kept on a coarse grid."""

    grid: Resampler

    def at(self, places: Floats) -> Floats:
        """(H, W, 2) at raster px (H, W, 2)."""
        own = places / _SPACING + _MARGIN
        values, _ = self.grid.at(own[..., 0], own[..., 1], "extend")
        return values.astype(np.float64)


def displacement(tracks: Tracks, reference: int, frame: int, size: tuple[int, int]) -> Displacement:
    """The surface between two frames, given by their indices, by the tracks that are seen in both.

    size: (width, height). Raises CotrackError where there are fewer than three.
    """
    seen = tracks.visible & tracks.followed
    both = seen[:, reference] & seen[:, frame]
    if both.sum() < LEAST_TRACKS:
        raise CotrackError(
            f"{both.sum()} tracks are seen in both frame {tracks.frames[reference]} and {tracks.frames[frame]}, and a "
            f"map takes {LEAST_TRACKS}; choose another reference (--reference), or track more points"
        )
    places, ways = tracks.xy[both, reference], tracks.xy[both, frame] - tracks.xy[both, reference]
    weights = tracks.confidence[both, frame].astype(np.float64)
    surface = _surface(places, ways, weights, fading(seen)[both, frame])
    nodes = _nodes(size)
    values = surface.at(nodes.reshape(-1, 2)).reshape(nodes.shape)
    return Displacement(Resampler(values.astype(np.float32)))


def to_frame(moved: Displacement, size: tuple[int, int]) -> Floats:
    """(H, W, 2) where each pixel of the reference frame is in the other frame, raster px."""
    centres = pixel_centres(size)
    return centres + moved.at(centres)


def to_reference(moved: Displacement, size: tuple[int, int]) -> Floats:
    """(H, W, 2) where each pixel of the other frame was in the reference frame, raster px."""
    nodes = _nodes(size)
    coarse = _gone_back(moved, nodes, nodes, _ITERATIONS) - nodes
    centres = pixel_centres(size)
    begin = centres + Displacement(Resampler(coarse.astype(np.float32))).at(centres)
    return _gone_back(moved, centres, begin, _LAST_ITERATIONS)


def pixel_centres(size: tuple[int, int]) -> Floats:
    """(H, W, 2) raster px."""
    centres = np.meshgrid(*(np.arange(side, dtype=np.float64) + 0.5 for side in size))
    return np.stack(centres, axis=-1)


def _nodes(size: tuple[int, int]) -> Floats:
    """(rows, columns, 2) raster px of the coarse grid, which reaches beyond the raster."""
    columns, rows = (-(-side // _SPACING) + 2 * _MARGIN for side in size)
    return (pixel_centres((columns, rows)) - _MARGIN) * _SPACING


def _gone_back(moved: Displacement, goals: Floats, places: Floats, iterations: int) -> Floats:
    """(H, W, 2) better places, which go to the goals (H, W, 2)."""
    for _ in range(iterations):
        places = goals - moved.at(places)
    return places


def _surface(places: Floats, ways: Floats, weights: Floats, present: Floats) -> ThinPlate:
    """The surface of those that agree, each as far present (N,) 0..1 as it is: the rest of it goes with the others."""
    surface = fit_thin_plate(places, ways, weights)
    right = _agrees(surface.left_out)
    if not right.all() and right.sum() >= LEAST_TRACKS:
        places, ways, weights, present = places[right], ways[right], weights[right], present[right]
        surface = fit_thin_plate(places, ways, weights)
    if (present < 1).any():
        surface = fit_thin_plate(places, ways - (1 - present[:, None]) * surface.left_out, weights)
    return surface


def _agrees(left_out: Floats) -> npt.NDArray[np.bool_]:
    """(N,) whether each track is about where all others would have it."""
    distance = np.linalg.norm(left_out, axis=-1)
    return np.asarray(distance <= max(_WRONG * float(np.median(distance)), _LEAST_WRONG_PX))
