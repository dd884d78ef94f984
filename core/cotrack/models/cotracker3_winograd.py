# SPDX-License-Identifier: Apache-2.0
"""3x3 convolutions with a quarter of the products (Winograd's minimal filtering; Lavin & Gray, arXiv 1509.09308).

On a CPU the feature network is most of the work when points are few, and half of that is one wide 3x3 convolution. Four
by four outputs are computed from a patch of six by six inputs: patches and kernels are evaluated at 36 points (pairs
of six), multiplied there, and interpolated. The points are chosen so that single precision loses less than one digit.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

_OUTPUTS = 4
_PATCH = 6
_POINTS = (0.0, 2 / 3, -2 / 3, 4 / 3, -4 / 3)  # and infinity
_CHUNK_BYTES = 12 << 20


class WinogradConv2d(nn.Conv2d):
    """A 3x3 convolution of stride 1, zero-padded by 1; an ordinary one with gradients, in half precision, on GPUs."""

    bias: nn.Parameter

    def __init__(self, before: int, after: int) -> None:
        super().__init__(before, after, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        if torch.is_grad_enabled() or torch.is_autocast_enabled(x.device.type) or x.device.type != "cpu":
            return super().forward(x)
        answer = torch.cat([_convolve(picture, self.weight) for picture in x.permute(0, 2, 3, 1)])
        return answer.add_(self.bias).permute(0, 3, 1, 2)


def _convolve(picture: Tensor, weight: Tensor) -> Tensor:
    """Picture (H, W, C) and weight (O, C, 3, 3) -> (1, H, W, O)."""
    height, width, channels = picture.shape
    rows, columns = -(-height // _OUTPUTS), -(-width // _OUTPUTS)
    kernels = _along_both(_EVALUATE_KERNEL, weight.permute(2, 3, 1, 0)).flatten(0, 1)  # (36, C, O)
    right, bottom = columns * _OUTPUTS - width + 1, rows * _OUTPUTS - height + 1
    padded = F.pad(picture, (0, 0, 1, right, 1, bottom))
    patches = padded.unfold(0, _PATCH, _OUTPUTS).unfold(1, _PATCH, _OUTPUTS).permute(3, 4, 0, 1, 2)
    answer = picture.new_empty(rows, _OUTPUTS, columns, _OUTPUTS, len(weight))
    size = max(1, _CHUNK_BYTES // (4 * _PATCH**2 * columns * channels))
    for first in range(0, rows, size):
        part = patches[:, :, first : first + size]  # (6, 6, rows, columns, C)
        values = _along_both(_EVALUATE_PATCH, part).view(_PATCH**2, -1, channels)
        products = torch.bmm(values, kernels).view(_PATCH, _PATCH, -1, columns, len(weight))
        answer[first : first + size] = _along_both(_INTERPOLATE, products).permute(2, 0, 3, 1, 4)
    return answer.view(1, rows * _OUTPUTS, columns * _OUTPUTS, -1)[:, :height, :width]


def _along_both(transform: Tensor, x: Tensor) -> Tensor:
    """Apply `transform` (a, b) to the first two axes of x (b, b, ...) -> (a, a, ...)."""
    after, before = transform.shape
    rows = (transform @ x.reshape(before, -1)).view(after, before, -1)
    return torch.matmul(transform, rows).view(after, after, *x.shape[2:])


def _transforms() -> tuple[Tensor, Tensor, Tensor]:
    """How an axis of patches and kernels is evaluated, (6, 6) and (6, 3), and of outputs interpolated, (4, 6)."""
    points = torch.tensor(_POINTS, dtype=torch.float64)

    def powers(count: int) -> Tensor:
        return torch.cat([torch.linalg.vander(points, N=count), torch.eye(count, dtype=torch.float64)[-1:]])

    patch, kernel, output = torch.linalg.inv(powers(_PATCH)).T, powers(3), powers(_OUTPUTS).T
    scale = patch.abs().amax(1, keepdim=True)  # the products' two factors should be of one magnitude
    return (patch / scale).float(), (kernel * scale).float(), output.float()


_EVALUATE_PATCH, _EVALUATE_KERNEL, _INTERPOLATE = _transforms()
