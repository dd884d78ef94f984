# SPDX-License-Identifier: Apache-2.0
"""The seam between trackers and media: pictures by frame number, as a clip delivers them."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from typing import Protocol

import numpy as np
import numpy.typing as npt

_LUMA = np.array([0.2126, 0.7152, 0.0722], dtype=np.float32)


class Pictures(Protocol):
    """Pictures of one size, by the shot's frame numbers. Each is (H, W, 3) float32, display-referred sRGB, 0..1."""

    @property
    def width(self) -> int:
        """Pixels from left to right."""

    @property
    def height(self) -> int:
        """Pixels from top to bottom."""

    @property
    def frames(self) -> tuple[int, ...]:
        """The frames that are there, ascending."""

    def read(self, frame: int) -> npt.NDArray[np.float32]:
        """One picture."""

    def iterate(self, frames: Iterable[int]) -> Iterator[tuple[int, npt.NDArray[np.float32]]]:
        """Each frame and its picture, in the order asked for, read ahead where that helps."""

    def identity(self, frame: int) -> Hashable:
        """Of all that a picture depends on: where it is equal, so is the picture, also from another clip."""


def luma(picture: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """(H, W, 3) display-referred to (H, W) luma, Rec. 709 weights."""
    return picture @ _LUMA
