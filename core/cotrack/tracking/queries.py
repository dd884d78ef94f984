# SPDX-License-Identifier: Apache-2.0
"""Queries: the artist's keys as the trackers see them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cotrack_client.tracks import Key


@dataclass(frozen=True, eq=False)
class Queries:
    """One row per key; several keys may belong to one track.

    names: N track names, in the order the tracks are reported.
    track: (Q,) int64, the index in `names` that a key belongs to.
    frame: (Q,) int64, the shot's frame number.
    xy:    (Q, 2) float64, raster px.
    """

    names: tuple[str, ...]
    track: npt.NDArray[np.int64]
    frame: npt.NDArray[np.int64]
    xy: npt.NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.frame)

    @classmethod
    def from_keys(cls, keys: Iterable[Key]) -> Queries:
        """Gather keys by track name in order of appearance; a later key at the same frame replaces the earlier."""
        latest = {(key.track, key.frame): key for key in keys}
        names = tuple(dict.fromkeys(key.track for key in latest.values()))
        index = {name: i for i, name in enumerate(names)}
        ordered = sorted(latest.values(), key=lambda key: (index[key.track], key.frame))
        return cls(
            names=names,
            track=np.array([index[key.track] for key in ordered], dtype=np.int64),
            frame=np.array([key.frame for key in ordered], dtype=np.int64),
            xy=np.array([(key.x, key.y) for key in ordered], dtype=np.float64).reshape(-1, 2),
        )

    def keys(self) -> tuple[Key, ...]:
        """The same keys as plain values."""
        return tuple(
            Key(self.names[track], int(frame), float(x), float(y))
            for track, frame, (x, y) in zip(self.track, self.frame, self.xy, strict=True)
        )
