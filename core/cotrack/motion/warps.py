# SPDX-License-Identifier: Apache-2.0
"""What a motion may do: the groups of 3 x 3 matrices that move, turn, scale or distort a plane.

A matrix takes points p (2,) to the first two of M (p, 1), divided by the third. Each group is made of generators: a
matrix times `exp` of their sum is again one of the group, so that a solver walks along it without leaving it
(Baker and Matthews 2004, section 3.2, for why this composition is the cheap one).
"""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np
import numpy.typing as npt
import torch

Floats = npt.NDArray[np.float64]
MotionKind = Literal["translation", "rotation", "similarity", "perspective"]
KINDS: tuple[MotionKind, ...] = get_args(MotionKind)

LEAST_TRACKS: dict[MotionKind, int] = {"translation": 1, "rotation": 2, "similarity": 2, "perspective": 4}
"""As many have to be seen in a frame, for its motion to be known."""


def generators(kind: MotionKind) -> Floats:
    """(k, 3, 3) what a kind of motion is made of."""
    across, down = _with(0, 2, 1.0), _with(1, 2, 1.0)
    turn = _with(1, 0, 1.0) + _with(0, 1, -1.0)
    scale = _with(0, 0, 1.0) + _with(1, 1, 1.0)
    shape = _with(0, 0, 1.0) - _with(1, 1, 1.0), _with(0, 1, 1.0)
    depth = _with(2, 0, 1.0), _with(2, 1, 1.0)
    parts = {
        "translation": [across, down],
        "rotation": [across, down, turn],
        "similarity": [across, down, turn, scale],
        "perspective": [across, down, turn, scale, *shape, *depth],
    }
    return np.stack(parts[kind])


def along(matrices: Floats, steps: Floats, basis: Floats) -> Floats:
    """(..., 3, 3) matrices after steps (..., k) along the generators (k, 3, 3)."""
    algebra = np.einsum("...k,kij->...ij", steps, basis)
    moved = matrices @ torch.linalg.matrix_exp(torch.from_numpy(algebra)).numpy()
    return np.asarray(moved / moved[..., 2:, 2:])


def inverse(matrices: Floats) -> Floats:
    """(..., 3, 3) the way back, the last number 1."""
    back = np.linalg.inv(matrices)
    return np.asarray(back / back[..., 2:, 2:])


def mapped(matrices: Floats, points: Floats) -> Floats:
    """(..., N, 2) where matrices (..., 3, 3) take points (..., N, 2)."""
    flat = points @ np.swapaxes(matrices[..., :2, :2], -1, -2) + matrices[..., None, :2, 2]
    depth = points @ np.swapaxes(matrices[..., 2:, :2], -1, -2) + matrices[..., None, 2:, 2]
    return np.asarray(flat / depth)


def slopes(matrices: Floats, points: Floats, basis: Floats) -> tuple[Floats, Floats]:
    """How where points go depends on steps of the matrices (..., N, 2, k), and on the points (..., N, 2, 2)."""
    whole = np.concatenate([points, np.ones((*points.shape[:-1], 1))], axis=-1)
    landed = whole @ np.swapaxes(matrices, -1, -2)
    depth = landed[..., 2:, None]
    projected = np.concatenate(
        [np.broadcast_to(np.eye(2), (*landed.shape[:-1], 2, 2)), -(landed[..., :2] / landed[..., 2:])[..., None]],
        axis=-1,
    )
    by_landing = projected / depth  # (..., N, 2, 3)
    by_matrix = by_landing @ matrices[..., None, :, :]
    moved = np.einsum("kij,...j->...ik", basis, whole)
    return by_matrix @ moved, by_matrix[..., :2]


def homography(origin: Floats, goal: Floats) -> Floats:
    """(..., 3, 3) what takes four points (..., 4, 2) to four others; no three of them may lie in a line."""
    x, y = origin[..., 0], origin[..., 1]
    u, v = goal[..., 0], goal[..., 1]
    zero, one = np.zeros_like(x), np.ones_like(x)
    rows = [
        np.stack([x, y, one, zero, zero, zero, -u * x, -u * y], axis=-1),
        np.stack([zero, zero, zero, x, y, one, -v * x, -v * y], axis=-1),
    ]
    solved = np.linalg.solve(np.concatenate(rows, axis=-2), np.concatenate([u, v], axis=-1)[..., None])[..., 0]
    whole = np.concatenate([solved, np.ones((*solved.shape[:-1], 1))], axis=-1)
    return np.asarray(whole.reshape(*solved.shape[:-1], 3, 3))


def similarity(origin: Floats, goal: Floats, kind: MotionKind) -> Floats:
    """(..., 3, 3) the motion of a kind, but without perspective, that takes points (..., N, 2) nearest to others.

    Least squares, by complex numbers: goal = factor * origin + shift.
    """
    before, after = (points[..., 0] + 1j * points[..., 1] for points in (origin, goal))
    middle_before, middle_after = before.mean(axis=-1), after.mean(axis=-1)
    factor = np.ones(middle_before.shape, dtype=np.complex128)
    if kind != "translation" and origin.shape[-2] > 1:
        centred = before - middle_before[..., None]
        spread = (np.abs(centred) ** 2).sum(axis=-1)
        factor = ((after - middle_after[..., None]) * centred.conj()).sum(axis=-1) / np.maximum(spread, 1e-300)
        length = np.abs(factor)
        factor = np.where(length > 1e-9, factor / (length if kind == "rotation" else 1.0), 1.0)
    shift = middle_after - factor * middle_before
    matrix = np.zeros((*factor.shape, 3, 3))
    matrix[..., 0, 0] = matrix[..., 1, 1] = factor.real
    matrix[..., 1, 0], matrix[..., 0, 1] = factor.imag, -factor.imag
    matrix[..., 0, 2], matrix[..., 1, 2] = shift.real, shift.imag
    matrix[..., 2, 2] = 1.0
    return matrix


def _with(row: int, column: int, value: float) -> Floats:
    matrix = np.zeros((3, 3))
    matrix[row, column] = value
    return matrix
