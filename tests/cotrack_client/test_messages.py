# SPDX-License-Identifier: Apache-2.0
"""Messages survive their line; a line at fault is refused with the name of the field."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cotrack_client.message_lines import MOST_BYTES, read_answer, read_request, to_line
from cotrack_client.messages import (
    Answer,
    Cancel,
    Checked,
    CheckedPoint,
    CheckJob,
    Device,
    Done,
    Expected,
    Failed,
    FetchJob,
    Hello,
    MaskRequest,
    MessageError,
    Model,
    Placed,
    PlaceJob,
    Progress,
    Queued,
    Request,
    Samples,
    ShotRequest,
    Stretch,
    TrackJob,
    Welcome,
)
from cotrack_client.tracks import Key, ModelRecord, Shot

SHOT = ShotRequest(
    "/plates/Straße 1/plate.####.exr",
    (1001, 1100),
    1001,
    "ACEScg",
    True,
    False,
    23.976,
    Expected(1920, 1080, 100, 23.976),
)
BARE = ShotRequest("/plates/a.mov")

REQUESTS = [
    Hello("Blender 4.5"),
    TrackJob(
        "a",
        SHOT,
        (Key("nose", 1001, 0.1, -3.5), Key("nose", 1002, 1e-7, 4)),
        "forward",
        "cotracker3-offline",
        "/w.pth",
        "cpu",
        2**40,
        "none",
        True,
    ),
    TrackJob("a", BARE, (Key("n", 1, 1, 1),)),
    PlaceJob("b", BARE, 7, count=50, regions=(((0, 0), (10, 0.5), (3, 3)), ())),
    PlaceJob("b", BARE, 7, grid=9, mask=MaskRequest("/m.####.exr", 12, True)),
    PlaceJob("b", BARE, 7, grid=9),
    CheckJob("d", SHOT, (Key("nose", 1001, 0.1, -3.5), Key("nose", 1040, 7, 4))),
    FetchJob("c", "m", "MIT", "/share/weights"),
    FetchJob("c", "m", "MIT"),
    Cancel("a"),
]

ANSWERS = [
    Welcome(
        {"cotrack": "0.1.0", "torch": "2.6.0"},
        (Device("cuda", "NVIDIA", 10**11), Device("cpu", "8 x Xeon", 2**34)),
        (Model("m", "M", "An m.", "MIT", True, "may be used commercially", False, 10**8),),
        "/var/log/worker.log",
    ),
    Queued("a", 2),
    Progress("a", "tracking", 3, 48, 1.5),
    Progress("a", "tracking", 3, 48),
    Samples("a", (Stretch("nose", (1, 2), (0.1, 1 / 3), (5.0, 6.0), (True, False), (0.9, 0.0)),)),
    Placed("b", ((0.5, 1.5),)),
    Checked("d", (CheckedPoint("nose", 1001, 0.04), CheckedPoint("sky", 1001, None, "sky lies on air", "air"))),
    Checked("d", ()),
    Done(
        "a", Shot("/p.mov", 10, 20, 1, 9, 24.0, 2.0, "log"), ModelRecord("m", "MIT", True, "ab"), {"step": 3}, ("Hm.",)
    ),
    Done("a"),
    Failed(None, "message", "no"),
    Failed("a", "fault", "oh"),
]


@pytest.mark.parametrize("request_", REQUESTS, ids=lambda one: type(one).__name__)
def test_a_request_survives_its_line(request_: Request) -> None:
    line = to_line(request_)
    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1
    assert read_request(line) == request_


@pytest.mark.parametrize("answer", ANSWERS, ids=lambda one: type(one).__name__)
def test_an_answer_survives_its_line(answer: Answer) -> None:
    assert read_answer(to_line(answer)) == answer


def test_what_a_later_version_adds_is_ignored() -> None:
    line = (
        b'{"type":"track","job":"a","shot":{"path":"/p","lens":35},"keys":[{"track":"n","frame":1,"x":2,"y":3}],"z":1}'
    )
    assert read_request(line) == TrackJob("a", ShotRequest("/p"), (Key("n", 1, 2.0, 3.0),))


TRACK = {"type": "track", "job": "a", "shot": {"path": "/p"}, "keys": [{"track": "n", "frame": 1, "x": 2.0, "y": 3.0}]}
CHECK = {**TRACK, "type": "check"}
PLACE = {"type": "place", "job": "a", "shot": {"path": "/p"}, "frame": 1, "grid": 3}


@pytest.mark.parametrize(
    ("message", "field"),
    [
        ({}, "the message lacks 'type'"),
        ({"type": "sing"}, "the message.type"),
        ({"type": "hello"}, "hello lacks 'host'"),
        ({"type": "hello", "host": "h", "protocol": 2}, "hello.protocol"),
        ({"type": "cancel"}, "cancel lacks 'job'"),
        ({"type": "cancel", "job": ""}, "cancel.job"),
        ({"type": "cancel", "job": 7}, "cancel.job"),
        ({**TRACK, "keys": []}, "track.keys"),
        ({**TRACK, "keys": [{"track": "n", "frame": 1.5, "x": 1, "y": 1}]}, "track.keys[0].frame"),
        ({**TRACK, "keys": [*TRACK["keys"], {"track": "n", "frame": 1, "x": "1", "y": 1}]}, "track.keys[1].x"),
        ({**TRACK, "shot": {}}, "track.shot lacks 'path'"),
        ({**TRACK, "shot": {"path": "/a\0b"}}, "track.shot.path"),
        ({**TRACK, "shot": {"path": "/p", "frames": [1]}}, "track.shot.frames"),
        ({**TRACK, "shot": {"path": "/p", "frames": [1, True]}}, "track.shot.frames[1]"),
        ({**TRACK, "shot": {"path": "/p", "rate": 0}}, "track.shot.rate"),
        ({**TRACK, "shot": {"path": "/p", "expected": {"width": 0, "height": 1}}}, "track.shot.expected.width"),
        ({**TRACK, "direction": "sideways"}, "track.direction"),
        ({**TRACK, "device": "tpu"}, "track.device"),
        ({**TRACK, "memory": 2**63}, "track.memory"),
        ({**TRACK, "memory": 0}, "track.memory"),
        ({**TRACK, "isolate": 1}, "track.isolate"),
        ({**TRACK, "refine": None}, "track.refine"),
        ({**CHECK, "keys": []}, "check.keys"),
        ({**CHECK, "keys": [{"track": "", "frame": 1, "x": 1, "y": 1}]}, "check.keys[0].track"),
        ({**CHECK, "shot": {"path": ""}}, "check.shot.path"),
        ({**PLACE, "grid": 201}, "place.grid"),
        ({**PLACE, "grid": None}, "count and grid"),
        ({**PLACE, "count": 5}, "count and grid"),
        ({**PLACE, "regions": [[[0, 0], [1]]]}, "place.regions[0][1]"),
        ({**PLACE, "regions": [[[0, 1e999]]]}, "the message"),
        ({**PLACE, "mask": {}}, "place.mask lacks 'path'"),
        ({**PLACE, "mask": {"path": "/m.exr", "frame": 1.5}}, "place.mask.frame"),
        ({**PLACE, "mask": {"path": "/m.exr", "inverted": "no"}}, "place.mask.inverted"),
    ],
)
def test_the_field_at_fault_is_named(message: dict[str, object], field: str) -> None:
    with pytest.raises(MessageError) as refusal:
        read_request(json.dumps(message).encode())
    assert field in str(refusal.value)


@pytest.mark.parametrize(
    "line", [b"", b"\n", b"[]", b"null", b"{", b'{"type":', b"\xff{}", b"[" * 100_000, b"9" * 5_000]
)
def test_what_is_no_message_is_refused(line: bytes) -> None:
    with pytest.raises(MessageError):
        read_request(line)


def test_a_refusal_knows_the_job_that_the_line_names() -> None:
    with pytest.raises(MessageError) as refusal:
        read_request(json.dumps({**TRACK, "device": "tpu"}).encode())
    assert refusal.value.job == "a"


def test_a_line_that_is_too_long_is_refused() -> None:
    with pytest.raises(MessageError, match="more than"):
        read_request(b" " * (MOST_BYTES + 1))


def test_columns_of_different_lengths_are_refused() -> None:
    columns = {"name": "n", "frames": [1, 2], "x": [1.0], "y": [1.0, 2.0], "visible": [True], "confidence": [1]}
    with pytest.raises(MessageError, match="columns of 'n'"):
        read_answer(json.dumps({"type": "samples", "job": "a", "tracks": [columns]}).encode())


@pytest.mark.parametrize(
    ("point", "field"),
    [
        ({"frame": 1}, "checked.points[0] lacks 'track'"),
        ({"track": "n", "frame": 1, "uncertainty": -0.1}, "checked.points[0].uncertainty"),
        ({"track": "n", "frame": 1, "warning": 7}, "checked.points[0].warning"),
        ({"track": "n", "frame": 1, "reason": 7}, "checked.points[0].reason"),
    ],
)
def test_the_field_at_fault_of_an_answer_is_named(point: dict[str, object], field: str) -> None:
    with pytest.raises(MessageError) as refusal:
        read_answer(json.dumps({"type": "checked", "job": "a", "points": [point]}).encode())
    assert field in str(refusal.value)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=9,
)


@given(st.binary(max_size=200) | JSON.map(lambda value: json.dumps(value).encode()))
def test_any_line_is_a_message_or_refused(line: bytes) -> None:
    for read in (read_request, read_answer):
        try:
            read(line)
        except MessageError:
            continue


@given(st.sampled_from([TRACK, PLACE, CHECK]), st.data(), JSON)
def test_any_value_in_any_field_is_read_or_refused(
    message: dict[str, object], data: st.DataObject, value: object
) -> None:
    changed = json.loads(json.dumps(message))
    place = changed if data.draw(st.booleans()) else changed["shot"]
    names = [*place, "frames", "first", "rate", "expected", "regions", "count", "memory", "weights", "direction"]
    place[data.draw(st.sampled_from(names))] = value
    try:
        request = read_request(json.dumps(changed).encode())
    except MessageError:
        return
    assert read_request(to_line(request)) == request
