# SPDX-License-Identifier: Apache-2.0
"""What is said comes in order, and of a job that is over nothing comes any more, however slowly the host reads."""

import threading

import pytest

from cotrack.worker.job import Job, NoLongerWanted
from cotrack.worker.outbox import MOST_WAITING_BYTES, Outbox
from cotrack_client.message_lines import read_answer
from cotrack_client.messages import Answer, Failed, Placed, Progress, ShotRequest, TrackJob
from cotrack_client.tracks import Key


class Reader:
    """Reads a line whenever it is told to."""

    def __init__(self) -> None:
        self.heard: list[Answer] = []
        self.turns = threading.Semaphore(0)

    def write(self, line: bytes) -> None:
        self.turns.acquire()
        self.heard.append(read_answer(line))


@pytest.fixture
def reader() -> Reader:
    return Reader()


@pytest.fixture
def outbox(reader: Reader) -> Outbox:
    box = Outbox(reader.write, lambda: None)
    box.start()
    return box


def job(name: str) -> Job:
    return Job(TrackJob(name, ShotRequest("/p"), (Key("n", 1, 0, 0),)))


def test_lines_come_in_the_order_in_which_they_were_said(reader: Reader, outbox: Outbox) -> None:
    said = [Progress("a", "tracking", i, 100) for i in range(100)]
    for answer in said:
        outbox.say(answer)
    reader.turns.release(100)
    assert outbox.wait_until_written(60)
    assert reader.heard == said


def test_a_cancelled_job_is_silent_even_about_what_was_said_but_not_read(reader: Reader, outbox: Outbox) -> None:
    one, other = job("one"), job("other")
    for i in range(10):
        outbox.say(Progress("one", "tracking", i, 10), one)
        outbox.say(Progress("other", "tracking", i, 10), other)
    last = Failed("one", "cancelled", "enough")
    assert outbox.end(one, last, drop_unsaid=True)
    reader.turns.release(100)
    assert outbox.wait_until_written(60)
    of_one = [answer for answer in reader.heard if answer.job == "one"]
    assert of_one[-1] == last
    assert len(of_one) <= 2  # one line was on its way already
    assert len(reader.heard) - len(of_one) == 10


def test_a_job_ends_once(outbox: Outbox) -> None:
    one = job("one")
    assert outbox.end(one, Failed("one", "input", "so"))
    assert not outbox.end(one, Failed("one", "cancelled", "so"))
    with pytest.raises(NoLongerWanted):
        outbox.say(Progress("one", "tracking", 1, 2), one)


def test_work_waits_for_a_host_that_does_not_read_until_it_is_cancelled(outbox: Outbox) -> None:
    one = job("one")
    large = Placed("one", ((0.1, 0.2),) * 100_000)
    stopped = threading.Event()

    def work() -> None:
        try:
            while True:
                outbox.wait_for_room(one)
                outbox.say(large, one)
        except NoLongerWanted:
            stopped.set()

    threading.Thread(target=work, daemon=True).start()
    while outbox._waiting_bytes <= MOST_WAITING_BYTES:
        pass
    assert not stopped.is_set()
    outbox.wait_for_room()  # a cancel can still be heard
    assert outbox.end(one, Failed("one", "cancelled", "enough"), drop_unsaid=True)
    assert stopped.wait(60)


def test_when_nobody_reads_any_more_that_is_told() -> None:
    gone = threading.Event()

    def broken(_line: bytes) -> None:
        raise BrokenPipeError

    box = Outbox(broken, gone.set)
    box.start()
    box.say(Failed(None, "message", "hm"))
    assert gone.wait(60)
