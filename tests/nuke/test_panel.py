# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import importlib.util
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

if not any(importlib.util.find_spec(name) for name in ("PySide6", "PySide2")):
    pytest.skip("there is no Qt", allow_module_level=True)

import qt_window
from cotrack_client.frames import FrameRange
from cotrack_client.job import JobLife
from cotrack_client.messages import Progress, Queued
from cotrack_client.qt.binding import QtCore, QtWidgets
from cotrack_client.qt.job_bar import JobBar
from cotrack_client.qt.log_view import LogView
from cotrack_client.qt.track_table import TrackTable
from cotrack_client.tracks import Track
from cotrack_nuke.panel_widget import Host, TracksPanel
from cotrack_nuke.session import Outcome, Task
from qt_window import LEFT, QTest, seen, show, track, wait_until

SHOT = FrameRange(1001, 1040)
FIGURES = "9#98765345689#9999------3578999####99989"


@dataclass(eq=False)
class Job:
    """A task as the panel sees it."""

    title: str
    samples: tuple[Track, ...] = ()
    frames: FrameRange = SHOT
    life: JobLife | None = field(default_factory=lambda: JobLife("nuke-1", clock=lambda: 0.0))
    fraction: float = 0.0
    words: str = ""
    cancelled: int = 0
    asked: int = 0

    def tracks(self) -> tuple[Track, ...]:
        self.asked += 1
        return self.samples

    def status(self) -> str:
        return self.words or (self.life.status() if self.life else "")

    def tick(self) -> Outcome | None:
        raise AssertionError("the panel only looks")

    def cancel(self) -> None:
        self.cancelled += 1


class Script:
    """A host with a frame, jobs and a log."""

    def __init__(self) -> None:
        self.jobs: list[tuple[Task, Outcome | None]] = []
        self.at = 1001
        self.selected: list[tuple[str, list[str]]] = []
        self.file: Path | None = None

    def tasks(self) -> Sequence[tuple[Task, Outcome | None]]:
        return self.jobs

    def frame(self) -> int:
        return self.at

    def go_to(self, frame: int) -> None:
        self.at = frame

    def select(self, task: Task, names: Sequence[str]) -> None:
        self.selected.append((task.title, list(names)))

    def log(self) -> Path | None:
        return self.file


@pytest.fixture(scope="module", autouse=True)
def _application() -> Iterator[None]:
    with qt_window.an_application():
        yield


@pytest.fixture(autouse=True)
def _windows(_application: None) -> Iterator[None]:
    yield
    qt_window.close_windows()


@pytest.fixture
def host() -> Script:
    return Script()


def panel_of(host: Host, width: int = 760, height: int = 360) -> TracksPanel:
    panel = TracksPanel(host)
    show(panel, width, height)
    return panel


def tracks(count: int) -> tuple[Track, ...]:
    def name(number: int) -> str:
        return ("nose", "left eye", "right eye", "sign corner")[number] if number < 4 else f"track {number - 3}"

    return tuple(
        track(
            name(number), FIGURES[number:] + FIGURES[:number], keys=(1001 + (7 * number) % 40,), step=1.0 + number / 7
        )
        for number in range(count)
    )


def running(title: str, *samples: Track, done: int = 37, total: int = 96) -> Job:
    job = Job(title, samples)
    assert job.life is not None
    job.life.hear(Progress("nuke-1", "tracking", done, total, 11.4))
    job.fraction = done / total
    return job


def names_in(panel: TracksPanel) -> list[str]:
    model = panel.findChild(TrackTable).model()
    return [model.index(row, 0).data() for row in range(model.rowCount())]


def said_by(panel: TracksPanel) -> str:
    bar = panel.findChild(JobBar)
    progress = bar.findChild(QtWidgets.QProgressBar)
    return progress.text() if progress.isVisible() and progress.maximum() else bar.findChild(QtWidgets.QLabel).text()


def choice_in(panel: TracksPanel) -> QtWidgets.QComboBox:
    return panel.findChild(QtWidgets.QComboBox)


def test_before_the_first_job_the_panel_says_what_to_do(host: Script) -> None:
    panel = panel_of(host)
    seen(panel, "panel_empty")
    assert names_in(panel) == []
    assert said_by(panel) == "Nothing is being tracked"
    assert not choice_in(panel).isVisible()


def test_a_running_job_is_shown_with_its_tracks(host: Script) -> None:
    host.jobs.append((running("12 tracks of Tracker1", *tracks(12)), None))
    host.at = 1017
    panel = panel_of(host)
    seen(panel, "panel_running")
    assert names_in(panel)[:3] == ["left eye", "nose", "right eye"]
    assert said_by(panel) == "tracking 38 %, 12 s left"
    assert choice_in(panel).currentText() == "12 tracks of Tracker1"


def test_new_samples_appear_by_themselves(host: Script) -> None:
    job = running("1 track of Tracker1", track("nose", "##"))
    host.jobs.append((job, None))
    panel = panel_of(host)
    model = panel.findChild(TrackTable).model()
    assert model.index(0, 2).data() == "5 %"
    job.samples = (track("nose", "#" * 20),)
    wait_until(lambda: model.index(0, 2).data() == "50 %")


def test_tracks_are_not_asked_for_at_every_look(host: Script) -> None:
    job = running("1 track of Tracker1", track("nose", "##"))
    host.jobs.append((job, None))
    panel = panel_of(host)
    for _ in range(50):
        panel.look()
    assert job.asked < 10


def test_how_a_job_ended_is_said_and_its_last_tracks_are_shown_once(host: Script) -> None:
    job = running("1 track of Tracker1", track("nose", "##"))
    host.jobs.append((job, None))
    panel = panel_of(host)
    job.samples = (track("nose", "#" * 40),)
    host.jobs[0] = (
        job,
        Outcome("warning", "1 track of Tracker1 tracked through 1001-1040; the plate is dark", changed=True),
    )
    panel.look()
    asked = job.asked
    panel.look()
    seen(panel, "panel_ended")
    assert panel.findChild(TrackTable).model().index(0, 2).data() == "100 %"
    assert said_by(panel) == "1 track of Tracker1 tracked through 1001-1040; the plate is dark"
    assert job.asked == asked


def test_a_job_that_waits_or_renders_is_told_in_its_own_words(host: Script) -> None:
    job = Job("1 track of Tracker1", life=None, fraction=0.25, words="rendering the plate, frame 11 of 40")
    host.jobs.append((job, None))
    panel = panel_of(host)
    assert said_by(panel) == "rendering the plate, frame 11 of 40"
    job.life, job.words = JobLife("nuke-1"), ""
    job.life.hear(Queued("nuke-1", 1))
    panel.look()
    assert said_by(panel) == "waiting for another job"


def test_the_latest_job_is_shown_and_older_ones_can_be_chosen(host: Script) -> None:
    ended = Outcome("info", "done", changed=True)
    host.jobs.append((Job("1 track of Tracker1", (track("old", "##"),)), ended))
    panel = panel_of(host)
    assert names_in(panel) == ["old"]
    host.jobs.append((running("1 track of Tracker2", track("new", "##")), None))
    panel.look()
    assert names_in(panel) == ["new"]
    choice = choice_in(panel)
    assert [choice.itemText(place) for place in range(choice.count())] == ["1 track of Tracker2", "1 track of Tracker1"]
    choice.setFocus()
    QTest.keyClick(choice, QtCore.Qt.Key.Key_Down)
    assert names_in(panel) == ["old"]
    assert said_by(panel) == "done"
    panel.look()
    assert choice.currentIndex() == 1


def test_cancel_reaches_the_job_that_is_shown(host: Script) -> None:
    job = running("1 track of Tracker1")
    host.jobs.append((job, None))
    panel = panel_of(host)
    QTest.mouseClick(panel.findChild(QtWidgets.QPushButton), LEFT)
    assert job.cancelled == 1


def test_frames_and_selections_go_to_the_host_and_its_frame_comes_back(host: Script) -> None:
    host.jobs.append((running("2 tracks of Tracker1", track("nose", "##-#"), track("ear", "####")), None))
    panel = panel_of(host)
    table = panel.findChild(TrackTable)
    cell = table.visualRect(table.model().index(1, 2)).center()
    QTest.mouseClick(table.viewport(), LEFT, pos=cell)
    assert host.at == 1003
    assert host.selected == [("2 tracks of Tracker1", ["nose"])]
    host.at = 1030
    panel.look()
    QTest.keyClick(table, QtCore.Qt.Key.Key_Right, QtCore.Qt.KeyboardModifier.ControlModifier)
    assert host.at == 1031


def test_the_log_is_behind_a_button(host: Script, tmp_path: Path) -> None:
    host.file = tmp_path / "worker.log"
    host.file.write_text(
        "2026-11-23 01:00:07,004 WARNING cotrack.media: frame 1042 is nearly black\n", encoding="utf-8"
    )
    host.jobs.append((running("12 tracks of Tracker1", *tracks(12)), None))
    panel = panel_of(host, height=460)
    log = panel.findChild(LogView)
    assert not log.isVisible()
    QTest.keyClick(panel.findChild(QtWidgets.QToolButton), QtCore.Qt.Key.Key_Space)
    seen(panel, "panel_log")
    assert log.isVisible()
    assert "nearly black" in log.toPlainText()


def test_a_narrow_pane_shows_the_panel_too(host: Script) -> None:
    host.jobs.append((running("12 tracks of Tracker1", *tracks(12)), None))
    host.at = 1017
    panel = panel_of(host, width=380, height=420)
    seen(panel, "panel_narrow")
    assert panel.minimumSizeHint().width() <= 380


def test_a_panel_that_is_not_seen_does_nothing(host: Script) -> None:
    job = running("1 track of Tracker1", track("nose", "##"))
    host.jobs.append((job, None))
    panel = panel_of(host)
    panel.hide()
    asked = job.asked
    soon = time.monotonic() + 0.7
    wait_until(lambda: time.monotonic() > soon)
    assert job.asked == asked


def test_everything_is_reached_by_the_keyboard(host: Script) -> None:
    host.jobs.append((running("12 tracks of Tracker1", *tracks(12)), None))
    panel = panel_of(host)
    widget, reached = choice_in(panel), set()
    for _ in range(20):
        reached.add(type(widget).__name__)
        widget = widget.nextInFocusChain()
        while not (widget.focusPolicy() & QtCore.Qt.FocusPolicy.TabFocus and widget.isVisible()):
            widget = widget.nextInFocusChain()
    assert reached >= {"QComboBox", "TrackTable", "QToolButton", "QPushButton"}
