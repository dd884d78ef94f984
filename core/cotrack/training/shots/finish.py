# SPDX-License-Identifier: Apache-2.0
"""What lens, sensor and file do to a picture: focus, exposure, tone, grain, compression. None of it moves anything."""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional as F

from cotrack.training.shots.draw import Draw
from cotrack.training.shots.paths import draw_path
from cotrack.training.shots.render import Photograph
from cotrack.training.shots.settings import ShotSettings

_BLOCK = 8


def finish(draw: Draw, settings: ShotSettings, photograph: Photograph, time: Tensor) -> Tensor:
    """A display-referred video (B, T, 3, H, W) in 0..1."""
    linear = _focused(draw, settings.defocus, photograph, time)
    display = _toned(draw, settings, linear * _exposure(draw, settings.lighting, linear, time))
    return _compressed(draw, settings.compression, _grained(draw, settings.grain, display)).clamp_(0.0, 1.0)


def _focused(draw: Draw, share: float, photograph: Photograph, time: Tensor) -> Tensor:
    """Sharp at one depth, which may change, and softer before and behind it; now and then soft all over."""
    colour, batch = photograph.colour, time.shape[0]
    focus = (
        draw.uniform(0.1, 0.35, batch, 1)
        * draw_path(draw, batch, 1, 1).scaled(draw.uniform(0.0, 0.6, batch, 1, 1)).at(time)[:, 0, :, 0].exp()
    )
    soft = draw.log_uniform(0.5, 8.0, batch, 1, 1, 1) * (photograph.nearness - focus[..., None, None]).abs()
    soft = soft * draw.chance(share, batch, 1, 1, 1) + draw.uniform(0.0, 1.0, batch, 1, 1, 1) * draw.chance(
        0.5 * share, batch, 1, 1, 1
    )
    blurred = [_blurred(colour, sigma) for sigma in (0.8, 2.0)]
    weight = soft[:, :, None]
    focused = torch.lerp(colour, blurred[0], weight.clamp(0.0, 1.0))
    return torch.lerp(focused, blurred[1], (weight - 1.0).clamp(0.0, 1.0))


def _exposure(draw: Draw, share: float, linear: Tensor, time: Tensor) -> Tensor:
    """A factor (B, T, 3, H, W): the stop, its changes, flicker, white balance, and darker corners."""
    batch, frames, _, height, width = linear.shape
    changing = draw.chance(share, batch, 1, 1)
    ride = draw_path(draw, batch, 1, 3).scaled(changing * draw.log_uniform(0.02, 0.8, batch, 1, 1))
    stops = ride.at(time)[:, 0].mean(-1, keepdim=True) + 0.15 * (ride.at(time)[:, 0] - ride.at(time)[:, 0, :, :1])
    stops = stops + draw.log_uniform(0.003, 0.1, batch, 1, 1) * changing * draw.normal(batch, frames, 1)
    key = draw.log_uniform(0.12, 0.45, batch, 1, 1) / linear.mean((1, 2, 3, 4))[:, None, None].clamp_min(0.02)
    gain = key * stops.clamp(-1.2, 1.0).exp()
    y, x = (torch.linspace(-1.0, 1.0, length, device=draw.device) for length in (height, width))
    corner = draw.uniform(0.0, 0.35, batch, 1, 1) * (y[:, None].square() + x.square())
    return gain[..., None, None] * (1.0 - corner * draw.chance(0.5, batch, 1, 1))[:, None, None]


def _toned(draw: Draw, settings: ShotSettings, linear: Tensor) -> Tensor:
    """From light to display values: a camera's curve, or flat and milky as log footage."""
    batch = linear.shape[0]
    shoulder = linear / (1.0 + 0.25 * linear)
    display = shoulder.clamp_(1e-5, 1.25).pow(draw.uniform(0.38, 0.6, batch, 1, 1, 1, 1))
    log = torch.log1p(draw.uniform(10.0, 80.0, batch, 1, 1, 1, 1) * linear.clamp_min(0.0))
    log = draw.uniform(0.06, 0.15, batch, 1, 1, 1, 1) + draw.uniform(0.12, 0.17, batch, 1, 1, 1, 1) * log
    log = torch.lerp(log.mean(2, keepdim=True), log, 0.6)
    return torch.where(draw.chance(settings.log_contrast, batch, 1, 1, 1, 1), log, display)


def _grained(draw: Draw, share: float, display: Tensor) -> Tensor:
    """Noise of this frame alone, fine or clumped, mostly the same in all channels, stronger in the middle tones."""
    batch, frames, _, height, width = display.shape
    strength = draw.log_uniform(0.004, 0.045, batch, 1, 1, 1, 1) * draw.chance(share, batch, 1, 1, 1, 1)
    grey, tint = draw.normal(batch, frames, 1, height, width), draw.normal(batch, frames, 3, height, width)
    noise = grey + 0.5 * tint
    noise = torch.lerp(noise, 2.2 * _blurred(noise, 0.8), draw.uniform(0.0, 1.0, batch, 1, 1, 1, 1))
    return display + strength * (0.4 + 2.4 * (display * (1.0 - display)).clamp_min(0.0)) * noise


def _compressed(draw: Draw, share: float, display: Tensor) -> Tensor:
    """Blocks of 8 x 8 whose cosine transform is rounded, and colour at half the size, as in JPEG and its heirs."""
    batch, frames, _, height, width = display.shape
    down, right = draw.host.randrange(_BLOCK), draw.host.randrange(_BLOCK)
    padding = (right, -(width + right) % (2 * _BLOCK), down, -(height + down) % (2 * _BLOCK))
    padded = F.pad(display.flatten(0, 1), padding, mode="replicate")
    luma, chroma = _to_luma(padded)
    step = draw.log_uniform(0.008, 0.07, batch, 1, 1, 1, 1, 1).repeat_interleave(frames, 0)
    luma = _rounded(luma, step)
    chroma = F.interpolate(_rounded(F.avg_pool2d(chroma, 2), 1.5 * step), scale_factor=2.0, mode="bilinear")
    back = _from_luma(luma, chroma)[..., down : down + height, right : right + width].view_as(display)
    return torch.where(draw.chance(share, batch, 1, 1, 1, 1), back, display)


def _rounded(plane: Tensor, step: Tensor) -> Tensor:
    """(n, c, H, W) with each block's coefficients rounded to multiples of `step` (n, ...), more so the fine ones."""
    count, channels, height, width = plane.shape
    place = torch.arange(_BLOCK, device=plane.device)
    cosine = torch.cos(math.pi / _BLOCK * (place + 0.5) * place[:, None]) * math.sqrt(2.0 / _BLOCK)
    cosine[0] *= math.sqrt(0.5)
    blocks = plane.view(count, channels, height // _BLOCK, _BLOCK, width // _BLOCK, _BLOCK).transpose(3, 4)
    size = step * (1.0 + 0.45 * (place + place[:, None]))
    coefficients = torch.round(cosine @ blocks @ cosine.mT / size) * size
    return (cosine.mT @ coefficients @ cosine).transpose(3, 4).reshape(plane.shape)


def _to_luma(rgb: Tensor) -> tuple[Tensor, Tensor]:
    luma = 0.299 * rgb[:, :1] + 0.587 * rgb[:, 1:2] + 0.114 * rgb[:, 2:]
    return luma, torch.cat([rgb[:, 2:] - luma, rgb[:, :1] - luma], 1)


def _from_luma(luma: Tensor, chroma: Tensor) -> Tensor:
    blue, red = luma + chroma[:, :1], luma + chroma[:, 1:]
    return torch.cat([red, (luma - 0.299 * red - 0.114 * blue) / 0.587, blue], 1)


def _blurred(video: Tensor, sigma: float) -> Tensor:
    """(B, T, c, H, W) under a Gaussian of `sigma` px."""
    reach = math.ceil(2.5 * sigma)
    place = torch.arange(-reach, reach + 1, device=video.device)
    weights = torch.exp(-0.5 * (place / sigma).square())
    weights = weights / weights.sum()
    planes = video.flatten(0, 2)[:, None]
    padded = F.pad(planes, (reach, reach, reach, reach), mode="replicate")
    return F.conv2d(F.conv2d(padded, weights[None, None, None]), weights[None, None, :, None]).view_as(video)
