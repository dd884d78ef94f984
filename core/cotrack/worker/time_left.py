# SPDX-License-Identifier: Apache-2.0
"""How long a job still takes, judged by what its stages took so far."""

from __future__ import annotations

from dataclasses import dataclass

_LAST_STAGE = "tracking"  # what comes before it says nothing of how long it will take
_ENOUGH_SECONDS = 0.5  # of the last stage, before anything is claimed


@dataclass
class _Stage:
    """done, total: as reported. seconds: spent on it. skipped: of `done`, what nobody has timed."""

    done: int
    total: int
    seconds: float = 0.0
    skipped: int = 0

    @property
    def timed(self) -> int:
        return self.done - self.skipped

    @property
    def left(self) -> float:
        return (self.total - self.done) * self.seconds / self.timed if self.timed > 0 else 0.0


class TimeLeft:
    """Times the stages of a job, which may take turns: what passes between two reports belongs to the later one's."""

    def __init__(self) -> None:
        self._stages: dict[str, _Stage] = {}
        self._last: float | None = None

    def note(self, stage: str, done: int, total: int, now: float) -> None:
        """A stage has come so far; `now` in seconds of a clock that only goes forward."""
        if self._last is None:  # nobody knows when this stage began
            self._stages[stage] = _Stage(done, total, skipped=done)
        else:
            known = self._stages.setdefault(stage, _Stage(0, total))
            known.done, known.total = done, total
            known.seconds += now - self._last
        self._last = now

    def seconds(self) -> float | None:
        """What is left, None while nobody can tell."""
        last = self._stages.get(_LAST_STAGE)
        if last is None or last.timed <= 0 or last.seconds < _ENOUGH_SECONDS:
            return None
        return sum(stage.left for stage in self._stages.values())
