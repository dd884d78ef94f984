# SPDX-License-Identifier: Apache-2.0
"""Textures in colour, (n, 3, size, size) display-referred 0..1, of many kinds."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor

from cotrack.training.shots import noise
from cotrack.training.shots.draw import Draw

Pattern = Callable[[Draw, int, int], Tensor]

_SHADES = 6


def colours(draw: Draw, count: int, *, saturation: float = 1.0) -> Tensor:
    """(count, 3): any lightness, mostly muted."""
    light = draw.uniform(0.04, 0.96, count, 1)
    hue = draw.uniform(0.0, 2.0 * math.pi, count, 1)
    thirds = torch.tensor([0.0, 2.0 * math.pi / 3.0, 4.0 * math.pi / 3.0], device=draw.device)
    chroma = saturation * draw.log_uniform(0.02, 0.9, count, 1) * torch.minimum(light, 1.0 - light)
    return (light + chroma * torch.cos(hue + thirds)).clamp(0.0, 1.0)


def painted(draw: Draw, field: Tensor) -> Tensor:
    """A field (n, size, size) of 0..1 as colours along a random palette whose shades are akin."""
    count = field.shape[0]
    base = colours(draw, count)[:, None]
    spread = draw.log_uniform(0.08, 0.7, count, 1, 1)
    other = torch.stack([colours(draw, count) for _ in range(_SHADES)], 1)
    palette = base + spread * (other - base)
    at = field.clamp(0.0, 1.0) * (_SHADES - 1)
    total = torch.zeros(count, 3, *field.shape[1:], device=field.device)
    for shade in range(_SHADES):
        weight = (1.0 - (at - shade).abs()).clamp_min(0.0)
        total += weight[:, None] * palette[:, shade, :, None, None]
    return total


def worn(draw: Draw, colour: Tensor, *, most: float = 0.35) -> Tensor:
    """The same colours with large stains and fine roughness."""
    count, size = colour.shape[0], colour.shape[-1]
    stain = noise.fractal_noise(draw, count, size, coarsest=2, fall=0.7)[:, None] - 0.5
    rough = noise.smooth_noise(draw, count, size, size // 3)[:, None]
    amount = draw.uniform(0.0, most, count, 1, 1, 1)
    return (colour * (1.0 + 2.0 * amount * stain) + 0.15 * amount * rough).clamp(0.0, 1.0)


def over(mask: Tensor, above: Tensor, below: Tensor) -> Tensor:
    """`above` where the mask (n, size, size) is 1, `below` where it is 0."""
    return torch.lerp(below, above, mask[:, None])


def clouds(draw: Draw, count: int, size: int) -> Tensor:
    """Fractal noise, from soft to rough."""
    field = noise.fractal_noise(draw, count, size, coarsest=draw.host.randint(2, 12), fall=draw.host.uniform(0.4, 0.85))
    return painted(draw, field)


def marble(draw: Draw, count: int, size: int) -> Tensor:
    """Veins."""
    return worn(draw, painted(draw, noise.ridges(draw, count, size)))


def mosaic(draw: Draw, count: int, size: int) -> Tensor:
    """Cells of one colour each, with joints."""
    _, border, shade = noise.cells(draw, count, size)
    joints = torch.sigmoid(25.0 * (border - draw.uniform(0.0, 0.3, count, 1, 1)))
    return worn(draw, over(joints, painted(draw, shade), painted(draw, shade * 0.0)))


def pebbles(draw: Draw, count: int, size: int) -> Tensor:
    """Round cells, lit in the middle."""
    near, border, shade = noise.cells(draw, count, size)
    return worn(draw, painted(draw, shade) * (1.15 - 0.8 * near)[:, None] * (0.3 + 0.7 * border)[:, None])


def bands(draw: Draw, count: int, size: int) -> Tensor:
    """Stripes, sometimes crossed by others."""
    first, second = noise.stripes(draw, count, size), noise.stripes(draw, count, size)
    return worn(draw, painted(draw, first + draw.chance(0.5, count, 1, 1) * 0.5 * (second - first)))


def chequered(draw: Draw, count: int, size: int) -> Tensor:
    """A checkerboard, each square with a texture of its own."""
    return worn(draw, over(noise.checker(draw, count, size), clouds(draw, count, size), clouds(draw, count, size)))


def masonry(draw: Draw, count: int, size: int) -> Tensor:
    """Bricks, tiles, planks."""
    brick, shade = noise.bricks(draw, count, size)
    rough = noise.fractal_noise(draw, count, size, coarsest=16, fall=0.8)
    return worn(draw, over(brick, painted(draw, 0.7 * shade + 0.3 * rough), painted(draw, rough)))


def writing(draw: Draw, count: int, size: int) -> Tensor:
    """Marks like writing, on paper or on a sign."""
    return worn(
        draw,
        over(
            noise.marks(draw, count, size),
            painted(draw, noise.smooth_noise(draw, count, size, 2)),
            clouds(draw, count, size),
        ),
    )


def scratched(draw: Draw, count: int, size: int) -> Tensor:
    """Scratches and cables over something plain."""
    return over(
        noise.scratches(draw, count, size),
        painted(draw, noise.smooth_noise(draw, count, size, 3)),
        plain(draw, count, size),
    )


def gravel(draw: Draw, count: int, size: int) -> Tensor:
    """Specks over specks."""
    below = over(noise.specks(draw, count, size), clouds(draw, count, size), clouds(draw, count, size))
    return over(noise.specks(draw, count, size), painted(draw, noise.smooth_noise(draw, count, size, 9)), below)


def foliage(draw: Draw, count: int, size: int) -> Tensor:
    """Slender leaves over one another."""
    shade, middle = noise.leaves(draw, count, size, number=260, slender=0.15)
    return painted(draw, shade) * (1.1 - 0.5 * middle)[:, None]


def clutter(draw: Draw, count: int, size: int) -> Tensor:
    """Things of all sizes that hide one another, with the statistics of photographs."""
    shade, middle = noise.leaves(draw, count, size, number=180, slender=0.4)
    wide = over((middle > 0.6).float() * draw.chance(0.5, count, 1, 1), clouds(draw, count, size), painted(draw, shade))
    return worn(draw, wide)


def plain(draw: Draw, count: int, size: int) -> Tensor:
    """A gradient with hardly anything on it: walls, skies, skin."""
    x, y = noise.turned(draw, *noise.plane(draw, count, size))
    slope = colours(draw, count)[..., None, None]
    colour = slope + draw.uniform(-0.3, 0.3, count, 3, 1, 1) * (x + 0.3 * y)[:, None]
    soft = noise.fractal_noise(draw, count, size, coarsest=3, fall=0.7)[:, None] - 0.5
    return (colour + draw.log_uniform(0.05, 0.4, count, 1, 1, 1) * soft).clamp(0.0, 1.0)


PATTERNS: tuple[Pattern, ...] = (
    clouds,
    clutter,
    marble,
    mosaic,
    foliage,
    pebbles,
    bands,
    clutter,
    chequered,
    masonry,
    writing,
    scratched,
    gravel,
    plain,
)
