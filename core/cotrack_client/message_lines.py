# SPDX-License-Identifier: Apache-2.0
"""Messages as lines, and lines as messages: what was read is what its type says, or an error names the field."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from typing import Any, Callable, TypeVar

from cotrack_client.errors import CotrackError
from cotrack_client.json_values import FLAG, INTEGER, LIST, NUMBER, OBJECT, TEXT, Kind, below, field, one, parse
from cotrack_client.messages import (
    PROTOCOL,
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

MOST_BYTES = 16 << 20
"""No line may be longer, its end not counted; a hundred thousand keys fit, and `samples` are split long before."""

MOST_FEATURES = 40_000
MOST_GRID = 200

Reader = Callable[[object, str], Any]
"""Makes a value of what JSON held; the text is how messages call the place."""

_Record = TypeVar("_Record")


def to_line(message: Request | Answer) -> bytes:
    """The message as one line, its end included."""
    values = {"type": _TYPES[type(message)], **vars(message)}
    return json.dumps(values, allow_nan=False, separators=(",", ":"), default=_plain).encode("ascii") + b"\n"


def read_request(line: bytes) -> Request:
    """What a host said. Raises MessageError."""
    request: Request = _read(line, _REQUESTS)
    return request


def read_answer(line: bytes) -> Answer:
    """What a worker said. Raises MessageError."""
    answer: Answer = _read(line, _ANSWERS)
    return answer


def _read(line: bytes, known: Mapping[str, Reader]) -> Any:  # noqa: ANN401  the callers say which messages they know
    if len(line) > MOST_BYTES:
        raise MessageError(f"a message has {len(line)} bytes, more than {MOST_BYTES}; send less at a time")
    job: str | None = None
    try:
        values = one(parse(line.decode("utf-8"), "the message"), OBJECT, "the message")
        job = str(values["job"]) if isinstance(values.get("job"), str) else None
        kind = field(values, "type", _one_of(*known), "the message")
        return known[kind](values, kind)
    except UnicodeDecodeError as error:
        raise MessageError(f"the message is not UTF-8 from byte {error.start} on; send UTF-8") from error
    except CotrackError as error:
        raise MessageError(str(error), job) from error


def _plain(value: object) -> object:
    """What `json` asks for when it meets one of our own values."""
    return dict(value) if isinstance(value, Mapping) else vars(value)


def _value(kind: Kind[Any]) -> Reader:
    return lambda value, where: one(value, kind, where)


def _maybe(reader: Reader) -> Reader:
    return lambda value, where: None if value is None else reader(value, where)


def _each(reader: Reader, kind: Kind[list[object]] = LIST) -> Reader:
    def read(value: object, where: str) -> tuple[Any, ...]:
        items = one(value, kind, where)
        return tuple(reader(item, f"{where}[{index}]") for index, item in enumerate(items))

    return read


def _pair(reader: Reader) -> Reader:
    return lambda value, where: _each(reader)(one(value, _TWO, where), where)


def _by_name(reader: Reader) -> Reader:
    def read(value: object, where: str) -> dict[str, Any]:
        return {name: reader(item, below(where, name)) for name, item in one(value, OBJECT, where).items()}

    return read


def _record(make: type[_Record], **readers: Reader) -> Reader:
    """Reads a dataclass; a field that has a default may be left out."""
    fields = dataclasses.fields(make)  # type: ignore[arg-type]  # every `make` is a dataclass

    def read(value: object, where: str) -> _Record:
        values = one(value, OBJECT, where)
        for needed in fields:
            has_default = not (needed.default is needed.default_factory is dataclasses.MISSING)
            if needed.name not in values and not has_default:
                field(values, needed.name, TEXT, where)
        return make(
            **{name: reader(values[name], below(where, name)) for name, reader in readers.items() if name in values}
        )

    return read


def _one_of(*words: str) -> Kind[str]:
    return TEXT.that(lambda value: value in words, "one of " + ", ".join(words))


_TWO = LIST.that(lambda value: len(value) == 2, "a list of two")
_COUNT = INTEGER.that(lambda value: value >= 0, "0 or a positive integer")
_SIZE = INTEGER.that(lambda value: value > 0, "a positive integer")
_RATE = NUMBER.that(lambda value: value > 0, "a positive number")
_POSITIVE = NUMBER.that(lambda value: value >= 0, "0 or a positive number")
_SHARE = NUMBER.that(lambda value: 0 <= value <= 1, "a number from 0 to 1")
_BYTES: Kind[int] = Kind(
    "a positive integer of 63 bits",
    lambda value: isinstance(value, int) and not isinstance(value, bool) and 0 < value < 2**63,
    int,
)
_PROTOCOL = INTEGER.that(lambda value: value == PROTOCOL, f"{PROTOCOL}, the only one this cotrack speaks")
_NAME = TEXT.that(lambda value: value != "", "a name")
_PATH = TEXT.that(lambda value: value != "" and "\0" not in value, "a path")
_SOME = LIST.that(lambda value: len(value) > 0, "a list of one or more")


def _up_to(most: int) -> Kind[int]:
    return INTEGER.that(lambda value: 0 < value <= most, f"an integer from 1 to {most}")


_JOB = _value(_NAME)
_FRAMES = _each(_value(INTEGER))
_NUMBERS = _each(_value(NUMBER))

_KEYS = _each(_record(Key, track=_value(_NAME), frame=_value(INTEGER), x=_value(NUMBER), y=_value(NUMBER)), _SOME)

_SHOT_REQUEST = _record(
    ShotRequest,
    path=_value(_PATH),
    frames=_maybe(_pair(_value(INTEGER))),
    first=_maybe(_value(INTEGER)),
    colorspace=_maybe(_value(TEXT)),
    skip=_value(FLAG),
    upright=_value(FLAG),
    rate=_maybe(_value(_RATE)),
    expected=_maybe(
        _record(
            Expected,
            width=_value(_SIZE),
            height=_value(_SIZE),
            frames=_maybe(_value(_SIZE)),
            fps=_maybe(_value(_RATE)),
        )
    ),
)

_REQUESTS: dict[str, Reader] = {
    "hello": _record(Hello, host=_value(TEXT), protocol=_value(_PROTOCOL)),
    "track": _record(
        TrackJob,
        job=_JOB,
        shot=_SHOT_REQUEST,
        keys=_KEYS,
        direction=_value(_one_of("both", "forward", "backward")),
        model=_maybe(_value(TEXT)),
        weights=_maybe(_value(_PATH)),
        device=_value(_one_of("auto", "cpu", "cuda", "mps")),
        memory=_maybe(_value(_BYTES)),
        support=_value(_one_of("auto", "reference", "none")),
        isolate=_value(FLAG),
        refine=_value(FLAG),
    ),
    "place": _record(
        PlaceJob,
        job=_JOB,
        shot=_SHOT_REQUEST,
        frame=_value(INTEGER),
        count=_maybe(_value(_up_to(MOST_FEATURES))),
        grid=_maybe(_value(_up_to(MOST_GRID))),
        regions=_each(_each(_pair(_value(NUMBER)))),
        mask=_maybe(
            _record(MaskRequest, path=_value(_PATH), frame=_maybe(_value(INTEGER)), inverted=_value(FLAG)),
        ),
    ),
    "check": _record(CheckJob, job=_JOB, shot=_SHOT_REQUEST, keys=_KEYS),
    "fetch": _record(FetchJob, job=_JOB, model=_value(_NAME), licence=_value(_NAME), source=_maybe(_value(_PATH))),
    "cancel": _record(Cancel, job=_JOB),
}

_ANSWERS: dict[str, Reader] = {
    "welcome": _record(
        Welcome,
        versions=_by_name(_value(TEXT)),
        devices=_each(
            _record(Device, kind=_value(_one_of("cpu", "cuda", "mps")), name=_value(TEXT), memory=_value(_BYTES))
        ),
        models=_each(
            _record(
                Model,
                name=_value(_NAME),
                title=_value(TEXT),
                description=_value(TEXT),
                licence=_value(TEXT),
                commercial_use=_value(FLAG),
                usage=_value(TEXT),
                ready=_value(FLAG),
                size=_maybe(_value(_BYTES)),
            )
        ),
        log=_value(TEXT),
        protocol=_value(_PROTOCOL),
    ),
    "queued": _record(Queued, job=_JOB, before=_value(_COUNT)),
    "progress": _record(
        Progress,
        job=_JOB,
        stage=_value(TEXT),
        done=_value(_COUNT),
        total=_value(_COUNT),
        left=_maybe(_value(NUMBER)),
    ),
    "samples": _record(
        Samples,
        job=_JOB,
        tracks=_each(
            _record(
                Stretch,
                name=_value(_NAME),
                frames=_FRAMES,
                x=_NUMBERS,
                y=_NUMBERS,
                visible=_each(_value(FLAG)),
                confidence=_each(_value(_SHARE)),
            )
        ),
    ),
    "placed": _record(Placed, job=_JOB, points=_each(_pair(_value(NUMBER)))),
    "checked": _record(
        Checked,
        job=_JOB,
        points=_each(
            _record(
                CheckedPoint,
                track=_value(_NAME),
                frame=_value(INTEGER),
                uncertainty=_maybe(_value(_POSITIVE)),
                warning=_maybe(_value(TEXT)),
                reason=_maybe(_value(TEXT)),
            )
        ),
    ),
    "done": _record(
        Done,
        job=_JOB,
        shot=_maybe(
            _record(
                Shot,
                path=_value(TEXT),
                width=_value(_SIZE),
                height=_value(_SIZE),
                first=_value(INTEGER),
                last=_value(INTEGER),
                fps=_maybe(_value(_RATE)),
                pixel_aspect=_value(_RATE),
                colorspace=_maybe(_value(TEXT)),
            )
        ),
        model=_maybe(
            _record(
                ModelRecord,
                name=_value(TEXT),
                licence=_value(TEXT),
                commercial_use=_value(FLAG),
                sha256=_maybe(_value(TEXT)),
            )
        ),
        settings=_value(OBJECT),
        warnings=_each(_value(TEXT)),
    ),
    "failed": _record(
        Failed,
        job=_maybe(_JOB),
        reason=_value(_one_of("input", "cancelled", "fault", "message")),
        sentence=_value(TEXT),
    ),
}

_TYPES: dict[type, str] = {
    Hello: "hello",
    TrackJob: "track",
    PlaceJob: "place",
    CheckJob: "check",
    FetchJob: "fetch",
    Cancel: "cancel",
    Welcome: "welcome",
    Queued: "queued",
    Progress: "progress",
    Samples: "samples",
    Placed: "placed",
    Checked: "checked",
    Done: "done",
    Failed: "failed",
}
