# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pytest

from cotrack_client.job import JobLife
from cotrack_client.messages import Answer, Done, Failed, Progress, Queued
from cotrack_client.qt.binding import QtWidgets
from cotrack_client.qt.job_bar import JobBar
from cotrack_client.qt.look import FAULT, WARNING
from qt_window import LEFT, QTest, seen, show


def bar_after(*answers: Answer) -> JobBar:
    bar, life = JobBar(), JobLife("a", clock=lambda: 0.0)
    for answer in answers:
        life.hear(answer)
    bar.show_life(life)
    show(bar, 480, 60)
    return bar


def progress_of(bar: JobBar) -> QtWidgets.QProgressBar:
    return bar.findChild(QtWidgets.QProgressBar)


def words_of(bar: JobBar) -> QtWidgets.QLabel:
    return bar.findChild(QtWidgets.QLabel)


def button_of(bar: JobBar) -> QtWidgets.QPushButton:
    return bar.findChild(QtWidgets.QPushButton)


def test_a_running_job_tells_how_far_it_is_and_how_long_still() -> None:
    bar = bar_after(Progress("a", "tracking", 37, 96, 11.4))
    seen(bar, "job_bar_running")
    assert progress_of(bar).text() == "tracking 38 %, 12 s left"
    assert progress_of(bar).value() / progress_of(bar).maximum() == pytest.approx(37 / 96, abs=0.001)
    assert button_of(bar).isVisible()
    assert not words_of(bar).isVisible()


def test_a_waiting_job_tells_what_for() -> None:
    bar = bar_after(Queued("a", 2))
    seen(bar, "job_bar_waiting")
    assert progress_of(bar).maximum() == 0
    assert words_of(bar).text() == "waiting for 2 other jobs"
    assert words_of(bar).isVisible()


@pytest.mark.parametrize(
    ("answer", "sentence", "colour"),
    [
        (Failed("a", "input", "frame 1042 of plate.####.exr is missing; re-render it"), None, FAULT),
        (Failed("a", "cancelled", "cancelled"), None, None),
        (Done("a"), "done", None),
        (
            Done("a", warnings=("the plate is dark", "two points are lost")),
            "the plate is dark\ntwo points are lost",
            WARNING,
        ),
    ],
    ids=["failed", "cancelled", "done", "warned"],
)
def test_how_a_job_ended_stays_to_be_read(answer: Answer, sentence: str | None, colour: object) -> None:
    bar = bar_after(Progress("a", "tracking", 1, 9), answer)
    words = words_of(bar)
    seen(bar, f"job_bar_{type(answer).__name__.lower()}_{words.text().split()[0]}")
    assert words.text() == (sentence or getattr(answer, "sentence", None))
    assert words.isVisible()
    assert not progress_of(bar).isVisible()
    assert not button_of(bar).isVisible()
    assert colour is None or words.palette().color(words.foregroundRole()) == colour


def test_the_colour_of_an_error_goes_with_it() -> None:
    bar = bar_after(Failed("a", "fault", "it crashed"))
    bar.show_outcome("info", "done")
    words = words_of(bar)
    assert words.palette().color(words.foregroundRole()) == bar.palette().color(bar.foregroundRole())


def test_cancel_is_asked_once_and_anew_for_the_next_job() -> None:
    bar = bar_after(Progress("a", "tracking", 1, 9))
    asked: list[bool] = []
    bar.cancel_asked.connect(lambda: asked.append(True))
    QTest.mouseClick(button_of(bar), LEFT)
    QTest.mouseClick(button_of(bar), LEFT)
    assert asked == [True]
    bar.show_progress(0.5, "tracking 50 %")
    assert not button_of(bar).isEnabled()
    bar.show_outcome("info", "cancelled")
    bar.show_progress(0.0, "beginning 0 %")
    assert button_of(bar).isEnabled()
    assert button_of(bar).text() == "Cancel"


def test_no_job_is_said_too() -> None:
    bar = JobBar(when_idle="Nothing is being tracked")
    show(bar, 480, 60)
    assert words_of(bar).text() == "Nothing is being tracked"
    assert not button_of(bar).isVisible()
