# SPDX-License-Identifier: Apache-2.0
"""Tracks as rows of figures: what stands in a cell, what it sorts by, and to which frame it leads."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property
from typing import Any, Union

from cotrack_client.frames import FrameRange
from cotrack_client.qt.binding import QtCore, QtGui
from cotrack_client.qt.look import confidence_colour
from cotrack_client.summary import Summary, summary
from cotrack_client.tracks import Track

_Index = Union[QtCore.QModelIndex, QtCore.QPersistentModelIndex]
_ROOT = QtCore.QModelIndex()

TRACK_ROLE = int(QtCore.Qt.ItemDataRole.UserRole)
"""The track of a cell, as it is."""

_TEXT_PERCENT = 120  # of the lightness of a strip, so that letters are read


class Column(IntEnum):
    """The columns, from the left."""

    NAME = 0
    KEYS = 1
    COVERAGE = 2
    CONFIDENCE = 3
    JUMP = 4
    STRIP = 5


_TITLES = ("Track", "Keys", "Coverage", "Confidence", "Worst jump", "Frames")
_EXPLANATIONS = (
    "The track's name",
    "How many keys you placed; click one to go to the next key",
    "Share of the shot's frames in which the track is visible; click one to go to its first gap",
    "Mean confidence where the track is visible; click one to go to the least confident frame",
    "The longest way from one frame to the next, in pixels, and the frame where it arrives; click one to go there",
    "Confidence in each frame, hatched where the track is not visible, white where you placed a key",
)


@dataclass(frozen=True)
class _Row:
    track: Track
    shot: FrameRange

    @cached_property
    def figures(self) -> Summary:
        """Taken when they are looked at: a list shows few of its rows, and a job changes all of them."""
        return summary(self.track, self.shot)


class TrackModel(QtCore.QAbstractTableModel):
    """The tracks of a shot; figures are taken again only of those that changed."""

    def __init__(self, parent: QtCore.QObject | None = None) -> None:
        super().__init__(parent)
        self.shot = FrameRange(1, 1)
        self._rows: list[_Row] = []

    def set_tracks(self, tracks: Sequence[Track], shot: FrameRange) -> None:
        """Show these tracks. Rows stay where they are if the names are the same as before."""
        known = {id(row.track): row for row in self._rows} if shot == self.shot else {}
        rows = [known.get(id(track)) or _Row(track, shot) for track in tracks]
        if [row.track.name for row in rows] != [row.track.name for row in self._rows]:
            self.beginResetModel()
            self.shot, self._rows = shot, rows
            self.endResetModel()
        elif rows:
            self.shot, self._rows = shot, rows
            self.dataChanged.emit(self.index(0, 0), self.index(len(rows) - 1, len(Column) - 1))

    def track(self, row: int) -> Track:
        """Return the track of a row."""
        return self._rows[row].track

    def frame_of(self, index: _Index, current: int | None) -> int | None:
        """Return the frame that a cell speaks of, if any: of the keys, the next after the current one, in a circle."""
        figures, column = self._rows[index.row()].figures, index.column()
        if column == Column.KEYS and figures.keys:
            return next((key for key in figures.keys if current is not None and key > current), figures.keys[0])
        if column == Column.JUMP:
            return figures.jump.frame if figures.jump else None
        return {Column.COVERAGE: figures.gap, Column.CONFIDENCE: figures.doubt}.get(Column(column))

    def sorts_by(self, index: _Index) -> tuple[Any, ...]:
        """Return what a cell sorts by; what is not known comes first."""
        row, column = self._rows[index.row()], index.column()
        if column in (Column.NAME, Column.STRIP):
            return natural_order(row.track.name)
        figures = row.figures
        if column == Column.KEYS:
            return (len(figures.keys),)
        if column == Column.COVERAGE:
            return (figures.coverage,)
        if column == Column.CONFIDENCE:
            return (-1.0 if figures.confidence is None else figures.confidence,)
        return (-1.0 if figures.jump is None else figures.jump.pixels,)

    def rowCount(self, parent: _Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: _Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(Column)

    def headerData(
        self, section: int, orientation: QtCore.Qt.Orientation, role: int = QtCore.Qt.ItemDataRole.DisplayRole
    ) -> object:
        if orientation != QtCore.Qt.Orientation.Horizontal:
            return None
        if role == QtCore.Qt.ItemDataRole.DisplayRole:
            return _TITLES[section]
        if role == QtCore.Qt.ItemDataRole.ToolTipRole:
            return _EXPLANATIONS[section]
        return _alignment(Column(section)) if role == QtCore.Qt.ItemDataRole.TextAlignmentRole else None

    def data(self, index: _Index, role: int = QtCore.Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        row, column = self._rows[index.row()], Column(index.column())
        if role == QtCore.Qt.ItemDataRole.DisplayRole:
            return _text(row.figures, column)
        if role == TRACK_ROLE:
            return row.track
        return self._tip(index) if role == QtCore.Qt.ItemDataRole.ToolTipRole else _looks(row.figures, column, role)

    def _tip(self, index: _Index) -> str | None:
        figures, frame = self._rows[index.row()].figures, self.frame_of(index, None)
        if index.column() == Column.KEYS and figures.keys:
            return f"{figures.name}: keys at {', '.join(str(key) for key in figures.keys[:20])}"
        if index.column() == Column.NAME:
            return "\n".join(_sentences(figures))
        return None if frame is None else f"Go to frame {frame}"


def natural_order(name: str) -> tuple[tuple[int, int, str], ...]:
    """Return what puts "track 10" after "track 9", and "Nose" beside "nose"."""
    pieces = re.findall(r"[0-9]+|[^0-9]+", name.casefold())
    return tuple((0, int(piece), "") if piece.isdecimal() else (1, 0, piece) for piece in pieces)


def _text(figures: Summary, column: Column) -> str | None:
    if column == Column.NAME:
        return figures.name
    if column == Column.KEYS:
        return str(len(figures.keys))
    if column == Column.COVERAGE:  # 100 % is said of a track without a gap alone
        return f"{math.floor(figures.coverage * 100)} %"
    if column == Column.CONFIDENCE:
        return "–" if figures.confidence is None else f"{math.floor(figures.confidence * 100) / 100:.2f}"
    if column == Column.JUMP:
        return "–" if figures.jump is None else f"{figures.jump.pixels:.1f} px at {figures.jump.frame}"
    return None


def _sentences(figures: Summary) -> list[str]:
    """Return all that the columns say, for a window in which some of them have no room."""
    titles = zip(_TITLES, Column)
    return [f"{title}: {_text(figures, column)}" for title, column in titles if column != Column.STRIP]


def _looks(figures: Summary, column: Column, role: int) -> object:
    if role == QtCore.Qt.ItemDataRole.TextAlignmentRole:
        return _alignment(column)
    if role == QtCore.Qt.ItemDataRole.ForegroundRole and column == Column.CONFIDENCE and figures.confidence is not None:
        return QtGui.QBrush(confidence_colour(figures.confidence).lighter(_TEXT_PERCENT))
    return None


def _alignment(column: Column) -> int:
    side = QtCore.Qt.AlignmentFlag
    is_figure = Column.NAME < column < Column.STRIP
    return int((side.AlignRight if is_figure else side.AlignLeft) | side.AlignVCenter)
