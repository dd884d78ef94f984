# SPDX-License-Identifier: Apache-2.0
"""Getting a worker: choosing its Python, installing one, fetching a model's weights. What the menu Worker calls."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Protocol, cast

import nuke
from cotrack_client.errors import CotrackError
from cotrack_client.install.finding import find_worker
from cotrack_client.install.installation import CURRENT_RELEASE, SIZE_AND_LICENCE, Installation
from cotrack_client.job import JobLife
from cotrack_client.messages import FetchJob, Model

from .preferences import read_preferences, write_preferences
from .running import report_errors
from .session import LISTENERS, PULSE, SESSION, start_worker

_WHEELS = Path(__file__).resolve().parent.parent / "wheels"


class Watched(Protocol):
    """Something long that has a progress bar."""

    title: str

    def look(self) -> tuple[float, str, bool]:
        """Return how much is done, 0..1, in words too, and whether it is over."""

    def cancel(self) -> None:
        """Ask it to end."""


class Installing:
    """See `Watched`."""

    title = "CoTrack: installing the worker"

    def __init__(self, installation: Installation) -> None:
        self._installation = installation

    def look(self) -> tuple[float, str, bool]:
        """See `Watched`."""
        step = self._installation.step
        return step.share, step.sentence, step.state != "working"

    def cancel(self) -> None:
        """See `Watched`."""
        self._installation.cancel()


class Fetching:
    """See `Watched`."""

    def __init__(self, model: Model, life: JobLife) -> None:
        self.title = f"CoTrack: weights of {model.title}"
        self._model = model
        self._life = life

    def look(self) -> tuple[float, str, bool]:
        """See `Watched`."""
        sentence = f"the weights of {self._model.title} are here" if self._life.state == "done" else self._life.status()
        return self._life.fraction, sentence, self._life.is_over

    def cancel(self) -> None:
        """See `Watched`."""
        SESSION.cancel(self._life.name)


class Bar:
    """Nuke's progress bar over something that is watched."""

    def __init__(self, watched: Watched) -> None:
        self._watched = watched
        self._bar: nuke.ProgressTask | None = nuke.ProgressTask(watched.title)
        LISTENERS.append(self._show)
        PULSE.start()

    def _show(self) -> None:
        share, sentence, is_over = self._watched.look()
        if is_over:
            LISTENERS.remove(self._show)
            self._bar = None
            nuke.message(f"CoTrack: {sentence}")
        elif self._bar is not None:
            self._bar.setMessage(sentence)
            self._bar.setProgress(int(share * 100))
            if self._bar.isCancelled():
                self._watched.cancel()


@report_errors
def choose_python() -> None:
    """Ask which Python runs the worker, and start it."""
    asked = "The Python, or the folder of the environment, that cotrack is installed in; empty for the usual one"
    answer = cast("str | None", nuke.getInput(asked, read_preferences().python))  # None where Cancel was pressed
    if answer is None:
        return
    setting = answer.strip()
    find_worker(setting)
    write_preferences(replace(read_preferences(), python=setting))
    start_worker()


@report_errors
def choose_model() -> None:
    """Ask which model the menu tracks with, of those whose weights are here."""
    start_worker()
    welcome = SESSION.welcome
    if welcome is None:
        raise CotrackError("the worker is starting; try again in a moment")
    models = [model for model in welcome.models if model.ready]
    titles = [f"{model.title}, {model.usage}" for model in models]
    index = nuke.choice("Choose model", "Which one does Track with CoTracker3 use?", titles)
    if index is not None and index >= 0:
        write_preferences(replace(read_preferences(), model=models[index].name))


@report_errors
def install() -> None:
    """Install a worker into a folder of its own, once the artist agrees."""
    running = SESSION.installation
    if running is not None and running.step.state == "working":
        raise CotrackError("the worker is being installed already; wait for it, or cancel it in its progress bar")
    if not nuke.ask(f"{SIZE_AND_LICENCE}\n\nInstall it?"):
        return
    wheel = next(iter(sorted(_WHEELS.glob("cotrack-*.whl"))), None)
    installation = Installation(CURRENT_RELEASE if wheel is None else str(wheel))
    SESSION.install(installation)
    Bar(Installing(installation))


@report_errors
def fetch_weights() -> None:
    """Bring the weights of a model to this machine, once the artist accepts its licence."""
    start_worker()
    welcome = SESSION.welcome
    if welcome is None:
        raise CotrackError("the worker is starting; try again in a moment")
    missing = [model for model in welcome.models if not model.ready]
    if not missing:
        nuke.message("CoTrack: the weights of all models are here")
        return
    index = nuke.choice("Fetch weights", "Which model's?", [model.title for model in missing])
    if index is None or index < 0:
        return
    model = missing[index]
    if nuke.ask(f"{model.title} is licensed under {model.licence}: {model.usage}\n\nDo you accept this licence?"):
        life = SESSION.submit(FetchJob(SESSION.name_job(), model.name, model.licence))
        Bar(Fetching(model, life))


@report_errors
def show_state() -> None:
    """Say which worker runs, and where its log is."""
    start_worker()
    welcome = SESSION.welcome
    if welcome is None:
        nuke.message("CoTrack: the worker is starting; ask again in a moment")
        return
    versions = ", ".join(f"{name} {version}" for name, version in welcome.versions.items())
    devices = "\n".join(f"{device.name} ({device.kind})" for device in welcome.devices)
    nuke.message(f"CoTrack\n{versions}\n{devices}\nLog: {welcome.log or 'none'}")
