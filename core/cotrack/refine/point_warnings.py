# SPDX-License-Identifier: Apache-2.0
"""What an artist is told of points that cannot be tracked well: what is wrong with them, and what to do."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass

from cotrack.refine.trackability import Problem, Trackability, judge_points
from cotrack.tracking.pictures import Pictures
from cotrack.tracking.warm import LastUsed, Sized
from cotrack_client.tracks import Key

_MOST_NAMES = 6


@dataclass(frozen=True)
class _Words:
    short: str
    one: str
    several: str
    cure: str


_WORDS: dict[Problem, _Words] = {
    "bare": _Words(
        "featureless area",
        "lies on a featureless area",
        "lie on featureless areas",
        "move {it} to a corner or a spot with texture",
    ),
    "edge": _Words(
        "straight edge",
        "lies on a straight edge",
        "lie on straight edges",
        "move {it} to a corner, or to where the edge ends",
    ),
    "repeated": _Words(
        "looks the same nearby",
        "lies on something that looks the same again nearby",
        "lie on something that looks the same again nearby",
        "move {it} to a spot that stands out",
    ),
    "rim": _Words(
        "rim of the picture",
        "lies at the rim of the picture",
        "lie at the rim of the picture",
        "move {it} further in, or place {it} in another frame",
    ),
    "burnt out": _Words(
        "burnt out", "lies on a burnt-out area", "lie on burnt-out areas", "move {it} to a spot that has detail"
    ),
    "black": _Words("plain black", "lies in plain black", "lie in plain black", "move {it} to a spot that has detail"),
}


def judge_keys(
    pictures: Pictures,
    keys: Sequence[Key],
    still_wanted: Callable[[], None] = lambda: None,
    kept: LastUsed[Sized] | None = None,
) -> tuple[Trackability, ...]:
    """How well each key can be tracked from its frame, which must be there.

    Each frame is read once, and not at all where all its keys are judged already in what is `kept` of earlier jobs.
    still_wanted: called between two frames; what it raises passes through.
    """
    kept = LastUsed(0) if kept is None else kept
    judged: dict[Key, Trackability] = {}
    for frame in sorted({key.frame for key in keys}):
        still_wanted()
        here = [key for key in keys if key.frame == frame]
        known = {key: kept.get(_place(pictures, key)) for key in here}
        new = [key for key in here if not isinstance(known[key], Trackability)]
        found = judge_points(pictures.read(frame), [(key.x, key.y) for key in new]) if new else ()
        for key, trackability in zip(new, found, strict=True):
            kept.put(_place(pictures, key), trackability, trackability.nbytes)
        judged |= {key: value for key, value in known.items() if isinstance(value, Trackability)}
        judged |= dict(zip(new, found, strict=True))
    return tuple(judged[key] for key in keys)


def _place(pictures: Pictures, key: Key) -> Hashable:
    return ("trackability", pictures.identity(key.frame), key.x, key.y)


def reason(problem: Problem) -> str:
    """What is wrong in so few words that a list has room for them: "featureless area"."""
    return _WORDS[problem].short


def warning(key: Key, problem: Problem) -> str:
    """One sentence of one point, whose frame stands elsewhere: "sky_3 lies on a featureless area; move it to …"."""
    words = _WORDS[problem]
    return f"{key.track} {words.one}; {words.cure.format(it='it')}"


def warnings(keys: Iterable[Key], judged: Iterable[Trackability]) -> tuple[str, ...]:
    """One sentence for each kind of problem that keys have, in which their tracks are named."""
    troubled: dict[Problem, list[Key]] = {}
    for key, trackability in zip(keys, judged, strict=True):
        if trackability.problem is not None:
            troubled.setdefault(trackability.problem, []).append(key)
    return tuple(_sentence(problem, troubled[problem]) for problem in _WORDS if problem in troubled)


def _sentence(problem: Problem, keys: Sequence[Key]) -> str:
    words = _WORDS[problem]
    frames = sorted({key.frame for key in keys})
    where = f" at frame {frames[0]}" if len(frames) == 1 else ""
    if len(keys) == 1:
        return f"{keys[0].track} {words.one}{where}; {words.cure.format(it='it')}"
    spots = [key.track if len(frames) == 1 else f"{key.track} (frame {key.frame})" for key in keys]
    return f"{_listed(spots)} {words.several}{where}; {words.cure.format(it='them')}"


def _listed(names: Sequence[str]) -> str:
    if len(names) > _MOST_NAMES:
        return f"{', '.join(names[:_MOST_NAMES])} and {len(names) - _MOST_NAMES} more"
    return f"{', '.join(names[:-1])} and {names[-1]}"
