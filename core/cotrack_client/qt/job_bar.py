# SPDX-License-Identifier: Apache-2.0
"""How far a job is, how long still, and how it ended, with a button to cancel it."""

from __future__ import annotations

from typing import Literal

from cotrack_client.job import JobLife
from cotrack_client.qt.binding import QtCore, QtGui, QtWidgets
from cotrack_client.qt.look import FAULT, WARNING

Level = Literal["info", "warning", "error"]

_STEPS = 1000
_COLOURS = {"warning": WARNING, "error": FAULT}


class JobBar(QtWidgets.QWidget):
    """Shows how a job stands when it is told so: call one of its methods a few times a second while the job lasts.

    cancel_asked: the artist pressed Cancel.
    """

    cancel_asked = QtCore.Signal()

    def __init__(self, parent: QtWidgets.QWidget | None = None, *, when_idle: str = "Nothing is being tracked") -> None:
        super().__init__(parent)
        self._when_idle = when_idle
        self._bar = QtWidgets.QProgressBar()
        self._bar.setAccessibleName("Progress")
        self._bar.setAlignment(QtCore.Qt.AlignmentFlag.AlignCenter)
        self._words = QtWidgets.QLabel()
        self._words.setWordWrap(True)
        self._words.setTextFormat(QtCore.Qt.TextFormat.PlainText)
        self._words.setTextInteractionFlags(QtCore.Qt.TextInteractionFlag.TextSelectableByMouse)
        self._cancel = QtWidgets.QPushButton("Cancel")
        self._cancel.setToolTip("End the job within a second; what has been tracked so far stays")
        self._cancel.clicked.connect(self._ask)
        layout = QtWidgets.QGridLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._bar, 0, 0)
        layout.addWidget(self._cancel, 0, 1)
        layout.addWidget(self._words, 1, 0, 1, 2)
        layout.setColumnStretch(0, 1)
        self.show_idle()

    def show_idle(self) -> None:
        """Say that there is no job."""
        self.show_outcome("info", self._when_idle)

    def show_progress(self, fraction: float | None, status: str) -> None:
        """Show how far a job is, 0..1, or that nobody can tell yet; status: a line for people."""
        if not self._cancel.isVisibleTo(self):
            self._cancel.setText("Cancel")
            self._cancel.setEnabled(True)
        self._bar.setRange(0, 0 if fraction is None else _STEPS)
        self._bar.setValue(0 if fraction is None else round(fraction * _STEPS))
        self._bar.setFormat(status)
        self._words.setPalette(self.palette())
        self._words.setText(status)
        self._show_open(is_open=True)
        self._words.setVisible(fraction is None)  # the bar then moves, and has no room for words

    def show_outcome(self, level: Level, sentence: str) -> None:
        """Say how a job ended."""
        palette = QtGui.QPalette(self.palette())
        palette.setColor(
            QtGui.QPalette.ColorRole.WindowText, _COLOURS.get(level, palette.color(palette.ColorRole.Text))
        )
        self._words.setPalette(palette)
        self._words.setText(sentence)
        self._show_open(is_open=False)

    def show_life(self, life: JobLife) -> None:
        """Show how the job of a worker stands."""
        if not life.is_over:
            self.show_progress(None if life.state == "waiting" else life.fraction, life.status())
        elif life.state == "failed":
            self.show_outcome("error", life.sentence)
        elif life.warnings:
            self.show_outcome("warning", "\n".join(life.warnings))
        else:
            self.show_outcome("info", life.status())

    def _ask(self) -> None:
        self._cancel.setText("Cancelling")
        self._cancel.setEnabled(False)
        self.cancel_asked.emit()

    def _show_open(self, *, is_open: bool) -> None:
        self._bar.setVisible(is_open)
        self._cancel.setVisible(is_open)
        self._words.setVisible(not is_open)
