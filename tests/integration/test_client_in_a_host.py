# SPDX-License-Identifier: Apache-2.0
"""However a host ends, no worker is left; and a worker's end never ends its host."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from cotrack_client.client import Worker
from cotrack_client.messages import Done, Samples, ShotRequest, TrackJob
from cotrack_client.tracks import Key
from workers.watching import endings, greeted, hear_until, is_running, stand_in, wait_until

HOST = Path(__file__).parents[1] / "workers/host.py"
CORE = Path(__file__).parents[2] / "core"
EXAMPLE = CORE / "cotrack/examples/courtyard.mp4"
REAL = (sys.executable, "-m", "cotrack.worker")


def start_host(end: str, command: tuple[str, ...]) -> subprocess.Popen[str]:
    environment = {**os.environ, "PYTHONPATH": str(CORE)}
    return subprocess.Popen([sys.executable, HOST, end, *command], env=environment, stdout=subprocess.PIPE, text=True)


@pytest.mark.skipif(sys.platform == "win32", reason="signals are POSIX")
def test_when_its_host_is_killed_the_worker_ends() -> None:
    with start_host("waits", REAL) as host:
        worker = int(host.stdout.readline())
        assert is_running(worker)
        host.kill()
    wait_until(lambda: not is_running(worker), "the end of the worker")


def test_when_its_host_leaves_without_a_word_even_an_unwilling_worker_ends() -> None:
    with start_host("leaves", stand_in("outlives its host", "endless")) as host:
        worker = int(host.stdout.readline())
    assert host.returncode == 0
    wait_until(lambda: not is_running(worker), "the end of the worker")


@pytest.mark.skipif(sys.platform == "win32", reason="signals are POSIX")
def test_a_broken_pipe_does_not_end_a_host_that_does_not_ignore_it() -> None:
    with start_host("tells", stand_in("closes stdin")) as host:
        said = host.stdout.read()
    assert host.returncode == 0
    assert said == "the worker stopped answering, and was ended; its log /logs/worker.log says more\n"


@pytest.mark.skipif(sys.platform == "win32", reason="signals are POSIX")
def test_the_real_worker_tracks_is_killed_and_says_so() -> None:
    worker = Worker(REAL, host="test")
    worker.start()
    try:
        log = greeted(worker).log
        shot = ShotRequest(str(EXAMPLE), frames=(1, 8))
        worker.submit(TrackJob("a", shot, (Key("k", 1, 300.0, 200.0),), direction="forward"))
        heard = hear_until(worker, endings)
        assert isinstance(heard[-1], Done)
        samples = [answer for answer in heard if isinstance(answer, Samples)]
        told = [frame for answer in samples for stretch in answer.tracks for frame in stretch.frames]
        assert sorted(told) == list(range(1, 9))

        os.kill(worker._process.pid, signal.SIGKILL)
        wait_until(lambda: worker.look() == "ended", "the end of the worker")
        sentence = "the worker ended with signal 9 (killed; perhaps the system ran out of memory)"
        assert worker.trouble == f"{sentence}; its log {log} says more"
        assert Path(log).is_file()
    finally:
        worker.end_now()
