# SPDX-License-Identifier: Apache-2.0
"""A list of tracks: figures to sort by, and over all of them the frames of the shot to scrub in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Union

from cotrack_client.frames import FrameRange
from cotrack_client.qt.binding import QtCore, QtGui, QtWidgets, place_of
from cotrack_client.qt.frame_header import FrameHeader
from cotrack_client.qt.look import mixed, row_height
from cotrack_client.qt.strip_delegate import StripDelegate
from cotrack_client.qt.track_model import Column, TrackModel
from cotrack_client.tracks import Track

_Index = Union[QtCore.QModelIndex, QtCore.QPersistentModelIndex]

_WIDEST = {
    Column.NAME: "a track's name",
    Column.KEYS: "Keys ▾",
    Column.COVERAGE: "Coverage ▾",
    Column.CONFIDENCE: "Confidence ▾",
    Column.JUMP: "0000.0 px at 00000",
}
_GO_FIRST = (Column.KEYS, Column.CONFIDENCE, Column.COVERAGE)  # in a narrow window; the strips tell as much
_LEAST_STRIP = 0.34  # of the width

_STEPS = {QtCore.Qt.Key.Key_Left: -1, QtCore.Qt.Key.Key_Right: 1}
_ENTER = (QtCore.Qt.Key.Key_Return, QtCore.Qt.Key.Key_Enter)


class _Sorted(QtCore.QSortFilterProxyModel):
    def lessThan(self, left: _Index, right: _Index) -> bool:
        model: Any = self.sourceModel()
        return bool(model.sorts_by(left) < model.sorts_by(right))


class TrackTable(QtWidgets.QTableView):
    """Tracks of one shot.

    frame_chosen: where the artist wants to be, by a click on a figure or a drag in the strips; Ctrl with the arrow keys
    goes one frame on, Enter to the frame of the current figure. tracks_chosen: the names of the selected tracks, from
    the top; said when the artist selects, not when `select` does.
    """

    frame_chosen = QtCore.Signal(int)
    tracks_chosen = QtCore.Signal(list)

    def __init__(self, parent: QtWidgets.QWidget | None = None, *, when_empty: str = "No tracks yet") -> None:
        super().__init__(parent)
        self._when_empty = when_empty
        self._frame: int | None = None
        self._is_scrubbing = False
        self._tracks = TrackModel(self)
        self._sorted = _Sorted(self)
        self._sorted.setSourceModel(self._tracks)
        self._head = FrameHeader(Column.STRIP, self)
        self._strips = StripDelegate(self)
        self._arrange()
        self._head.frame_chosen.connect(self._choose_frame)
        self.clicked.connect(self._go_where_it_points)

    def set_tracks(self, tracks: Sequence[Track], shot: FrameRange) -> None:
        """Show these tracks; what was selected stays selected, by name."""
        names = self.chosen()
        with self._silence():
            self._strips.shot = shot
            self._head.set_shot(shot)
            self._tracks.set_tracks(tracks, shot)
            if self.chosen() != names:
                self.select(names)
        self.viewport().update()

    def set_frame(self, frame: int | None) -> None:
        """Mark the current frame."""
        if frame == self._frame:
            return
        self._frame = self._strips.frame = frame
        self._head.set_frame(frame)
        left, width = self._head.strip_span()
        self.viewport().update(left, 0, width, self.viewport().height())

    def chosen(self) -> list[str]:
        """Return the names of the selected tracks, from the top."""
        rows = sorted(index.row() for index in self.selectionModel().selectedRows())
        return [str(self._sorted.index(row, Column.NAME).data()) for row in rows]

    def select(self, names: Iterable[str]) -> None:
        """Select these tracks, and no others."""
        wanted, selection = set(names), QtCore.QItemSelection()
        for row in range(self._sorted.rowCount()):
            index = self._sorted.index(row, Column.NAME)
            if index.data() in wanted:
                selection.select(index, index)
        mode = QtCore.QItemSelectionModel.SelectionFlag
        with self._silence():
            self.selectionModel().select(selection, mode.ClearAndSelect | mode.Rows)

    def _arrange(self) -> None:
        self.setModel(self._sorted)
        self.setHorizontalHeader(self._head)
        self.setItemDelegateForColumn(Column.STRIP, self._strips)
        self.setSortingEnabled(True)
        self.sortByColumn(Column.NAME, QtCore.Qt.SortOrder.AscendingOrder)
        self.setSelectionBehavior(QtWidgets.QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QtWidgets.QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setHorizontalScrollBarPolicy(QtCore.Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setMouseTracking(True)
        self.setTabKeyNavigation(False)
        self.setAccessibleName("Tracks")
        self.verticalHeader().hide()
        self._fit_to_font()

    def _fit_to_font(self) -> None:
        metrics = self.fontMetrics()
        self.verticalHeader().setMinimumSectionSize(1)
        self.verticalHeader().setDefaultSectionSize(row_height(self))
        self._head.setMinimumSectionSize(metrics.horizontalAdvance("0000"))
        for column, text in _WIDEST.items():
            self.setColumnWidth(column, metrics.horizontalAdvance(f"{text}00"))

    def _fit_to_width(self) -> None:
        """Leave the strips enough room, at the cost of figures that they tell too."""
        room = self.viewport().width() * (1.0 - _LEAST_STRIP)
        widths = {column: self.columnWidth(column) or self._usual_width(column) for column in _WIDEST}
        for column in _GO_FIRST:
            self.setColumnHidden(column, sum(widths.values()) > room)
            if self.isColumnHidden(column):
                widths[column] = 0

    def _usual_width(self, column: Column) -> int:
        return self.fontMetrics().horizontalAdvance(f"{_WIDEST[column]}00")

    @contextmanager
    def _silence(self) -> Iterator[None]:
        was_silent = self.blockSignals(True)  # noqa: FBT003  Qt takes no name; its own blocker is none in PySide2
        try:
            yield
        finally:
            self.blockSignals(was_silent)

    def _choose_frame(self, frame: int) -> None:
        if frame != self._frame:
            self.set_frame(frame)
            self.frame_chosen.emit(frame)

    def _frame_of(self, index: _Index) -> int | None:
        return self._tracks.frame_of(self._sorted.mapToSource(index), self._frame) if index.isValid() else None

    def _go_where_it_points(self, index: _Index) -> None:
        modifiers = QtWidgets.QApplication.keyboardModifiers()
        frame = self._frame_of(index) if modifiers == QtCore.Qt.KeyboardModifier.NoModifier else None
        if frame is not None:
            self._choose_frame(frame)

    def selectionChanged(self, selected: QtCore.QItemSelection, deselected: QtCore.QItemSelection) -> None:
        super().selectionChanged(selected, deselected)
        self.tracks_chosen.emit(self.chosen())

    def mousePressEvent(self, event: QtGui.QMouseEvent) -> None:
        super().mousePressEvent(event)
        place = place_of(event)
        is_strip = self.indexAt(place).column() == Column.STRIP
        if is_strip and event.button() == QtCore.Qt.MouseButton.LeftButton:
            self._is_scrubbing = True
            self._choose_frame(self._head.frame_below(place.x()))

    def mouseMoveEvent(self, event: QtGui.QMouseEvent) -> None:
        place = place_of(event)
        if self._is_scrubbing:
            self._choose_frame(self._head.frame_below(place.x()))
            return
        leads = self._frame_of(self.indexAt(place)) is not None
        shape = QtCore.Qt.CursorShape
        self.viewport().setCursor(shape.PointingHandCursor if leads else shape.ArrowCursor)
        super().mouseMoveEvent(event)

    def mouseReleaseEvent(self, event: QtGui.QMouseEvent) -> None:
        self._is_scrubbing = False
        super().mouseReleaseEvent(event)

    def keyPressEvent(self, event: QtGui.QKeyEvent) -> None:
        shot, step = self._strips.shot, _STEPS.get(QtCore.Qt.Key(event.key()), 0)
        is_stepping = event.modifiers() & QtCore.Qt.KeyboardModifier.ControlModifier
        if step and is_stepping and self._frame is not None:
            self._choose_frame(min(max(self._frame + step, shot.first), shot.last))
        elif event.key() in _ENTER:
            self._go_where_it_points(self.currentIndex())
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QtGui.QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_to_width()

    def changeEvent(self, event: QtCore.QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QtCore.QEvent.Type.FontChange, QtCore.QEvent.Type.StyleChange):
            self._fit_to_font()
            self._fit_to_width()

    def paintEvent(self, event: QtGui.QPaintEvent) -> None:
        super().paintEvent(event)
        if self._sorted.rowCount() == 0:
            painter = QtGui.QPainter(self.viewport())
            painter.setPen(mixed(self.palette(), 0.6))
            area = self.viewport().rect().adjusted(24, 24, -24, -24)
            flags = QtCore.Qt.AlignmentFlag.AlignCenter | QtCore.Qt.TextFlag.TextWordWrap
            painter.drawText(area, int(flags), self._when_empty)
            painter.end()
