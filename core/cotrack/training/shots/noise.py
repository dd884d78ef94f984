# SPDX-License-Identifier: Apache-2.0
"""Random fields (n, size, size) that textures are made of, 0..1 unless said otherwise."""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional as F

from cotrack.training.shots.draw import Draw


def smooth_noise(draw: Draw, count: int, size: int, cells: int) -> Tensor:
    """Mean 0 and about unit variance, with about `cells` bumps along a side."""
    knots = draw.normal(count, 1, cells + 3, cells + 3)
    return F.interpolate(knots, size=(size, size), mode="bicubic", align_corners=True)[:, 0]


def fractal_noise(draw: Draw, count: int, size: int, *, coarsest: int = 3, fall: float = 0.55) -> Tensor:
    """Octaves of noise, each twice as fine and `fall` times as strong."""
    total, strength, cells = torch.zeros(count, size, size, device=draw.device), 1.0, coarsest
    while cells < size:
        total += strength * smooth_noise(draw, count, size, cells)
        strength, cells = strength * fall, cells * 2
    return torch.sigmoid(1.3 * total)


def ridges(draw: Draw, count: int, size: int) -> Tensor:
    """Veins, where octaves of noise pass through 0."""
    total, strength, cells = torch.zeros(count, size, size, device=draw.device), 1.0, draw.host.randint(3, 10)
    while cells < size // 2:
        total += strength * (1.0 - 2.0 * smooth_noise(draw, count, size, cells).abs()).clamp_min(-1.0)
        strength, cells = strength * 0.5, cells * 2
    return torch.sigmoid(2.0 * total)


def cells(draw: Draw, count: int, size: int) -> tuple[Tensor, Tensor, Tensor]:
    """Worley's cells: distance to the nearest seed, to the border between the nearest two, and a shade per cell."""
    seeds = int(10.0 ** draw.host.uniform(1.0, 2.2))
    x, y = plane(draw, count, size)
    near = torch.full_like(x, 4.0)
    second, shade = near, near
    for _ in range(seeds):
        along, down, value = draw.uniform(0.0, 1.0, 3, count, 1, 1)
        distance = (x - along).square() + (y - down).square()
        second = torch.minimum(second, torch.maximum(near, distance))
        shade = torch.where(distance < near, value, shade)
        near = torch.minimum(near, distance)
    scale = 1.5 * math.sqrt(seeds)
    near, second = near.sqrt(), second.sqrt()
    return (scale * near).clamp_max(1.0), (2.0 * scale * (second - near)).clamp_max(1.0), shade


def stripes(draw: Draw, count: int, size: int) -> Tensor:
    """Parallel bands, straight or bent, soft or hard."""
    x, y = turned(draw, *bent(draw, *plane(draw, count, size)))
    wave = torch.sin(2.0 * math.pi * draw.log_uniform(3.0, 40.0, count, 1, 1) * x) + 0.3 * torch.sin(9.0 * y)
    return torch.sigmoid(draw.log_uniform(1.0, 15.0, count, 1, 1) * wave)


def checker(draw: Draw, count: int, size: int) -> Tensor:
    """Squares or rhombs, in two shades."""
    x, y = turned(draw, *plane(draw, count, size))
    rate = math.pi * draw.log_uniform(3.0, 20.0, count, 1, 1)
    product = torch.sin(rate * x) * torch.sin(rate * draw.uniform(0.6, 1.6, count, 1, 1) * y)
    return torch.sigmoid(30.0 * product)


def bricks(draw: Draw, count: int, size: int) -> tuple[Tensor, Tensor]:
    """Whether a place is brick or mortar, and a shade per brick."""
    x, y = bent(draw, *plane(draw, count, size), strength=0.02)
    rows = draw.log_uniform(4.0, 16.0, count, 1, 1)
    row = (y * rows).floor()
    across = x * rows * draw.uniform(0.25, 0.7, count, 1, 1) + 0.5 * (row % 2.0)
    mortar = draw.uniform(0.03, 0.12, count, 1, 1)
    edge = torch.minimum(_to_whole(y * rows), _to_whole(across) * 2.0)
    return torch.sigmoid((edge - mortar) * 60.0), shade_of(across.floor() * 12.9898 + row * 78.233)


def marks(draw: Draw, count: int, size: int) -> Tensor:
    """Rows of marks that look like writing from afar."""
    columns = draw.host.choice([36, 60, 96])
    ink = draw.chance(0.5, count, 1, columns, columns).float()
    place = torch.arange(columns, device=draw.device)
    ink *= (place % 6 < 5) & (place % 9 < 7)[:, None]
    blank = draw.chance(0.2, count, 1, columns // 6, columns // 6).float()
    ink *= 1.0 - F.interpolate(blank, size=(columns, columns))
    fine = F.interpolate(ink, size=(size, size), mode="bicubic", align_corners=False)[:, 0]
    return torch.sigmoid(14.0 * (fine - 0.5))


def scratches(draw: Draw, count: int, size: int) -> Tensor:
    """Thin bent lines of many directions."""
    x, y = bent(draw, *plane(draw, count, size), strength=0.08)
    ink = torch.zeros_like(x)
    for _ in range(draw.host.randint(8, 40)):
        angle, reach = draw.uniform(0.0, math.pi, count, 1, 1), draw.log_uniform(0.03, 0.6, count, 1, 1)
        u = (x - draw.uniform(0.0, 1.0, count, 1, 1)) * angle.cos() + (
            y - draw.uniform(0.0, 1.0, count, 1, 1)
        ) * angle.sin()
        v = (y - draw.uniform(0.0, 1.0, count, 1, 1)) * angle.cos() - (x - 0.5) * angle.sin()
        line = torch.exp(-(v / draw.log_uniform(0.001, 0.006, count, 1, 1)).square())
        ink = torch.maximum(ink, line * torch.sigmoid(40.0 * (reach - u.abs())))
    return ink


def specks(draw: Draw, count: int, size: int) -> Tensor:
    """Small spots of two sizes."""
    coarse = size // draw.host.choice([3, 5, 8])
    seeds = draw.chance(draw.host.uniform(0.02, 0.15), count, 1, coarse, coarse).float()
    fine = F.interpolate(seeds, size=(size, size), mode="bicubic", align_corners=False)[:, 0]
    return torch.sigmoid(12.0 * (fine - 0.4))


def leaves(draw: Draw, count: int, size: int, *, number: int, slender: float) -> tuple[Tensor, Tensor]:
    """Overlapping ellipses of all sizes: a shade per leaf, and how far from its middle a place is.

    Sizes follow a power law, as the sizes of things in pictures do ("dead leaves").
    """
    x, y = plane(draw, count, size)
    shade, middle = torch.zeros_like(x), torch.zeros_like(x)
    for drawn in range(number):
        angle = draw.uniform(0.0, math.pi, count, 1, 1)
        radius = draw.log_uniform(0.015, 0.5 * (1.0 - drawn / number) + 0.03, count, 1, 1)
        dx, dy = x - draw.uniform(-0.1, 1.1, count, 1, 1), y - draw.uniform(-0.1, 1.1, count, 1, 1)
        u = (dx * angle.cos() + dy * angle.sin()) / radius
        v = (dy * angle.cos() - dx * angle.sin()) / (radius * draw.uniform(slender, 1.0, count, 1, 1))
        distance = u.square() + v.square()
        inside = distance < 1.0
        shade = torch.where(inside, draw.uniform(0.0, 1.0, count, 1, 1), shade)
        middle = torch.where(inside, distance, middle)
    return shade, middle


def plane(draw: Draw, count: int, size: int) -> tuple[Tensor, Tensor]:
    """The x and y of the texels' centres, 0..1."""
    side = (torch.arange(size, device=draw.device) + 0.5) / size
    return side.expand(count, size, size), side[:, None].expand(count, size, size)


def turned(draw: Draw, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    """The plane, turned by a random angle per texture."""
    angle = draw.uniform(0.0, math.pi, x.shape[0], 1, 1)
    return x * angle.cos() + y * angle.sin(), y * angle.cos() - x * angle.sin()


def bent(draw: Draw, x: Tensor, y: Tensor, *, strength: float = 0.1) -> tuple[Tensor, Tensor]:
    """The plane, warped by smooth noise; some textures more than others."""
    count, size = x.shape[0], x.shape[-1]
    amount = draw.uniform(0.0, strength, count, 1, 1) * draw.chance(0.7, count, 1, 1)
    coarse = draw.host.randint(1, 5)
    return x + amount * smooth_noise(draw, count, size, coarse), y + amount * smooth_noise(draw, count, size, coarse)


def shade_of(number: Tensor) -> Tensor:
    """A shade that looks random, the same wherever `number` is."""
    return (number.sin() * 43758.5453).remainder(1.0)


def _to_whole(value: Tensor) -> Tensor:
    return (value - value.round()).abs()
