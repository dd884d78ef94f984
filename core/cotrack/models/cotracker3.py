# SPDX-License-Identifier: Apache-2.0
"""CoTracker3 (Karaev et al., arXiv 2410.11831), offline and online: one network, two lengths of its time table.

Coordinates are *network pixels*: (x, y) of the picture given to the network, centre of the first pixel (0, 0).
Features live at a quarter of that size; a feature coordinate is a network coordinate divided by 4, nothing more.

In the shapes below: B clips, T frames, N points, V virtual tracks, C feature channels, h x w a level of the pyramid,
K = (2 radius + 1)^2 offsets of a neighbourhood (x slow, y fast), D the transformer's width.
Without gradients every stage works in chunks that stay in the cache, and frames are encoded one by one; both leave the
numbers as they are. With gradients everything runs in one piece.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from cotrack.models.cotracker3_chunks import Pause, chunk_bytes, chunk_size, no_pause
from cotrack.models.cotracker3_linear import FusedLinear
from cotrack.models.cotracker3_sampling import gather_blocks, interpolate_blocks
from cotrack.models.cotracker3_transformer import TrackTransformer
from cotrack.models.cotracker3_winograd import WinogradConv2d

STRIDE = 4
"""Network pixels per feature pixel."""

Pyramid = list[Tensor]
"""Levels of features, finest first, each (B, T, h, w, C)."""

Supports = list[Tensor]
"""The neighbourhood of every query at its own frame, per level (B, N, K, C)."""


@dataclass(frozen=True)
class CoTracker3Config:
    """Every size of the network; the defaults are those of the paper.

    online: made for windows of exactly `window` frames; an offline network takes any number of frames.
    window: rows of the time table.
    resolution: (height, width), network px; displacements enter the tokens as fractions of it, whatever the input size.
    """

    online: bool = False
    window: int = 60
    resolution: tuple[int, int] = (384, 512)
    feature_widths: tuple[int, ...] = (64, 96, 128, 128)
    feature_dim: int = 128
    levels: int = 4
    radius: int = 3
    correlation_hidden: int = 384
    correlation_dim: int = 256
    octaves: int = 10
    hidden: int = 384
    heads: int = 8
    depth: int = 3
    virtual_tracks: int = 64

    @property
    def neighbours(self) -> int:
        """K: offsets of a neighbourhood."""
        return (2 * self.radius + 1) ** 2

    @property
    def token_dim(self) -> int:
        """Channels of a token: two logits, the correlations, the Fourier code of four displacements."""
        return 2 + self.levels * self.correlation_dim + 4 * (1 + 2 * self.octaves)


@dataclass(frozen=True, eq=False)
class TrackState:
    """What the network believes about B x N points in T frames.

    coords: (B, N, T, 2), network px. visibility, confidence: (B, N, T), logits.
    """

    coords: Tensor
    visibility: Tensor
    confidence: Tensor

    @classmethod
    def at_queries(cls, queries: Tensor, frames: int) -> TrackState:
        """Every point rests at its query position, undecided; `queries` is (B, N, 3): frame, x, y."""
        coords = queries[..., None, 1:].expand(-1, -1, frames, -1)
        undecided = coords.new_zeros(coords.shape[:-1])
        return cls(coords, undecided, undecided)


class CoTracker3(nn.Module):
    """The network of the paper's section 3; see `forward` for the whole of it in a few lines."""

    def __init__(self, config: CoTracker3Config) -> None:
        super().__init__()
        self.config = config
        self.features = FeatureNetwork(config)
        self.correlation = CorrelationMlp(config)
        self.transformer = TrackTransformer(
            config.token_dim,
            config.hidden,
            heads=config.heads,
            depth=config.depth,
            virtual_tracks=config.virtual_tracks,
        )
        self.register_buffer("time_table", time_table(config.window, config.token_dim), persistent=False)
        self.time_table: Tensor

    def forward(self, video: Tensor, queries: Tensor, iterations: int = 6) -> list[TrackState]:
        """Track `queries` (B, N, 3: frame, x, y) through the whole `video` (B, T, 3, H, W; RGB, 0..255) as one window.

        H and W are multiples of 4. Returns the state after every iteration; the last is the answer.
        """
        features = torch.unflatten(self.encode(video.flatten(0, 1)), 0, video.shape[:2])
        pyramid = self.pyramid(features)
        supports = self.supports(pyramid, queries)
        start = TrackState.at_queries(queries, video.shape[1])
        return list(self.refine_window(pyramid, supports, start, iterations))

    def encode(self, frames: Tensor, half: torch.dtype | None = None, pause: Pause = no_pause) -> Tensor:
        """Frames (T, 3, H, W), RGB 0..255 -> features (T, C, H/4, W/4), float32, of unit length at every pixel.

        half: run the convolutions in that type (torch.float16, torch.bfloat16) where autocast allows it.
        """
        pieces = torch.split(frames, len(frames) if torch.is_grad_enabled() else 1)
        return torch.cat([self._encode(piece, half, pause) for piece in pieces])

    def _encode(self, frames: Tensor, half: torch.dtype | None, pause: Pause) -> Tensor:
        pictures = (2 * (frames / 255) - 1).contiguous(memory_format=torch.channels_last)
        with torch.autocast(frames.device.type, dtype=half, enabled=half is not None):
            features: Tensor = self.features(pictures, pause)
        features = features.float().contiguous(memory_format=torch.channels_last)
        return features * features.square().sum(1, keepdim=True).clamp_min(1e-12).rsqrt()

    def pyramid(self, features: Tensor) -> Pyramid:
        """Average-pool features (B, T, C, h, w) to all levels; none is normalised again."""
        levels = [features.movedim(2, -1).contiguous()]
        while len(levels) < self.config.levels:
            levels.append(_halved(levels[-1]))
        return levels

    def supports(self, pyramid: Pyramid, queries: Tensor) -> Supports:
        """Cut the neighbourhood of every query (B, N, 3: frame, x, y) out of its own frame, at every level."""
        clips, frames = pyramid[0].shape[:2]
        frame = queries[..., 0].long() + frames * torch.arange(clips, device=queries.device)[:, None]
        supports = []
        for level, scale in zip(pyramid, self._level_scales(), strict=True):
            blocks, fraction = gather_blocks(level.flatten(0, 1), frame, queries[..., 1:] * scale, self.config.radius)
            supports.append(interpolate_blocks(blocks, fraction).flatten(-3, -2))
        return supports

    def refine_window(
        self,
        pyramid: Pyramid,
        supports: Supports,
        start: TrackState,
        iterations: int = 6,
        memory_bytes: int | None = None,
        *,
        pause: Pause = no_pause,
    ) -> Iterator[TrackState]:
        """Refine `start` against the frames of one window, as often as `iterations` says (section 3.3).

        memory_bytes: what temporaries may take beside `window_bytes`; None is what is quick on this device.
        pause: called between chunks.
        Yields the state after every iteration. Gradients do not flow through the positions from step to step.
        """
        memory = memory_bytes or chunk_bytes(start.coords.device)
        times = self.times(start.coords.shape[2])
        state = start
        for _ in range(iterations):
            state = TrackState(state.coords.detach(), state.visibility, state.confidence)
            hidden = self._embed(pyramid, supports, state, times, memory=memory, pause=pause)
            move, judgement = self.transformer(hidden, memory, pause)
            state = TrackState(
                coords=state.coords + STRIDE * move,
                visibility=state.visibility + judgement[..., 0],
                confidence=state.confidence + judgement[..., 1],
            )
            yield state

    def window_bytes(self, points: int, frames: int, feature_size: tuple[int, int]) -> int:
        """What a window holds while it is refined: its pyramid, the supports and the transformer's state."""
        config = self.config
        pixels = sum((feature_size[0] >> level) * (feature_size[1] >> level) for level in range(config.levels))
        supports = points * config.levels * config.neighbours * config.feature_dim
        hidden = (points + config.virtual_tracks) * frames * config.hidden
        return 4 * (frames * pixels * config.feature_dim + supports + hidden)

    def times(self, frames: int) -> Tensor:
        """The time table (T, token_dim), stretched when a window is not as long as it."""
        if frames == len(self.time_table):
            return self.time_table
        return F.interpolate(self.time_table.T[None], size=frames, mode="linear", align_corners=False)[0].T

    def _embed(
        self,
        pyramid: Pyramid,
        supports: Supports,
        state: TrackState,
        times: Tensor,
        *,
        memory: int,
        pause: Pause,
    ) -> Tensor:
        """Tokens of all points, embedded: (B, N, T, D). The tokens themselves exist for a few points at a time."""
        clips, points, frames = state.visibility.shape
        frame = torch.arange(clips * frames, device=times.device).view(clips, 1, frames).expand(-1, points, -1)
        frame, coords = frame.flatten(0, 1), state.coords.flatten(0, 1)
        visibility, confidence = state.visibility.flatten(0, 1), state.confidence.flatten(0, 1)
        levels = [level.flatten(0, 1) for level in pyramid]
        flat_supports = [support.flatten(0, 1) for support in supports]

        def embed(part: slice) -> Tensor:
            pause()
            embeddings = self.correlate(levels, frame[part], coords[part], [s[part] for s in flat_supports])
            tokens = self.tokens(coords[part], visibility[part], confidence[part], embeddings) + times
            embedded: Tensor = self.transformer.embed(tokens)
            return embedded

        size = clips * points
        if not torch.is_grad_enabled():
            size = chunk_size(size, frames * self._bytes_per_token(), memory)
        embedded = [embed(slice(first, first + size)) for first in range(0, clips * points, size)]
        return torch.unflatten(torch.cat(embedded), 0, (clips, points))

    def _bytes_per_token(self) -> int:
        """Temporaries of one point in one frame: its block of features, and what becomes of it."""
        config = self.config
        block = (2 * config.radius + 2) ** 2
        return 4 * (block * (config.feature_dim + 2 * config.neighbours) + config.neighbours**2)

    def correlate(self, levels: list[Tensor], frame: Tensor, coords: Tensor, supports: list[Tensor]) -> list[Tensor]:
        """Embed, per level, how the surroundings of P points resemble their queries': (P, T, correlation_dim) each.

        levels (F, h, w, C) hold all frames; frame (P, T) says which one to look at, coords (P, T, 2) where, in network
        px; supports (P, K, C).
        """
        embeddings = []
        for level, scale, support in zip(levels, self._level_scales(), supports, strict=True):
            volume = correlation_volume(level, frame, coords * scale, support, self.config.radius)
            embeddings.append(self.correlation(volume.flatten(-2)))
        return embeddings

    def tokens(self, coords: Tensor, visibility: Tensor, confidence: Tensor, embeddings: list[Tensor]) -> Tensor:
        """What a point says of itself in a frame (P, T, token_dim), before the time is added."""
        code = fourier_code(self.displacements(coords), self.config.octaves)
        return torch.cat([visibility[..., None], confidence[..., None], *embeddings, code], dim=-1)

    def displacements(self, coords: Tensor) -> Tensor:
        """From coords (P, T, 2) to (P, T, 4): position minus the next frame's, and minus the previous frame's."""
        height, width = self.config.resolution
        step = (coords[:, :-1] - coords[:, 1:]) / coords.new_tensor([width, height])
        return torch.cat([F.pad(step, (0, 0, 0, 1)), F.pad(-step, (0, 0, 1, 0))], dim=-1)

    def _level_scales(self) -> list[float]:
        return [1 / (STRIDE << level) for level in range(self.config.levels)]


class FeatureNetwork(nn.Module):
    """Pictures (T, 3, H, W), -1..1 -> features (T, C, H/4, W/4): four residual stages, merged at one size."""

    def __init__(self, config: CoTracker3Config) -> None:
        super().__init__()
        widths = config.feature_widths
        self.stem = nn.Conv2d(3, widths[0], 7, stride=2, padding=3)
        self.stages = nn.ModuleList(
            nn.Sequential(ResidualBlock(before, width, stride), ResidualBlock(width, width, 1))
            for before, width, stride in zip((widths[0], *widths), widths, (1, 2, 2, 2), strict=False)
        )
        self.merge = WinogradConv2d(sum(widths), 2 * config.feature_dim)
        self.project = nn.Conv2d(2 * config.feature_dim, config.feature_dim, 1)
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
                module.weight.data = module.weight.data.contiguous(memory_format=torch.channels_last)

    def forward(self, frames: Tensor, pause: Pause = no_pause) -> Tensor:
        size = (frames.shape[-2] // STRIDE, frames.shape[-1] // STRIDE)
        x = normalised_relu(self.stem(frames))
        stages = []
        for stage in self.stages:
            pause()
            x = stage(x)
            stages.append(F.interpolate(x, size, mode="bilinear", align_corners=True))
        pause()
        projected: Tensor = self.project(normalised_relu(self.merge(torch.cat(stages, dim=1))))
        return projected


class ResidualBlock(nn.Module):
    """Two normalised 3x3 convolutions beside a shortcut."""

    def __init__(self, before: int, width: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(before, width, 3, stride=stride, padding=1)
        self.conv2 = nn.Conv2d(width, width, 3, padding=1)
        self.shortcut = nn.Conv2d(before, width, 1, stride=stride) if stride > 1 else None

    def forward(self, x: Tensor) -> Tensor:
        y = normalised_relu(self.conv2(normalised_relu(self.conv1(x))))
        if self.shortcut is not None:
            x = _normalise(self.shortcut(x))
        return (x + y).relu_()


def normalised_relu(x: Tensor) -> Tensor:
    """Normalise every channel of every frame over its pixels, then rectify."""
    return _normalise(x).relu_()


def _normalise(x: Tensor) -> Tensor:
    if len(x) == 1:  # the same as a batch's normalisation then, and that one keeps the channels last
        return F.batch_norm(x, None, None, training=True)
    return F.instance_norm(x)


def _halved(level: Tensor) -> Tensor:
    """Means of 2x2 pixels of level (..., h, w, C); an odd last row or column is left out."""
    height, width = level.shape[-3] // 2 * 2, level.shape[-2] // 2 * 2
    pairs = level[..., 0:height:2, :width, :] + level[..., 1:height:2, :width, :]
    return (pairs[..., ::2, :] + pairs[..., 1::2, :]) / 4


def correlation_volume(level: Tensor, frame: Tensor, centre: Tensor, support: Tensor, radius: int) -> Tensor:
    """Compare all pairs of the target's and the query's neighbourhood: (P, T, K target, K query) dot products.

    level (F, h, w, C), frame (P, T), centre (P, T, 2) in the level's pixels, support (P, K, C). Interpolation is
    linear, so it is done on the dot products: they have fewer channels than the features.
    """
    blocks, fraction = gather_blocks(level, frame, centre, radius)  # (P, T, 2r+2, 2r+2, C)
    products = torch.bmm(blocks.flatten(1, 3), support.transpose(1, 2))  # (P, T (2r+2)^2, K)
    return interpolate_blocks(products.view(*blocks.shape[:-1], -1), fraction).flatten(2, 3)


class CorrelationMlp(nn.Module):
    """A volume of K x K dot products -> its embedding; the same for every level."""

    def __init__(self, config: CoTracker3Config) -> None:
        super().__init__()
        self.enter = FusedLinear(config.neighbours**2, config.correlation_hidden, gelu="none")
        self.leave = FusedLinear(config.correlation_hidden, config.correlation_dim)

    def forward(self, volume: Tensor) -> Tensor:
        embedding: Tensor = self.leave(self.enter(volume))
        return embedding


def fourier_code(values: Tensor, octaves: int) -> Tensor:
    """(..., n) -> (..., n (1 + 2 octaves)): the values, then sines and cosines of 1, 2, 4 ... times each."""
    scales = 2.0 ** torch.arange(octaves, device=values.device, dtype=values.dtype)
    angles = (scales[:, None] * values[..., None, :]).flatten(-2)
    return torch.cat([values, angles.sin(), (angles + math.pi / 2).sin()], dim=-1)


def time_table(frames: int, width: int) -> Tensor:
    """The sinusoidal code of the positions 0..frames-1: (frames, width), sines then cosines."""
    rates = 10000.0 ** (-torch.arange(width // 2, dtype=torch.float64) / (width // 2))
    angles = torch.arange(frames, dtype=torch.float64)[:, None] * rates
    return torch.cat([angles.sin(), angles.cos()], dim=1).float()
