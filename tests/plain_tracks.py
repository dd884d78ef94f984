# SPDX-License-Identifier: Apache-2.0
"""Tracks as tests of cleaning need them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from hypothesis import strategies as st

from cotrack_client.tracks import Track

FIRST = 1001


def moving(
    x: Sequence[float] | Callable[[int], float],
    *,
    count: int = 40,
    keys: Sequence[int] = (),
    gaps: Collection[int] = (),
    confidence: float = 0.9,
) -> Track:
    """A track from frame 1001 on whose x is given, or a function of how many frames have gone by; y mirrors it."""
    across = [float(x(step)) for step in range(count)] if callable(x) else list(x)
    frames = tuple(range(FIRST, FIRST + len(across)))
    return Track(
        name="nose",
        keys=tuple(keys),
        frames=frames,
        x=tuple(across),
        y=tuple(100 - value / 2 for value in across),
        visible=tuple(frame not in gaps for frame in frames),
        confidence=tuple(1.0 if frame in keys else confidence for frame in frames),
        refined=(True,) * len(frames),
        covariance=((0.01, 0.0, 0.02),) * len(frames),
    )


def positions(track: Track) -> dict[int, tuple[float, float]]:
    return {frame: (track.x[index], track.y[index]) for index, frame in enumerate(track.frames)}


def seen(track: Track) -> set[int]:
    return {frame for index, frame in enumerate(track.frames) if track.visible[index]}


def at(track: Track, frame: int) -> tuple[object, ...]:
    """Everything that a track says of one frame."""
    index = track.frames.index(frame)
    columns = (track.x, track.y, track.visible, track.confidence, track.refined, track.covariance)
    return tuple(column[index] for column in columns)


@st.composite
def any_track(draw: st.DrawFn) -> Track:
    """A track with holes, gaps, keys (some of which the file calls invisible) and positions of any kind."""
    frames = sorted(draw(st.sets(st.integers(1, 45), max_size=40)))
    number = st.floats(-1e4, 1e4) | st.sampled_from([0.0, 1.0, 500.0])
    column = st.lists(number, min_size=len(frames), max_size=len(frames))
    share = st.floats(0, 1)
    covariance = st.none() | st.tuples(st.floats(0, 9), st.floats(-1, 1), st.floats(0, 9))
    return Track(
        name="any",
        keys=tuple(sorted(draw(st.sets(st.sampled_from(frames), max_size=4)))) if frames else (),
        frames=tuple(frames),
        x=tuple(draw(column)),
        y=tuple(draw(column)),
        visible=tuple(draw(st.integers(0, 4)) > 0 for _ in frames),
        confidence=tuple(draw(share) for _ in frames),
        refined=tuple(draw(st.booleans()) for _ in frames),
        covariance=tuple(draw(covariance) for _ in frames),
    )
