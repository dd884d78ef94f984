# SPDX-License-Identifier: Apache-2.0
"""Shot, points and settings in, finished tracks out: the one path that command line, worker and benchmarks take."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol

import numpy as np
import numpy.typing as npt

from cotrack import __version__
from cotrack.media.clip import Clip, open_clip
from cotrack.media.errors import MediaError
from cotrack.media.expectation import Expectation, check_expectation
from cotrack.media.mask import open_mask
from cotrack.models.cards import ModelCard, card_named, default_model
from cotrack.models.store import card_of_weights, locate, require_weights
from cotrack.refine.point_warnings import judge_keys, warnings
from cotrack.refine.refine import Refiner
from cotrack.refine.trackability import Trackability
from cotrack.tracking.device import choose_device
from cotrack.tracking.follower import Follower, FollowerSettings, make_follower
from cotrack.tracking.keys import final_samples, join_keys
from cotrack.tracking.memory import TellShortage
from cotrack.tracking.points import check_keys, detect_keys, grid_keys, keys_in_mask
from cotrack.tracking.queries import Queries
from cotrack.tracking.track_archive import TrackArchive
from cotrack.tracking.tracks import Tracks
from cotrack.tracking.trajectories import Direction, Trajectories
from cotrack.tracking.warm import Warm
from cotrack_client.errors import CotrackError
from cotrack_client.frames import FrameRange
from cotrack_client.tracks import Key, Shot

FEATURES_BY_DEFAULT = 50


@dataclass(frozen=True)
class PointChoice:
    """How points are chosen: the artist's keys, a grid, or good features; the last two within a mask if there is one.

    keys: placed by the artist; honoured exactly.
    grid: points along each side of a square grid, or None.
    frame: where grid or features are placed; None is the first frame that is tracked.
    mask: a picture or roto sequence that says where grid or features may lie, or None.
    """

    keys: tuple[Key, ...] = ()
    grid: int | None = None
    frame: int | None = None
    mask: Path | None = None


@dataclass(frozen=True)
class TrackRequest:
    """One job: which shot, which points, which model, how.

    first, colorspace, missing, upright, rate: as `open_clip` has them. expected: the clip as a host sees it.
    refine: register every sample at the plate's resolution.
    """

    shot: Path
    points: PointChoice = PointChoice()
    frames: FrameRange | None = None
    first: int | None = None
    colorspace: str | None = None
    missing: Literal["error", "skip"] = "error"
    upright: bool = True
    rate: float | None = None
    expected: Expectation | None = None
    direction: Direction = "both"
    refine: bool = True
    model: str | None = None
    weights: Path | None = None
    settings: FollowerSettings = field(default_factory=FollowerSettings)


class ShotWatcher(Protocol):
    """Watches a job. Whatever a method raises ends it and passes through `track_shot`."""

    def progress(self, stage: str, done: int, total: int) -> None:
        """Told what the job is at, how much of that is done, and how much there is."""

    def warn(self, sentence: str) -> None:
        """Told, before any tracking, what is wrong with points and what to do; the job goes on."""

    def samples(self, tracks: Tracks, final: npt.NDArray[np.bool_]) -> None:
        """Told samples that will not change any more, each once: `final` (N, T) marks those of `tracks` that are new.

        Before `track_shot` returns every sample of its result was told, exactly as it stands there. What is not marked
        may still change. Only where a track has a position there is a sample.
        """

    def still_wanted(self) -> None:
        """Called many times a second of work; raises to end the job."""


@dataclass(frozen=True)
class ProgressOnly:
    """A watcher of a job that wants to know how far it is, and little more: a terminal, a benchmark."""

    progress: Callable[[str, int, int], None] = lambda _stage, _done, _total: None
    warn: Callable[[str], None] = lambda _sentence: None

    def samples(self, tracks: Tracks, final: npt.NDArray[np.bool_]) -> None:
        """Wait for the result instead."""

    def still_wanted(self) -> None:
        """Always."""


def track_shot(
    request: TrackRequest, watcher: ShotWatcher, warm: Warm | None = None, follower: Follower | None = None
) -> TrackArchive:
    """Track the points of a request through its shot.

    warm: what earlier jobs have left behind for this one, and this one will leave for later ones.
    follower: of the caller's own, in place of the request's model; the result then names no model.
    Raises CotrackError for whatever the user can cure, and whatever `watcher` raises.
    """
    with TellShortage():
        return _track(request, watcher, Warm(frame_bytes=0) if warm is None else warm, follower)


def _track(request: TrackRequest, watcher: ShotWatcher, warm: Warm, follower: Follower | None) -> TrackArchive:
    watcher.still_wanted()
    card = _card(request, warm) if follower is None else None
    with open_request_clip(request) as clip:
        watcher.still_wanted()
        frames = np.array(clip.frames, dtype=np.int64)
        keys = choose_points(clip, request.points)
        check_keys(keys, clip.frames, clip.width, clip.height)
        queries = Queries.from_keys(keys)
        watcher.still_wanted()
        if card is not None:
            follower = make_follower(card, request.weights or locate(card), request.settings, warm)
        assert follower is not None  # noqa: S101  it is the caller's, or the card's
        watcher.still_wanted()
        job = _Job(request, clip, queries, frames, watcher)
        trackability = job.judge_points(warm)
        trajectories = job.refined(follower, warm, trackability) if request.refine else job.followed(follower)
        return TrackArchive(
            tracks=join_keys(trajectories, queries, frames),
            shot=_shot(clip),
            model=None if card is None else card.record(),
            settings=_settings(request, follower),
            software=f"cotrack {__version__}",
        )


@dataclass(frozen=True, eq=False)
class _Job:
    """What is to be followed where, for whom."""

    request: TrackRequest
    clip: Clip
    queries: Queries
    frames: npt.NDArray[np.int64]
    watcher: ShotWatcher

    def judge_points(self, warm: Warm) -> tuple[Trackability, ...]:
        """How well each query can be tracked; say which cannot. Features that were chosen here are good ones."""
        keys = self.queries.keys()
        judged = judge_keys(self.clip, keys, self.watcher.still_wanted, warm.frames)
        if self.request.points.keys or self.request.points.grid is not None:
            for sentence in warnings(keys, judged):
                self.watcher.warn(sentence)
        return judged

    def followed(self, follower: Follower) -> Trajectories:
        """What the follower finds."""
        return follower.follow(self.clip, self.queries, self.frames, self.request.direction, self._joining())

    def refined(self, follower: Follower, warm: Warm, trackability: tuple[Trackability, ...]) -> Trajectories:
        """The same, refined; nothing is told of it before it is."""
        unsaid = _Unsaid(self.watcher)
        found = follower.follow(self.clip, self.queries, self.frames, self.request.direction, unsaid)
        error = follower.error_px(self.clip.width, self.clip.height)
        refiner = Refiner(self.clip, error, choose_device(self.request.settings.device), warm.frames)
        direction, joining = self.request.direction, self._joining()
        return refiner.refine(found, self.queries, self.frames, direction, joining, trackability=trackability)

    def _joining(self) -> _Joining:
        return _Joining(self.watcher, self.queries, self.frames)


class _Unsaid:
    """Watches a follower whose answers are not the last word."""

    def __init__(self, watcher: ShotWatcher) -> None:
        self.progress, self.still_wanted = watcher.progress, watcher.still_wanted

    def settled(self, trajectories: Trajectories, final: npt.NDArray[np.bool_]) -> None:
        """Wait for what refinement makes of it."""


class _Joining:
    """Watches a follower, and tells a job's watcher of the tracks that come of it."""

    def __init__(self, watcher: ShotWatcher, queries: Queries, frames: npt.NDArray[np.int64]) -> None:
        self._queries, self._frames = queries, frames
        self._told = np.zeros((len(queries.names), len(frames)), dtype=np.bool_)
        self._watcher = watcher
        self.progress, self.still_wanted = watcher.progress, watcher.still_wanted

    def settled(self, trajectories: Trajectories, final: npt.NDArray[np.bool_]) -> None:
        """Join what is final and was not told yet."""
        tracks = join_keys(trajectories, self._queries, self._frames)
        new = final_samples(final, self._queries, self._frames) & tracks.followed & ~self._told
        self._told |= new
        if new.any():
            self._watcher.samples(tracks, new)


def open_request_clip(request: TrackRequest) -> Clip:
    """The part of the shot that a request names.

    Raises MediaError when it cannot be read as asked, or is not what is expected.
    """
    clip = open_clip(
        request.shot,
        frames=request.frames,
        first=request.first,
        colorspace=request.colorspace,
        missing=request.missing,
        upright=request.upright,
        rate=request.rate,
        memory=request.settings.memory // 8,
    )
    if request.expected is not None:
        try:
            check_expectation(clip, request.expected)
        except MediaError:
            clip.close()
            raise
    return clip


def choose_points(clip: Clip, choice: PointChoice) -> tuple[Key, ...]:
    """The keys that a choice of points means on a clip.

    Raises CotrackError when a mask has nothing to restrict, or a name is taken twice.
    """
    chosen = _chosen_points(clip, choice)
    taken = {key.track for key in choice.keys} & {key.track for key in chosen}
    if taken:
        raise CotrackError(f"the name {min(taken)!r} is taken by a point of the grid; rename your point")
    return choice.keys + chosen


def _chosen_points(clip: Clip, choice: PointChoice) -> tuple[Key, ...]:
    if choice.keys and choice.grid is None:
        if choice.mask is not None:
            raise CotrackError(
                "a mask restricts a grid or features, but only points were given; "
                "ask for a grid too (--grid), or drop it"
            )
        return ()
    frame = clip.frames[0] if choice.frame is None else choice.frame
    if frame not in clip.frames:
        raise CotrackError(f"points are to be placed at frame {frame}, which is not among the frames that are tracked")
    mask = None if choice.mask is None else open_mask(choice.mask, frame)
    if choice.grid is None:
        return detect_keys(clip.read(frame), FEATURES_BY_DEFAULT, frame, mask)
    if mask is None:
        return grid_keys(clip.width, clip.height, choice.grid, frame)
    return keys_in_mask(mask, clip.width, clip.height, choice.grid, frame)


def _card(request: TrackRequest, warm: Warm) -> ModelCard:
    """The card of the model that was asked for, whose weights are here and what the card says."""
    weights = request.weights
    if weights is not None:
        return warm.cards.get(weights, lambda: card_of_weights(weights))[1]
    card = default_model() if request.model is None else card_named(request.model)
    place = locate(card)
    if place is None:
        require_weights(card)
        return card
    return warm.cards.get(place, lambda: _checked(card), card.name)[1]


def _checked(card: ModelCard) -> ModelCard:
    require_weights(card)
    return card


def _shot(clip: Clip) -> Shot:
    info = clip.info
    return Shot(
        path=str(info.path),
        width=clip.width,
        height=clip.height,
        first=clip.frames[0],
        last=clip.frames[-1],
        fps=None if info.fps is None else float(info.fps),
        pixel_aspect=info.pixel_aspect,
        colorspace=info.colorspace,
    )


def _settings(request: TrackRequest, follower: Follower) -> dict[str, object]:
    return {"direction": request.direction, "missing": request.missing, "refine": request.refine, **follower.record()}
