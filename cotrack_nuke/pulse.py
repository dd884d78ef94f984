# SPDX-License-Identifier: Apache-2.0
"""The beat at which this plug-in looks at its worker, always on Nuke's main thread.

With a window a Qt timer beats. Without Qt a thread does nothing but ask Nuke to beat. In a session without a window
(`nuke -t`) nothing runs behind a script's back: whoever wants a result waits for it (`session.wait_for`).
"""

from __future__ import annotations

import logging
import threading
import time
from typing import TYPE_CHECKING, Callable

import nuke

if TYPE_CHECKING:
    from cotrack_client.qt.binding import QtCore

BEAT_SECONDS = 0.05

_log = logging.getLogger(__name__)


class Pulse:
    """Calls `beat` on the main thread, as long as it says that there is more to come."""

    def __init__(self, beat: Callable[[], bool]) -> None:
        self._beat = beat
        self._timer: QtCore.QTimer | None = None
        self._is_beating = False

    @property
    def is_beating(self) -> bool:
        """Whether another beat will come."""
        return self._is_beating

    def start(self) -> None:
        """Beat, if it does not already; in a session without a window do nothing."""
        if self._is_beating or not nuke.GUI:
            return
        self._is_beating = True
        if self._timer is None:
            self._timer = _timer()
            if self._timer is not None:
                self._timer.timeout.connect(self._beat_once)
        if self._timer is not None:
            self._timer.start(round(BEAT_SECONDS * 1000))
        else:
            threading.Thread(target=self._ask_for_beats, name="cotrack pulse", daemon=True).start()

    def _beat_once(self) -> None:
        try:
            goes_on = self._beat()
        except Exception:  # noqa: BLE001  the edge to Qt: an error that got there would come again at every beat
            _log.exception("the plug-in stopped listening to its worker")
            goes_on = False
        if not goes_on:
            self._is_beating = False
            if self._timer is not None:
                self._timer.stop()

    def _ask_for_beats(self) -> None:
        """Let Nuke beat, one at a time; this thread touches nothing of Nuke's but its queue."""
        while self._is_beating:
            done = threading.Event()
            nuke.executeInMainThread(self._beat_and_say, args=(done,))
            while self._is_beating and not done.wait(BEAT_SECONDS):
                pass
            time.sleep(BEAT_SECONDS)

    def _beat_and_say(self, done: threading.Event) -> None:
        self._beat_once()
        done.set()


def _timer() -> QtCore.QTimer | None:
    """A timer of Nuke's own Qt; None where there is no Qt, or nothing that would serve it."""
    try:
        from cotrack_client.qt.binding import QtCore  # noqa: PLC0415  a session without a window has no Qt
    except ImportError:
        return None
    return QtCore.QTimer() if QtCore.QCoreApplication.instance() is not None else None
