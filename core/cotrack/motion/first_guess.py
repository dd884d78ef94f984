# SPDX-License-Identifier: Apache-2.0
"""A first guess of a common motion: from the reference frame outward, each frame from its neighbour.

Tracks that are seen in a frame whose motion is known have a place; places that are seen in the next frame say how that
one moved. Outliers are kept out by the median: of some pairs of tracks, the one whose motion the most agree with.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cotrack.motion import warps
from cotrack.motion.warps import LEAST_TRACKS, Floats, MotionKind

Flags = npt.NDArray[np.bool_]

_PAIRS = 100
"""With a third of the tracks wrong, 4 of 9 pairs are right: that none is has a chance of 1e-25."""

_NEAR = 3.0  # of the median: what is refitted to


@dataclass(frozen=True, eq=False)
class Guess:
    """matrices (T, 3, 3) of frames that are solved (T,), places (N, 2) of tracks that are located (N,)."""

    matrices: Floats
    places: Floats
    solved: Flags
    located: Flags


def first_guess(samples: Floats, seen: Flags, kind: MotionKind, reference: int) -> Guess:
    """Guess from samples (N, T, 2) where they are seen (N, T).

    Frames that nothing connects with the reference frame, or that have too few tracks, stay unsolved.
    """
    length = seen.shape[1]
    random = np.random.default_rng(0)
    matrices = np.tile(np.eye(3), (length, 1, 1))
    places = samples[:, reference].copy()
    located = seen[:, reference].copy()
    solved = np.zeros(length, dtype=np.bool_)
    solved[reference] = True
    outward = [*range(reference + 1, length), *range(reference - 1, -1, -1)]
    has_grown = True
    while has_grown:
        has_grown = False
        for t in outward:
            known = located & seen[:, t]
            if solved[t] or known.sum() < LEAST_TRACKS[kind]:
                continue
            near = matrices[_nearest(solved, t)]
            expected = warps.mapped(near, places[known])
            matrices[t] = _agreed(expected, samples[known, t], kind, random) @ near
            new = seen[:, t] & ~located
            places[new] = warps.mapped(np.linalg.inv(matrices[t]), samples[new, t])
            located |= new
            solved[t] = has_grown = True
    places[~located] = 0.0
    return Guess(matrices, places, solved, located)


def _nearest(solved: Flags, t: int) -> int:
    known = np.flatnonzero(solved)
    return int(known[np.argmin(np.abs(known - t))])


def _agreed(origin: Floats, goal: Floats, kind: MotionKind, random: np.random.Generator) -> Floats:
    """(3, 3) the motion without perspective that the median of points (N, 2) agrees with best."""
    count = len(origin)
    size = 1 if kind == "translation" or count == 1 else 2
    tries = np.stack([random.permutation(count)[:size] for _ in range(_PAIRS)])
    candidates = warps.similarity(origin[tries], goal[tries], kind)
    distance = np.linalg.norm(warps.mapped(candidates, origin[None]) - goal, axis=-1)
    medians = np.median(distance, axis=1)
    best = int(np.argmin(medians))
    near = distance[best] <= max(_NEAR * medians[best], 1e-12)
    return warps.similarity(origin[near], goal[near], kind)
