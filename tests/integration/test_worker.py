# SPDX-License-Identifier: Apache-2.0
"""The worker as a host meets it: a process that talks through pipes, survives what it hears, and ends with its host."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from importlib.resources import as_file, files
from pathlib import Path

import numpy as np
import psutil
import pytest
import torch

import cotrack.examples
from cotrack import __version__
from cotrack.media.movie_writer import MovieWriter
from cotrack.models.checkpoint import save_network
from cotrack.models.cotracker3 import CoTracker3, CoTracker3Config
from cotrack.pipeline import PointChoice, ProgressOnly, TrackRequest, track_shot
from cotrack.tracking.tracks import Tracks
from cotrack_client.frames import FrameRange
from cotrack_client.message_lines import MOST_BYTES
from cotrack_client.messages import (
    Answer,
    Cancel,
    Done,
    Expected,
    Failed,
    Hello,
    Placed,
    PlaceJob,
    Progress,
    Queued,
    Samples,
    ShotRequest,
    TrackJob,
    Welcome,
)
from cotrack_client.tracks import Key
from integration.worker_process import Worker

posix = pytest.mark.skipif(sys.platform == "win32", reason="signals, orphans and limits are those of POSIX")

LONG = 2_000
"""Frames of a shot that nobody waits for."""


@pytest.fixture(scope="module")
def courtyard() -> Iterator[str]:
    with as_file(files(cotrack.examples) / "courtyard.mp4") as path:
        yield str(path)


@pytest.fixture(scope="module")
def long_shot(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A small movie with grain that moves on, which takes minutes to track."""
    path = tmp_path_factory.mktemp("shot") / "Straße 5, länger.mp4"
    grain = np.random.default_rng(6).integers(0, 255, (96, 128, 3), dtype=np.uint8)
    with MovieWriter(path, 128, 96, 24) as writer:
        for i in range(LONG):
            writer.write(np.roll(grain, i // 8, axis=1))
    return str(path)


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A small network with random weights: it tracks nothing, but takes its time."""
    torch.manual_seed(3)
    config = CoTracker3Config(
        online=True, window=16, feature_widths=(8, 12, 16, 16), feature_dim=16, correlation_hidden=24,
        correlation_dim=12, hidden=32, depth=2, heads=4, virtual_tracks=6,
    )  # fmt: skip
    path = tmp_path_factory.mktemp("weights") / "random.safetensors"
    save_network(CoTracker3(config), path)
    return str(path)


@pytest.fixture(scope="module")
def worker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Worker]:
    """One that has been welcomed, and that every test leaves idle."""
    with Worker(tmp_path_factory.mktemp("worker")) as started:
        started.greet()
        yield started


def put_together(heard: list[Answer], like: Tracks) -> Tracks:
    """The samples as arrays; each is told once."""
    told = np.zeros_like(like.visible)
    xy, visible, confidence = np.full_like(like.xy, np.nan), np.zeros_like(told), np.zeros(told.shape)
    for samples in heard:
        for stretch in samples.tracks if isinstance(samples, Samples) else ():
            row = like.names.index(stretch.name)
            at = np.searchsorted(like.frames, stretch.frames)
            assert not told[row, at].any()
            told[row, at] = True
            xy[row, at] = np.stack([stretch.x, stretch.y], axis=-1)
            visible[row, at], confidence[row, at] = stretch.visible, stretch.confidence
    return Tracks(like.names, like.frames, xy, visible, confidence, like.keyed)


def assert_same_tracks(found: Tracks, expected: Tracks) -> None:
    assert np.array_equal(found.xy, expected.xy, equal_nan=True)
    assert np.array_equal(found.visible, expected.visible)
    assert np.allclose(found.confidence, np.where(expected.followed, expected.confidence, 0), atol=5.1e-5)


def assert_ordered(heard: list[Answer], job: str) -> None:
    """One job's messages come in their order, and its progress only grows."""
    own = [answer for answer in heard if not isinstance(answer, Welcome) and answer.job == job]
    assert own[0] == Queued(job, 0)
    assert isinstance(own[-1], Done)
    progress = [answer for answer in own if isinstance(answer, Progress)]
    assert all(isinstance(answer, (Progress, Samples)) for answer in own[1:-1])
    for stage in {answer.stage for answer in progress}:
        done = [answer.done for answer in progress if answer.stage == stage]
        assert done == sorted(done)
    assert progress[-1].done == progress[-1].total


def test_the_welcome_says_what_is_here(worker: Worker) -> None:
    welcome = worker.heard[0]
    assert isinstance(welcome, Welcome)
    assert welcome.versions["cotrack"] == __version__
    assert welcome.versions["torch"] == torch.__version__
    assert welcome.devices[-1].memory == psutil.virtual_memory().total
    assert welcome.models[0].name == "lucas-kanade"
    assert Path(welcome.log).is_file()


def test_samples_put_together_are_the_tracks_that_the_command_line_finds(worker: Worker, courtyard: str) -> None:
    keys = (Key("a", 7, 600.5, 300.25), Key("b", 3, 200, 500), Key("b", 10, 201, 498))
    since = len(worker.heard)
    shot = ShotRequest(courtyard, frames=(1, 12), expected=Expected(1280, 720, 48, 24.0))
    worker.say(TrackJob("lk", shot, keys))
    done = worker.end_of("lk", since)
    archive = track_shot(
        TrackRequest(Path(courtyard), PointChoice(keys=keys), frames=FrameRange(1, 12)), ProgressOnly()
    )
    assert_same_tracks(put_together(worker.heard[since:], archive.tracks), archive.tracks)
    assert_ordered(worker.heard[since:], "lk")
    assert isinstance(done, Done)
    assert (done.shot, done.model) == (archive.shot, archive.model)
    assert dict(done.settings) == dict(archive.settings)
    assert done.warnings == ()


def test_a_network_s_tracks_are_told_as_they_become_certain(worker: Worker, courtyard: str, weights: str) -> None:
    keys = (Key("a", 3, 600.5, 300.25), Key("b", 20, 100, 90))
    since = len(worker.heard)
    worker.say(TrackJob("net", ShotRequest(courtyard, frames=(1, 24)), keys, "forward", weights=weights))
    done = worker.end_of("net", since)
    assert isinstance(done, Done), done
    request = TrackRequest(Path(courtyard), PointChoice(keys=keys), frames=FrameRange(1, 24), direction="forward")
    archive = track_shot(replace(request, weights=Path(weights)), ProgressOnly())
    heard = worker.heard[since:]
    assert_same_tracks(put_together(heard, archive.tracks), archive.tracks)
    assert_ordered(heard, "net")
    samples = [index for index, answer in enumerate(heard) if isinstance(answer, Samples)]
    assert any(isinstance(answer, Progress) for answer in heard[samples[0] : samples[-1]])
    assert done.warnings == ("the licence of random.safetensors is unknown: its tracks are not for paid work",)


def test_a_clip_that_the_host_sees_otherwise_is_refused(worker: Worker, courtyard: str) -> None:
    since = len(worker.heard)
    worker.say(TrackJob("x", ShotRequest(courtyard, expected=Expected(640, 360)), (Key("n", 1, 5, 5),)))
    refused = worker.end_of("x", since)
    assert isinstance(refused, Failed)
    assert refused.reason == "input"
    assert "640 x 360" in refused.sentence


def test_lines_at_fault_are_answered_and_do_no_harm(worker: Worker, courtyard: str) -> None:
    since = len(worker.heard)
    worker.write(b"\n\xff\xfe\x00\nnull\n" + b'{"type":"track","job":"m"}\n' + b"x" * (MOST_BYTES + 1) + b"\n")
    worker.say(Hello("again"), PlaceJob("p", ShotRequest(courtyard), 1, grid=1))
    assert worker.end_of("p", since) == Placed("p", ((640.0, 360.0),))
    refusals = [answer for answer in worker.heard[since:] if isinstance(answer, Failed)]
    assert [refusal.reason for refusal in refusals] == ["message"] * 6
    assert [refusal.job for refusal in refusals] == [None, None, None, "m", None, None]
    assert str(MOST_BYTES) in refusals[4].sentence


def test_a_second_job_waits_for_the_first(worker: Worker, long_shot: str) -> None:
    since = len(worker.heard)
    short = ShotRequest(long_shot, frames=(1, 20))
    worker.say(*(TrackJob(name, short, (Key("n", 1, 60, 50),)) for name in "abc"))
    worker.end_of("c", since)
    told = [(one.job, one.before) for one in worker.heard[since:] if isinstance(one, Queued)]
    assert sorted(told) == [("a", 0), ("b", 0), ("b", 1), ("c", 0), ("c", 1), ("c", 2)]
    begun = [name for name, before in told if before == 0]
    assert begun == ["a", "b", "c"]
    ended = [one.job for one in worker.heard[since:] if isinstance(one, Done)]
    assert ended == ["a", "b", "c"]


@posix
def test_a_hundred_cancels_leave_it_as_it_was(worker: Worker, long_shot: str, weights: str) -> None:
    def cancel_one(number: int, after: int) -> None:
        """Cancel a job when it has said something `after` times."""
        name, since = f"job {number}", len(worker.heard)
        model = weights if number % 4 == 3 else None
        worker.say(TrackJob(name, ShotRequest(long_shot), (Key("n", 9, 60, 50),), weights=model))
        worker.wait(lambda heard: sum(one.job == name for one in heard[since:]) >= after)
        worker.say(Cancel(name))
        assert worker.end_of(name, since) == Failed(name, "cancelled", "the job was cancelled")

    for number in range(4):
        cancel_one(number, after=2)
    worker.say(PlaceJob("pause", ShotRequest(long_shot), 1, grid=1))
    worker.end_of("pause")
    before = worker.threads_and_files()
    for number in range(4, 104):
        cancel_one(number, after=number % 3)
    since = len(worker.heard)
    worker.say(TrackJob("after", ShotRequest(long_shot, frames=(1, 9)), (Key("n", 9, 60, 50),)))
    assert isinstance(worker.end_of("after", since), Done)
    after = worker.threads_and_files()
    assert all(now <= then + 2 for now, then in zip(after, before, strict=True)), (before, after)
    for number in range(104):
        told = [answer for answer in worker.heard[1:] if answer.job == f"job {number}"]
        assert isinstance(told[-1], Failed)
        assert sum(isinstance(answer, Failed) for answer in told) == 1


def test_what_libraries_print_is_kept_out_of_the_answers(tmp_path: Path) -> None:
    program = """
import os
from cotrack.worker import __main__ as worker

hear = worker.Session.hear
def hear_and_chatter(session, line):
    os.write(1, b"from C\\n")
    print("from Python", flush=True)
    os.system("echo from a child")
    hear(session, line)
worker.Session.hear = hear_and_chatter
worker.main()
"""
    with Worker(tmp_path, ("-c", program)) as worker:
        worker.greet()
        worker.write(b"x\n")
        worker.wait(lambda heard: len(heard) == 2)
        assert isinstance(worker.heard[0], Welcome)
        noise = worker.stderr.read_text()
    assert noise.count("from C\n") == noise.count("from Python\n") == noise.count("from a child\n") == 2


@pytest.mark.parametrize("is_busy", [False, True])
def test_the_end_of_stdin_ends_it(tmp_path: Path, long_shot: str, *, is_busy: bool) -> None:
    with Worker(tmp_path) as worker:
        if is_busy:
            worker.say(Hello("h"), TrackJob("a", ShotRequest(long_shot), (Key("n", 1, 60, 50),)))
            worker.wait(lambda heard: any(isinstance(one, Progress) for one in heard))
        worker.process.stdin.close()
        assert worker.process.wait(20) == 0
        assert worker.stderr.read_text().splitlines()[-1].endswith("ends")


@posix
def test_a_signal_ends_it(tmp_path: Path, long_shot: str) -> None:
    job = TrackJob("a", ShotRequest(long_shot), (Key("n", 1, 60, 50),))
    with Worker(tmp_path) as one:
        one.say(Hello("h"), job)
        one.wait(lambda heard: any(isinstance(answer, Progress) for answer in heard))
        one.process.send_signal(signal.SIGTERM)
        assert one.process.wait(20) == -signal.SIGTERM


@posix
def test_when_nobody_reads_it_ends(tmp_path: Path) -> None:
    ear, mouth = os.pipe()
    log = (tmp_path / "stderr.txt").open("wb")
    process = subprocess.Popen(
        [sys.executable, "-m", "cotrack.worker"], stdin=subprocess.PIPE, stdout=mouth, stderr=log,
        env={**os.environ, "XDG_STATE_HOME": str(tmp_path)},
    )  # fmt: skip
    os.close(mouth)
    os.close(ear)
    try:
        process.stdin.write(b"x\n")
        process.stdin.flush()
        assert process.wait(20) == 0
    finally:
        process.kill()
        process.stdin.close()
        log.close()


@posix
def test_a_host_that_was_killed_takes_it_along_though_its_pipe_is_still_open(tmp_path: Path) -> None:
    host = """
import os, subprocess, sys, time
reading, writing = os.pipe()
heir = subprocess.Popen(["sleep", "100"], pass_fds=[writing], stdout=subprocess.DEVNULL)
worker = subprocess.Popen([sys.executable, "-m", "cotrack.worker"], stdin=reading, stdout=subprocess.PIPE)
os.write(writing, b'x\\n')
worker.stdout.readline()
print(heir.pid, worker.pid, flush=True)
time.sleep(100)
"""
    environment = {**os.environ, "XDG_STATE_HOME": str(tmp_path)}
    with (tmp_path / "stderr.txt").open("wb") as log:
        process = subprocess.Popen([sys.executable, "-c", host], stdout=subprocess.PIPE, stderr=log, env=environment)
    heir, worker = map(psutil.Process, map(int, process.stdout.readline().split()))
    try:
        process.kill()
        assert psutil.wait_procs([worker], timeout=20)[1] == []
        assert heir.is_running()
    finally:
        heir.kill()
        process.wait()
        process.stdout.close()


@posix
def test_a_full_disk_costs_the_log_and_nothing_else(tmp_path: Path, courtyard: str) -> None:
    program = """
import resource
resource.setrlimit(resource.RLIMIT_FSIZE, (600, 600))  # no file may grow beyond
from cotrack.worker.__main__ import main
main()
"""
    with Worker(tmp_path, ("-c", program), COTRACK_LOG="debug", PYTHONDONTWRITEBYTECODE="1") as worker:
        worker.greet()
        for number in range(12):
            worker.say(PlaceJob(f"job {number}", ShotRequest(courtyard), 1, grid=1))
        assert isinstance(worker.end_of("job 11"), Placed)
        log = Path(worker.heard[0].log)
        assert log.stat().st_size == 600


def test_the_command_line_starts_it_too(tmp_path: Path) -> None:
    with Worker(tmp_path, ("-c", "from cotrack.cli.main import main; main()", "worker")) as worker:
        worker.write(b"x\n")
        worker.wait(bool)
        worker.process.stdin.close()
        assert worker.process.wait(20) == 0


def test_a_cancel_is_heard_while_libraries_are_loaded(tmp_path: Path, courtyard: str) -> None:
    with Worker(tmp_path) as worker:
        worker.say(Hello("h"), TrackJob("a", ShotRequest(courtyard), (Key("n", 1, 60, 50),)), Cancel("a"))
        assert worker.end_of("a") == Failed("a", "cancelled", "the job was cancelled")
        assert not any(isinstance(answer, Queued) for answer in worker.heard)


def test_old_logs_are_cleared_away(tmp_path: Path) -> None:
    folder = tmp_path / "cotrack" / "log"
    folder.mkdir(parents=True)
    for day in range(10, 40):
        (folder / f"worker-202001{day}-000000-1.log").touch()
    with Worker(tmp_path) as worker:
        worker.write(b"x\n")
        worker.wait(bool)
        kept = sorted(path.name for path in folder.iterdir())
    assert len(kept) == 20
    assert kept[0] == "worker-20200121-000000-1.log"


def test_several_workers_have_several_logs(tmp_path: Path) -> None:
    with Worker(tmp_path) as one, Worker(tmp_path) as other:
        for each in (one, other):
            each.write(b"x\n")
            each.wait(bool)
        assert len(list(tmp_path.rglob("worker-*.log"))) == 2
