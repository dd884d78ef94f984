# SPDX-License-Identifier: Apache-2.0
"""Which textures and which light a scene's bodies get."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from cotrack.training.shots.atlas import build_atlas
from cotrack.training.shots.draw import Draw, constant
from cotrack.training.shots.lighting import draw_lighting
from cotrack.training.shots.render import Look
from cotrack.training.shots.scene import Scene
from cotrack.training.shots.settings import ShotSettings
from cotrack.training.shots.textures import TextureBank

_MIXED = 0.4


def draw_look(draw: Draw, settings: ShotSettings, textures: TextureBank, scene: Scene) -> Look:
    """Random textures for every side of every body, in linear light, and the light on them."""
    batch, bodies = scene.size.shape[:2]
    sides = scene.cast.textures
    side = textures.colours.shape[-1]
    tile = draw.log_uniform(0.6, 2.5, batch, bodies)
    tile[:, 0].mul_(0.5).add_(1.0)
    tile = tile * scene.size.mean(-1)
    worn = constant(draw.device, *(kind.textures for kind in scene.cast.kinds)).long()
    return Look(
        atlas=build_atlas(_mixed(draw, textures.colours, batch * sides).view(batch, sides, 3, side, side)),
        tiles=scene.size / tile[..., None],
        shift=draw.uniform(0.0, 2.0, batch, bodies, 3),
        texels=(side / tile).repeat_interleave(worn, dim=1, output_size=sides),
        lighting=draw_lighting(draw, textures.shapes, settings.lighting, batch, bodies),
    )


def _mixed(draw: Draw, stock: Tensor, count: int) -> Tensor:
    """(count, 3, R, R) linear: two textures of the stock in patches of one another, recoloured."""
    size = stock.shape[-1]
    first, second = (stock[draw.whole(stock.shape[0], count)].float().div_(255.0) for _ in range(2))
    patches = F.interpolate(draw.normal(count, 1, 7, 7), size=(size, size), mode="bilinear", align_corners=True)
    mixing = draw.chance(_MIXED, count, 1, 1, 1)
    mixed = torch.lerp(first, second, (patches * 12.0 + draw.normal(count, 1, 1, 1) * 6.0).sigmoid_() * mixing)
    grey = mixed.mean(1, keepdim=True)
    mixed = torch.lerp(grey, mixed, draw.uniform(0.3, 1.2, count, 1, 1, 1)).mul_(
        draw.uniform(0.85, 1.15, count, 3, 1, 1)
    )
    return _exposed(draw, mixed).clamp_(0.02, 1.0).square_()


def _exposed(draw: Draw, textures: Tensor) -> Tensor:
    """The same textures, neither as dark, as light nor as faint as a random recolouring may leave them."""
    count = textures.shape[0]
    contrast, mean = torch.std_mean(textures, (1, 2, 3), keepdim=True)
    gain = (draw.log_uniform(0.06, 0.25, count, 1, 1, 1) / contrast.clamp_min(0.01)).clamp(0.5, 4.0)
    wanted = torch.lerp(mean, draw.uniform(0.2, 0.8, count, 1, 1, 1), 0.6)
    return (textures - mean).mul_(gain).add_(wanted)
