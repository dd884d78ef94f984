# SPDX-License-Identifier: Apache-2.0
"""CoTracker3 as it is trained: the same weights and the same answers, with gradients that are cheap to take.

Differences to `CoTracker3`: neighbourhoods are gathered so that their gradients are summed in single precision whatever
the features' precision is; correlations can be computed again in the backward pass instead of being kept; and no number
travels from host to device in between, so that the device never waits.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F
from torch.utils.checkpoint import checkpoint

from cotrack.models.cotracker3 import CoTracker3, CoTracker3Config, Pyramid, Supports
from cotrack.models.cotracker3_sampling import interpolate_blocks


class TrainableCoTracker3(CoTracker3):
    """A CoTracker3 for the training loop; its state dict is that of `CoTracker3`.

    working_dtype: of convolutions, correlations and attention; None is single precision throughout.
    recompute: keep no correlation for the backward pass; a third more arithmetic there, a third of the memory.
    """

    def __init__(
        self, config: CoTracker3Config, *, working_dtype: torch.dtype | None = None, recompute: bool = False
    ) -> None:
        super().__init__(config)
        self.working_dtype = working_dtype
        self.recompute = recompute
        height, width = config.resolution
        self.register_buffer("extent", torch.tensor([width, height], dtype=torch.float32), persistent=False)
        self.extent: Tensor

    def compile_parts(self) -> None:
        """Compile what the time is spent in; each part compiles when it first meets a shape."""
        self.features.compile(dynamic=False)
        self.transformer.compile(dynamic=False)
        self.correlation.compile(dynamic=False)

    def supports(self, pyramid: Pyramid, queries: Tensor) -> Supports:
        """See `CoTracker3`."""
        clips, frames = pyramid[0].shape[:2]
        frame = queries[..., 0].long() + frames * torch.arange(clips, device=queries.device)[:, None]
        supports = []
        for level, scale in zip(pyramid, self._level_scales(), strict=True):
            blocks, fraction = self._blocks(level.flatten(0, 1), frame, queries[..., 1:] * scale)
            supports.append(interpolate_blocks(blocks, fraction).flatten(-3, -2))
        return supports

    def correlate(self, levels: list[Tensor], frame: Tensor, coords: Tensor, supports: list[Tensor]) -> list[Tensor]:
        """See `CoTracker3`."""
        embeddings = []
        for level, scale, support in zip(levels, self._level_scales(), supports, strict=True):
            inputs = (level, frame, coords * scale, support)
            if self.recompute and torch.is_grad_enabled():
                embeddings.append(checkpoint(self._correlate_level, *inputs, use_reentrant=False))
            else:
                embeddings.append(self._correlate_level(*inputs))
        return embeddings

    def displacements(self, coords: Tensor) -> Tensor:
        """See `CoTracker3`."""
        step = (coords[:, :-1] - coords[:, 1:]) / self.extent
        return torch.cat([F.pad(step, (0, 0, 0, 1)), F.pad(-step, (0, 0, 1, 0))], dim=-1)

    def _correlate_level(self, level: Tensor, frame: Tensor, centre: Tensor, support: Tensor) -> Tensor:
        blocks, fraction = self._blocks(level, frame, centre)  # (P, T, 2r+2, 2r+2, C)
        products = torch.bmm(blocks.flatten(1, 3), support.to(blocks.dtype).transpose(1, 2))
        volume = interpolate_blocks(products.view(*blocks.shape[:-1], -1), fraction)
        embedding: Tensor = self.correlation(volume.flatten(2, 3).flatten(-2))
        return embedding

    def _blocks(self, level: Tensor, frame: Tensor, centre: Tensor) -> tuple[Tensor, Tensor]:
        """Like `gather_blocks`, in the features' working precision."""
        _, height, width, channels = level.shape
        radius = self.config.radius
        x = centre[..., 0].clamp(-radius - 2, width + radius + 2)
        y = centre[..., 1].clamp(-radius - 2, height + radius + 2)
        reach = torch.arange(-radius, radius + 2, device=level.device)
        columns = (x.floor().long()[..., None] + reach).clamp(0, width - 1)
        rows = (y.floor().long()[..., None] + reach).clamp(0, height - 1)
        index = ((frame[..., None] * height + rows) * width)[..., None, :] + columns[..., :, None]
        pixels: Tensor = _Gather.apply(  # type: ignore[no-untyped-call]  # PyTorch left it without annotations
            level.reshape(-1, channels), index.flatten(), self.working_dtype
        )
        fraction = torch.stack([x - x.floor(), y - y.floor()], dim=-1).to(pixels.dtype)
        return pixels.view(*index.shape, channels), fraction


class _Gather(torch.autograd.Function):
    """Rows of a table, perhaps in half precision; their gradients are summed in the table's own precision."""

    @staticmethod
    def forward(context: Any, table: Tensor, index: Tensor, half: torch.dtype | None) -> Tensor:  # noqa: ANN401 - torch's
        context.save_for_backward(index)
        context.shape, context.dtype = table.shape, table.dtype
        return (table if half is None else table.to(half)).index_select(0, index)

    @staticmethod
    def backward(context: Any, gradient: Tensor) -> tuple[Tensor, None, None]:  # noqa: ANN401 - torch's
        (index,) = context.saved_tensors
        total = gradient.new_zeros(context.shape, dtype=context.dtype)
        return total.index_add_(0, index, gradient.to(context.dtype)), None, None
