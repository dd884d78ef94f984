# SPDX-License-Identifier: Apache-2.0
"""What is done to clips beyond what the shots bring: mirrored, reversed, recoloured, and partly erased.

Everything is drawn on the clips' device from one generator, and one draw serves a whole clip; only erasing differs from
frame to frame.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch
from torch import Tensor

from cotrack.training.shots.generator import ShotBatch


@dataclass(frozen=True)
class Augmentation:
    """How likely each change is, 0..1.

    mirror: left to right; and, apart from that, top to bottom. reverse: the last frame first.
    recolour: brightness, contrast and saturation within +-20 %, and colours exchanged.
    erase: per frame after the first, up to `patches` rectangles of up to `patch_px` px take one colour each, and hide
    what lies in them.
    """

    mirror: float = 0.5
    reverse: float = 0.5
    recolour: float = 0.25
    erase: float = 0.3
    patches: int = 3
    patch_px: int = 64


def augmented(shots: ShotBatch, chances: Augmentation, dice: torch.Generator) -> ShotBatch:
    """Shots changed at random; `dice` lives on their device."""
    changed = shots
    for axis in (0, 1):
        changed = _mirrored(changed, axis, _happens(chances.mirror, changed, dice))
    changed = _reversed(changed, _happens(chances.reverse, changed, dice))
    changed = _recoloured(changed, _happens(chances.recolour, changed, dice), dice)
    return _erased(changed, chances, dice) if chances.erase > 0 and chances.patches > 0 else changed


def _happens(chance: float, shots: ShotBatch, dice: torch.Generator) -> Tensor:
    """Whether it does, for each clip: (B,) bool."""
    return _uniform((len(shots.video),), 0, 1, shots, dice) < chance


def _uniform(shape: tuple[int, ...], low: float, high: float, shots: ShotBatch, dice: torch.Generator) -> Tensor:
    return low + (high - low) * torch.rand(shape, generator=dice, device=shots.video.device)


def _mirrored(shots: ShotBatch, axis: int, which: Tensor) -> ShotBatch:
    """Axis 0 is x."""
    size = shots.video.shape[-1 - axis]
    video = torch.where(_like(which, shots.video), shots.video.flip(-1 - axis), shots.video)
    xy = shots.xy.clone()
    xy[..., axis] = torch.where(_like(which, xy[..., axis]), size - xy[..., axis], xy[..., axis])
    return replace(shots, video=video, xy=xy)


def _reversed(shots: ShotBatch, which: Tensor) -> ShotBatch:
    def either(x: Tensor, time: int) -> Tensor:
        return torch.where(_like(which, x), x.flip(time), x)

    return ShotBatch(either(shots.video, 1), either(shots.xy, 2), either(shots.visible, 2), either(shots.valid, 2))


def _recoloured(shots: ShotBatch, which: Tensor, dice: torch.Generator) -> ShotBatch:
    clips = len(shots.video)
    brightness, contrast, saturation = (_uniform((clips, 1, 1, 1, 1), 0.8, 1.2, shots, dice) for _ in range(3))
    channels = torch.rand((clips, 3), generator=dice, device=shots.video.device).argsort(-1)
    order = channels[:, None, :, None, None].expand(shots.video.shape)
    video = shots.video.gather(2, order) * brightness
    grey, mean = video.mean(2, keepdim=True), video.mean((1, 2, 3, 4), keepdim=True)
    video = grey + saturation * (video - grey)
    video = (mean + contrast * (video - mean)).clamp(0, 1)
    return replace(shots, video=torch.where(_like(which, video), video, shots.video))


def _erased(shots: ShotBatch, chances: Augmentation, dice: torch.Generator) -> ShotBatch:
    """Paint rectangles over frames after the first. A point that one covers is hidden there."""
    clips, frames, _, height, width = shots.video.shape
    x = torch.arange(width, device=shots.video.device) + 0.5
    y = torch.arange(height, device=shots.video.device) + 0.5
    happens = _uniform((clips, frames), 0, 1, shots, dice) < chances.erase
    happens[:, 0] = False
    video, visible = shots.video, shots.visible
    for _ in range(chances.patches):
        half = _uniform((clips, frames, 2), 1, chances.patch_px / 2, shots, dice)
        centre = torch.stack([_uniform((clips, frames), 0, size, shots, dice) for size in (width, height)], dim=-1)
        half = half * happens[..., None]
        across = (x - centre[..., :1]).abs() < half[..., :1]  # (B, T, W)
        down = (y - centre[..., 1:]).abs() < half[..., 1:]  # (B, T, H)
        patch = (down[..., :, None] & across[..., None, :])[:, :, None]
        colour = _uniform((clips, frames, 3, 1, 1), 0, 1, shots, dice)
        video = torch.where(patch, colour, video)
        covered = ((shots.xy - centre[:, None]).abs() < half[:, None]).all(-1)
        visible = visible & ~covered
        happens = happens & (_uniform((clips, frames), 0, 1, shots, dice) < 0.5)
    return replace(shots, video=video, visible=visible)


def _like(which: Tensor, x: Tensor) -> Tensor:
    """(B,) so that it spreads over x (B, ...)."""
    return which.view(-1, *(1,) * (x.dim() - 1))
