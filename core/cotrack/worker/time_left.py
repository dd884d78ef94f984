# SPDX-License-Identifier: Apache-2.0
"""How long a job still takes, judged by what its stages took so far."""

from __future__ import annotations

from dataclasses import dataclass

_LAST_STAGE = "tracking"  # what comes before it says nothing of how long it will take
_ENOUGH_SECONDS = 0.5  # of the last stage, before anything is claimed
_ENOUGH_SHARE = 1 / 20  # likewise, of its work
_FADING_SHARE = 1 / 5  # of the work: what is so long ago counts half, as the first steps are slower than the others


@dataclass
class _Stage:
    """Where a stage stands, and its pace: `seconds` were spent on `timed` steps, older ones counting less."""

    done: int
    total: int
    seconds: float = 0.0
    timed: float = 0.0

    def advance(self, done: int, total: int, seconds: float) -> None:
        steps = max(0, done - self.done)
        fade = 0.5 ** (steps / (_FADING_SHARE * max(total, 1)))
        self.seconds, self.timed = fade * self.seconds + seconds, fade * self.timed + steps
        self.done, self.total = done, total

    @property
    def left(self) -> float:
        return (self.total - self.done) * self.seconds / self.timed if self.timed > 0 else 0.0

    @property
    def tells(self) -> bool:
        """Whether enough was seen of it to claim anything."""
        return self.seconds >= _ENOUGH_SECONDS and self.timed >= _ENOUGH_SHARE * self.total


class TimeLeft:
    """Times the stages of a job, which may take turns: what passes between two reports belongs to the later one's."""

    def __init__(self) -> None:
        self._stages: dict[str, _Stage] = {}
        self._last: float | None = None

    def note(self, stage: str, done: int, total: int, now: float) -> None:
        """A stage has come so far; `now` in seconds of a clock that only goes forward."""
        if self._last is None:  # nobody knows when this stage began
            self._stages[stage] = _Stage(done, total)
        else:
            self._stages.setdefault(stage, _Stage(0, total)).advance(done, total, now - self._last)
        self._last = now

    def seconds(self) -> float | None:
        """What is left, None while nobody can tell."""
        last = self._stages.get(_LAST_STAGE)
        if last is None or not (last.tells or last.done == last.total):
            return None
        return sum(stage.left for stage in self._stages.values())
