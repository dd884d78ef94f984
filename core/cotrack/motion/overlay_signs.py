# SPDX-License-Identifier: Apache-2.0
"""The signs of an overlay: a ring where a point is seen, a cross where it is hidden, a diamond where it was placed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cotrack.motion import ink
from cotrack.motion.ink import Colour, Picture, Points

HALO_OPACITY = 0.55

_CROWD = 100
_GAP_OPACITY = 0.85
_LEAST_OPACITY = 0.5


@dataclass(frozen=True)
class Scale:
    """Sizes in pixels of the picture that is drawn on.

    unit: 1 at 720 lines; ring: a marker's radius; stroke: the width of a line; crowd: so many tracks that rings would
    hide the plate.
    """

    unit: float
    ring: float
    stroke: float
    crowd: bool

    @classmethod
    def of(cls, width: int, height: int, tracks: int) -> Scale:
        """What suits a picture's size and the number of tracks."""
        unit = max(min(width, height) / 720, 0.6)
        ring, stroke = (7.5, 1.8) if tracks <= ink.FEW else (5.0, 1.2) if tracks <= _CROWD else (2.2, 1.0)
        return cls(unit, ring * unit, stroke * unit, tracks > _CROWD)


def draw_seen(picture: Picture, at: Points, colour: Colour, scale: Scale, *, confidence: float) -> None:
    """A dot in a ring that closes with confidence and fades without it; in a crowd just a dot."""
    if scale.crowd:
        _draw_dot(picture, at, colour, scale, confidence)
    else:
        _draw_ring(picture, at, colour, scale, confidence)


def _draw_ring(picture: Picture, at: Points, colour: Colour, scale: Scale, confidence: float) -> None:
    halo, fine, mark = (ink.Stencil(at, scale.ring + 3 * scale.unit) for _ in range(3))
    halo.arc(scale.ring, 1.0, scale.stroke + 1.6 * scale.unit)
    halo.disc(2.3 * scale.unit)
    fine.arc(scale.ring, 1.0, 0.5 * scale.stroke)
    mark.arc(scale.ring, confidence, scale.stroke)
    mark.disc(1.4 * scale.unit)
    opacity = _LEAST_OPACITY + (1 - _LEAST_OPACITY) * confidence
    halo.ink(picture, ink.BLACK, HALO_OPACITY * opacity)
    fine.ink(picture, colour, 0.6 * opacity)
    mark.ink(picture, colour, opacity)


def _draw_dot(picture: Picture, at: Points, colour: Colour, scale: Scale, confidence: float) -> None:
    halo, mark = (ink.Stencil(at, scale.ring + 2 * scale.unit) for _ in range(2))
    halo.disc(scale.ring + 0.9 * scale.unit)
    mark.disc(scale.ring)
    opacity = _LEAST_OPACITY + (1 - _LEAST_OPACITY) * confidence
    halo.ink(picture, ink.BLACK, HALO_OPACITY * opacity)
    mark.ink(picture, colour, opacity)


def draw_cross(picture: Picture, at: Points, colour: Colour, scale: Scale) -> None:
    """A diagonal cross where a point that is not seen is thought to be."""
    arm = (1.1 if scale.crowd else 0.62) * scale.ring
    halo, mark = (ink.Stencil(at, arm + 3 * scale.unit) for _ in range(2))
    for sign in (1.0, -1.0):
        line = arm * np.array([[-1.0, -sign], [1.0, sign]])
        halo.path(line, scale.stroke + 1.6 * scale.unit)
        mark.path(line, scale.stroke)
    halo.ink(picture, ink.BLACK, HALO_OPACITY * _GAP_OPACITY)
    mark.ink(picture, colour, _GAP_OPACITY)


def draw_diamond(picture: Picture, at: Points, colour: Colour, scale: Scale) -> None:
    """A white diamond around a dot, at a position the artist placed."""
    reach = 1.45 * scale.ring + scale.unit
    halo, edge, mark = (ink.Stencil(at, reach + 3 * scale.unit) for _ in range(3))
    halo.path(reach * ink.DIAMOND, scale.stroke + 2 * scale.unit)
    halo.disc(2.6 * scale.unit)
    edge.path(reach * ink.DIAMOND, scale.stroke)
    mark.disc(1.7 * scale.unit)
    halo.ink(picture, ink.BLACK, HALO_OPACITY)
    edge.ink(picture, ink.WHITE, 1.0)
    mark.ink(picture, colour, 1.0)
