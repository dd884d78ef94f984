# SPDX-License-Identifier: Apache-2.0
"""Colours of confidence, gaps, keys and the current frame, that hold on the dark grey of a compositor's window.

Low confidence is both redder and lower, high is both greener and higher, so that a strip is read without colours too.
"""

from __future__ import annotations

from cotrack_client.confidence_strip import LEVELS
from cotrack_client.qt.binding import QtGui, QtWidgets

CURRENT_FRAME = QtGui.QColor(128, 200, 255)
FAULT = QtGui.QColor(238, 112, 96)
WARNING = QtGui.QColor(236, 178, 84)

_ANCHORS = (
    (0.0, (214, 66, 58)),
    (0.5, (224, 128, 52)),
    (0.75, (196, 172, 76)),
    (0.9, (88, 140, 104)),
    (1.0, (62, 122, 112)),
)
_LEAST_HEIGHT = 0.3


def confidence_colour(confidence: float) -> QtGui.QColor:
    """Return the colour of a confidence, 0..1: red, orange, yellow at 0.75, green from 0.9."""
    for (low, dark), (high, bright) in zip(_ANCHORS, _ANCHORS[1:]):
        if confidence <= high:
            share = (confidence - low) / (high - low)
            red, green, blue = (round(a + (b - a) * share) for a, b in zip(dark, bright))
            return QtGui.QColor(red, green, blue)
    return QtGui.QColor(*_ANCHORS[-1][1])


LEVEL_COLOURS = tuple(confidence_colour(level / LEVELS) for level in range(LEVELS + 1))


def level_height(level: int, height: int) -> int:
    """Return how high a level stands in a strip so high, px."""
    return round(height * (_LEAST_HEIGHT + (1.0 - _LEAST_HEIGHT) * level / LEVELS))


def mixed(palette: QtGui.QPalette, share: float) -> QtGui.QColor:
    """Return a colour between a palette's base, at 0, and its text, at 1."""
    base, text = palette.color(QtGui.QPalette.ColorRole.Base), palette.color(QtGui.QPalette.ColorRole.Text)
    channels = ((base.red(), text.red()), (base.green(), text.green()), (base.blue(), text.blue()))
    return QtGui.QColor(*(round(low + (high - low) * share) for low, high in channels))


def row_height(widget: QtWidgets.QWidget) -> int:
    """Return the height of a row of text in the widget's font, px."""
    return round(widget.fontMetrics().height() * 1.5)
