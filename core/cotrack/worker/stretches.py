# SPDX-License-Identifier: Apache-2.0
"""Samples gathered as arrays, told as the stretches that messages carry: here arrays become plain values."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from cotrack.tracking.tracks import Tracks
from cotrack_client.messages import Stretch

MOST_SAMPLES = 5_000
"""In one message; about 350 kB."""

_CONFIDENCE_DIGITS = 4  # as in track files


class GatheredSamples:
    """Samples of one job that wait to be told together. waits: there are some."""

    def __init__(self) -> None:
        self.waits = False
        self._tracks: Tracks | None = None
        self._new = np.zeros((0, 0), dtype=np.bool_)

    def add(self, tracks: Tracks, new: npt.NDArray[np.bool_]) -> None:
        """Take over the samples that `new` (N, T) marks; every call is about the same tracks and frames."""
        self.waits = True
        if self._tracks is None:
            told = {column: getattr(tracks, column).copy() for column in ("xy", "visible", "confidence")}
            self._tracks = replace(tracks, **told)
            self._new = new.copy()
            return
        self._tracks.xy[new] = tracks.xy[new]
        self._tracks.visible[new] = tracks.visible[new]
        self._tracks.confidence[new] = tracks.confidence[new]
        self._new |= new

    def take(self) -> Iterator[tuple[Stretch, ...]]:
        """What was gathered since the last time, in portions that fit a message."""
        if self._tracks is None:
            return
        portion: list[Stretch] = []
        room = MOST_SAMPLES
        for row in np.flatnonzero(self._new.any(axis=1)):
            at = np.flatnonzero(self._new[row])
            while len(at):
                portion.append(_stretch(self._tracks, row, at[:room]))
                room, at = room - len(portion[-1].frames), at[room:]
                if room == 0:
                    yield tuple(portion)
                    portion, room = [], MOST_SAMPLES
        self._new[:] = False
        self.waits = False
        if portion:
            yield tuple(portion)


def _stretch(tracks: Tracks, row: np.intp, at: npt.NDArray[np.intp]) -> Stretch:
    x, y = tracks.xy[row, at].T.tolist()
    return Stretch(
        name=tracks.names[row],
        frames=tuple(tracks.frames[at].tolist()),
        x=tuple(x),
        y=tuple(y),
        visible=tuple(tracks.visible[row, at].tolist()),
        confidence=tuple(round(float(value), _CONFIDENCE_DIGITS) for value in tracks.confidence[row, at]),
    )
