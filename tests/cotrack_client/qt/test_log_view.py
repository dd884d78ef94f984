# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from pathlib import Path

from cotrack_client.qt.log_view import LogView
from qt_window import QTest, seen, show, wait_until

LINES = """\
2026-11-23 01:00:00,120 INFO cotrack.worker.serve: 14 keys of 14 tracks, 1001-1120
2026-11-23 01:00:07,004 WARNING cotrack.media.sequence: frame 1042 is nearly black
2026-11-23 01:00:09,731 ERROR cotrack.worker.serve: frame 1077 of plate.####.exr cannot be read
"""


def append(path: Path, text: str) -> None:
    with path.open("a", encoding="utf-8") as file:
        file.write(text)


def test_a_log_is_followed_while_it_is_seen(tmp_path: Path) -> None:
    log = tmp_path / "worker.log"
    append(log, LINES)
    view = LogView()
    view.follow(log)
    show(view, 760, 160)
    seen(view, "log_view")
    append(log, "one more\n")
    wait_until(lambda: view.toPlainText() != LINES.rstrip("\n"))
    assert view.toPlainText() == LINES + "one more"


def test_a_reader_who_scrolled_up_is_left_there_and_others_see_the_end(tmp_path: Path) -> None:
    log = tmp_path / "worker.log"
    append(log, "".join(f"line {number}\n" for number in range(200)))
    view = LogView()
    show(view, 400, 160)
    view.follow(log)
    scroll = view.verticalScrollBar()
    assert scroll.value() == scroll.maximum()
    append(log, "more\n" * 10)
    view.read()
    assert scroll.value() == scroll.maximum()
    scroll.setValue(3)
    append(log, "more\n")
    view.read()
    assert scroll.value() == 3


def test_another_log_takes_the_place_of_the_old(tmp_path: Path) -> None:
    append(tmp_path / "a.log", "of a\n")
    append(tmp_path / "b.log", "of b\n")
    view = LogView()
    view.follow(tmp_path / "a.log")
    view.follow(tmp_path / "b.log")
    assert view.toPlainText() == "of b"
    view.follow(None)
    assert view.toPlainText() == ""


def test_nothing_can_be_typed_into_it(tmp_path: Path) -> None:
    append(tmp_path / "a.log", "of a\n")
    view = LogView()
    view.follow(tmp_path / "a.log")
    show(view, 400, 100)
    QTest.keyClicks(view, "x")
    assert view.toPlainText() == "of a"
