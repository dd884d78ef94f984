# SPDX-License-Identifier: Apache-2.0
"""The transformer of CoTracker3: attention along time, and among tracks by way of virtual tracks (section 3.3).

Shapes: B clips, N points, V virtual tracks, T frames, D the width. Without gradients it works in chunks and in place.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from cotrack.models.cotracker3_chunks import Pause, chunk_size, no_pause
from cotrack.models.cotracker3_linear import FusedLinear


class TrackTransformer(nn.Module):
    """Attention along time for every track, then, frame by frame, among tracks by way of a few virtual tracks.

    Points exchange what they know through the virtual tracks alone, so the cost is linear in their number.
    """

    def __init__(self, token_dim: int, width: int, *, heads: int, depth: int, virtual_tracks: int) -> None:
        """depth: how often points and virtual tracks meet. virtual_tracks: V."""
        super().__init__()
        self.embed = FusedLinear(token_dim, width)
        self.virtual_tracks = nn.Parameter(torch.randn(virtual_tracks, width))
        self.along_time = nn.ModuleList(SelfAttentionBlock(width, heads) for _ in range(depth))
        self.virtual_from_points = nn.ModuleList(CrossAttentionBlock(width, heads) for _ in range(depth))
        self.among_virtual = nn.ModuleList(SelfAttentionBlock(width, heads) for _ in range(depth))
        self.points_from_virtual = nn.ModuleList(CrossAttentionBlock(width, heads) for _ in range(depth))
        self.move = nn.Linear(width, 2)
        self.judge = nn.Linear(width, 2)
        for module in self.modules():
            if isinstance(module, nn.Linear):
                nn.init.xavier_uniform_(module.weight)
                nn.init.zeros_(module.bias)
        nn.init.trunc_normal_(self.move.weight, std=0.001)
        nn.init.trunc_normal_(self.judge.weight, std=0.001)

    def forward(self, points: Tensor, memory: int, pause: Pause = no_pause) -> tuple[Tensor, Tensor]:
        """Embedded tokens (B, N, T, D) -> the move in feature px (B, N, T, 2), and changes of the two logits.

        `points` is overwritten when no gradient is asked for; temporaries take about `memory` bytes.
        """
        clips, _, frames, _ = points.shape
        virtual = self.virtual_tracks[:, None]  # (V, 1, D): alike in all frames until they have met the points
        for depth in range(len(self.along_time)):
            points = self._pass_time(depth, points, memory, pause)
            if depth == 0:
                virtual = self.along_time[0](virtual).expand(clips, -1, frames, -1).clone()
            else:
                virtual = self._pass_time(depth, virtual, memory, pause)
            points, virtual = self._meet(depth, points, virtual, memory, pause)
        return self.move(points), self.judge(points)

    def _pass_time(self, depth: int, tracks: Tensor, memory: int, pause: Pause) -> Tensor:
        frames, width = tracks.shape[2:]
        rows = tracks.flatten(0, 1)
        size = chunk_size(len(rows), _BYTES_PER_WIDTH * frames * width, memory)
        return _rewrite(self.along_time[depth], rows, size, pause).view_as(tracks)

    def _meet(self, depth: int, points: Tensor, virtual: Tensor, memory: int, pause: Pause) -> tuple[Tensor, Tensor]:
        """One exchange between the points and the virtual tracks of each frame."""
        frames = points.shape[2]
        if torch.is_grad_enabled():
            return self._meet_in(depth, points, virtual)
        tracks = points.shape[0] * (points.shape[1] + virtual.shape[1])
        size = chunk_size(frames, _BYTES_PER_WIDTH * tracks * points.shape[-1], memory)
        for first in range(0, frames, size):
            pause()
            part = slice(first, first + size)
            points[:, :, part], virtual[:, :, part] = self._meet_in(depth, points[:, :, part], virtual[:, :, part])
        return points, virtual

    def _meet_in(self, depth: int, points: Tensor, virtual: Tensor) -> tuple[Tensor, Tensor]:
        clips = len(points)
        points = points.transpose(1, 2).flatten(0, 1)  # (B T, N, D)
        virtual = virtual.transpose(1, 2).flatten(0, 1)  # (B T, V, D)
        virtual = self.virtual_from_points[depth](virtual, points)
        virtual = self.among_virtual[depth](virtual)
        points = self.points_from_virtual[depth](points, virtual)
        points, virtual = (torch.unflatten(x, 0, (clips, -1)).transpose(1, 2) for x in (points, virtual))
        return points, virtual


_BYTES_PER_WIDTH = 4 * 12
"""Temporaries of a transformer block per token and channel: the MLP's hidden layer twice, queries, keys and values."""


def _rewrite(block: Callable[[Tensor], Tensor], x: Tensor, rows: int, pause: Pause) -> Tensor:
    """Apply `block` to x, in place and some rows at a time where no gradient is asked for."""
    if torch.is_grad_enabled():
        return block(x)
    for part in torch.split(x, rows):
        pause()
        part.copy_(block(part))
    return x


class SelfAttentionBlock(nn.Module):
    """Self-attention and an MLP, each on the normalised input and added to it: (batch, length, D)."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.attention = Attention(width, heads)
        self.mlp = _mlp(width)

    def forward(self, x: Tensor) -> Tensor:
        normalised = _layer_norm(x)
        x = x + self.attention(normalised, normalised)
        answer: Tensor = x + self.mlp(_layer_norm(x))
        return answer


class CrossAttentionBlock(nn.Module):
    """Attention of x to a context, and an MLP: (batch, length, D)."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.context_norm = nn.LayerNorm(width)
        self.attention = Attention(width, heads)
        self.mlp = _mlp(width)

    def forward(self, x: Tensor, context: Tensor) -> Tensor:
        x = x + self.attention(_layer_norm(x), self.context_norm(context))
        answer: Tensor = x + self.mlp(_layer_norm(x))
        return answer


class Attention(nn.Module):
    """Multi-head attention of x (batch, length, D) to a context (batch, other length, D)."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.query = FusedLinear(width, width)
        self.key_value = FusedLinear(width, 2 * width)
        self.out = FusedLinear(width, width)

    def forward(self, x: Tensor, context: Tensor) -> Tensor:
        query = self._by_head(self.query(x))
        key, value = (self._by_head(part) for part in self.key_value(context).chunk(2, dim=-1))
        attended = F.scaled_dot_product_attention(query, key, value)
        answer: Tensor = self.out(attended.transpose(1, 2).flatten(2))
        return answer

    def _by_head(self, x: Tensor) -> Tensor:
        return torch.unflatten(x, -1, (self.heads, -1)).transpose(1, 2)  # (batch, heads, length, D / heads)


def _mlp(width: int) -> nn.Sequential:
    return nn.Sequential(FusedLinear(width, 4 * width, gelu="tanh"), FusedLinear(4 * width, width))


def _layer_norm(x: Tensor) -> Tensor:
    return F.layer_norm(x, x.shape[-1:], eps=1e-6)
