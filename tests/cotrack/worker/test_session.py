# SPDX-License-Identifier: Apache-2.0
"""A session answers every line with valid messages, whatever the line is, and goes on."""

import json
import threading
import time
from collections.abc import Iterator
from importlib.resources import as_file, files
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import cotrack.examples
from cotrack.worker.outbox import Outbox
from cotrack.worker.session import Session
from cotrack_client.message_lines import MOST_BYTES, read_answer, to_line
from cotrack_client.messages import (
    PROTOCOL,
    Answer,
    Cancel,
    Checked,
    CheckJob,
    Done,
    Failed,
    FetchJob,
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

LAST = (Checked, Done, Failed, Placed)


class Host:
    """A host in the same process."""

    def __init__(self, log: Path | None = None) -> None:
        self.heard: list[Answer] = []
        self._arrived = threading.Condition()
        self._outbox = Outbox(self._hear, lambda: None)
        self._outbox.start()
        self.session = Session(self._outbox, log)

    def work(self) -> None:
        threading.Thread(target=self.session.work, daemon=True).start()

    def _hear(self, line: bytes) -> None:
        with self._arrived:
            self.heard.append(read_answer(line))
            self._arrived.notify_all()

    def say(self, *messages: Hello | TrackJob | PlaceJob | CheckJob | FetchJob | Cancel) -> None:
        for message in messages:
            self.session.hear(to_line(message).rstrip(b"\n"))

    def wait_for(self, enough: int, kind: type | tuple[type, ...] = LAST, since: int = 0) -> list[Answer]:
        """The answers of a kind, once there are enough of them."""

        def found() -> list[Answer]:
            return [answer for answer in self.heard[since:] if isinstance(answer, kind)]

        with self._arrived:
            assert self._arrived.wait_for(lambda: len(found()) >= enough, timeout=120), self.heard[since:]
            return found()


@pytest.fixture(scope="module")
def clip() -> Iterator[str]:
    with as_file(files(cotrack.examples) / "courtyard.mp4") as path:
        yield str(path)


@pytest.fixture(scope="module")
def served() -> Host:
    """A host that has been welcomed."""
    host = Host()
    host.work()
    host.say(Hello("test"))
    host.wait_for(1, Welcome)
    return host


def grid(name: str, clip: str) -> PlaceJob:
    return PlaceJob(name, ShotRequest(clip), frame=1, grid=2)


def test_nothing_is_begun_before_hello(clip: str) -> None:
    host = Host()
    host.say(grid("a", clip), Cancel("a"), Hello("late"), Hello("again"))
    first, second, third = host.wait_for(3)
    assert first == Failed("a", "message", "the first message is not hello; say hello first")
    assert second.reason == "message"
    assert third == Failed(None, "message", "hello was said before; say it once")


def test_a_model_that_is_built_in_is_not_fetched_and_the_models_are_told_again() -> None:
    host = Host()
    host.work()
    host.say(Hello("h"), FetchJob("f", "lucas-kanade", "Apache-2.0"))
    (failed,) = host.wait_for(1)
    assert failed == Failed("f", "input", "lucas-kanade is built in; there is nothing to fetch")
    assert len(host.wait_for(2, Welcome)) == 2


def test_another_protocol_is_refused_and_the_right_one_still_welcome() -> None:
    host = Host()
    host.session.hear(b'{"type":"hello","host":"h","protocol":99}')
    (refusal,) = host.wait_for(1)
    assert "hello.protocol is 99" in refusal.sentence
    host.say(Hello("h"))
    host.work()
    (welcome,) = host.wait_for(1, Welcome)
    assert welcome.protocol == PROTOCOL
    assert welcome.models[0].name == "lucas-kanade"
    assert welcome.models[0].ready
    assert welcome.devices[-1].kind == "cpu"


def test_the_welcome_comes_before_any_word_of_jobs_that_did_not_wait_for_it(clip: str) -> None:
    host = Host()
    host.say(Hello("hasty"), grid("a", clip), grid("b", clip))
    host.work()
    host.wait_for(2)
    assert isinstance(host.heard[0], Welcome)
    assert host.heard[1:] == [
        Queued("a", 0),
        Queued("b", 1),
        Placed("a", ((20.0, 20.0), (1260.0, 20.0), (20.0, 700.0), (1260.0, 700.0))),
        Queued("b", 0),
        Placed("b", ((20.0, 20.0), (1260.0, 20.0), (20.0, 700.0), (1260.0, 700.0))),
    ]


def test_jobs_that_wait_are_told_how_many_are_before_them(clip: str) -> None:
    host = Host()
    host.say(Hello("h"), *(grid(name, clip) for name in "abcd"), Cancel("b"))
    host.work()
    host.wait_for(4)
    told = [(answer.job, answer.before) for answer in host.heard if isinstance(answer, Queued)]
    assert told == [("a", 0), ("c", 1), ("d", 2), ("c", 0), ("d", 1), ("d", 0)]
    assert Failed("b", "cancelled", "the job was cancelled") in host.heard


def test_a_name_in_use_is_refused_and_its_job_goes_on(clip: str) -> None:
    host = Host()
    host.say(Hello("h"), grid("a", clip), grid("a", clip))
    (refusal,) = host.wait_for(1)
    assert refusal.job is None
    assert "'a' waits or runs already" in refusal.sentence
    host.session.hear(b'{"type":"track","job":"a"}')
    assert host.wait_for(2)[1].job is None
    host.work()
    assert isinstance(host.wait_for(3)[2], Placed)
    host.say(grid("a", clip))
    assert isinstance(host.wait_for(4)[3], Placed)


BRICK, WALL = Key("brick", 1, 600, 200), Key("wall", 1, 340, 230)


def test_keys_are_checked_without_being_tracked(served: Host, clip: str) -> None:
    since = len(served.heard)
    served.say(CheckJob("c", ShotRequest(clip), (WALL, BRICK)))
    (answer,) = served.wait_for(1, since=since)
    wall, brick = answer.points
    assert (answer.job, wall.track, brick.track, brick.frame) == ("c", "wall", "brick", 1)
    assert wall.warning == "wall lies on a featureless area; move it to a corner or a spot with texture"
    assert wall.reason == "featureless area"
    assert (brick.warning, brick.reason) == (None, None)
    assert 0 < brick.uncertainty < 0.2


def test_a_key_outside_the_picture_cannot_be_checked(served: Host, clip: str) -> None:
    since = len(served.heard)
    served.say(CheckJob("c", ShotRequest(clip), (BRICK, Key("off", 1, 5000, 5))))
    (answer,) = served.wait_for(1, since=since)
    assert (answer.job, answer.reason) == ("c", "input")
    assert "'off' is at (5000, 5) in frame 1, outside the picture" in answer.sentence


def test_a_job_that_tracks_warns_of_points_at_its_end(served: Host, clip: str) -> None:
    since = len(served.heard)
    served.say(TrackJob("t", ShotRequest(clip, frames=(1, 2)), (WALL, BRICK)))
    (answer,) = served.wait_for(1, since=since)
    assert answer.warnings == (
        "wall lies on a featureless area at frame 1; move it to a corner or a spot with texture",
    )


def test_cancelling_what_is_not_there_ends_no_job(served: Host) -> None:
    since = len(served.heard)
    served.say(Cancel("nobody"))
    (answer,) = served.wait_for(1, since=since)
    assert answer == Failed(None, "message", "no job named 'nobody' waits or runs; it is over, or never was")


def test_a_line_that_was_too_long_is_answered(served: Host) -> None:
    since = len(served.heard)
    served.session.hear(None)
    (answer,) = served.wait_for(1, since=since)
    assert answer.reason == "message"
    assert str(MOST_BYTES) in answer.sentence


@pytest.mark.parametrize(
    ("shot", "frame", "said"),
    [
        (ShotRequest("/nowhere/plate.####.exr"), 1, "/nowhere"),
        (ShotRequest("plate.mov"), 1, "not an absolute path"),
        (ShotRequest("{clip}", frames=(9, 3)), 5, "9-3"),
        (ShotRequest("{clip}", colorspace="LogC9"), 1, "LogC9"),
        (ShotRequest("{clip}"), 900, "900"),
    ],
)
def test_what_the_artist_can_cure_is_said_in_a_sentence(
    served: Host, clip: str, shot: ShotRequest, frame: int, said: str
) -> None:
    since = len(served.heard)
    here = ShotRequest(**{**vars(shot), "path": shot.path.format(clip=clip)})
    served.say(TrackJob("t", here, (Key("n", frame, 5, 5),)))
    (answer,) = served.wait_for(1, since=since)
    assert (answer.job, answer.reason) == ("t", "input")
    assert said in answer.sentence


@pytest.mark.parametrize(
    ("error", "reason", "said"),
    [
        (ZeroDivisionError("division by zero"), "fault", "worker.log"),
        (MemoryError(), "input", "memory"),
        (RuntimeError("[enforce fail at alloc_cpu.cpp] DefaultCPUAllocator: can't allocate memory"), "input", "memory"),
    ],
)
def test_an_error_that_nobody_foresaw_ends_its_job_and_no_other(  # noqa: PLR0917  two fixtures, three cases
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, clip: str, error: Exception, reason: str, said: str
) -> None:
    def track_shot(*_: object) -> None:
        raise error

    monkeypatch.setattr("cotrack.worker.bench.track_shot", track_shot)
    host = Host(tmp_path / "worker.log")
    host.work()
    host.say(Hello("h"), TrackJob("t", ShotRequest(clip), (Key("n", 1, 5, 5),)), grid("g", clip))
    failed, placed = host.wait_for(2)
    assert (failed.job, failed.reason) == ("t", reason)
    assert said in failed.sentence
    assert isinstance(placed, Placed)


def test_a_cancel_silences_a_job_at_once_and_the_next_one_begins(served: Host, clip: str) -> None:
    since = len(served.heard)
    served.say(TrackJob("long", ShotRequest(clip), (Key("n", 1, 600, 300),)), grid("next", clip))
    served.wait_for(2, Progress, since)
    served.say(Cancel("long"))
    cancelled, placed = served.wait_for(2, since=since)
    assert cancelled == Failed("long", "cancelled", "the job was cancelled")
    assert isinstance(placed, Placed)
    answers = served.heard[since:]
    assert not [one for one in answers[answers.index(cancelled) + 1 :] if one.job == "long"]


def test_points_are_placed_within_regions(served: Host, clip: str) -> None:
    since = len(served.heard)
    box = ((100.0, 100.0), (500.0, 100.0), (500.0, 400.0), (100.0, 400.0))
    shot = ShotRequest(clip, first=1001)
    served.say(
        PlaceJob("g", shot, 1003, grid=4, regions=(box,)),
        PlaceJob("f", shot, 1003, count=7, regions=(box,)),
        PlaceJob("o", shot, 1003, count=7, regions=(((-9, -9), (-1, -9), (-1, -1)),)),
    )
    on_grid, features, outside = served.wait_for(3, since=since)
    assert on_grid.points[:5] == ((150.0, 137.5), (250.0, 137.5), (350.0, 137.5), (450.0, 137.5), (150.0, 212.5))
    assert len(on_grid.points) == 16
    assert len(features.points) == 7
    assert all(100 <= x <= 500 and 100 <= y <= 400 for x, y in features.points)
    assert outside.reason == "input"
    assert "1280 x 720" in outside.sentence


NAMES = st.sampled_from(["a", "b", "c"])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=9,
)
FIELDS = st.sampled_from(
    [
        *("type", "job", "shot", "keys", "direction", "model", "weights", "memory", "frame", "count", "grid"),
        *("regions", "mask"),
    ]
)


def as_json(values: object) -> bytes:
    return json.dumps(values).encode()


@st.composite
def lines(draw: st.DrawFn) -> bytes:
    """Nonsense, requests, and requests with nonsense in a field."""
    name, shot = draw(NAMES), {"path": draw(st.sampled_from(["/nowhere.mov", "here.mov", "/"]))}
    key = {"track": "n", "frame": draw(st.integers(-3, 3)), "x": 1, "y": 2}
    message = draw(
        st.sampled_from(
            [
                {"type": "hello", "host": "h"},
                {"type": "track", "job": name, "shot": shot, "keys": [key]},
                {"type": "place", "job": name, "shot": shot, "frame": 1, "count": 5},
                {"type": "cancel", "job": name},
            ]
        )
    )
    changed = {**message, draw(FIELDS): draw(JSON)}
    return draw(st.binary(max_size=99) | JSON.map(as_json) | st.just(as_json(message)) | st.just(as_json(changed)))


@settings(max_examples=100)
@given(st.lists(lines(), max_size=9))
def test_whatever_is_said_each_line_gets_its_answer_and_the_session_lives(served: Host, said: list[bytes]) -> None:
    since = len(served.heard)
    for line in said:
        served.session.hear(line)
    served.say(Cancel("the end"))

    def is_settled() -> bool:
        """Every line has one last message, but for a cancel that hit: its job's serves both."""
        last = [answer for answer in served.heard[since:] if isinstance(answer, LAST)]
        hits = sum(answer.reason == "cancelled" for answer in last if isinstance(answer, Failed))
        return len(last) == len(said) + 1 - hits

    patience = time.monotonic() + 60
    while not is_settled():
        assert time.monotonic() < patience, (said, served.heard[since:])
        time.sleep(0.001)
    assert not any(isinstance(answer, (Welcome, Done, Samples)) for answer in served.heard[since:])
