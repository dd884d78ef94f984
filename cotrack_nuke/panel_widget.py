# SPDX-License-Identifier: Apache-2.0
"""The dockable panel: the tracks of a task with their confidence over the frames, how far it is, and the worker's log.

It knows no node: what it shows and what the artist asks of it go through a `Host`. It looks for what is new a few times
a second while it is seen, in the thread of the window.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from cotrack_client.qt.binding import QtCore, QtGui, QtWidgets
from cotrack_client.qt.job_bar import JobBar
from cotrack_client.qt.log_view import LogView
from cotrack_client.qt.track_table import TrackTable

if TYPE_CHECKING:
    from .session import Outcome, Task

_MILLISECONDS = 100
_REST = 10.0  # times as long as it took to show the tracks, until they are shown again
_LEAST_REST_SECONDS = 0.5
_WHEN_EMPTY = "No tracks yet. Select a Tracker4 with tracks placed on some frames, and choose Track with CoTracker3."


class Host(Protocol):
    """What the panel shows, and whom it asks; called in the thread of the window."""

    def tasks(self) -> Sequence[tuple[Task, Outcome | None]]:
        """Return the tasks with how they ended, if they have; the latest last."""

    def frame(self) -> int:
        """Return the current frame."""

    def go_to(self, frame: int) -> None:
        """Make this the current frame."""

    def select(self, task: Task, names: Sequence[str]) -> None:
        """Select these tracks of a task where its tracks came from."""

    def log(self) -> Path | None:
        """Return where the worker writes its log, once it is known."""


class TracksPanel(QtWidgets.QWidget):
    """The panel. host: where it gets everything from."""

    def __init__(self, host: Host, parent: QtWidgets.QWidget | None = None) -> None:
        super().__init__(parent)
        self._host = host
        self._known: list[Task] = []
        self._shown: Task | None = None
        self._shows_the_end = False
        self._rests_until = 0.0
        self._choice = QtWidgets.QComboBox()
        self._choice.setToolTip("Whose tracks are shown; the latest first")
        self._choice.setAccessibleName("Job")
        self._choice.hide()
        self._table = TrackTable(when_empty=_WHEN_EMPTY)
        self._bar = JobBar()
        self._log = LogView()
        self._log.hide()
        self._log_button = _folding_button("Log", "Show what the worker says of its work")
        self._arrange()
        self._connect()
        self._timer = QtCore.QTimer(self)
        self._timer.setInterval(_MILLISECONDS)
        self._timer.timeout.connect(self.look)

    def look(self) -> None:
        """Show what is new."""
        tasks = self._host.tasks()
        self._list([task for task, _ in tasks])
        self._table.set_frame(self._host.frame())
        self._log.follow(self._host.log())
        outcome = next((outcome for task, outcome in tasks if task is self._shown), None)
        self._show_progress(outcome)
        self._show_tracks(has_ended=outcome is not None)

    def _arrange(self) -> None:
        top = QtWidgets.QSplitter(QtCore.Qt.Orientation.Vertical)
        top.setChildrenCollapsible(False)
        top.addWidget(self._table)
        top.addWidget(self._log)
        top.setStretchFactor(0, 3)
        top.setStretchFactor(1, 1)
        foot = QtWidgets.QHBoxLayout()
        foot.addWidget(self._log_button, 0, QtCore.Qt.AlignmentFlag.AlignTop)
        foot.addWidget(self._bar, 1)
        layout = QtWidgets.QVBoxLayout(self)
        layout.setContentsMargins(4, 4, 4, 4)
        layout.addWidget(self._choice)
        layout.addWidget(top, 1)
        layout.addLayout(foot)

    def _connect(self) -> None:
        self._choice.activated.connect(self._choose)
        self._table.frame_chosen.connect(self._host.go_to)
        self._table.tracks_chosen.connect(self._select)
        self._bar.cancel_asked.connect(self._cancel)
        self._log_button.toggled.connect(self._log.setVisible)

    def _list(self, tasks: list[Task]) -> None:
        """Offer these tasks; a new one is shown at once."""
        if tasks == self._known:
            return
        is_new = bool(tasks) and tasks[-1] not in self._known
        self._known = tasks
        self._choice.clear()
        self._choice.addItems([task.title for task in reversed(tasks)])
        self._choice.setVisible(bool(tasks))
        if is_new:
            self._show(tasks[-1])
        if self._shown is not None:
            self._choice.setCurrentIndex(len(tasks) - 1 - tasks.index(self._shown))

    def _choose(self, place: int) -> None:
        self._show(self._known[len(self._known) - 1 - place])
        self.look()

    def _show(self, task: Task | None) -> None:
        self._shown, self._shows_the_end, self._rests_until = task, False, 0.0

    def _show_progress(self, outcome: Outcome | None) -> None:
        if self._shown is None:
            self._bar.show_idle()
        elif outcome is not None:
            self._bar.show_outcome(outcome.level, outcome.sentence)
        else:
            life = self._shown.life
            is_waiting = life is not None and life.state == "waiting"
            self._bar.show_progress(None if is_waiting else self._shown.fraction, self._shown.status())

    def _show_tracks(self, *, has_ended: bool) -> None:
        """Show the tracks as far as they are; seldom where there are many, so that the window stays quick."""
        began = time.monotonic()
        if self._shown is None or self._shows_the_end or (began < self._rests_until and not has_ended):
            return
        self._table.set_tracks(self._shown.tracks(), self._shown.frames)
        self._shows_the_end = has_ended
        ended = time.monotonic()
        self._rests_until = ended + max(_LEAST_REST_SECONDS, (ended - began) * _REST)

    def _select(self, names: list[str]) -> None:
        if self._shown is not None:
            self._host.select(self._shown, names)

    def _cancel(self) -> None:
        if self._shown is not None:
            self._shown.cancel()

    def showEvent(self, event: QtGui.QShowEvent) -> None:  # noqa: N802  Qt's name, as is the next
        """Begin to look."""
        super().showEvent(event)
        self.look()
        self._timer.start()

    def hideEvent(self, event: QtGui.QHideEvent) -> None:  # noqa: N802
        """Look no more."""
        super().hideEvent(event)
        self._timer.stop()


def _folding_button(title: str, tip: str) -> QtWidgets.QToolButton:
    button = QtWidgets.QToolButton()
    button.setText(title)
    button.setToolTip(tip)
    button.setCheckable(True)
    button.setAutoRaise(True)
    button.setFocusPolicy(QtCore.Qt.FocusPolicy.StrongFocus)
    button.setToolButtonStyle(QtCore.Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
    button.setArrowType(QtCore.Qt.ArrowType.RightArrow)
    arrows = {True: QtCore.Qt.ArrowType.DownArrow, False: QtCore.Qt.ArrowType.RightArrow}
    button.toggled.connect(lambda is_open: button.setArrowType(arrows[is_open]))
    return button
