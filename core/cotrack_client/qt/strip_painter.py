# SPDX-License-Identifier: Apache-2.0
"""Draws confidence strips, each once per size and track: a list scrolls and scrubs without drawing them again."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

from cotrack_client.confidence_strip import GAP, UNTRACKED, left_of, runs
from cotrack_client.frames import FrameRange
from cotrack_client.qt.binding import QtCore, QtGui
from cotrack_client.qt.look import LEVEL_COLOURS, level_height, mixed
from cotrack_client.tracks import Track

_MOST_KEPT = 300  # strips; more than a screen shows


@dataclass(frozen=True)
class _Drawn:
    """A picture, and what it shows. look: of the palette. size: device px."""

    track: Track
    shot: FrameRange
    size: tuple[int, int]
    look: int
    picture: QtGui.QPixmap


class StripPainter:
    """Strips as pictures, kept by the name of their track until they show another."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, _Drawn] = OrderedDict()

    def strip(
        self, track: Track, shot: FrameRange, size: QtCore.QSize, palette: QtGui.QPalette, ratio: float
    ) -> QtGui.QPixmap:
        """Return the strip of a track. size: px of the widget, each `ratio` device px."""
        wanted = (max(1, round(size.width() * ratio)), max(1, round(size.height() * ratio)))
        look = palette.cacheKey()
        kept = self._kept.pop(track.name, None)
        if kept is None or kept.track is not track or (kept.shot, kept.size, kept.look) != (shot, wanted, look):
            picture = _draw(track, shot, wanted, palette, ratio)
            picture.setDevicePixelRatio(ratio)
            kept = _Drawn(track, shot, wanted, look, picture)
        self._kept[track.name] = kept
        if len(self._kept) > _MOST_KEPT:
            self._kept.popitem(last=False)
        return kept.picture


def _draw(
    track: Track, shot: FrameRange, size: tuple[int, int], palette: QtGui.QPalette, ratio: float
) -> QtGui.QPixmap:
    width, height = size
    picture = QtGui.QPixmap(width, height)
    picture.fill(mixed(palette, 0.05))
    painter = QtGui.QPainter(picture)
    gap = QtGui.QBrush(_hatching(palette, ratio))
    for run in runs(track, shot, width):
        if run.level == GAP:
            painter.fillRect(run.start, 0, run.stop - run.start, height, gap)
        elif run.level != UNTRACKED:
            stands = level_height(run.level, height)
            painter.fillRect(run.start, height - stands, run.stop - run.start, stands, LEVEL_COLOURS[run.level])
    _draw_keys(painter, track, shot, size, ratio)
    painter.end()
    return picture


def _hatching(palette: QtGui.QPalette, ratio: float) -> QtGui.QPixmap:
    """Return a tile of diagonal lines; Qt's own hatching is lost on a screen of fine pixels."""
    side = max(4, round(5 * ratio))
    tile = QtGui.QPixmap(side, side)
    tile.fill(mixed(palette, 0.02))
    painter = QtGui.QPainter(tile)
    painter.setRenderHint(QtGui.QPainter.RenderHint.Antialiasing)
    painter.setPen(QtGui.QPen(mixed(palette, 0.34), ratio))
    for shift in (-side, 0, side):
        painter.drawLine(shift, side, shift + side, 0)
    painter.end()
    return tile


def _draw_keys(painter: QtGui.QPainter, track: Track, shot: FrameRange, size: tuple[int, int], ratio: float) -> None:
    """Draw a tick through the strip with a head at its top, in the middle of each key's frame."""
    width, height = size
    stem, head = max(1, round(1.2 * ratio)), max(5, round(7 * ratio))
    for key in track.keys:
        if key in shot:
            centre = left_of(key, shot, width) + width / len(shot) / 2
            left = min(max(round(centre - stem / 2), 0), width - stem)
            painter.fillRect(left - 1, 0, stem + 2, height, QtGui.QColor(0, 0, 0, 130))
            painter.fillRect(left, 0, stem, height, QtGui.QColor(255, 255, 255))
            middle = left + stem / 2
            points = [(middle - head / 2, 0), (middle + head / 2, 0), (middle, head * 0.8)]
            painter.setRenderHint(QtGui.QPainter.RenderHint.Antialiasing)
            painter.setPen(QtCore.Qt.PenStyle.NoPen)
            painter.setBrush(QtGui.QColor(255, 255, 255))
            painter.drawPolygon(QtGui.QPolygonF([QtCore.QPointF(x, y) for x, y in points]))
            painter.setRenderHint(QtGui.QPainter.RenderHint.Antialiasing, on=False)
