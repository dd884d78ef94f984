# SPDX-License-Identifier: Apache-2.0
"""What layers are made of: noise and shapes of all sizes, the same tile again and again, nothing at all."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from cotrack.evaluation.plates.scene import DENSITY

Pixels = npt.NDArray[np.float32]

_DARKEST, _BRIGHTEST = 0.03, 0.75  # scene-linear
_SOFTNESS = 0.7  # texels: shapes have no harder edges than a lens shows
_COARSEST = 512  # texels
_COARSEST_OF_GROUND, _GROUND = 32, 0.35  # texels, and how strong it is
_OUTLINE = 180
_SHARED = 0.03  # of the width, where a picture passes into itself


def rough(random: np.random.Generator, width: float, height: float, shapes: int = 400) -> Pixels:
    """(h, w, 3) noise in octaves under `shapes` overlapping ellipses and boxes, for a layer of that size in px."""
    size = _texels(width, height)
    picture = _noise(random, size, _COARSEST)
    for _ in range(shapes):
        _add_shape(random, picture, min(size))
    picture += _GROUND * _noise(random, size, _COARSEST_OF_GROUND)  # surfaces are not as smooth as paper
    return _as_light(np.asarray(cv2.GaussianBlur(picture, (0, 0), _SOFTNESS), dtype=np.float32))


def repeated(random: np.random.Generator, width: float, height: float, period: float) -> Pixels:
    """(h, w, 3) the same tile of `period` px everywhere."""
    rows, columns = _texels(width, height)
    side = max(8, round(period * DENSITY))
    tile = rough(random, side / DENSITY, side / DENSITY, shapes=12)
    side = len(tile)
    return np.tile(tile, (-(-rows // side), -(-columns // side), 1))[:rows, :columns]


def with_bare_patches(random: np.random.Generator, picture: Pixels, count: int) -> Pixels:
    """The same with `count` patches of one colour, where there is nothing to hold on to."""
    rows, columns = picture.shape[:2]
    mask = np.zeros((rows, columns), dtype=np.float32)
    for _ in range(count):
        middle = (int(random.uniform(0.2, 0.8) * columns), int(random.uniform(0.2, 0.8) * rows))
        axes = (int(random.uniform(0.06, 0.1) * columns), int(random.uniform(0.08, 0.14) * rows))
        cv2.ellipse(mask, middle, axes, float(random.uniform(0, 180)), 0, 360, 1.0, -1)
    mask = np.asarray(cv2.GaussianBlur(mask, (0, 0), 4.0), dtype=np.float32)
    colour = random.uniform(0.1, 0.5, 3).astype(np.float32)
    return np.asarray(picture + (colour - picture) * mask[..., None], dtype=np.float32)


def closed(picture: Pixels) -> Pixels:
    """The same, its right rim passing into its left one, as round a ball; narrower by what they share."""
    shared = max(2, round(picture.shape[1] * _SHARED))
    fade = np.linspace(0, 1, shared, dtype=np.float32)[:, None]
    joined = picture[:, :-shared].copy()
    joined[:, :shared] = fade * picture[:, :shared] + (1 - fade) * picture[:, -shared:]
    return joined


def round_the_poles(picture: Pixels) -> Pixels:
    """A closed picture over longitude and latitude, each row as smooth as it is drawn together on the ball."""
    rows, columns = picture.shape[:2]
    across = np.cos(np.pi * ((np.arange(rows) + 0.5) / rows - 0.5))
    spectrum = np.fft.rfft(picture, axis=1)
    frequency = np.arange(spectrum.shape[1]) / columns  # per texel of the equator
    wider = np.sqrt(1 / across**2 - 1) * _SOFTNESS
    spectrum *= np.exp(-2 * (np.pi * wider[:, None] * frequency) ** 2)[..., None]
    return np.fft.irfft(spectrum, columns, axis=1).astype(np.float32)


def sheet(picture: Pixels, alpha: Pixels | None = None) -> Tensor:
    """(4, h, w) what a `Layer` takes, of scene-linear light (h, w, 3) and alpha (h, w), by default 1."""
    if alpha is None:
        alpha = np.ones(picture.shape[:2], dtype=np.float32)
    return (
        torch.from_numpy(np.concatenate([picture * alpha[..., None], alpha[..., None]], axis=-1))
        .permute(2, 0, 1)
        .contiguous()
    )


def blob(random: np.random.Generator, picture: Pixels) -> Pixels:
    """(h, w) alpha of a wavy shape that fills most of a picture, its edge as soft as a lens makes it."""
    rows, columns = picture.shape[:2]
    angle = np.linspace(0, 2 * np.pi, _OUTLINE, endpoint=False)
    radius = np.full(_OUTLINE, 0.82)
    for lobes in (2, 3, 5):
        radius += random.uniform(0, 0.14 / lobes) * np.sin(lobes * angle + random.uniform(0, 2 * np.pi))
    outline = np.stack([np.cos(angle) * columns, np.sin(angle) * rows], axis=-1) * radius[:, None] / 2
    alpha = np.zeros((rows, columns), dtype=np.float32)
    cv2.fillPoly(alpha, [np.round(outline + np.array([columns, rows]) / 2).astype(np.int32)], 1.0)
    return np.asarray(cv2.GaussianBlur(alpha, (0, 0), _SOFTNESS), dtype=np.float32)


def _texels(width: float, height: float) -> tuple[int, int]:
    return round(height * DENSITY), round(width * DENSITY)


def _noise(random: np.random.Generator, size: tuple[int, int], cell: int) -> Pixels:
    """(*size, 3) octaves of noise, from bumps of `cell` texels down to the finest."""
    rows, columns = size
    picture = np.zeros((rows, columns, 3), dtype=np.float32)
    strength = 1.0
    while cell >= 2:
        knots = random.normal(0, strength, (rows // cell + 4, columns // cell + 4, 3)).astype(np.float32)
        knots[..., 1:] = 0.6 * knots[..., :1] + 0.4 * knots[..., 1:]  # colours of nature differ less than brightness
        fine = cv2.resize(knots, None, fx=cell, fy=cell, interpolation=cv2.INTER_CUBIC)
        picture += fine[cell : cell + rows, cell : cell + columns]
        cell, strength = cell // 2, strength * 0.72
    return picture


def _add_shape(random: np.random.Generator, picture: Pixels, side: int) -> None:
    """Lay an ellipse or a box over a picture; small ones are common, as things are in pictures."""
    rows, columns = picture.shape[:2]
    reach = side * 0.12 * random.uniform(0.12, 1.0) ** 2.5
    middle = (random.uniform(0, columns), random.uniform(0, rows))
    size = (max(2.0, 2 * reach), max(2.0, 2 * reach * random.uniform(0.3, 1.0)))
    colour = tuple((random.normal(0, 1.2) + random.normal(0, 0.3, 3)).tolist())
    box = (middle, size, random.uniform(0, 180))
    if random.uniform() < 0.5:
        cv2.ellipse(picture, box, colour, -1)
    else:
        cv2.fillPoly(picture, [np.round(cv2.boxPoints(box)).astype(np.int32)], colour)


def _as_light(picture: Pixels) -> Pixels:
    return np.asarray(_DARKEST + (_BRIGHTEST - _DARKEST) / (1 + np.exp(-1.1 * picture)), dtype=np.float32)
