# SPDX-License-Identifier: Apache-2.0
"""The worker as a process: its pipes, and the ways in which it ends."""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Callable

_PARENT_CHECK_SECONDS = 0.5


def take_pipes() -> tuple[int, int]:
    """Stdin and stdout as file descriptors of our own; whatever else is printed in this process goes to stderr."""
    hear, speak = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDWR)
    if sys.stderr is None:  # a host without a console may give none
        os.dup2(nothing, 2)
        sys.stderr = open(2, "w", encoding="utf-8", errors="backslashreplace")  # noqa: SIM115  it stays open
    os.dup2(nothing, 0)
    os.dup2(2, 1)
    os.close(nothing)
    sys.stdout = sys.stderr
    if sys.platform != "win32":
        for pipe in (hear, speak):
            os.set_blocking(pipe, True)  # a host's event loop may have left them otherwise
    return hear, speak


def write_all(pipe: int, line: bytes) -> None:
    """Write a line whole. Raises OSError when nobody reads."""
    left = memoryview(line)
    while left:
        left = left[os.write(pipe, left) :]


def end_at_signals() -> None:
    """Let the system end the process, as that works also while a library keeps Python from running."""
    for sign in (signal.SIGINT, signal.SIGTERM):
        signal.signal(sign, signal.SIG_DFL)


def watch_parent(gone: Callable[[], None]) -> None:
    """Call `gone` when the host is no more, though a pipe to it may still be held open by another child of its.

    PR_SET_PDEATHSIG would not do: it fires when the host's thread ends that started us. Windows has nothing like it,
    and there the end of stdin has to do.
    """
    if sys.platform != "win32":
        threading.Thread(target=_watch, args=(os.getppid(), gone), name="parent", daemon=True).start()


def _watch(parent: int, gone: Callable[[], None]) -> None:
    while os.getppid() == parent:
        time.sleep(_PARENT_CHECK_SECONDS)
    logging.getLogger(__name__).warning("the host %d is no more", parent)
    gone()
