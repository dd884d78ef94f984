# SPDX-License-Identifier: Apache-2.0
"""Samples are told once each, as they are, in portions that fit a message."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from cotrack.tracking.tracks import Tracks
from cotrack.worker.stretches import MOST_SAMPLES, GatheredSamples
from cotrack_client.messages import Stretch

N, T = 12, 500
GRAIN = np.random.default_rng(1)
TRACKS = Tracks(
    names=tuple(f"p{i}" for i in range(N)),
    frames=np.arange(1001, 1001 + T),
    xy=GRAIN.random((N, T, 2)),
    visible=GRAIN.random((N, T)) > 0.5,
    confidence=GRAIN.random((N, T), dtype=np.float32),
    keyed=np.zeros((N, T), dtype=np.bool_),
)


def put_together(told: list[tuple[Stretch, ...]]) -> dict[tuple[str, int], tuple[float, float, bool, float]]:
    samples = {}
    for portion in told:
        assert 0 < sum(len(stretch.frames) for stretch in portion) <= MOST_SAMPLES
        for stretch in portion:
            assert list(stretch.frames) == sorted(set(stretch.frames))
            for frame, *values in zip(
                stretch.frames, stretch.x, stretch.y, stretch.visible, stretch.confidence, strict=True
            ):
                assert (stretch.name, frame) not in samples
                samples[stretch.name, frame] = tuple(values)
    return samples


@settings(max_examples=25)
@given(st.lists(st.lists(st.floats(0, 1), min_size=1, max_size=3), max_size=3), st.integers(0, 99))
def test_all_samples_arrive_once_and_as_they_were(turns: list[list[float]], seed: int) -> None:
    chance = np.random.default_rng(seed)
    gathered = GatheredSamples()
    open_ = np.ones((N, T), dtype=np.bool_)
    told: list[tuple[Stretch, ...]] = []
    for turn in turns:
        for share in turn:
            new = open_ & (chance.random((N, T)) < share)
            shown = Tracks(
                TRACKS.names,
                TRACKS.frames,
                np.where(new[..., None], TRACKS.xy, np.nan),
                TRACKS.visible & new,
                TRACKS.confidence * new,
                TRACKS.keyed,
            )
            gathered.add(shown, new)
            open_ &= ~new
            shown.xy[:] = -1  # whoever told of them may go on with the arrays
        told += list(gathered.take())
    assert list(gathered.take()) == []
    samples = put_together(told)
    assert len(samples) == (~open_).sum()
    for (name, frame), (x, y, visible, confidence) in samples.items():
        at = int(name[1:]), frame - 1001
        assert (x, y, visible) == (*TRACKS.xy[at], TRACKS.visible[at])
        assert confidence == round(float(TRACKS.confidence[at]), 4)
