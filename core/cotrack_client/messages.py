# SPDX-License-Identifier: Apache-2.0
"""What a host and its worker say to each other: one JSON object per line, UTF-8, each with a `type`.

    host to worker    hello, track, place, check, fetch, cancel
    worker to host    welcome, queued, progress, samples, placed, checked, done, failed

Positions are raster px, frames are those of the shot as the request numbers them. Every message that belongs to a job
carries its name, which the host chooses. Fields that are not known are ignored, so that a later version may add some;
another `protocol` is refused. `docs/protocol.md` says the same to the programs that speak it.

`cotrack_client.message_lines` turns them into lines and back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Union

from cotrack_client.errors import CotrackError
from cotrack_client.tracks import Key, ModelRecord, Shot

PROTOCOL = 1

Direction = Literal["both", "forward", "backward"]
DeviceKind = Literal["cpu", "cuda", "mps"]
DeviceChoice = Literal["auto", "cpu", "cuda", "mps"]
Support = Literal["auto", "reference", "none"]
Reason = Literal["input", "cancelled", "fault", "message"]


class MessageError(CotrackError):
    """A line is no message, or a field of it is not what it should be. `job` is the one it names, if it got so far."""

    def __init__(self, sentence: str, job: str | None = None) -> None:
        super().__init__(sentence)
        self.job = job


@dataclass(frozen=True)
class Expected:
    """The clip as the host sees it; a worker that sees another one refuses it rather than track the wrong pictures.

    width, height: px, upright. frames: how many. fps: of a movie.
    """

    width: int
    height: int
    frames: int | None = None
    fps: float | None = None


@dataclass(frozen=True)
class ShotRequest:
    """Which pictures, and how to read them.

    path:       a movie, a pattern (`plate.####.exr`), one file of a sequence, or a folder; absolute.
    frames:     first and last frame to use, None for all.
    first:      the number of the first frame; None keeps the numbers of the files, and counts a movie from 1.
    colorspace: what the plate is in; None is what the files say.
    skip:       leave out frames that are missing, instead of refusing the shot.
    upright:    follow the rotation that a movie's metadata asks for.
    rate:       frames per second at which the host shows a movie; None is the movie's own.
    """

    path: str
    frames: tuple[int, int] | None = None
    first: int | None = None
    colorspace: str | None = None
    skip: bool = False
    upright: bool = True
    rate: float | None = None
    expected: Expected | None = None


@dataclass(frozen=True)
class Hello:
    """The first line of a host. host: its name and version, for the log."""

    host: str
    protocol: int = PROTOCOL


@dataclass(frozen=True)
class TrackJob:
    """Track these keys through this shot; at least one.

    model: a name of `welcome`, None for the worker's default. weights: a checkpoint of the user's own; absolute.
    memory: bytes, None for the default. support, isolate: as `cotrack track` has them; isolate lets no point change
    another. refine: register every sample at the plate's resolution.
    """

    job: str
    shot: ShotRequest
    keys: tuple[Key, ...]
    direction: Direction = "both"
    model: str | None = None
    weights: str | None = None
    device: DeviceChoice = "auto"
    memory: int | None = None
    support: Support = "auto"
    isolate: bool = False
    refine: bool = True


@dataclass(frozen=True)
class MaskRequest:
    """A picture of the plate's size that selects where its alpha, or without one any channel, is above one half.

    path:     as of a shot. Values count as they are stored.
    frame:    which one of the mask's own; None is the only one there, else that of the job.
    inverted: what is not selected counts instead.
    """

    path: str
    frame: int | None = None
    inverted: bool = False


@dataclass(frozen=True)
class PlaceJob:
    """Choose points in one frame: up to `count` good features, or a grid of `grid` by `grid`; one of the two is given.

    regions: polygons, raster px; only what lies inside an odd number of them counts; none at all is the whole picture.
    mask: a picture that counts likewise; with both, only what lies in both does.
    """

    job: str
    shot: ShotRequest
    frame: int
    count: int | None = None
    grid: int | None = None
    regions: tuple[tuple[tuple[float, float], ...], ...] = ()
    mask: MaskRequest | None = None

    def __post_init__(self) -> None:
        if (self.count is None) == (self.grid is None):
            raise MessageError("place has both count and grid, or none of them; send one", self.job)


@dataclass(frozen=True)
class CheckJob:
    """Say of these keys, at least one, how well they can be tracked, without tracking them."""

    job: str
    shot: ShotRequest
    keys: tuple[Key, ...]


@dataclass(frozen=True)
class FetchJob:
    """Bring the weights of a model here; `progress` counts bytes, and `welcome` is said again before `done`.

    licence: what the user has read and accepts, as `welcome` names it; the job fails where it is another one.
    source: a file, or a folder that holds it under its own name, for a machine without a network.
    """

    job: str
    model: str
    licence: str
    source: str | None = None


@dataclass(frozen=True)
class Cancel:
    """End a job, whether it waits or runs; answered by its `failed`, reason "cancelled", within a second.

    For a job that is over already, or never was, the answer is a `failed` of reason "message" that names no job.
    """

    job: str


@dataclass(frozen=True)
class Device:
    """Something that can compute. memory: bytes."""

    kind: DeviceKind
    name: str
    memory: int


@dataclass(frozen=True)
class Model:
    """A model that the worker knows.

    usage: its licence in plain words. ready: its weights are here. size: of its weights, bytes; None when built in.
    """

    name: str
    title: str
    description: str
    licence: str
    commercial_use: bool
    usage: str
    ready: bool
    size: int | None = None


@dataclass(frozen=True)
class Welcome:
    """The answer to `hello`; nothing but `failed` comes before it. Said again when a model has been fetched.

    versions: of cotrack, python, torch (the last one only if it can be loaded). devices: the fastest first.
    models: the default first. log: path of the worker's log, empty where none can be written.
    """

    versions: Mapping[str, str]
    devices: tuple[Device, ...]
    models: tuple[Model, ...]
    log: str
    protocol: int = PROTOCOL


@dataclass(frozen=True)
class Queued:
    """The job waits until `before` others are done; 0 means that it has begun. Said again whenever it changes."""

    job: str
    before: int


@dataclass(frozen=True)
class Progress:
    """How far a job is. stage: a word for people. left: seconds still to go, None while nobody can tell."""

    job: str
    stage: str
    done: int
    total: int
    left: float | None = None


@dataclass(frozen=True)
class Stretch:
    """Final samples of one track, the columns as long as each other, frames ascending. confidence: 0..1."""

    name: str
    frames: tuple[int, ...]
    x: tuple[float, ...]
    y: tuple[float, ...]
    visible: tuple[bool, ...]
    confidence: tuple[float, ...]

    def __post_init__(self) -> None:
        lengths = {len(getattr(self, column)) for column in ("frames", "x", "y", "visible", "confidence")}
        if len(lengths) > 1:
            raise MessageError(f"the columns of {self.name!r} are not of one length; send them so")


@dataclass(frozen=True)
class Samples:
    """Samples that will not change any more; each is told once, at keys the artist's own position."""

    job: str
    tracks: tuple[Stretch, ...]


@dataclass(frozen=True)
class Placed:
    """The answer to `place`: positions, raster px, best first."""

    job: str
    points: tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class CheckedPoint:
    """What to expect of a key.

    uncertainty: px, the standard deviation of its position along the worst direction; None where nothing is to be seen.
    warning: what is wrong with it and what to do, a sentence for the artist that leaves the frame to the host, which
    may count otherwise; None when all is well. reason: the same in a few words, as "straight edge".
    """

    track: str
    frame: int
    uncertainty: float | None = None
    warning: str | None = None
    reason: str | None = None


@dataclass(frozen=True)
class Checked:
    """The answer to `check`: one point for each key, in their order."""

    job: str
    points: tuple[CheckedPoint, ...]


@dataclass(frozen=True)
class Done:
    """The job has ended well. What a track file says of it; warnings are sentences for the artist."""

    job: str
    shot: Shot | None = None
    model: ModelRecord | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Failed:
    """The job has ended otherwise, or a line was at fault.

    reason: "input" (the sentence names the cure), "cancelled", "fault" (ours; the log says more) or "message" (a line
    could not be understood, or came when it should not).
    job: None where no job has ended by it: the line named none, or one that waits or runs and goes on doing so.
    """

    job: str | None
    reason: Reason
    sentence: str


Job = Union[TrackJob, PlaceJob, CheckJob, FetchJob]
Request = Union[Hello, Job, Cancel]
Answer = Union[Welcome, Queued, Progress, Samples, Placed, Checked, Done, Failed]
