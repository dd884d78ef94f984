# SPDX-License-Identifier: Apache-2.0
"""The cells of a list of tracks that hold a confidence strip."""

from __future__ import annotations

from typing import Union

from cotrack_client.confidence_strip import frame_at, left_of
from cotrack_client.frames import FrameRange
from cotrack_client.qt.binding import QtCore, QtGui, QtWidgets
from cotrack_client.qt.frame_header import STRIP_MARGIN
from cotrack_client.qt.look import CURRENT_FRAME
from cotrack_client.qt.strip_painter import StripPainter
from cotrack_client.qt.track_model import TRACK_ROLE
from cotrack_client.tracks import Track

_Index = Union[QtCore.QModelIndex, QtCore.QPersistentModelIndex]


class StripDelegate(QtWidgets.QStyledItemDelegate):
    """Draws the strip of a cell's track over `shot`, and the line of the current `frame`."""

    def __init__(self, parent: QtCore.QObject | None = None) -> None:
        super().__init__(parent)
        self.shot = FrameRange(1, 1)
        self.frame: int | None = None
        self._strips = StripPainter()

    def paint(self, painter: QtGui.QPainter, option: QtWidgets.QStyleOptionViewItem, index: _Index) -> None:
        super().paint(painter, option, index)
        cell: QtCore.QRect = option.rect
        margin = max(2, cell.height() // 6)
        area = cell.adjusted(STRIP_MARGIN, margin, -STRIP_MARGIN, -margin)
        if area.width() < 1:
            return
        ratio = painter.device().devicePixelRatioF()
        strip = self._strips.strip(index.data(TRACK_ROLE), self.shot, area.size(), option.palette, ratio)
        painter.drawPixmap(area.topLeft(), strip)
        if self.frame is not None and self.frame in self.shot:
            middle = area.width() / len(self.shot) / 2
            x = area.left() + left_of(self.frame, self.shot, area.width()) + middle
            painter.fillRect(QtCore.QRectF(x - 1, cell.top(), 2, cell.height()), CURRENT_FRAME)

    def helpEvent(
        self,
        event: QtGui.QHelpEvent,
        view: QtWidgets.QAbstractItemView,
        option: QtWidgets.QStyleOptionViewItem,
        index: _Index,
    ) -> bool:
        if event.type() != QtCore.QEvent.Type.ToolTip or not index.isValid():
            return super().helpEvent(event, view, option, index)
        left = option.rect.left() + STRIP_MARGIN
        frame = frame_at(event.pos().x() - left, self.shot, option.rect.width() - 2 * STRIP_MARGIN)
        QtWidgets.QToolTip.showText(event.globalPos(), said_of(index.data(TRACK_ROLE), frame), view)
        return True


def said_of(track: Track, frame: int) -> str:
    """Return what is known of a track at a frame, as "1043: confidence 0.87, key"."""
    try:
        at = track.frames.index(frame)
    except ValueError:
        return f"{frame}: not tracked"
    known = f"confidence {track.confidence[at]:.2f}" if track.visible[at] else "not visible"
    return f"{frame}: {known}{', key' if frame in track.keys else ''}"
