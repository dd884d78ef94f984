# SPDX-License-Identifier: Apache-2.0
"""The samples of a job as they stream in, put together to tracks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from cotrack_client.messages import Stretch
from cotrack_client.tracks import Key, Track

SUREST_OF_A_SAMPLE = 1.0 - 1e-6
"""The confidence that no sample exceeds: certain are only the artist's keys, and files that keep the difference from 1
tell the two apart by it.
"""

_Sample = tuple[float, float, bool, float]


class Collected:
    """What is known so far of every track that has a key, in the order of the keys."""

    def __init__(self, keys: Iterable[Key]) -> None:
        self._keys: dict[str, dict[int, _Sample]] = {}
        for key in keys:
            self._keys.setdefault(key.track, {})[key.frame] = (key.x, key.y, True, 1.0)
        self._samples: dict[str, dict[int, _Sample]] = {name: {} for name in self._keys}

    def add(self, stretches: Iterable[Stretch]) -> None:
        """Take samples; those of tracks that have no key are ignored."""
        for stretch in stretches:
            samples = self._samples.get(stretch.name)
            if samples is not None:
                confidence = (min(value, SUREST_OF_A_SAMPLE) for value in stretch.confidence)
                samples.update(zip(stretch.frames, zip(stretch.x, stretch.y, stretch.visible, confidence)))

    def tracks(self) -> tuple[Track, ...]:
        """Return the tracks: at each key the artist's own position, elsewhere what was tracked."""
        return tuple(self.each())

    def each(self) -> Iterator[Track]:
        """Yield the tracks one by one, as a host that must not wait for all of them at once wants them."""
        return (self._track(name, keys) for name, keys in self._keys.items())

    def _track(self, name: str, keys: dict[int, _Sample]) -> Track:
        samples = {**self._samples[name], **keys}
        frames = tuple(sorted(samples))
        return Track(
            name=name,
            keys=tuple(sorted(keys)),
            frames=frames,
            x=tuple(samples[frame][0] for frame in frames),
            y=tuple(samples[frame][1] for frame in frames),
            visible=tuple(samples[frame][2] for frame in frames),
            confidence=tuple(samples[frame][3] for frame in frames),
        )
