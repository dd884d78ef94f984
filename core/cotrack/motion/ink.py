# SPDX-License-Identifier: Apache-2.0
"""Colours, letters and sub-pixel strokes for drawing on 8-bit sRGB pictures."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

import cv2
import numpy as np
import numpy.typing as npt

Picture = npt.NDArray[np.uint8]
Points = npt.NDArray[np.float64]
Colour = tuple[int, int, int]

BLACK: Colour = (8, 8, 10)
WHITE: Colour = (245, 245, 245)
DIAMOND: Points = np.array([[0.0, -1.0], [1.0, 0.0], [0.0, 1.0], [-1.0, 0.0], [0.0, -1.0]])

_SHIFT = 4
_CIRCLE = np.stack([np.cos(np.linspace(0, 2 * np.pi, 24)), np.sin(np.linspace(0, 2 * np.pi, 24))], axis=1)
_GOLDEN_ANGLE = np.pi * (3 - np.sqrt(5))
_LIGHTNESS = np.array([0.76, 0.88, 0.82, 0.64, 0.70])
"""In this order the first two dozen colours are furthest apart: hues that come back near have another lightness."""

_FONT = cv2.FONT_HERSHEY_SIMPLEX
_SUPERSAMPLING = 4
_EDGE = 1.5
"""Pixels over which a stencil's edge rises, smoothly, so that a mark weighs the same wherever it lies on the grid."""

FEW = 24
"""Up to this many tracks each has a name, a row in the panel, and a colour far from its neighbours'."""


def track_colours(names: Sequence[str]) -> tuple[Colour, ...]:
    """One colour per track, decided by the names' order alone (2 before 10).

    Few tracks get hues far apart; many get a sweep, so that in a grid neighbours look alike and a stray stands out.
    """
    order = sorted(range(len(names)), key=lambda i: _natural(names[i]))
    rank = np.empty(len(names))
    rank[order] = np.arange(len(names))
    few = len(names) <= FEW
    hue = 0.6 + rank * _GOLDEN_ANGLE if few else 0.4 + rank / max(len(names), 1) * 1.8 * np.pi
    lightness = _LIGHTNESS[(rank % len(_LIGHTNESS)).astype(int)] if few else np.full(len(names), 0.78)
    return tuple((int(r), int(g), int(b)) for r, g, b in _srgb_of_oklch(lightness, 0.15, hue))


def _natural(name: str) -> list[tuple[int, int, str]]:
    return [(1, int(part), "") if part.isdigit() else (0, 0, part) for part in re.split(r"([0-9]+)", name)]


def _srgb_of_oklch(lightness: Points, chroma: float, hue: Points) -> npt.NDArray[np.uint8]:
    """Ottosson's OKLab in polar form to 8-bit sRGB, (N, 3), clipped to the gamut."""
    lab = np.stack([lightness, chroma * np.cos(hue), chroma * np.sin(hue)], axis=-1)
    to_cones = np.array(
        [[1, 0.3963377774, 0.2158037573], [1, -0.1055613458, -0.0638541728], [1, -0.0894841775, -1.2914855480]]
    )
    to_linear = np.array(
        [
            [4.0767416621, -3.3077115913, 0.2309699292],
            [-1.2684380046, 2.6097574011, -0.3413193965],
            [-0.0041960863, -0.7034186147, 1.7076147010],
        ]
    )
    linear = np.clip((lab @ to_cones.T) ** 3 @ to_linear.T, 0, 1)
    encoded = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    return np.asarray(np.rint(encoded * 255), dtype=np.uint8)


def mixed(colour: Colour, other: Colour, share: float) -> Colour:
    """`colour` with a share of the other."""
    r, g, b = (round(a + (b - a) * share) for a, b in zip(colour, other, strict=True))
    return r, g, b


def stroke_width(pixels: float) -> int:
    """OpenCV's strokes are whole pixels wide."""
    return max(1, round(pixels))


def polylines(picture: Picture, lines: Sequence[Points], colour: Colour | int, width: int) -> None:
    """Antialiased open lines; each (P, 2), raster px."""
    closed = False
    cv2.polylines(picture, [_fixed(line) for line in lines], closed, colour, width, cv2.LINE_AA, _SHIFT)


def polygon(picture: Picture, corners: Points, colour: Colour | int) -> None:
    """An antialiased filled polygon; corners (P, 2), raster px."""
    cv2.fillPoly(picture, [_fixed(corners)], colour, cv2.LINE_AA, _SHIFT)


def disc(picture: Picture, centre: Points, radius: float, colour: Colour | int) -> None:
    """An antialiased filled circle; centre (2,), raster px."""
    polygon(picture, centre + radius * _CIRCLE, colour)


class Stencil:
    """How much of each pixel around a position a mark covers; exact where OpenCV rounds, and as fine as one likes."""

    def __init__(self, at: Points, reach: float) -> None:
        """Begin with nothing, in the square of `reach` pixels around `at` (2,), raster px."""
        corner = np.floor(at - reach).astype(int)
        side = np.arange(int(np.ceil(2 * reach)) + 2) + 0.5
        self._corner = (int(corner[0]), int(corner[1]))
        self._x, self._y = (side + corner[0] - at[0])[None, :], (side + corner[1] - at[1])[:, None]
        self._cover = np.zeros((len(side), len(side)))

    def arc(self, radius: float, share: float, width: float) -> None:
        """Add the part of a circle that begins at the top and goes clockwise; share 0..1."""
        end = 2 * np.pi * share
        turned = np.arctan2(self._x, -self._y) % (2 * np.pi)
        to_ends = np.minimum(
            np.hypot(self._x, self._y + radius),
            np.hypot(self._x - radius * np.sin(end), self._y + radius * np.cos(end)),
        )
        self._add(np.where(turned <= end, np.abs(np.hypot(self._x, self._y) - radius), to_ends), width / 2)

    def path(self, points: Points, width: float) -> None:
        """Add straight lines between points (P, 2), pixels from the position."""
        for (x, y), (dx, dy) in zip(points[:-1], np.diff(points, axis=0), strict=True):
            along = np.clip(((self._x - x) * dx + (self._y - y) * dy) / (dx * dx + dy * dy), 0, 1)
            self._add(np.hypot(self._x - x - along * dx, self._y - y - along * dy), width / 2)

    def disc(self, radius: float) -> None:
        """Add a filled circle."""
        self._add(np.hypot(self._x, self._y), radius)

    def ink(self, picture: Picture, colour: Colour, opacity: float) -> None:
        """Colour a picture through the stencil."""
        blend(picture, (self._cover * opacity).astype(np.float32), self._corner, colour)

    def _add(self, distance: Points, radius: float) -> None:
        ramp = np.clip(0.5 + (radius - distance) / _EDGE, 0, 1)
        self._cover = np.maximum(self._cover, ramp * ramp * (3 - 2 * ramp))


def _fixed(points: Points) -> npt.NDArray[np.int32]:
    """Raster px to OpenCV's fixed-point pixel indices, whose first pixel's centre is 0."""
    return np.asarray(np.rint((points - 0.5) * 2**_SHIFT), dtype=np.int32)


@lru_cache(maxsize=2048)
def letters(text: str, size: int) -> npt.NDArray[np.float32]:
    """How much of each pixel a line of text covers, (H, W), 0..1; size is the height of a capital, in pixels."""
    scale = size * _SUPERSAMPLING / cv2.getTextSize("H", _FONT, 10.0, 1)[0][1] * 10.0
    stroke = stroke_width(size * _SUPERSAMPLING / 9)
    width = cv2.getTextSize(text, _FONT, scale, stroke)[0][0]
    across, down = -(-width // _SUPERSAMPLING) + 2, 2 * size
    canvas = np.zeros((down * _SUPERSAMPLING, across * _SUPERSAMPLING), dtype=np.uint8)
    baseline = round(1.5 * size) * _SUPERSAMPLING
    cv2.putText(canvas, text, (_SUPERSAMPLING, baseline), _FONT, scale, 255, stroke, cv2.LINE_AA)
    return np.asarray(cv2.resize(canvas, (across, down), interpolation=cv2.INTER_AREA) / 255, dtype=np.float32)


def text_width(text: str, size: int) -> int:
    """How many pixels wide a line of text is."""
    return int(letters(text, size).shape[1])


def write_text(
    picture: Picture, text: str, at: tuple[float, float], size: int, colour: Colour, *, halo: bool = False
) -> None:
    """Put a line of text into a picture, from `at` on, its capitals centred there; cut at the edges."""
    cover = letters(text, size)
    x, y = round(at[0]), round(at[1] - size)
    if halo:
        spread = max(1, round(size / 5))
        cover = np.pad(cover, spread + 1)
        x, y = x - spread - 1, y - spread - 1
        kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * spread + 1, 2 * spread + 1))
        blend(picture, cv2.GaussianBlur(cv2.dilate(cover, kernel), (0, 0), spread / 2) * np.float32(0.8), (x, y), BLACK)
    blend(picture, cover, (x, y), colour)


def blend(picture: Picture, cover: npt.NDArray[np.float32], corner: tuple[int, int], colour: Colour) -> None:
    """Mix a colour into the pixels right of and below `corner` (column, row), by cover (H, W), 0..1."""
    x, y = corner
    height, width = cover.shape
    left, top = max(x, 0), max(y, 0)
    right, bottom = min(x + width, picture.shape[1]), min(y + height, picture.shape[0])
    if left >= right or top >= bottom:
        return
    share = cover[top - y : bottom - y, left - x : right - x, None]
    patch = picture[top:bottom, left:right]
    patch[:] = np.rint(patch * (1 - share) + np.array(colour, dtype=np.float32) * share).astype(np.uint8)
