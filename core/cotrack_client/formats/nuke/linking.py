# SPDX-License-Identifier: Apache-2.0
"""Knobs that follow the rows of a Tracker4 by expressions, so that a correction there shows at once.

`parent.Tracker1.tracks.2.track_x` is the second row's curve (Foundry's user guide; rows count from 1). An expression
knows no gaps: where a track is hidden, its curve counts as it runs there, and every row counts alike at all frames.

A Transform is the similarity that fits best, by least squares, as in `cotrack_client.steadying`. As complex numbers,
with b the positions at the reference frame less their mean, and a those now: it turns and scales by the factor
sum(a * conj(b)) / sum(|b|^2).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from cotrack_client.formats.nuke.curves import number, ten_digits
from cotrack_client.raster import Point


def row_link(tracker: str, place: int) -> tuple[str, str]:
    """Return the expressions of a row's x and y. tracker: its name; place: of the row, from 0."""
    path = f"parent.{tracker}.tracks.{place + 1}"
    return f"{path}.track_x", f"{path}.track_y"


def linked_transform(
    tracker: str,
    at_reference: Mapping[int, Point],
    *,
    rotates: bool = False,
    scales: bool = False,
    pixel_aspect: float = 1.0,
    is_inverse: bool = False,
) -> dict[str, str]:
    """Return a Transform's knobs that follow rows, or with `is_inverse` hold them still.

    at_reference: by the place of the row, where it is at the reference frame, Nuke's pixels. rotates, scales: need two
    rows at different positions, else it only moves.
    """
    links = [row_link(tracker, place) for place in at_reference]
    now = [_mean([link[axis] for link in links]) for axis in range(2)]
    middle = [sum(at[axis] for at in at_reference.values()) / len(at_reference) for axis in range(2)]
    then = [_text(value) for value in middle]
    way = [f"{then[i]} - {now[i]}" if is_inverse else f"{now[i]} - {then[i]}" for i in range(2)]
    knobs = {"translate": _pair(way), "center": _pair(now) if is_inverse else " ".join(then)}
    offsets = [((x - middle[0]) * pixel_aspect, y - middle[1]) for x, y in at_reference.values()]
    spread = sum(x * x + y * y for x, y in offsets)
    if spread > 0:
        real = _products([(x * pixel_aspect, y) for x, y in offsets], links)
        imaginary = _products([(-y * pixel_aspect, x) for x, y in offsets], links)
        sign = "-" if is_inverse else ""
        size = f"hypot({real}, {imaginary})" if rotates else f"({real})"
        growth = f"{_text(spread)} / {size}" if is_inverse else f"{size} / {_text(spread)}"
        knobs.update({"rotate": f"{{{sign}degrees(atan2({imaginary}, {real}))}}"} if rotates else {})
        knobs.update({"scale": f"{{{growth}}}"} if scales else {})
    return knobs


def _mean(terms: Sequence[str]) -> str:
    return terms[0] if len(terms) == 1 else f"({' + '.join(terms)}) / {len(terms)}"


def _products(weights: Iterable[Point], links: Iterable[tuple[str, str]]) -> str:
    """Return the sum of coordinates, each with its weight."""
    terms = (f"{_text(weight)} * {axis}" for pair, link in zip(weights, links) for weight, axis in zip(pair, link))
    return " + ".join(terms)


def _pair(expressions: Sequence[str]) -> str:
    return " ".join(f"{{{expression}}}" for expression in expressions)


def _text(value: float) -> str:
    return number(ten_digits(value))
