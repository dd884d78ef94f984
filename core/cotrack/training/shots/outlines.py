# SPDX-License-Identifier: Apache-2.0
"""The outlines of cards: closed shapes, and lattices one can see through; (n, size, size), 1 inside and 0 outside.

A value of 0.5 is the edge; it is two texels soft, so that the edge is straight between texels.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor

from cotrack.training.shots import noise
from cotrack.training.shots.draw import Draw

Outline = Callable[[Draw, int, int], Tensor]

_HARMONICS = 6


def edge(distance: Tensor) -> Tensor:
    """From distances inside (n, size, size), in units of half a side."""
    return (0.5 + distance * 0.25 * distance.shape[-1]).clamp(0.0, 1.0)


def square(draw: Draw, count: int, size: int) -> tuple[Tensor, Tensor]:
    """The x and y of the texels' centres, -1..1."""
    x, y = noise.plane(draw, count, size)
    return 2.0 * x - 1.0, 2.0 * y - 1.0


def blob(draw: Draw, count: int, size: int) -> Tensor:
    """Around a middle, with lobes."""
    x, y = square(draw, count, size)
    angle, radius = torch.atan2(y, x), (x.square() + y.square()).sqrt()
    reach = torch.full_like(x, 0.68)
    for turns in range(1, _HARMONICS):
        reach += (
            draw.normal(count, 1, 1) * 0.12 / turns * torch.cos(turns * angle + draw.uniform(0.0, 7.0, count, 1, 1))
        )
    return edge((reach - radius).minimum(0.95 - radius))


def polygon(draw: Draw, count: int, size: int) -> Tensor:
    """Convex, three to eight straight sides."""
    x, y = square(draw, count, size)
    inside = torch.full_like(x, 1.0)
    sides = draw.host.randint(3, 8)
    for side in range(sides):
        angle = 2.0 * math.pi * (side + draw.uniform(-0.25, 0.25, count, 1, 1)) / sides
        inside = inside.minimum(draw.uniform(0.45, 0.8, count, 1, 1) - x * angle.cos() - y * angle.sin())
    return edge(inside.minimum(0.95 - x.abs()).minimum(0.95 - y.abs()))


def panel(draw: Draw, count: int, size: int) -> Tensor:
    """A rectangle, sharp or rounded."""
    x, y = square(draw, count, size)
    wide, high = draw.uniform(0.4, 0.9, 2, count, 1, 1)
    round_by = draw.uniform(0.0, 0.3, count, 1, 1)
    dx, dy = x.abs() - wide + round_by, y.abs() - high + round_by
    outside = (dx.clamp_min(0.0).square() + dy.clamp_min(0.0).square()).sqrt() + dx.maximum(dy).clamp_max(0.0)
    return edge(round_by - outside)


def islands(draw: Draw, count: int, size: int) -> Tensor:
    """Ragged, in several pieces."""
    x, y = square(draw, count, size)
    rough = noise.fractal_noise(draw, count, size, coarsest=draw.host.randint(2, 5), fall=0.5) - 0.45
    return edge(rough * 0.5).minimum(edge(0.9 - (x.square() + y.square()).sqrt()))


def figure(draw: Draw, count: int, size: int) -> Tensor:
    """A trunk with limbs: capsules that start near the middle."""
    x, y = square(draw, count, size)
    inside = torch.full_like(x, -1.0)
    for limb in range(draw.host.randint(3, 7)):
        start = 0.15 * draw.normal(2, count, 1, 1)
        end = draw.uniform(-0.8, 0.8, 2, count, 1, 1)
        way = end - start
        along = ((x - start[0]) * way[0] + (y - start[1]) * way[1]) / way.square().sum(0)
        along = along.clamp(0.0, 1.0)
        distance = ((x - start[0] - along * way[0]).square() + (y - start[1] - along * way[1]).square()).sqrt()
        inside = inside.maximum(draw.uniform(0.05, 0.14 if limb else 0.3, count, 1, 1) - distance)
    return edge(inside)


def ring(draw: Draw, count: int, size: int) -> Tensor:
    """A wheel, with or without spokes."""
    x, y = square(draw, count, size)
    radius, angle = (x.square() + y.square()).sqrt(), torch.atan2(y, x)
    width = draw.uniform(0.03, 0.2, count, 1, 1)
    spokes = draw.whole(8, count, 1, 1)
    across = radius * torch.sin(0.5 * spokes * angle).abs() / spokes.clamp_min(1)
    spoke = torch.where((spokes > 1) & (radius < 0.75), 0.4 * width - across, -1.0)
    return edge((width - (radius - 0.75).abs()).maximum(spoke))


def bars(draw: Draw, count: int, size: int) -> Tensor:
    """A fence: bars in one direction, a few across."""
    x, y = noise.turned(draw, *square(draw, count, size))
    thick = draw.uniform(0.1, 0.35, count, 1, 1)
    upright = _bars(draw, x, draw.log_uniform(1.5, 8.0, count, 1, 1), thick)
    return edge(upright.maximum(_bars(draw, y, draw.log_uniform(0.4, 2.0, count, 1, 1), 0.15 * thick)))


def net(draw: Draw, count: int, size: int) -> Tensor:
    """A grid or a mesh, evenly or loosely knotted."""
    x, y = noise.turned(draw, *noise.bent(draw, *square(draw, count, size), strength=0.1))
    rate, thick = draw.log_uniform(1.5, 7.0, count, 1, 1), draw.uniform(0.05, 0.25, count, 1, 1)
    return edge(_bars(draw, x, rate, thick).maximum(_bars(draw, y, rate, thick)))


def wires(draw: Draw, count: int, size: int) -> Tensor:
    """A few thin lines, straight or sagging."""
    x, y = noise.bent(draw, *square(draw, count, size), strength=0.15)
    inside = torch.full_like(x, -1.0)
    for _ in range(draw.host.randint(3, 9)):
        angle = draw.uniform(0.0, math.pi, count, 1, 1)
        away = (x * angle.cos() + y * angle.sin() - draw.uniform(-0.8, 0.8, count, 1, 1)).abs()
        inside = inside.maximum(draw.log_uniform(0.01, 0.05, count, 1, 1) - away)
    return edge(inside)


def twigs(draw: Draw, count: int, size: int) -> Tensor:
    """Leaves and twigs with much air between."""
    x, y = square(draw, count, size)
    inside = torch.full_like(x, -1.0)
    for _ in range(draw.host.randint(25, 60)):
        angle, long = draw.uniform(0.0, math.pi, count, 1, 1), draw.log_uniform(0.05, 0.3, count, 1, 1)
        dx, dy = x - draw.uniform(-0.9, 0.9, count, 1, 1), y - draw.uniform(-0.9, 0.9, count, 1, 1)
        u, v = (dx * angle.cos() + dy * angle.sin()) / long, dy * angle.cos() - dx * angle.sin()
        thin = long * draw.uniform(0.1, 0.5, count, 1, 1)
        inside = inside.maximum((1.0 - (u.square() + (v / thin).square()).sqrt()) * thin)
    return edge(inside)


def _bars(draw: Draw, place: Tensor, rate: Tensor, thick: Tensor) -> Tensor:
    shifted = place * rate + draw.uniform(0.0, 1.0, place.shape[0], 1, 1)
    return (0.5 * thick - (shifted - shifted.round()).abs()) / rate


SHAPES: tuple[Outline, ...] = (blob, polygon, panel, islands, figure, blob)
LATTICES: tuple[Outline, ...] = (bars, net, wires, twigs, ring)
