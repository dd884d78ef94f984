# SPDX-License-Identifier: Apache-2.0
"""How the camera turns, travels and zooms."""

from __future__ import annotations

from torch import Tensor

from cotrack.training.shots.draw import Draw, constant
from cotrack.training.shots.paths import Path, draw_path
from cotrack.training.shots.settings import ShotSettings

_LOCKED = 0.2
_SWEEPING = 0.25
_SHAKING = 0.35
_ZOOMING = 0.2


def draw_turn(draw: Draw, settings: ShotSettings, half_view: Tensor) -> Path:
    """Rotation vectors (B, 1, 3): locked off, hand-held, or sweeping so far that what is seen leaves and returns.

    half_view: (B, 1), the tangent of half the horizontal field of view.
    """
    batch = half_view.shape[0]
    hand = draw.log_uniform(0.006, 0.3, batch, 1) * ~draw.chance(_LOCKED, batch, 1)
    sweep = draw.uniform(0.5, 1.6, batch, 1) * draw.chance(_SWEEPING, batch, 1)
    axes = constant(draw.device, 0.6, 1.0, 0.35)
    slow = draw_path(draw, batch, 1, 3).scaled((settings.motion * half_view * hand)[..., None] * axes)
    wide = draw_path(draw, batch, 1, 3, drift=0.0, slowest=0.4, fastest=0.9)
    wide = wide.scaled((settings.motion * half_view * sweep)[..., None] * constant(draw.device, 0.4, 1.0, 0.15))
    shake = draw.log_uniform(0.004, 0.06, batch, 1) * draw.chance(_SHAKING, batch, 1)
    quick = draw_path(draw, batch, 1, 3, drift=0.0, slowest=2.5, fastest=9.0)
    return slow.also(wide).also(quick.scaled((settings.motion * half_view * shake)[..., None] * axes))


def draw_travel(draw: Draw, settings: ShotSettings, batch: int) -> Path:
    """Places (B, 1, 3), in the world's units; things stand about 5 of them away."""
    far = settings.parallax * draw.log_uniform(0.02, 1.2, batch, 1, 1) * ~draw.chance(_LOCKED, batch, 1, 1)
    return draw_path(draw, batch, 1, 3, drift=0.7).scaled(far * constant(draw.device, 1.0, 0.5, 0.9))


def draw_zoom(draw: Draw, settings: ShotSettings, batch: int) -> Path:
    """The logarithm (B, 1, 1) of how much longer the lens gets."""
    much = settings.motion * draw.log_uniform(0.03, 0.4, batch, 1, 1) * draw.chance(_ZOOMING, batch, 1, 1)
    return draw_path(draw, batch, 1, 1).scaled(much)
