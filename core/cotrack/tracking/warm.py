# SPDX-License-Identifier: Apache-2.0
"""What a process keeps from one job to the next, so that re-tracking a corrected point costs little.

Nothing here changes a result: what is kept is what would be computed again, to the last bit, and it is found again only
by everything that it depends on. A file that has changed is another file.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Container, Hashable, Iterator, Sequence
from pathlib import Path
from typing import Generic, Protocol, TypeVar

import numpy as np
import numpy.typing as npt

from cotrack.models.cards import ModelCard
from cotrack.models.cotracker3 import CoTracker3
from cotrack.tracking.pictures import Pictures

_MOST_NETWORKS = 2
_MOST_CARDS = 16

Value = TypeVar("Value")


class Sized(Protocol):
    """Something that takes memory, as arrays and tensors do."""

    @property
    def nbytes(self) -> int:
        """Bytes."""


Made = TypeVar("Made", bound=Sized)


class LastUsed(Generic[Value]):
    """The values that were used last, as far as a budget goes. May be used from several threads."""

    def __init__(self, budget: int) -> None:
        """budget: of what the values may cost together."""
        self._budget, self._spent = budget, 0
        self._kept: OrderedDict[Hashable, tuple[Value, int]] = OrderedDict()
        self._lock = threading.Lock()

    def __contains__(self, key: Hashable) -> bool:
        with self._lock:
            return key in self._kept

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, key: Hashable) -> Value | None:
        """The value of that key, if it is still here."""
        with self._lock:
            if key not in self._kept:
                return None
            self._kept.move_to_end(key)
            return self._kept[key][0]

    def put(self, key: Hashable, value: Value, cost: int = 1, sparing: Container[Hashable] = ()) -> None:
        """Keep a value in place of the oldest ones, or not at all where it would take the place of one to be spared."""
        if cost > self._budget:
            return
        with self._lock:
            if key in self._kept:
                self._spent -= self._kept.pop(key)[1]
            while self._kept and self._spent + cost > self._budget and next(iter(self._kept)) not in sparing:
                self._spent -= self._kept.popitem(last=False)[1][1]
            if self._spent + cost <= self._budget:
                self._kept[key] = value, cost
                self._spent += cost

    def clear(self) -> None:
        """Let go of everything."""
        with self._lock:
            self._kept.clear()
            self._spent = 0


class PerFile(Generic[Value]):
    """What was made of files, for as long as they do not change."""

    def __init__(self, most: int) -> None:
        """most: how many values are kept."""
        self._values: LastUsed[Value] = LastUsed(most)

    def get(self, path: Path, make: Callable[[], Value], *others: Hashable) -> tuple[Hashable, Value]:
        """What `make` makes of a file and `others`, and the key of that; it says itself when there is no such file."""
        try:
            state = path.stat()
        except OSError:
            return None, make()
        key = (path.absolute(), state.st_size, state.st_mtime_ns, *others)
        value = self._values.get(key)
        if value is None:
            value = make()
            self._values.put(key, value)
        return key, value


class Warm:
    """Kept by whoever runs several jobs, and passed to each of them. Jobs may overlap.

    frames:   what was computed from frames: features, pictures as the classic tracker sees them.
    networks: loaded, by their weights and device.
    cards:    of weights, whose checksum takes a moment.
    """

    def __init__(self, frame_bytes: int) -> None:
        """frame_bytes: what `frames` may take, beside the memory that a job may take; 0 keeps nothing of frames."""
        self.frames: LastUsed[Sized] = LastUsed(frame_bytes)
        self.networks: PerFile[CoTracker3] = PerFile(_MOST_NETWORKS)
        self.cards: PerFile[ModelCard] = PerFile(_MOST_CARDS)


class FrameMaker(Generic[Made]):
    """Makes something of each frame, or finds what an earlier job has made of it; then the frame is not even read."""

    def __init__(
        self,
        kind: type[Made],
        make: Callable[[npt.NDArray[np.float32]], Made],
        made_by: Hashable,
        kept: LastUsed[Sized],
    ) -> None:
        """make: from a picture. made_by: all that its outcome depends on beside the picture."""
        self._kind, self._make, self._made_by, self._kept = kind, make, made_by, kept

    def each(self, pictures: Pictures, frames: Sequence[int]) -> Iterator[Made]:
        """What was made of each frame, in the order given.

        Where not all of them can be kept, those that are stay, so that the next walk over the same frames finds some.
        """
        keys = [(self._made_by, pictures.identity(frame)) for frame in frames]
        known = [key in self._kept for key in keys]
        shown = pictures.iterate([frame for frame, is_known in zip(frames, known, strict=True) if not is_known])
        sparing = set(keys)
        for frame, key, is_known in zip(frames, keys, known, strict=True):
            made = self._kept.get(key) if is_known else None
            if not isinstance(made, self._kind):
                made = self._make(pictures.read(frame) if is_known else next(shown)[1])
                self._kept.put(key, made, made.nbytes, sparing)
            yield made
