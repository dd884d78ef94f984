# SPDX-License-Identifier: Apache-2.0
"""The seam between a clip and what it reads from."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Protocol

import numpy as np
import numpy.typing as npt

from cotrack.media.colour import Colours, Conversion, Space
from cotrack.media.picture import Picture
from cotrack.media.stored import StoredPicture


@dataclass(frozen=True)
class Description:
    """What a source knows of its pictures; see `ClipInfo`."""

    kind: str
    width: int
    height: int
    fps: Fraction | None
    pixel_aspect: float
    codec: str
    bit_depth: int
    channels: tuple[str, ...]
    data_window: tuple[int, int, int, int]
    rotation: int
    variable_rate: bool


class Source(Protocol):
    """Frames by their own numbers, read one call at a time per reader."""

    readers: int

    @property
    def frames(self) -> tuple[int, ...]:
        """Those that can be read, ascending, in the source's own numbers."""

    @property
    def unreadable(self) -> tuple[int, ...]:
        """Those that are listed and known to be lost."""

    @property
    def picture_bytes(self) -> int:
        """Of one converted picture."""

    def describe(self, frame: int) -> Description:
        """Describe the shot by one of its frames, before anything else is asked for."""

    def space(self, colours: Colours) -> Space:
        """The colour space that the source itself suggests; MediaError when only the artist can know."""

    def use(self, conversion: Conversion) -> None:
        """Set how pictures become display-referred, before the first `load`."""

    def identity(self, frame: int) -> Hashable:
        """What a stored picture depends on: the state of its file, and its place in it; MediaError when it is gone."""

    def batches(self, frames: Sequence[int], most: int) -> Iterator[tuple[int, ...]]:
        """Cut frames, in the order given, into groups of at most `most` that are cheap to load together."""

    def load(self, frames: Sequence[int]) -> list[Picture]:
        """Read frames; FrameError names the one that cannot be read."""

    def load_stored(self, frame: int) -> StoredPicture:
        """Every channel as the file stores it; FrameError when it cannot be read."""

    def load_mask(self, frame: int) -> npt.NDArray[np.bool_]:
        """(H, W): alpha where there is one that varies, else whether any channel is above one half; no colour."""

    def close(self) -> None:
        """Let go of files; nothing is read afterwards."""
