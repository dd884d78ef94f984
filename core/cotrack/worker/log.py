# SPDX-License-Identifier: Apache-2.0
"""The worker's log: on stderr and in a file of its own, which the host can show.

Records are written by a thread of their own, so that neither a full disk nor a host that leaves stderr unread stops the
worker. Several workers have several files; old ones are cleared away.
"""

from __future__ import annotations

import contextlib
import logging
import os
import queue
import tempfile
import threading
import time
from collections.abc import Iterator
from logging.handlers import QueueHandler, QueueListener, RotatingFileHandler
from pathlib import Path

import platformdirs

LEVEL_VARIABLE = "COTRACK_LOG"
"""debug, info (the default), warning or error."""

_LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}
_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"
_MOST_BYTES = 2_000_000  # of one file; one more is kept beside it
_MOST_FILES = 20
_MOST_RECORDS = 10_000  # waiting to be written; more are lost
_FLUSH_SECONDS = 0.3


class Log:
    """path: of the file, None where none can be written."""

    def __init__(self) -> None:
        """Take over the logging of the process."""
        logging.raiseExceptions = False  # a log that cannot be written is no reason to complain on stderr for ever
        file = next(_files(), None)
        self.path = None if file is None else Path(file.baseFilename)
        handlers: list[logging.Handler] = [logging.StreamHandler(), *([] if file is None else [file])]
        for handler in handlers:
            handler.setFormatter(logging.Formatter(_FORMAT))
        records: queue.Queue[logging.LogRecord] = queue.Queue(_MOST_RECORDS)
        asked = os.environ.get(LEVEL_VARIABLE, "info")
        level = _LEVELS.get(asked.lower(), logging.INFO)
        into_queue = QueueHandler(records)
        into_queue.setFormatter(logging.Formatter("%(message)s"))  # the rest is added where it is written
        logging.basicConfig(level=level, handlers=[into_queue], force=True)
        logging.captureWarnings(capture=True)
        self._listener = QueueListener(records, *handlers)
        self._listener.start()
        if asked.lower() not in _LEVELS:
            logging.getLogger(__name__).warning("$%s is %r; make it one of %s", LEVEL_VARIABLE, asked, list(_LEVELS))

    def flush(self) -> None:
        """Write what waits, but do not wait for a disk that hangs."""
        stopping = threading.Thread(target=self._listener.stop, daemon=True)
        stopping.start()
        stopping.join(_FLUSH_SECONDS)


def _files() -> Iterator[RotatingFileHandler]:
    """A file in each folder where one can be made."""
    name = f"worker-{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}.log"
    for folder in (platformdirs.user_log_path("cotrack", appauthor=False), Path(tempfile.gettempdir()) / "cotrack"):
        with contextlib.suppress(OSError):
            folder.mkdir(parents=True, exist_ok=True)
            _clear_away(folder)
            yield RotatingFileHandler(
                folder / name, maxBytes=_MOST_BYTES, backupCount=1, encoding="utf-8", errors="backslashreplace"
            )


def _clear_away(folder: Path) -> None:
    """Delete the oldest logs. One that is in use is a young one, or Windows keeps it."""
    by_age = sorted(folder.glob("worker-*.log*"), key=lambda path: path.name)
    for path in by_age[: -_MOST_FILES + 1]:
        with contextlib.suppress(OSError):
            path.unlink()
