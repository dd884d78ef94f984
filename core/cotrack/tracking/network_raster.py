# SPDX-License-Identifier: Apache-2.0
"""A plate as a network sees it: resized to a fixed size, and coordinates mapped there and back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional as F

Resize = Literal["area", "corners"]


@dataclass(frozen=True)
class NetworkRaster:
    """Maps a plate of `width` x `height` px to a network's picture of `size` = (height, width) px; aspect is not kept.

    resize "area": the plate's and the picture's outer edges coincide, and what is made smaller is averaged over the
    pixels it covers, so that grain and fine texture do not alias. "corners": the centres of the corner pixels coincide
    and two by two pixels are blended whatever the scale, which is what the reference implementation does.
    """

    width: int
    height: int
    size: tuple[int, int]
    resize: Resize = "area"

    def picture(self, plate: npt.NDArray[np.float32], device: torch.device) -> Tensor:
        """Resize a plate (H, W, 3) of values 0..1 to the network's picture (1, 3, h, w) of values 0..255."""
        picture = torch.tensor(plate, device=device).permute(2, 0, 1)[None] * 255
        if self.resize == "corners":
            return F.interpolate(picture, self.size, mode="bilinear", align_corners=True)
        return F.interpolate(picture, self.size, mode="bilinear", align_corners=False, antialias=True)

    def to_network(self, xy: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Raster px (..., 2) to network px (..., 2), in which the centre of the first pixel is (0, 0)."""
        if self.resize == "corners":
            return (xy - 0.5) * self._scale()
        return xy * self._scale() - 0.5

    def to_raster(self, xy: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Network px to raster px, the inverse of `to_network`."""
        if self.resize == "corners":
            return xy / self._scale() + 0.5
        return (xy + 0.5) / self._scale()

    def _scale(self) -> npt.NDArray[np.float64]:
        """Network px per raster px, (x, y)."""
        rim = 1 if self.resize == "corners" else 0
        plate = np.maximum([self.width - rim, self.height - rim], 1)
        return (np.array(self.size[::-1], dtype=np.float64) - rim) / plate
