# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from cotrack_client.errors import CotrackError
from cotrack_client.messages import Cancel, Done, Failed, Progress, Queued, Welcome
from cotrack_client.open_jobs import CANCEL_SECONDS, OBEY_SECONDS, OpenJobs
from workers.watching import track_job

CANCELLED = Failed("a", "cancelled", "cancelled")


def sent(*names: str) -> OpenJobs:
    jobs = OpenJobs()
    for name in names:
        jobs.add(track_job(name))
    jobs.to_send()
    return jobs


def test_a_job_is_sent_once_and_again_to_a_new_worker() -> None:
    jobs = OpenJobs()
    jobs.add(track_job("a"))
    assert jobs.to_send() == [track_job("a")]
    assert jobs.to_send() == []
    assert jobs.begin_anew() == []
    assert jobs.to_send() == [track_job("a")]


def test_the_worker_is_told_of_a_cancel_once_and_only_of_what_it_knows() -> None:
    jobs = sent("a")
    jobs.add(track_job("b"))
    assert jobs.cancel("a", 10.0) == Cancel("a")
    assert jobs.cancel("a", 10.1) is None
    assert jobs.cancel("b", 10.2) == Failed("b", "cancelled", "cancelled")
    assert jobs.cancel("c", 10.3) is None


def test_a_cancel_is_answered_when_its_second_is_over() -> None:
    jobs = sent("a")
    jobs.cancel("a", 10.0)
    assert jobs.answer_overdue_cancels(10.0 + CANCEL_SECONDS - 0.01) == []
    assert jobs.answer_overdue_cancels(10.0 + CANCEL_SECONDS) == [CANCELLED]
    assert not jobs.is_owed(Done("a"), 12.0)


def test_a_worker_is_held_up_only_while_others_wait() -> None:
    jobs = sent("a")
    jobs.cancel("a", 10.0)
    jobs.answer_overdue_cancels(11.0)
    assert not jobs.is_held_up(100.0)
    jobs.add(track_job("b"))
    assert jobs.is_held_up(100.0)
    assert not jobs.is_held_up(10.0 + OBEY_SECONDS - 0.01)


def test_a_worker_that_gets_on_with_another_job_is_not_held_up() -> None:
    jobs = sent("a", "b")
    jobs.cancel("a", 10.0)
    jobs.answer_overdue_cancels(11.0)
    jobs.is_owed(Queued("b", 1), 15.0)
    assert jobs.is_held_up(10.0 + OBEY_SECONDS)
    jobs.is_owed(Progress("b", "tracking", 1, 2), 15.0)
    assert not jobs.is_held_up(10.0 + OBEY_SECONDS)
    assert jobs.is_held_up(15.0 + OBEY_SECONDS)


def test_a_worker_that_obeys_late_is_not_held_up_any_more() -> None:
    jobs = sent("a", "b")
    jobs.cancel("a", 10.0)
    jobs.answer_overdue_cancels(11.0)
    assert not jobs.is_owed(CANCELLED, 12.0)
    assert not jobs.is_held_up(100.0)


def test_a_name_is_not_free_while_the_worker_holds_on_to_its_job() -> None:
    jobs = sent("a")
    jobs.cancel("a", 10.0)
    jobs.answer_overdue_cancels(11.0)
    try:
        jobs.add(track_job("a"))
        refused = ""
    except CotrackError as error:
        refused = str(error)
    assert refused == "job 'a' has not ended yet; give the new one another name"


def test_when_the_worker_is_gone_a_cancelled_job_is_cancelled_and_others_failed() -> None:
    jobs = sent("a", "b")
    jobs.cancel("a", 10.0)
    assert jobs.end_all("fault", "it crashed") == [CANCELLED, Failed("b", "fault", "it crashed")]


def test_a_welcome_concerns_the_host_and_a_failed_without_a_job_does_not() -> None:
    assert OpenJobs().is_owed(Welcome({}, (), (), ""), 0.0)
    assert not OpenJobs().is_owed(Failed(None, "message", "what?"), 0.0)


class HostAndWorker(RuleBasedStateMachine):
    """A host that asks and cancels, a worker that answers or does not, and time that passes."""

    names = st.sampled_from("abc")

    def __init__(self) -> None:
        super().__init__()
        self.jobs, self.now = OpenJobs(), 0.0
        self.asked = 0
        self.ended: list[Failed] = []
        self.well = 0

    @rule(name=names)
    def ask(self, name: str) -> None:
        try:
            self.jobs.add(track_job(name))
            self.asked += 1
        except CotrackError:
            return

    @rule()
    def send(self) -> None:
        self.jobs.to_send()

    @rule(name=names)
    def cancel(self, name: str) -> None:
        outcome = self.jobs.cancel(name, self.now)
        if isinstance(outcome, Failed):
            self.ended.append(outcome)

    @rule(name=names)
    def finish(self, name: str) -> None:
        self.well += self.jobs.is_owed(Done(name), self.now)

    @rule(seconds=st.floats(0, 3))
    def wait(self, seconds: float) -> None:
        self.now += seconds
        self.ended += self.jobs.answer_overdue_cancels(self.now)

    @rule()
    def begin_anew(self) -> None:
        self.ended += self.jobs.begin_anew()

    @invariant()
    def every_job_ends_once_at_most(self) -> None:
        assert len(self.ended) + self.well <= self.asked

    def teardown(self) -> None:
        self.ended += self.jobs.end_all("fault", "it crashed")
        assert len(self.ended) + self.well == self.asked  # and once at least


TestEveryJobEndsOnce = HostAndWorker.TestCase
