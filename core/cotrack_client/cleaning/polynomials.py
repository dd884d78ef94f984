# SPDX-License-Identifier: Apache-2.0
"""Local polynomials as weights: what a polynomial that is fitted to samples in a row says of a place among them.

The fit is linear in the samples, so its value is a weighted sum of them, and the weights depend on the places alone
(Savitzky and Golay, "Smoothing and Differentiation of Data by Simplified Least Squares Procedures", 1964). They are
computed in whole fractions, so that what is a polynomial already comes out as it went in.
"""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache

Weights = tuple[float, ...]

_Row = list[Fraction]


@lru_cache(maxsize=4096)
def smoothing_weights(count: int, degree: int, place: int, held: tuple[bool, bool] = (False, False)) -> Weights:
    """Return the weights of `count` samples for the value at `place` among them, 0 .. count - 1.

    held: whether the polynomial goes exactly through the first and through the last sample.
    Raises ValueError where there are too few samples for the degree.
    """
    fixed = [spot for spot, is_held in zip((0, count - 1), held) if is_held]
    terms = [[_term(spot, power, fixed) for power in range(degree + 1 - len(fixed))] for spot in range(count)]
    share = _solved(_gram(terms), terms[place])
    weights = [_dot(share, row) for row in terms]
    through = [_through(spot, fixed) for spot in range(count)]
    for number, spot in enumerate(fixed):
        weights[spot] = through[place][number] - sum(
            (weight * line[number] for weight, line in zip(weights, through) if weight), Fraction(0)
        )
    return tuple(map(float, weights))


@lru_cache(maxsize=64)
def end_slope_weights(count: int, degree: int) -> Weights:
    """Return the weights of `count` samples for the slope of the fitted polynomial at the last of them."""
    spots = [Fraction(spot - count + 1) for spot in range(count)]
    terms = [[spot**power for power in range(degree + 1)] for spot in spots]
    share = _solved(_gram(terms), [Fraction(int(power == 1)) for power in range(degree + 1)])
    return tuple(float(_dot(share, row)) for row in terms)


def _term(spot: int, power: int, held: list[int]) -> Fraction:
    """A power, times what vanishes where the polynomial is held."""
    value = Fraction(spot) ** power
    for other in held:
        value *= spot - other
    return value


def _through(spot: int, held: list[int]) -> _Row:
    """How much each held sample counts at a spot, for the constant or the line that goes through them."""
    if len(held) < 2:
        return [Fraction(1)] * len(held)
    share = Fraction(spot - held[0], held[1] - held[0])
    return [1 - share, share]


def _gram(terms: list[_Row]) -> list[_Row]:
    columns = [list(column) for column in zip(*terms)]
    return [[_dot(one, other) for other in columns] for one in columns]


def _dot(one: _Row, other: _Row) -> Fraction:
    return sum((a * b for a, b in zip(one, other)), Fraction(0))


def _solved(matrix: list[_Row], right: _Row) -> _Row:
    """Solve a symmetric, positive definite system (Gauss, Jordan). Raises ValueError where it is singular."""
    rows = [[*row, value] for row, value in zip(matrix, right)]
    for pivot in range(len(rows)):
        if rows[pivot][pivot] == 0:
            raise ValueError("there are too few samples for a polynomial of that degree")
        lead = [value / rows[pivot][pivot] for value in rows[pivot]]
        rows = [
            lead if number == pivot else [value - row[pivot] * first for value, first in zip(row, lead)]
            for number, row in enumerate(rows)
        ]
    return [row[-1] for row in rows]
