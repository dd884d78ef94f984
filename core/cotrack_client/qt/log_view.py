# SPDX-License-Identifier: Apache-2.0
"""The end of a log file, as it grows."""

from __future__ import annotations

import re
from pathlib import Path

from cotrack_client.log_tail import LogTail
from cotrack_client.qt.binding import QtCore, QtGui, QtWidgets
from cotrack_client.qt.look import FAULT, WARNING

_MOST_LINES = 2000
_MILLISECONDS = 500
_LEVEL = re.compile(r"\b(WARNING|ERROR|CRITICAL)\b")


class LogView(QtWidgets.QPlainTextEdit):
    """Follows the file at `follow` while it is seen; stays where the reader scrolled to, else at the end."""

    def __init__(self, parent: QtWidgets.QWidget | None = None) -> None:
        super().__init__(parent)
        self._tail: LogTail | None = None
        self._colours = _Levels(self.document())
        self.setReadOnly(True)
        self.setMaximumBlockCount(_MOST_LINES)
        self.setLineWrapMode(QtWidgets.QPlainTextEdit.LineWrapMode.NoWrap)
        self.setFont(self._fixed_font())
        self.setAccessibleName("Log of the worker")
        self.setPlaceholderText("The worker has written nothing yet")
        self._timer = QtCore.QTimer(self)
        self._timer.setInterval(_MILLISECONDS)
        self._timer.timeout.connect(self.read)

    def follow(self, path: Path | None) -> None:
        """Show the file at `path`, from its last lines on; None shows none."""
        if (self._tail.path if self._tail else None) == path:
            return
        self._tail = None if path is None else LogTail(path)
        self.setToolTip("" if path is None else str(path))
        self.clear()
        self.read()

    def read(self) -> None:
        """Add what is new."""
        lines = self._tail.new_lines() if self._tail else []
        if not lines:
            return
        scroll = self.verticalScrollBar()
        is_at_end, was_at = scroll.value() >= scroll.maximum(), scroll.value()
        self.appendPlainText("\n".join(lines))
        scroll.setValue(scroll.maximum() if is_at_end else was_at)

    def _fixed_font(self) -> QtGui.QFont:
        font = QtGui.QFontDatabase.systemFont(QtGui.QFontDatabase.SystemFont.FixedFont)
        font.setPixelSize(QtGui.QFontInfo(self.font()).pixelSize())
        return font

    def showEvent(self, event: QtGui.QShowEvent) -> None:
        super().showEvent(event)
        self.read()
        self._timer.start()

    def hideEvent(self, event: QtGui.QHideEvent) -> None:
        super().hideEvent(event)
        self._timer.stop()


class _Levels(QtGui.QSyntaxHighlighter):
    """Colours the lines of warnings and errors."""

    def highlightBlock(self, text: str) -> None:
        found = _LEVEL.search(text[:80])
        if found is not None:
            self.setFormat(0, len(text), WARNING if found[1] == "WARNING" else FAULT)
