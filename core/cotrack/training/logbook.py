# SPDX-License-Identifier: Apache-2.0
"""What a run says of itself: to its watcher, in log.jsonl (a line per event), and to TensorBoard if asked for."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from cotrack_client.errors import CotrackError

if TYPE_CHECKING:
    from torch.utils.tensorboard import SummaryWriter

Tell = Callable[[str], None]
"""Shows one line to whoever watches."""


class Logbook:
    """Open for a run; lines are appended, and each is on the disk when the call returns."""

    def __init__(self, folder: Path, *, tensorboard: bool, tell: Tell) -> None:
        self._tell = tell
        self._board = _board(folder) if tensorboard else None
        self._file = (folder / "log.jsonl").open("a", encoding="utf-8")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()
        if self._board is not None:
            self._board.close()

    def write(self, event: str, step: int, figures: Mapping[str, float | None]) -> None:
        """Note the figures of an event ("step", "held-out", ...) after so many steps."""
        shown = {name: _rounded(value) for name, value in figures.items()}
        self._file.write(json.dumps({"event": event, "step": step, **shown}) + "\n")
        self._file.flush()
        self._tell(f"{event} {step}: " + "  ".join(f"{name} {value}" for name, value in shown.items()))
        if self._board is not None:
            for name, value in shown.items():
                if value is not None:
                    self._board.add_scalar(f"{event}/{name}", value, step)
            self._board.flush()


def _rounded(value: float | None) -> float | None:
    """Six digits; what is not a number becomes null, which JSON has a word for."""
    return None if value is None or not math.isfinite(value) else float(f"{value:.6g}")


def _board(folder: Path) -> SummaryWriter:
    try:
        from torch.utils.tensorboard import SummaryWriter  # noqa: PLC0415 - an optional extra
    except ImportError as error:
        raise CotrackError(
            "run.tensorboard needs the package tensorboard; install cotrack[train], or set it to false"
        ) from error
    return SummaryWriter(str(folder))
