# SPDX-License-Identifier: Apache-2.0
"""Which of four points is which corner."""

from __future__ import annotations

import math
from collections.abc import Sequence

Point = tuple[float, float]


def in_order(points: Sequence[Point | None]) -> tuple[int, ...] | None:
    """The indices of four points, y up, counterclockwise from the bottom left one, as hosts count corners.

    None when a point is missing, or they are not the corners of a convex quadrilateral.
    """
    known = [point for point in points if point is not None]
    if len(known) < len(points):
        return None
    middle = (sum(x for x, _ in known) / len(known), sum(y for _, y in known) / len(known))
    order = sorted(range(len(known)), key=lambda index: _angle(middle, known[index]))
    turns = [_turn(*(known[order[(start + step) % len(order)]] for step in range(3))) for start in range(len(order))]
    if min(turns) <= 0:
        return None
    first = min(range(len(order)), key=lambda place: sum(known[order[place]]))
    return tuple(order[first:] + order[:first])


def _angle(middle: Point, point: Point) -> float:
    return math.atan2(point[1] - middle[1], point[0] - middle[0])


def _turn(one: Point, two: Point, three: Point) -> float:
    """Positive where the way from one to three by two turns left."""
    return (two[0] - one[0]) * (three[1] - two[1]) - (two[1] - one[1]) * (three[0] - two[0])
