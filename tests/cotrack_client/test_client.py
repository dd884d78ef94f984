# SPDX-License-Identifier: Apache-2.0
"""The client with a stand-in worker: a real process that speaks the protocol, well or badly."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from cotrack_client import client, open_jobs
from cotrack_client.client import Worker
from cotrack_client.errors import CotrackError
from cotrack_client.messages import Done, Failed, Placed, PlaceJob, Progress, Queued, Samples, ShotRequest, Welcome
from workers.watching import (
    endings,
    greeted,
    hear_endings,
    hear_until,
    is_running,
    stand_in,
    track_job,
    wait_until,
)

Start = Callable[..., Worker]


@pytest.fixture(autouse=True)
def _in_a_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits here for a worker that is known not to obey."""
    monkeypatch.setattr(client, "GRACE_SECONDS", 0.2)
    monkeypatch.setattr(open_jobs, "CANCEL_SECONDS", 0.3)
    monkeypatch.setattr(open_jobs, "OBEY_SECONDS", 0.5)


def has_gone(worker: Worker) -> bool:
    worker.look()
    return not worker.has_process


@pytest.fixture
def start() -> Iterator[Start]:
    """Start a stand-in with these manners, or another command; all are gone when the test ends."""
    workers = []

    def start(
        *manners: str,
        command: tuple[str, ...] = (),
        environment: Mapping[str, str] | None = None,
        welcome_seconds: float = 60.0,
    ) -> Worker:
        worker = Worker(
            command or stand_in(*manners), host="test 1", environment=environment, welcome_seconds=welcome_seconds
        )
        workers.append(worker)
        worker.start()
        return worker

    yield start
    for worker in workers:
        worker.stop()
    wait_until(lambda: all(map(has_gone, workers)), "the end of the workers")


def test_a_job_asked_for_before_the_worker_is_ready_is_served(start: Start) -> None:
    worker = start()
    worker.submit(track_job("a"))
    heard = hear_until(worker, endings)
    assert [type(answer) for answer in heard] == [Welcome, Queued, *[Progress, Samples] * 5, Done]
    assert worker.state == "ready"
    assert worker.trouble is None
    assert worker.poll() == []


def test_no_thread_runs_beside_the_host(start: Start) -> None:
    before = threading.enumerate()
    worker = start("endless")
    worker.submit(track_job("a"))
    hear_until(worker, lambda heard: any(isinstance(answer, Samples) for answer in heard))
    assert threading.enumerate() == before


def test_jobs_are_served_in_the_order_they_were_asked_for(start: Start) -> None:
    worker = start()
    worker.submit(track_job("a"))
    worker.submit(PlaceJob("b", ShotRequest("/shots/plate.mov"), frame=1001, count=5))
    worker.submit(track_job("c"))
    assert [(answer.job, type(answer)) for answer in hear_endings(worker, 3)] == [
        ("a", Done),
        ("b", Placed),
        ("c", Done),
    ]


def test_a_name_is_free_again_when_its_job_has_ended(start: Start) -> None:
    worker = start()
    worker.submit(track_job("a"))
    with pytest.raises(CotrackError, match="job 'a' has not ended yet; give the new one another name"):
        worker.submit(track_job("a"))
    hear_endings(worker, 1)
    worker.submit(track_job("a"))
    assert isinstance(hear_endings(worker, 1)[0], Done)


def test_a_worker_that_does_not_read_blocks_nobody(start: Start) -> None:
    worker = start("reads only once")
    greeted(worker)
    for number in range(50):
        worker.submit(track_job(f"{number} " + "x" * 100_000))  # far more than a pipe holds
    worker.cancel("0 " + "x" * 100_000)
    assert hear_endings(worker, 1) == [Failed("0 " + "x" * 100_000, "cancelled", "cancelled")]


def test_a_worker_that_floods_stderr_goes_on(start: Start) -> None:
    worker = start("floods stderr", "raises")
    pipes = worker._pipes
    worker.submit(track_job("a"))
    hear_endings(worker, 1)
    assert (
        worker.trouble
        == "the worker ended with exit code 3: RuntimeError: out of luck; its log /logs/worker.log says more"
    )
    assert len(pipes.complaints()) == 50
    assert max(map(len, pipes.complaints())) <= 2001


def test_what_is_no_message_is_counted_and_passed_over(start: Start, caplog: pytest.LogCaptureFixture) -> None:
    worker = start("chats")
    worker.submit(track_job("a"))
    assert isinstance(hear_endings(worker, 1)[0], Done)
    assert worker.noise == 6 * 13
    assert len([record for record in caplog.records if "is no message" in record.message]) == 10


def test_a_line_that_is_too_long_is_passed_over(start: Start) -> None:
    worker = start("says too much")
    worker.submit(track_job("a"))
    assert isinstance(hear_endings(worker, 1)[0], Done)
    assert worker.noise == 5


def test_a_job_whose_answer_cannot_be_read_has_failed_and_the_worker_goes_on(start: Start) -> None:
    worker = start("speaks badly", "endless")
    worker.submit(track_job("a"))
    worker.submit(track_job("b"))
    sentence = "the worker's answer cannot be read: progress.done is -1, not 0 or a positive integer; make it that"
    assert hear_endings(worker, 2) == [Failed("a", "fault", sentence), Failed("b", "fault", sentence)]
    assert worker.state == "ready"


LOG = "; its log /logs/worker.log says more"


@pytest.mark.parametrize(
    ("manner", "trouble"),
    [
        ("dies", "the worker ended with signal 9 (killed; perhaps the system ran out of memory)" + LOG),
        ("raises", "the worker ended with exit code 3: RuntimeError: out of luck" + LOG),
        ("closes stdout", "the worker stopped answering, and was ended" + LOG),
        ("closes stdin", "the worker stopped answering, and was ended" + LOG),
        ("is newer", "the worker speaks protocol 7 and this host 1; update the CoTrack plug-in of this program"),
        ("is older", f"the worker speaks protocol 0 and this host 1; update cotrack in {sys.executable}"),
        (
            "refuses",
            (
                f"the worker in {sys.executable} does not understand this host (hello.protocol is 1, not 2); "
                "bring both to one version of cotrack"
            ),
        ),
    ],
)
def test_when_a_worker_is_lost_every_open_job_says_why(start: Start, manner: str, trouble: str) -> None:
    worker = start(manner)
    worker.submit(track_job("a"))
    worker.submit(track_job("b"))
    assert hear_endings(worker, 2) == [Failed("a", "fault", trouble), Failed("b", "fault", trouble)]
    assert (worker.state, worker.trouble) == ("ended", trouble)
    worker.submit(track_job("c"))
    assert worker.poll() == [Failed("c", "fault", trouble)]


def test_a_worker_that_never_answers_is_given_up(start: Start) -> None:
    worker = start("never answers", welcome_seconds=0.3)
    wait_until(lambda: worker.look() == "ended", "the end")
    assert (
        worker.trouble == f"{sys.executable} did not answer within 0 s; choose the Python that cotrack is installed in"
    )


@pytest.mark.parametrize(
    ("command", "trouble"),
    [
        (("/nowhere/python", "-m", "cotrack.worker"), "there is no Python at /nowhere/python; choose the Python that"),
        (("/", "-m", "cotrack.worker"), "/ cannot be run (Permission denied); choose the Python that cotrack is"),
        (("a\0b",), "a\0b cannot be run (embedded null byte); choose the Python that cotrack is installed in"),
        ((sys.executable, "-I", "-S", "-m", "cotrack.worker"), f"there is no cotrack in {sys.executable}; choose"),
        ((sys.executable, "-c", ""), "the worker ended with exit code 0; choose the Python that cotrack is installed"),
        (
            (sys.executable, "-c", "import torch_of_another_planet"),
            f"torch_of_another_planet is missing beside cotrack in {sys.executable}; install the worker anew",
        ),
    ],
)
def test_a_wrong_interpreter_is_named_with_the_cure(start: Start, command: tuple[str, ...], trouble: str) -> None:
    worker = start(command=command)
    wait_until(lambda: worker.look() == "ended", "the end")
    assert worker.trouble is not None
    assert worker.trouble.startswith(trouble)


def test_a_cancelled_job_is_answered_by_the_worker(start: Start) -> None:
    worker = start("endless")
    worker.submit(track_job("a"))
    hear_until(worker, lambda heard: any(isinstance(answer, Samples) for answer in heard))
    for _ in range(100):
        worker.cancel("a")
    assert hear_endings(worker, 1) == [Failed("a", "cancelled", "cancelled")]
    worker.cancel("a")
    worker.cancel("never heard of")
    assert worker.state == "ready"


def test_a_job_that_was_not_sent_yet_is_cancelled_at_once(start: Start) -> None:
    worker = start("never answers")
    worker.submit(track_job("a"))
    worker.cancel("a")
    assert worker.poll() == [Failed("a", "cancelled", "cancelled")]


def test_a_cancel_that_the_worker_ignores_is_answered_for_it(start: Start) -> None:
    worker = start("endless", "ignores cancel")
    worker.submit(track_job("a"))
    hear_until(worker, lambda heard: any(isinstance(answer, Samples) for answer in heard))
    worker.cancel("a")
    assert hear_endings(worker, 1) == [Failed("a", "cancelled", "cancelled")]
    assert worker.state == "ready"
    assert worker.poll() == []  # what it goes on saying of the job concerns nobody


def test_a_worker_that_holds_up_others_is_started_anew_for_them(start: Start) -> None:
    worker = start("endless", "ignores cancel")
    first = greeted(worker).versions["pid"]
    worker.submit(track_job("a"))
    worker.submit(track_job("b"))
    worker.cancel("a")
    heard = hear_until(
        worker, lambda heard: isinstance(heard[-1], Samples) and heard[-1].job == "b" if heard else False
    )
    assert endings(heard) == [Failed("a", "cancelled", "cancelled")]
    assert greeted(worker).versions["pid"] != first
    assert not is_running(int(first))


def test_stop_ends_the_worker_its_jobs_and_what_it_started(start: Start) -> None:
    worker = start("has a grandchild", "outlives its host", "endless")
    versions = greeted(worker).versions
    worker.submit(track_job("a"))
    worker.stop()
    assert worker.state == "ended"
    assert worker.trouble is None
    assert endings(worker.poll()) == [Failed("a", "cancelled", "the worker has been stopped")]
    worker.stop()
    wait_until(lambda: has_gone(worker), "the end of the worker")
    assert not is_running(int(versions["pid"]))
    wait_until(lambda: not is_running(int(versions["grandchild"])), "the end of its child")
    worker.submit(track_job("b"))
    assert worker.poll() == [Failed("b", "fault", "the worker has been stopped")]


def test_a_worker_that_dies_takes_along_what_it_started(start: Start) -> None:
    worker = start("has a grandchild", "raises")
    grandchild = int(greeted(worker).versions["grandchild"])
    worker.submit(track_job("a"))
    hear_endings(worker, 1)
    wait_until(lambda: not is_running(grandchild), "the end of the child")


def test_a_worker_stopped_before_its_start_is_never_started() -> None:
    worker = Worker(stand_in(), host="test 1")
    worker.stop()
    worker.start()
    assert worker.state == "ended"
    assert not worker.has_process


def test_what_the_host_set_for_its_own_python_does_not_reach_the_worker(
    start: Start, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PYTHONHOME", str(tmp_path))  # no Python starts with this one
    monkeypatch.setenv("QT_PLUGIN_PATH", str(tmp_path))
    monkeypatch.setenv("STUDIO", "kept")
    seen = greeted(start(environment={"COTRACK_TEST": "added", "PYTHONUTF8": "0"})).versions
    assert "PYTHONHOME" not in seen
    assert "QT_PLUGIN_PATH" not in seen
    assert (seen["STUDIO"], seen["COTRACK_TEST"], seen["PYTHONUTF8"]) == ("kept", "added", "0")
