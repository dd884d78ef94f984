# SPDX-License-Identifier: Apache-2.0
"""The data model that hosts, worker and files share: shots, keys, tracks.

Plain values: lists and numbers, no arrays. Positions are raster coordinates (`cotrack_client.raster`), frames are the
shot's own numbers.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any, Mapping, Optional, Tuple

from cotrack_client.errors import CotrackError


@dataclass(frozen=True)
class Shot:
    """Media, frame range, colour space and pixel aspect, as a track file records them."""

    path: str
    width: int
    height: int
    first: int
    last: int
    fps: Optional[float] = None
    pixel_aspect: float = 1.0
    colorspace: Optional[str] = None


@dataclass(frozen=True)
class Key:
    """A position that the artist placed or corrected at one frame of one track. Never overwritten."""

    track: str
    frame: int
    x: float
    y: float

    def __post_init__(self) -> None:
        if not (math.isfinite(self.x) and math.isfinite(self.y)):
            raise CotrackError(f"key of {self.track!r} at frame {self.frame} is not a number: ({self.x}, {self.y})")


@dataclass(frozen=True)
class Track:
    """A named trajectory. The columns are as long as `frames`, which ascend and have no repeats."""

    name: str
    keys: Tuple[int, ...]
    frames: Tuple[int, ...]
    x: Tuple[float, ...]
    y: Tuple[float, ...]
    visible: Tuple[bool, ...]
    confidence: Tuple[float, ...]

    def __post_init__(self) -> None:
        for column in ("x", "y", "visible", "confidence"):
            length = len(getattr(self, column))
            if length != len(self.frames):
                raise CotrackError(
                    f"track {self.name!r} has {len(self.frames)} frames but {length} values of {column}; "
                    "the file is damaged, write it anew"
                )


@dataclass(frozen=True)
class ModelRecord:
    """What a result says of the model that made it."""

    name: str
    licence: str
    commercial_use: bool
    sha256: Optional[str] = None


@dataclass(frozen=True)
class TrackDocument:
    """Everything that a track file holds."""

    shot: Shot
    tracks: Tuple[Track, ...]
    model: Optional[ModelRecord] = None
    settings: Mapping[str, Any] = field(default_factory=dict)
    software: str = ""
