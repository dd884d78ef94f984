# SPDX-License-Identifier: Apache-2.0
"""Looks: what each point's surroundings look like, and where they are in another picture.

Registration is Gauss-Newton on an affine warp, inverse compositional (Baker and Matthews, "Lucas-Kanade 20 Years On",
2004, section 3.2), on patches of zero mean and unit length, so that neither brightness nor contrast matters. A Gaussian
window weighs the middle of the patch most, where an occluder or another depth is least likely.

Positions here are pixel indices, in which the centre of the first pixel is (0, 0); shapes are the 2 x 2 matrices that
map offsets from the point in the query's picture to offsets from it in another picture.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Pixels = npt.NDArray[np.float32]
Rows = npt.NDArray[np.int64]
Pyramid = tuple[Pixels, ...]
"""Luma 0..1 at full, half, quarter, ... size."""

_WINDOW = 0.5  # standard deviation of the Gaussian window, of half the patch
_DAMPING = 0.1  # of the patch's texture: keeps the shape where the patch says little about it
_NOISE = 2 / 255  # of the plate, standard deviation
_ITERATIONS = 15
_STILL_PX = 0.005
_LARGEST_STEP_PX = 3.0
_LARGEST_DISTORTION = 0.25  # in one step
_PARAMETERS = 8  # of the warp, the gain and the offset
_AT_ONCE = 512  # points per batch, so that memory does not grow with their number
_TINY = 1e-6
_RIM_PENALTY = 0.15  # of correlation: in a search, what is far from where it should be must look better
_LOOK_ALIKE = 0.8
_SAME_SUMMIT_PX = 2.0
_POSITION = [0, 3]  # the warp is (x, dx/du, dx/dv, y, dy/du, dy/dv)
_IS_POSITION = np.isin(np.arange(6), _POSITION)


@dataclass(frozen=True, eq=False)
class Registration:
    """Where R points were found.

    centre:      (R, 2) pixel index.
    shape:       (R, 2, 2).
    agreement:   (R,) correlation with the look, 1 is perfect.
    uncertainty: (R,) px, standard deviation of the position along its worst direction, from texture and residual.
    """

    centre: Floats
    shape: Floats
    agreement: Floats
    uncertainty: Floats


class Looks:
    """One look per point, `2 * half + 1` samples wide, each taken at its own level of the pyramid."""

    def __init__(self, count: int, half: int) -> None:
        offsets = lattice(half)
        weights = np.exp(-(offsets**2).sum(axis=1) / (2 * (_WINDOW * half) ** 2))
        weights /= weights.sum()
        self.half = half
        self.level = np.zeros(count, dtype=np.int64)
        self._offsets = offsets
        self._weights = weights.astype(np.float32)
        self._root_weights = np.sqrt(weights).astype(np.float32)
        self._effective_samples = 1 / (weights**2).sum()
        self._terms = np.stack([np.ones(len(offsets)), *(offsets / half).T]).astype(np.float32)
        self._pixels = np.zeros((count, len(offsets)), dtype=np.float32)
        self._gradient = np.zeros((2, count, len(offsets)), dtype=np.float32)
        self._contrast = np.zeros(count)
        self._inverse_hessian = np.zeros((count, 6, 6))

    def take(self, rows: Rows, pyramid: Pyramid, centre: Floats, shape: Floats) -> None:
        """Remember what these points look like at `centre` (R, 2) under `shape` (R, 2, 2)."""
        for level, some in self._batches(rows):
            self._take(rows[some], pyramid[level], _to_level(centre[some], level), shape[some])

    def expected_uncertainty(self, rows: Rows, agreement: float | Floats) -> Floats:
        """(R,) px: how well the position can be known at this agreement, along its worst direction."""
        residual = 2 * np.maximum(1 - np.asarray(agreement), 0) / max(self._effective_samples - _PARAMETERS, 1)
        noise = (_NOISE / np.maximum(self._contrast[rows], _TINY)) ** 2 / self._effective_samples
        covariance = self._inverse_hessian[rows][:, _POSITION][:, :, _POSITION]
        worst = np.maximum(np.linalg.eigvalsh(covariance)[:, -1], 0)
        return np.asarray(np.sqrt(worst * (residual + noise)) * 2.0 ** self.level[rows])

    def register(self, rows: Rows, pyramid: Pyramid, centre: Floats, shape: Floats) -> Registration:
        """Find these points, starting from `centre` (R, 2) and `shape` (R, 2, 2)."""
        found_centre, found_shape, agreement = centre.copy(), shape.copy(), np.zeros(len(rows))
        for level, some in self._batches(rows):
            start = _to_level(centre[some], level)
            place, found_shape[some], agreement[some] = self._register(rows[some], pyramid[level], start, shape[some])
            found_centre[some] = _from_level(place, level)
        return Registration(found_centre, found_shape, agreement, self.expected_uncertainty(rows, agreement))

    def search(self, row: int, pyramid: Pyramid, centre: Floats, shape: Floats, radius: float) -> tuple[Floats, float]:
        """Where within `radius` px of `centre` (2,) a point looks most like itself, to the pixel, and the correlation.

        Nearness counts too: a place at the rim must agree better by `_RIM_PENALTY` than one in the middle.
        """
        level = int(self.level[row])
        reach = _reach(radius, level)
        distances = np.linalg.norm(lattice(reach), axis=1).reshape(2 * reach + 1, -1)
        score = self._likeness(row, pyramid[level], _to_level(centre, level), shape, reach)
        score = score - _RIM_PENALTY * distances / reach
        best = int(np.argmax(score))
        return centre + shape @ lattice(reach)[best] * 2.0**level, float(score.flat[best])

    def elbow_room(self, row: int, pyramid: Pyramid, centre: Floats, radius: float) -> float:
        """Half the way, in px, to the nearest other place that looks like the point, but at most `radius`.

        On a regular pattern a search must not go farther, or it finds the neighbour.
        """
        level = int(self.level[row])
        reach = _reach(2 * radius, level)
        distances = np.linalg.norm(lattice(reach), axis=1).reshape(2 * reach + 1, -1)
        likeness = self._likeness(row, pyramid[level], _to_level(centre, level), np.eye(2), reach)
        summits = likeness == cv2.dilate(likeness, np.ones((3, 3), dtype=np.uint8))
        rivals = distances[summits & (likeness > _LOOK_ALIKE) & (distances > _SAME_SUMMIT_PX)]
        return min(radius, float(rivals.min(initial=np.inf)) / 2 * 2.0**level)

    def _likeness(self, row: int, grey: Pixels, centre: Floats, shape: Floats, reach: int) -> Pixels:
        """(2 * reach + 1, 2 * reach + 1) correlation with a look at whole-pixel offsets, unweighted."""
        x, y = _warped(lattice(self.half + reach), centre[None], shape[None])
        side = 2 * (self.half + reach) + 1
        region = _at(grey, x.reshape(side, side), y.reshape(side, side))
        look = (self._pixels[row] / self._root_weights).reshape(2 * self.half + 1, -1)
        return np.asarray(cv2.matchTemplate(region, look, cv2.TM_CCOEFF_NORMED), dtype=np.float32)

    def _batches(self, rows: Rows) -> Iterator[tuple[int, Rows]]:
        """The places in `rows` that share a level, some at a time."""
        for level in np.unique(self.level[rows]):
            places = np.flatnonzero(self.level[rows] == level)
            for first in range(0, len(places), _AT_ONCE):
                yield int(level), places[first : first + _AT_ONCE]

    def _take(self, rows: Rows, grey: Pixels, centre: Floats, shape: Floats) -> None:
        side = 2 * self.half + 3
        patch = _at(grey, *_warped(lattice(self.half + 1), centre, shape)).reshape(-1, side, side)
        pixels, contrast = self._normalised(patch[:, 1:-1, 1:-1].reshape(len(rows), -1))
        across = (patch[:, 1:-1, 2:] - patch[:, 1:-1, :-2]).reshape(len(rows), -1) / 2
        down = (patch[:, 2:, 1:-1] - patch[:, :-2, 1:-1]).reshape(len(rows), -1) / 2
        scale = self._root_weights / np.maximum(contrast, _TINY)[:, None]
        self._pixels[rows] = pixels
        self._contrast[rows] = contrast
        self._gradient[0, rows], self._gradient[1, rows] = across * scale, down * scale
        self._inverse_hessian[rows] = self._damped_inverse(rows)

    def _damped_inverse(self, rows: Rows) -> Floats:
        """(R, 6, 6) inverse Hessian of the warp, after gain and offset took their share of the texture."""
        slopes = np.stack([gradient[rows] * term for gradient in self._gradient for term in self._terms], axis=2)
        for explained in (self._pixels[rows], self._root_weights[None]):
            slopes -= explained[:, :, None] * (explained[:, :, None] * slopes).sum(axis=1, keepdims=True)
        hessian = np.swapaxes(slopes, 1, 2).astype(np.float64) @ slopes
        texture = (hessian[:, 0, 0] + hessian[:, 3, 3]) / 2
        damping = np.full(6, _DAMPING)
        damping[_POSITION] = _TINY
        return np.linalg.inv(hessian + np.diag(damping) * texture[:, None, None] + _TINY**2 * np.eye(6))

    def _register(
        self, rows: Rows, grey: Pixels, centre: Floats, shape: Floats
    ) -> tuple[Floats, Floats, npt.NDArray[np.float32]]:
        centre, shape = centre.copy(), shape.copy()
        moving = np.arange(len(rows))
        for _ in range(_ITERATIONS):
            pixels, _ = self._normalised(_at(grey, *_warped(self._offsets, centre[moving], shape[moving])))
            step = self._step(rows[moving], pixels)
            still = np.eye(2) + step[:, [[1, 2], [4, 5]]] / self.half
            shape[moving] = shape[moving] @ np.linalg.inv(still)
            centre[moving] -= (shape[moving] * step[:, None, _POSITION]).sum(axis=2)
            moving = moving[np.abs(step).max(axis=1) > _STILL_PX]
            if len(moving) == 0:
                break
        pixels, _ = self._normalised(_at(grey, *_warped(self._offsets, centre, shape)))
        return centre, shape, (pixels * self._pixels[rows]).sum(axis=1)

    def _step(self, rows: Rows, pixels: Pixels) -> Floats:
        """(R, 6) the small warp of the look that best explains `pixels`; its shape part is px at the patch's edge."""
        look = self._pixels[rows]
        residual = pixels - look * (look * pixels).sum(axis=1, keepdims=True)
        pulls = [gradient[rows] * residual for gradient in self._gradient]
        downhill = np.stack([(pull * term).sum(axis=1) for pull in pulls for term in self._terms], axis=1)
        step = (self._inverse_hessian[rows] * downhill[:, None]).sum(axis=2)
        strides = np.abs(step) / np.where(_IS_POSITION, _LARGEST_STEP_PX, _LARGEST_DISTORTION * self.half)
        return np.asarray(step / np.maximum(strides.max(axis=1, keepdims=True), 1))

    def _normalised(self, patches: Pixels) -> tuple[Pixels, Pixels]:
        """(R, P) weighted, of zero mean and unit length; and the length, (R,), which is the patch's contrast."""
        mean = (patches * self._weights).sum(axis=1, keepdims=True)
        centred = (patches - mean) * self._root_weights
        contrast = np.linalg.norm(centred, axis=1)
        return centred / np.maximum(contrast, _TINY)[:, None], contrast


def lattice(half: int) -> Floats:
    """(P, 2) whole-pixel offsets (x, y) of a square of `2 * half + 1` pixels, row by row."""
    steps = np.arange(-half, half + 1, dtype=np.float64)
    return np.stack(np.meshgrid(steps, steps), axis=-1).reshape(-1, 2)


def _warped(offsets: Floats, centre: Floats, shape: Floats) -> tuple[Pixels, Pixels]:
    """(R, P) x and y of the offsets (P, 2) around each point."""
    u, v = offsets.astype(np.float32).T
    x, y = (
        centre[:, axis, None].astype(np.float32)
        + shape[:, axis, 0, None].astype(np.float32) * u
        + shape[:, axis, 1, None].astype(np.float32) * v
        for axis in (0, 1)
    )
    return x, y


def _at(grey: Pixels, x: Pixels, y: Pixels) -> Pixels:
    """(A, B) bilinear samples at x and y (A, B); the edge of the picture goes on outside it."""
    return np.asarray(cv2.remap(grey, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), dtype=np.float32)


def _reach(radius: float, level: int) -> int:
    """A radius in px of the plate as whole pixels of a level."""
    return max(1, round(radius * 0.5**level))


def _to_level(centre: Floats, level: int) -> Floats:
    return (centre + 0.5) * 0.5**level - 0.5


def _from_level(centre: Floats, level: int) -> Floats:
    return (centre + 0.5) * 2.0**level - 0.5
