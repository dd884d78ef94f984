# SPDX-License-Identifier: Apache-2.0
"""The head of a list of tracks: titles to sort by, and above the strips a ruler of frames to scrub in."""

from __future__ import annotations

from cotrack_client.confidence_strip import frame_at, left_of, ruler
from cotrack_client.frames import FrameRange
from cotrack_client.qt.binding import QtCore, QtGui, QtWidgets, place_of
from cotrack_client.qt.look import CURRENT_FRAME, mixed

STRIP_MARGIN = 4
"""Between a strip and the left and right edges of its cell, px."""

_GRIP = 5  # px at the left edge of the ruler, by which its column is resized


class FrameHeader(QtWidgets.QHeaderView):
    """The section `strip` is a ruler. frame_chosen: the frame that was pressed, or dragged to."""

    frame_chosen = QtCore.Signal(int)

    def __init__(self, strip: int, parent: QtWidgets.QWidget | None = None) -> None:
        super().__init__(QtCore.Qt.Orientation.Horizontal, parent)
        self._strip = strip
        self._shot = FrameRange(1, 1)
        self._frame: int | None = None
        self._is_scrubbing = False
        self.setSectionsClickable(True)
        self.setHighlightSections(False)
        self.setStretchLastSection(True)
        self.setDefaultAlignment(QtCore.Qt.AlignmentFlag.AlignLeft | QtCore.Qt.AlignmentFlag.AlignVCenter)

    def set_shot(self, shot: FrameRange) -> None:
        """Number these frames."""
        self._shot = shot
        self.viewport().update()

    def set_frame(self, frame: int | None) -> None:
        """Mark the current frame."""
        self._frame = frame
        self.viewport().update()

    def strip_span(self) -> tuple[int, int]:
        """Return where the strips begin in the list's viewport, and how wide they are, px."""
        width = self.sectionSize(self._strip) - 2 * STRIP_MARGIN
        return self.sectionViewportPosition(self._strip) + STRIP_MARGIN, max(1, width)

    def frame_below(self, x: int) -> int:
        """Return the frame at a place of the list's viewport."""
        left, width = self.strip_span()
        return frame_at(x - left, self._shot, width)

    def paintSection(self, painter: QtGui.QPainter, rect: QtCore.QRect, logical: int) -> None:
        if logical != self._strip:
            super().paintSection(painter, rect, logical)
            return
        option = QtWidgets.QStyleOptionHeader()
        self.initStyleOption(option)
        option.rect = rect
        option.section = logical
        painter.save()
        self.style().drawControl(QtWidgets.QStyle.ControlElement.CE_HeaderSection, option, painter, self)
        painter.setClipRect(rect)
        if self.model().rowCount():
            self._draw_ruler(painter, rect)
        painter.restore()

    def _draw_ruler(self, painter: QtGui.QPainter, rect: QtCore.QRect) -> None:
        """Write round numbers where they have room, and the current frame's, which is in front of them."""
        apart = self.fontMetrics().horizontalAdvance(f"{self._shot.last}00")
        current = None if self._frame is None or self._frame not in self._shot else self._middle_of(self._frame)
        for frame in ruler(self._shot, self.strip_span()[1], apart):
            x = self._middle_of(frame)
            is_free = current is None or abs(x - current) > apart
            fits = rect.left() <= x - apart / 2 and x + apart / 2 <= rect.right() + STRIP_MARGIN
            painter.setPen(mixed(self.palette(), 0.65))
            self._draw_mark(painter, rect, x, str(frame) if is_free and fits else "")
        if current is not None:
            painter.setPen(QtGui.QPen(CURRENT_FRAME, 2))
            self._draw_mark(painter, rect, current, str(self._frame))

    def _draw_mark(self, painter: QtGui.QPainter, rect: QtCore.QRect, x: float, words: str) -> None:
        """Draw a tick at the lower edge, and words above it, which stay inside."""
        tick = max(3, rect.height() // 5)
        width = self.fontMetrics().horizontalAdvance(words) + STRIP_MARGIN
        left = min(max(x - width / 2, rect.left()), rect.right() + 1 - width)
        painter.drawLine(QtCore.QPointF(x, rect.bottom() + 1 - tick), QtCore.QPointF(x, rect.bottom() + 1))
        area = QtCore.QRectF(left, rect.top(), width, rect.height() - tick)
        painter.drawText(area, QtCore.Qt.AlignmentFlag.AlignCenter, words)

    def _middle_of(self, frame: int) -> float:
        """Return where the middle of a frame is in the list's viewport."""
        left, width = self.strip_span()
        return left + left_of(frame, self._shot, width) + width / len(self._shot) / 2

    def mousePressEvent(self, event: QtGui.QMouseEvent) -> None:
        x = place_of(event).x()
        is_left = event.button() == QtCore.Qt.MouseButton.LeftButton
        begins = self.sectionViewportPosition(self._strip)
        self._is_scrubbing = is_left and self.logicalIndexAt(x) == self._strip and x >= begins + _GRIP
        if self._is_scrubbing:
            self.frame_chosen.emit(self.frame_below(x))
        else:
            super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QtGui.QMouseEvent) -> None:
        if self._is_scrubbing:
            self.frame_chosen.emit(self.frame_below(place_of(event).x()))
        else:
            super().mouseMoveEvent(event)

    def mouseReleaseEvent(self, event: QtGui.QMouseEvent) -> None:
        if self._is_scrubbing:
            self._is_scrubbing = False
        else:
            super().mouseReleaseEvent(event)
