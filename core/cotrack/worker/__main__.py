# SPDX-License-Identifier: Apache-2.0
"""`python -m cotrack.worker`."""

from __future__ import annotations

import faulthandler
import logging
import os
import sys
import threading
from functools import partial
from typing import NoReturn

from cotrack import __version__
from cotrack.worker.lines import read_lines
from cotrack.worker.log import Log
from cotrack.worker.outbox import Outbox
from cotrack.worker.process import end_at_signals, take_pipes, watch_parent, write_all
from cotrack.worker.session import Session
from cotrack_client.message_lines import MOST_BYTES

ENDED, FAILED = 0, 1

_LAST_WORDS_SECONDS = 0.3

_log = logging.getLogger("cotrack.worker")


def main() -> NoReturn:
    """Serve the host at the other end of stdin and stdout until it goes away."""
    hear, speak = take_pipes()
    end_at_signals()
    log = Log()
    faulthandler.enable()
    leave = partial(_leave, log)
    _log.info("cotrack %s, process %d, child of %d", __version__, os.getpid(), os.getppid())
    threading.excepthook = lambda failure: _leave_in_shame(log, failure.exc_value)
    sys.excepthook = lambda _kind, error, _trace: _leave_in_shame(log, error)
    outbox = Outbox(partial(write_all, speak), leave)
    outbox.start()
    session = Session(outbox, log.path)
    threading.Thread(target=session.work, name="work", daemon=True).start()
    watch_parent(leave)
    try:
        for line in read_lines(partial(os.read, hear), MOST_BYTES):
            session.hear(line)
    except OSError as error:
        _log.warning("stdin cannot be read (%s)", error)
    outbox.wait_until_written(_LAST_WORDS_SECONDS)
    leave()


def _leave(log: Log, code: int = ENDED) -> NoReturn:
    """End at once, whatever other threads are at: nothing they leave behind needs to be put in order."""
    _log.info("ends")
    log.flush()
    os._exit(code)


def _leave_in_shame(log: Log, error: BaseException | None) -> NoReturn:
    """A worker of which a thread has ended would never answer again."""
    _log.critical("the worker itself has failed", exc_info=error)
    _leave(log, FAILED)


if __name__ == "__main__":
    main()
