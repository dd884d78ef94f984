# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from cotrack_client.frames import FrameRange
from cotrack_client.qt.binding import QtCore, QtGui
from cotrack_client.qt.look import confidence_colour
from cotrack_client.qt.strip_painter import StripPainter
from qt_window import track

SHOT = FrameRange(1001, 1010)
SIZE = QtCore.QSize(100, 12)


def test_a_fine_screen_gets_all_its_pixels() -> None:
    picture = StripPainter().strip(track("a", "#" * 10), SHOT, SIZE, QtGui.QPalette(), 2.0)
    assert (picture.width(), picture.height()) == (200, 24)
    assert picture.devicePixelRatio() == 2.0


def test_a_gap_of_one_frame_has_its_own_place() -> None:
    picture = StripPainter().strip(track("a", "#####-####"), SHOT, SIZE, QtGui.QPalette(), 1.0).toImage()
    sure = confidence_colour(1.0)
    is_sure = [picture.pixelColor(x, 6) == sure for x in range(100)]
    assert is_sure == [not 50 <= x < 60 for x in range(100)]


def test_a_strip_is_drawn_again_only_when_it_looks_different() -> None:
    strips, palette, nose = StripPainter(), QtGui.QPalette(), track("nose", "#" * 10)
    first = strips.strip(nose, SHOT, SIZE, palette, 1.0)
    assert strips.strip(nose, SHOT, SIZE, palette, 1.0) is first
    assert strips.strip(nose, FrameRange(1001, 1011), SIZE, palette, 1.0) is not first
    wider = strips.strip(nose, SHOT, QtCore.QSize(120, 12), palette, 1.0)
    assert wider.width() == 120
    assert strips.strip(track("nose", "1" * 10), SHOT, QtCore.QSize(120, 12), palette, 1.0) is not wider


def test_only_so_many_strips_are_kept() -> None:
    strips, palette = StripPainter(), QtGui.QPalette()
    first = strips.strip(track("0", "#"), SHOT, SIZE, palette, 1.0)
    for number in range(1, 400):
        strips.strip(track(str(number), "#"), SHOT, SIZE, palette, 1.0)
    assert strips.strip(track("0", "#"), SHOT, SIZE, palette, 1.0) is not first
