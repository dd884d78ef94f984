# SPDX-License-Identifier: Apache-2.0
"""The motion that many tracks have in common: one matrix per frame and one place per track, solved together.

Each sample says: the frame's motion takes the track's place on the reference frame to here. All of them are solved at
once, so a track that was never seen at the reference frame counts as much as one that was, and one that appears or
ends finds its place where the others say, without a jump. What does not move along loses: samples weigh by Tukey's
biweight of their residual (Beaton and Tukey 1974), whole tracks by that of their median. Within a few frames of an
occlusion or of the edge of sight a sample weighs less: there trackers err most, and what fades cannot jump.
Confidence and, where tracks were refined, covariance weigh too.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cotrack.motion import normal_equations, warps
from cotrack.motion.first_guess import first_guess
from cotrack.motion.warps import LEAST_TRACKS, Floats, MotionKind
from cotrack.tracking.tracks import Tracks
from cotrack_client.errors import CotrackError

Flags = npt.NDArray[np.bool_]

_FADE = 4  # frames
_LEAST_CONFIDENCE = 1e-3  # a visible sample counts, however unsure
_SURENESS = (0.1, 4.0)  # of the typical sample
_ITERATIONS = 30
_SETTLED_PX = 1e-5
_TUKEY = 4.685  # of a standard deviation: 95 % as efficient as least squares where nothing is wrong
_TRACK_TUKEY = 4.0  # of the median track's median residual
_LEAST_SIGMA_PX = 0.02  # trackers are no better than that
_WIDER = (8.0, 4.0, 2.0)  # the first rounds forgive more: the guess they start from is rough


@dataclass(frozen=True, eq=False)
class CommonMotion:
    """What tracks agree on.

    kind:      what it may do.
    reference: the frame at which the motion is none.
    frames:    (T,) the shot's numbers.
    matrices:  (T, 3, 3) from where something is in the reference frame to where it is in a frame, raster px.
    places:    (N, 2) raster px, each track in the reference frame; NaN where it was not located.
    weights:   (N, T) 0..1 how much each sample counts in the end.
    error:     (T,) px, root mean square of the residuals of those samples; NaN where the frame has none.
    solved:    (T,) whether a frame's own tracks say how it moved; else it was interpolated from its neighbours.
    """

    kind: MotionKind
    reference: int
    frames: npt.NDArray[np.int64]
    matrices: Floats
    places: Floats
    weights: Floats
    error: Floats
    solved: Flags

    def matrix(self, frame: int) -> Floats:
        """(3, 3) of a frame; before and after the tracks that of the nearest one."""
        nearest = int(np.argmin(np.abs(self.frames - frame)))
        return np.asarray(self.matrices[nearest])


def common_motion(tracks: Tracks, kind: MotionKind, reference: int, pixel_aspect: float = 1.0) -> CommonMotion:
    """Return the motion that tracks have in common.

    pixel_aspect: width of a pixel over its height; what turns or scales does so in the picture as it is shown.
    Raises CotrackError where the reference frame has too few tracks.
    """
    index = _index_of(reference, tracks)
    seen = tracks.visible & tracks.followed
    if seen[:, index].sum() < LEAST_TRACKS[kind]:
        raise CotrackError(
            f"{seen[:, index].sum()} tracks are visible at the reference frame {reference}, and {kind} takes "
            f"{LEAST_TRACKS[kind]}; choose another frame (--reference), or track more points"
        )
    units = _units(tracks.xy[seen], pixel_aspect)
    samples = warps.mapped(units, np.where(seen[..., None], tracks.xy, 0.0).reshape(-1, 2)).reshape(tracks.xy.shape)
    prior = np.where(seen, np.maximum(tracks.confidence, _LEAST_CONFIDENCE), 0.0) * fading(seen) * _sureness(tracks)
    guess = first_guess(samples, seen, kind, index)
    pixel = units[1, 1]
    state = _refined(samples, prior * guess.solved, guess.matrices, guess.places, kind, index, pixel)
    matrices = warps.inverse(units) @ state.matrices @ units
    solved = guess.solved & (((prior > 0) & (state.weights > 0)).sum(axis=0) >= LEAST_TRACKS[kind])
    solved[index] = True
    return CommonMotion(
        kind=kind,
        reference=reference,
        frames=tracks.frames,
        matrices=_bridged(matrices / matrices[:, 2:, 2:], solved, tracks.xy[seen]),
        places=np.where(guess.located[:, None], warps.mapped(warps.inverse(units), state.places), np.nan),
        weights=state.weights,
        error=_error(state, prior * guess.solved) / pixel,
        solved=solved,
    )


@dataclass(frozen=True, eq=False)
class _State:
    matrices: Floats
    places: Floats
    residual: Floats
    weights: Floats


def _refined(  # noqa: PLR0917  all of it is the problem
    samples: Floats, prior: Floats, matrices: Floats, places: Floats, kind: MotionKind, index: int, pixel: float
) -> _State:
    """Gauss-Newton steps with weights that follow the residuals, until nothing moves by more than a trifle."""
    basis = warps.generators(kind)
    weights = np.zeros(prior.shape)
    for step in range(_ITERATIONS):
        residual = samples - np.swapaxes(warps.mapped(matrices, places[None]), 0, 1)
        weights = _weights(np.linalg.norm(residual, axis=-1), prior, pixel, _WIDER[step] if step < len(_WIDER) else 1.0)
        moves, shifts = normal_equations.step(matrices, places, residual, prior * weights, basis, index)
        matrices, places = warps.along(matrices, moves, basis), places + shifts
        if step > len(_WIDER) and max(np.abs(moves).max(), np.abs(shifts).max()) < _SETTLED_PX * pixel:
            break
    residual = samples - np.swapaxes(warps.mapped(matrices, places[None]), 0, 1)
    return _State(matrices, places, residual, np.where(prior > 0, weights, 0.0))


def _weights(distance: Floats, prior: Floats, pixel: float, wider: float) -> Floats:
    """(N, T) 0..1 by how far samples are from where the motion takes them."""
    counts = prior > 0
    if not counts.any():
        return np.zeros(distance.shape)
    least = _LEAST_SIGMA_PX * pixel
    of_tracks = np.array([np.median(own[on]) if on.any() else np.inf for own, on in zip(distance, counts, strict=True)])
    typical = max(float(np.median(of_tracks[np.isfinite(of_tracks)])), least)
    by_track = _biweight(of_tracks, _TRACK_TUKEY * typical * wider)
    trusted = counts & (by_track > 0)[:, None]
    # the median length of a two-dimensional normal deviate is 1.1774 of its standard deviation
    sigma = max(float(np.median(distance[trusted])) / 1.1774 if trusted.any() else typical, least)
    return _biweight(distance, _TUKEY * sigma * wider) * by_track[:, None]


def _biweight(distance: Floats, limit: float) -> Floats:
    return np.asarray(np.clip(1 - np.square(np.minimum(distance / limit, 1.0)), 0, 1) ** 2)


def _sureness(tracks: Tracks) -> Floats:
    """(N, T) how much samples weigh by their covariance, beside the typical one; without any all weigh the same.

    What refinement found no place for is where the follower left it, and weighs little.
    """
    variance = np.trace(tracks.covariance, axis1=-2, axis2=-1).astype(np.float64) / 2 + _LEAST_SIGMA_PX**2
    known = tracks.refined & np.isfinite(variance)
    if not known.any():
        return np.ones(known.shape)
    lightest, heaviest = _SURENESS
    return np.where(known, np.clip(np.median(variance[known]) / variance, lightest, heaviest), lightest)


def fading(seen: Flags) -> Floats:
    """(N, T) how far each sample is from the nearest gap, up to 1; the ends of the shot are no gaps."""
    padded = np.pad(seen, ((0, 0), (_FADE, _FADE)), mode="edge")
    far = np.zeros(seen.shape)
    length = seen.shape[1]
    near = seen.copy()
    for reach in range(_FADE + 1):
        near = (
            near & padded[:, _FADE - reach : _FADE - reach + length] & padded[:, _FADE + reach : _FADE + reach + length]
        )
        far += near
    return far / (_FADE + 1)


def _error(state: _State, prior: Floats) -> Floats:
    weight = prior * state.weights
    total = weight.sum(axis=0)
    squares = (weight * np.square(state.residual).sum(axis=-1)).sum(axis=0)
    return np.where(total > 0, np.sqrt(squares / np.where(total > 0, total, 1.0)), np.nan)


def _bridged(matrices: Floats, solved: Flags, positions: Floats) -> Floats:
    """Matrices in which those of frames that were not solved lie between those of their neighbours, or equal one."""
    low, high = positions.min(axis=0), positions.max(axis=0)
    high = np.maximum(high, low + 1.0)
    corners = np.array([low, (high[0], low[1]), high, (low[0], high[1])])
    moved = warps.mapped(matrices[solved], corners[None]).reshape(int(solved.sum()), 8)
    times = np.arange(len(solved))
    between = np.stack([np.interp(times, times[solved], moved[:, i]) for i in range(8)], axis=-1).reshape(-1, 4, 2)
    bridged = matrices.copy()
    if (~solved).any():
        bridged[~solved] = warps.homography(np.broadcast_to(corners, between[~solved].shape), between[~solved])
    return bridged


def _units(positions: Floats, pixel_aspect: float) -> Floats:
    """(3, 3) from raster px to square units in which the tracks span about -1..1."""
    square = positions * (pixel_aspect, 1.0)
    middle = (square.min(axis=0) + square.max(axis=0)) / 2
    scale = 1 / max(float(np.abs(square - middle).max()), 1.0)
    return np.array(
        [[scale * pixel_aspect, 0, -scale * middle[0]], [0, scale, -scale * middle[1]], [0, 0, 1.0]], dtype=np.float64
    )


def _index_of(reference: int, tracks: Tracks) -> int:
    found = np.flatnonzero(tracks.frames == reference)
    if not len(found):
        span = f"{tracks.frames[0]}-{tracks.frames[-1]}" if len(tracks.frames) else "none"
        raise CotrackError(f"the tracks have no frame {reference} (they have {span}); choose another (--reference)")
    return int(found[0])
