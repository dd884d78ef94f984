# SPDX-License-Identifier: Apache-2.0
"""The data model that hosts, worker and files share: shots, keys, tracks.

Plain values: lists and numbers, no arrays. Positions are raster coordinates (`cotrack_client.raster`), frames are the
shot's own numbers.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cotrack_client.errors import CotrackError

Covariance = tuple[float, float, float]
"""xx, xy and yy of a position's covariance, px^2."""


@dataclass(frozen=True)
class Shot:
    """Media, frame range, colour space and pixel aspect, as a track file records them."""

    path: str
    width: int
    height: int
    first: int
    last: int
    fps: float | None = None
    pixel_aspect: float = 1.0
    colorspace: str | None = None


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
    """A named trajectory.

    The columns are as long as `frames`, which ascend and have no repeats, and hold finite numbers; `keys` are those of
    the frames that the artist placed. Raises CotrackError where that is not so.

    refined:    the position was registered at the plate's resolution. Left out: nowhere.
    covariance: of a refined position, None elsewhere. Left out: None everywhere.
    """

    name: str
    keys: tuple[int, ...]
    frames: tuple[int, ...]
    x: tuple[float, ...]
    y: tuple[float, ...]
    visible: tuple[bool, ...]
    confidence: tuple[float, ...]
    refined: tuple[bool, ...] = ()
    covariance: tuple[Covariance | None, ...] = ()

    def __post_init__(self) -> None:
        if not self.refined:
            object.__setattr__(self, "refined", (False,) * len(self.frames))
        if not self.covariance:
            object.__setattr__(self, "covariance", (None,) * len(self.frames))
        self._check_lengths()
        self._check_frames()
        for column in ("x", "y", "confidence"):
            self._check_finite(column)

    def _check_lengths(self) -> None:
        for column in ("x", "y", "visible", "confidence", "refined", "covariance"):
            length = len(getattr(self, column))
            if length != len(self.frames):
                raise CotrackError(
                    f"track {self.name!r} has {len(self.frames)} frames but {length} values of {column}; "
                    "the file is damaged, write it anew"
                )

    def _check_frames(self) -> None:
        for index in range(1, len(self.frames)):
            earlier, later = self.frames[index - 1 : index + 1]
            if later <= earlier:
                raise CotrackError(
                    f"track {self.name!r} has frame {later} after {earlier}; let frames ascend, each once"
                )
        stray = sorted(set(self.keys).difference(self.frames))
        if stray:
            raise CotrackError(
                f"track {self.name!r} has a key but no position at frame {stray[0]}; add that frame to it"
            )

    def _check_finite(self, column: str) -> None:
        for index, value in enumerate(getattr(self, column)):
            if not math.isfinite(value):
                where = f"{column} at frame {self.frames[index]}"
                raise CotrackError(f"track {self.name!r} has {value} for {where}; leave out frames without a position")


@dataclass(frozen=True)
class ModelRecord:
    """What a result says of the model that made it."""

    name: str
    licence: str
    commercial_use: bool
    sha256: str | None = None


@dataclass(frozen=True)
class TrackDocument:
    """Everything that a track file holds."""

    shot: Shot
    tracks: tuple[Track, ...]
    model: ModelRecord | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)
    software: str = ""
