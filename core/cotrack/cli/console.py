# SPDX-License-Identifier: Apache-2.0
"""How the commands speak: results on stdout, everything else on stderr, so that a script can trust what it reads.

rich is imported where it is needed, as `cotrack --help` must not wait for it.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Literal, Self

if TYPE_CHECKING:
    import rich.progress
    from rich.console import Console

Unit = Literal["frames", "bytes"]

_MOST_NAMES = 6
"""How many names of a list are shown to a person; `--json` has them all."""


def results() -> Console:
    """Where results go: stdout."""
    from rich.console import Console  # noqa: PLC0415

    return Console(highlight=False, soft_wrap=True)


def messages() -> Console:
    """Where everything else goes: stderr."""
    from rich.console import Console  # noqa: PLC0415

    return Console(stderr=True, highlight=False, soft_wrap=True)


def complain(sentence: str) -> None:
    """Say what went wrong, in one sentence."""
    _say("cotrack: ", "bold red", sentence)


def warn(sentence: str) -> None:
    """Say what the user should know although it went well."""
    _say("note: ", "bold yellow", sentence)


def print_json(document: object) -> None:
    """One JSON document on stdout. A script that asks for JSON must find nothing else there."""
    sys.stdout.write(json.dumps(document, indent=2, allow_nan=False) + "\n")


def print_facts(facts: Mapping[str, str]) -> None:
    """Facts below one another on stdout, their names in a column of their own."""
    from rich.text import Text  # noqa: PLC0415

    console = results()
    width = max(map(len, facts), default=0)
    for name, value in facts.items():
        indented = value.replace("\n", "\n" + " " * (width + 2))
        console.print(Text.assemble((f"{name:{width}}  ", "dim"), indented))


def print_table(rows: Sequence[Sequence[str]]) -> None:
    """Rows of cells on stdout, the first of them the head: the first column to the left, the others to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    console = results()
    for first, *others in rows:
        line = [first.ljust(widths[0]), *(text.rjust(width) for text, width in zip(others, widths[1:], strict=True))]
        console.print("  ".join(line), markup=False)


def print_result(summary: Mapping[str, object], written: Sequence[Path]) -> None:
    """A finished job in a few lines: its figures, then where its files lie."""
    figures = {name.replace("_", " "): _in_words(value) for name, value in summary.items()}
    print_facts({**figures, "written": "\n".join(map(str, written))})


def _in_words(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        shown = ", ".join(map(str, value[:_MOST_NAMES])) or "none"
        return shown if len(value) <= _MOST_NAMES else f"{shown} and {len(value) - _MOST_NAMES} more"
    return str(value)


def _say(prefix: str, style: str, sentence: str) -> None:
    from rich.text import Text  # noqa: PLC0415

    messages().print(Text.assemble((prefix, style), sentence))


class Progress:
    """A line per stage on stderr while a job runs: how far, how fast, how long it will still take.

    quiet: show nothing, as for a script; where stderr is no terminal nothing is shown either. unit: what is counted.
    """

    def __init__(self, *, quiet: bool = False, unit: Unit = "frames") -> None:
        self._quiet = quiet or not sys.stderr.isatty()
        self._unit: Unit = unit
        self._tasks: dict[str, rich.progress.TaskID] = {}

    def __enter__(self) -> Self:
        from rich.progress import BarColumn, TextColumn  # noqa: PLC0415
        from rich.progress import Progress as Bars  # noqa: PLC0415

        self._bars = Bars(
            TextColumn("{task.description}"),
            BarColumn(bar_width=24),
            TextColumn("{task.fields[pace]}"),
            console=messages(),
            disable=self._quiet,
        )
        self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bars.stop()

    def __call__(self, stage: str, done: int, total: int) -> None:
        """Say that so much of a stage is done; a stage begins when it is first named."""
        if self._quiet:
            return
        if stage not in self._tasks:
            self._tasks[stage] = self._bars.add_task(stage, total=total, pace="")
        self._bars.update(self._tasks[stage], completed=done, total=total)
        task = self._bars.tasks[self._tasks[stage]]
        self._bars.update(task.id, pace=_pace(task, self._unit))


def _pace(task: rich.progress.Task, unit: Unit) -> str:
    """How far, how fast and how long still, as far as that is known yet: `37/100  12.3 frames/s  0:05 left`."""
    done, total = task.completed, task.total or 0
    amount = f"{done:.0f}/{total:.0f}" if unit == "frames" else f"{megabytes(done)} of {megabytes(total)}"
    speed = total / task.finished_time if task.finished_time else task.speed
    rate = "" if not speed else f"  {speed:.1f} frames/s" if unit == "frames" else f"  {megabytes(speed)}/s"
    if task.finished:
        return f"{amount}{rate}  in {_clock(task.finished_time)}"
    return f"{amount}{rate}" + (f"  {_clock(task.time_remaining)} left" if task.time_remaining else "")


def _clock(seconds: float | None) -> str:
    minutes, rest = divmod(round(seconds or 0), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


def megabytes(count: float) -> str:
    """A size as people say it: "101.9 MB"."""
    return f"{count / 1e6:.1f} MB" if count < 1e9 else f"{count / 1e9:.1f} GB"
