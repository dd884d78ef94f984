# SPDX-License-Identifier: Apache-2.0
"""One Gauss-Newton step of all frames' motions and all tracks' places together.

Frames do not know of one another but through tracks: their block of the normal equations is block-diagonal, and is
eliminated (Schur's complement; Triggs et al. 2000, section 6.1), which leaves two unknowns per track.
"""

from __future__ import annotations

import numpy as np

from cotrack.motion import warps
from cotrack.motion.warps import Floats

_DAMPING = 1e-9  # of the mean diagonal: keeps what hardly anything decides where it is


def step(  # noqa: PLR0917  all of it is the problem
    matrices: Floats, places: Floats, residual: Floats, weights: Floats, basis: Floats, reference: int
) -> tuple[Floats, Floats]:
    """Return steps of the matrices (T, k) and of the places (N, 2) that make weighted squares of residuals smallest.

    matrices: (T, 3, 3). places: (N, 2). residual: (N, T, 2), found minus expected. weights: (N, T). basis: generators.
    reference: the index of the frame whose matrix stays.
    """
    by_frame, by_place = warps.slopes(matrices, places[None], basis)  # (T, N, 2, k), (T, N, 2, 2)
    weight = weights.T[..., None, None]
    error = np.swapaxes(residual, 0, 1)[..., None]  # (T, N, 2, 1)
    frames, tracks, parameters = len(matrices), len(places), len(basis)

    weighted_frame = by_frame * weight
    frame_block = np.einsum("tnck,tncl->tkl", weighted_frame, by_frame)
    frame_right = np.einsum("tnck,tnc->tk", weighted_frame, error[..., 0])
    weighted_place = by_place * weight
    place_block = np.einsum("tnck,tncl->nkl", weighted_place, by_place)
    place_right = np.einsum("tnck,tnc->nk", weighted_place, error[..., 0])
    cross = np.einsum("tnck,tncl->tknl", weighted_frame, by_place).reshape(frames, parameters, tracks * 2)

    cross[reference] = 0
    frame_right[reference] = 0
    frame_block[reference] = np.eye(parameters)
    factor = np.linalg.cholesky(_damped(frame_block))
    half_cross = np.linalg.solve(factor, cross).reshape(frames * parameters, tracks * 2)
    half_right = np.linalg.solve(factor, frame_right[..., None]).reshape(frames * parameters)

    reduced = _block_diagonal(_damped(place_block)) - half_cross.T @ half_cross
    reduced[np.diag_indices_from(reduced)] += _DAMPING * max(float(np.trace(reduced)) / len(reduced), 1e-12)
    shifts = np.linalg.solve(reduced, place_right.reshape(-1) - half_cross.T @ half_right)
    back = (half_right - half_cross @ shifts).reshape(frames, parameters, 1)
    moves = np.linalg.solve(np.swapaxes(factor, -1, -2), back)[..., 0]
    moves[reference] = 0
    return moves, shifts.reshape(tracks, 2)


def _damped(blocks: Floats) -> Floats:
    """Blocks (M, k, k) that can be divided by: where nothing is known, that is by something."""
    size = blocks.shape[-1]
    level = np.trace(blocks, axis1=-2, axis2=-1) / size
    added = np.where(level > 0, _DAMPING * level, 1.0)
    return blocks + added[:, None, None] * np.eye(size)


def _block_diagonal(blocks: Floats) -> Floats:
    count, size = blocks.shape[:2]
    whole = np.zeros((count, size, count, size))
    index = np.arange(count)
    whole[index, :, index, :] = blocks
    return whole.reshape(count * size, count * size)
