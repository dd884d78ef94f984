# SPDX-License-Identifier: Apache-2.0
"""The one worker of a host: started when it is first needed, shared by all that runs, ended with the host."""

from __future__ import annotations

import itertools

from cotrack_client.client import Worker
from cotrack_client.errors import CotrackError
from cotrack_client.install.finding import find_worker
from cotrack_client.install.installation import Installation
from cotrack_client.job import JobLife
from cotrack_client.messages import Job, Welcome


class Session:
    """What lasts longer than a file: the worker, its jobs, and its installation. It knows no shot.

    Everything here is called from one thread, the host's own, and returns at once. Nothing goes on by itself: the host
    calls `listen` many times a second while something `is_active`, and now and then while it is not.
    """

    def __init__(self, host: str, *, how_to_install: str, prefix: str = "job") -> None:
        """host: its name and version. how_to_install: where in this host, as "press Install in the preferences"."""
        self.installation: Installation | None = None
        self._host = host
        self._not_installed = f"the tracking worker is not installed yet; {how_to_install}"
        self._worker: Worker | None = None
        self._leaving: list[Worker] = []
        self._command: tuple[str, ...] = ()
        self._lives: dict[str, JobLife] = {}
        self._names = (f"{prefix}-{number}" for number in itertools.count(1))

    @property
    def state(self) -> str:
        """Of the worker: "none", "starting", "ready" or "ended"."""
        return "none" if self._worker is None else self._worker.state

    @property
    def welcome(self) -> Welcome | None:
        """What the worker can do, once it has said so."""
        return None if self._worker is None else self._worker.welcome

    @property
    def trouble(self) -> str | None:
        """Why the worker ended by itself."""
        return None if self._worker is None else self._worker.trouble

    @property
    def is_active(self) -> bool:
        """Whether something is under way, which goes on only while `listen` is called."""
        is_installing = self.installation is not None and self.installation.step.state == "working"
        return self.state == "starting" or self.is_busy or bool(self._leaving) or is_installing

    @property
    def is_busy(self) -> bool:
        """Whether a job runs or waits."""
        return any(not life.is_over for life in self._lives.values())

    def start(self, setting: str) -> None:
        """Have a worker run, and return at once. setting: the Python that the preferences name, if any.

        Raises CotrackError when none is installed, or the setting names no Python.
        """
        self.listen()  # perhaps it has ended meanwhile
        found = find_worker(setting)
        if found is None:
            raise CotrackError(self._not_installed)
        if self.state in ("starting", "ready") and found.command == self._command:
            return
        if self.is_busy:
            raise CotrackError("the preferences name another worker, but jobs still run on the old one; cancel them")
        self.stop()
        self._command = found.command
        self._worker = Worker(found.command, host=self._host)
        self._worker.start()

    def name_job(self) -> str:
        """A name that no job of this host has had."""
        return next(self._names)

    def submit(self, request: Job) -> JobLife:
        """Ask the worker, which must have been started, for a job."""
        if self._worker is None:
            raise CotrackError(self._not_installed)
        life = self._lives[request.job] = JobLife(request.job)
        self._worker.submit(request)
        return life

    def cancel(self, job: str) -> None:
        """End a job, soon."""
        if self._worker is not None:
            self._worker.cancel(job)

    def listen(self) -> None:
        """Let worker, jobs and installation go on for a moment; jobs that are over are let go."""
        if self._worker is not None:
            for answer in self._worker.poll():
                life = self._lives.get(getattr(answer, "job", None) or "")
                if life is not None:
                    life.hear(answer)
        self._lives = {name: life for name, life in self._lives.items() if not life.is_over}
        for worker in self._leaving:
            worker.look()
        self._leaving = [worker for worker in self._leaving if worker.has_process]
        if self.installation is not None:
            self.installation.go_on()

    def install(self, installation: Installation) -> None:
        """Begin to install a worker; the one that runs goes on until `start` is called for the new one."""
        self.installation = installation
        installation.start()

    def stop(self) -> None:
        """End the worker, if there is one; its open jobs end too."""
        if self._worker is not None:
            self._worker.stop()
            self.listen()
            self._leaving.append(self._worker)
        self._worker = None

    def close(self) -> None:
        """End everything, for the host quits or the plug-in is turned off; nobody will call `listen` any more."""
        self.stop()
        for worker in self._leaving:
            worker.end_now()
        self._leaving.clear()
        if self.installation is not None:
            self.installation.cancel()
