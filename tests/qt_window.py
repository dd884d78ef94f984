# SPDX-License-Identifier: Apache-2.0
"""Widgets without a screen: an application in the colours of a compositor's window, hands and eyes."""

from __future__ import annotations

import importlib
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")  # before Qt is loaded

from cotrack_client.qt.binding import QtCore, QtGui, QtWidgets
from cotrack_client.tracks import Track

QTest = importlib.import_module(f"{QtCore.__name__.partition('.')[0]}.QtTest").QTest
LEFT = QtCore.Qt.MouseButton.LeftButton
NO_KEY = QtCore.Qt.KeyboardModifier.NoModifier

_PICTURES = Path(__file__).parents[1] / "build/screenshots/qt"
_TEXT_PIXELS = 12  # as Nuke has it; the machine's own size would decide what has room
_GREYS = {
    "Window": 50,
    "WindowText": 200,
    "Base": 38,
    "AlternateBase": 44,
    "Text": 200,
    "Button": 70,
    "ButtonText": 200,
    "HighlightedText": 235,
    "ToolTipBase": 60,
    "ToolTipText": 220,
    "PlaceholderText": 130,
    "Light": 82,
    "Mid": 45,
    "Dark": 32,
}


@contextmanager
def an_application() -> Iterator[QtWidgets.QApplication]:
    """Run what is within in an application of its own; other tests want to be without one."""
    application = QtWidgets.QApplication([])
    application.setStyle("Fusion")
    palette = QtGui.QPalette()
    for role, grey in _GREYS.items():
        palette.setColor(getattr(QtGui.QPalette.ColorRole, role), QtGui.QColor(grey, grey, grey))
    palette.setColor(QtGui.QPalette.ColorRole.Highlight, QtGui.QColor(90, 74, 52))
    application.setPalette(palette)
    font = application.font()
    font.setPixelSize(_TEXT_PIXELS)
    application.setFont(font)
    yield application
    application.shutdown()


def close_windows() -> None:
    """Close and delete all that was opened."""
    application = QtWidgets.QApplication.instance()
    for window in application.topLevelWidgets():
        window.close()
        window.deleteLater()
    application.sendPostedEvents(None, QtCore.QEvent.Type.DeferredDelete)


def show(widget: QtWidgets.QWidget, width: int, height: int) -> None:
    """Open a window of that size."""
    widget.resize(width, height)
    widget.show()
    QtWidgets.QApplication.processEvents()


def seen(widget: QtWidgets.QWidget, name: str) -> QtGui.QImage:
    """Return what a window shows; the picture is kept with the build, for people to look at."""
    QtWidgets.QApplication.processEvents()
    picture = widget.grab()
    _PICTURES.mkdir(parents=True, exist_ok=True)
    assert picture.save(str(_PICTURES / f"{name}.png"))
    return picture.toImage()


def wait_until(is_so: Callable[[], object], seconds: float = 60.0) -> None:
    """Let the window live until something is so."""
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end, "it took too long"
        QtWidgets.QApplication.processEvents()
        time.sleep(0.02)


def drag(widget: QtWidgets.QWidget, *places: QtCore.QPoint) -> None:
    """Press the left button at the first place, move over the others, and let go."""
    QTest.mousePress(widget, LEFT, NO_KEY, places[0])
    for place in places[1:]:
        local = QtCore.QPointF(place)
        move = QtGui.QMouseEvent(
            QtCore.QEvent.Type.MouseMove, local, QtCore.QPointF(widget.mapToGlobal(place)), LEFT, LEFT, NO_KEY
        )
        QtWidgets.QApplication.sendEvent(widget, move)
    QTest.mouseRelease(widget, LEFT, NO_KEY, places[-1])


def track(name: str, samples: str, keys: tuple[int, ...] = (), first: int = 1001, step: float = 1.0) -> Track:
    """Return a track that goes `step` px to the right in each frame.

    samples: a character per frame; "9" to "0" are a confidence in tenths, "#" is certainty, "-" a frame where the track
    is not visible, "." one that is not tracked.
    """
    tracked = [(index, sample) for index, sample in enumerate(samples) if sample != "."]
    return Track(
        name=name,
        keys=keys,
        frames=tuple(first + index for index, _ in tracked),
        x=tuple(100.0 + step * index for index, _ in tracked),
        y=(50.0,) * len(tracked),
        visible=tuple(sample != "-" for _, sample in tracked),
        confidence=tuple(
            {"#": 1.0, "-": 0.0}.get(sample) or int(sample.strip("#-") or 0) / 10 for _, sample in tracked
        ),
    )
