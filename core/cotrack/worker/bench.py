# SPDX-License-Identifier: Apache-2.0
"""Where jobs are worked on: requests of the host turned into those of the pipeline, and results into answers."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

from cotrack.media.expectation import Expectation
from cotrack.models.cards import card_named
from cotrack.models.fetch import fetch
from cotrack.pipeline import PointChoice, TrackRequest, open_request_clip, track_shot
from cotrack.refine.point_warnings import judge_keys, reason, warning
from cotrack.refine.trackability import Trackability
from cotrack.tracking.follower import FollowerSettings
from cotrack.tracking.memory import TellShortage
from cotrack.tracking.points import check_keys
from cotrack.tracking.track_archive import TrackArchive
from cotrack.tracking.warm import Warm
from cotrack.worker.job import Job
from cotrack.worker.outbox import Outbox
from cotrack.worker.placing import place
from cotrack.worker.report import Report
from cotrack_client.errors import CotrackError
from cotrack_client.frames import FrameRange
from cotrack_client.messages import Checked, CheckedPoint, CheckJob, Done, FetchJob, Placed, ShotRequest, TrackJob
from cotrack_client.tracks import Key


class Bench:
    """Keeps networks and features warm between jobs."""

    def __init__(self, warm_bytes: int) -> None:
        self._warm = Warm(warm_bytes)

    def do(self, job: Job, outbox: Outbox) -> Done | Placed | Checked:
        """Work on a job, telling of it as it goes on, and return its last message.

        Raises CotrackError for whatever the artist can cure, NoLongerWanted when the job is ended meanwhile.
        """
        with TellShortage():
            if isinstance(job.request, TrackJob):
                return self._track(job.request, Report(job, outbox))
            if isinstance(job.request, FetchJob):
                return _fetch(job.request, Report(job, outbox))
            if isinstance(job.request, CheckJob):
                return self._check(job.request, job)
            with open_request_clip(shot_request(job.request.shot)) as clip:
                job.still_wanted()
                return Placed(job.request.job, place(clip, job.request))

    def _track(self, request: TrackJob, report: Report) -> Done:
        archive = track_shot(track_request(request), report, self._warm)
        report.finish()
        return Done(request.job, archive.shot, archive.model, archive.settings, report.warnings + _warnings(archive))

    def _check(self, request: CheckJob, job: Job) -> Checked:
        with open_request_clip(shot_request(request.shot)) as clip:
            check_keys(request.keys, clip.frames, clip.width, clip.height)
            judged = judge_keys(clip, request.keys, job.still_wanted, self._warm.frames)
        return Checked(request.job, tuple(map(_checked, request.keys, judged)))


def track_request(job: TrackJob) -> TrackRequest:
    """What the pipeline is asked for. Raises CotrackError."""
    settings = FollowerSettings(device=job.device, support=job.support, isolate=job.isolate)
    return replace(
        shot_request(job.shot),
        points=PointChoice(keys=job.keys),
        direction=job.direction,
        refine=job.refine,
        model=job.model,
        weights=None if job.weights is None else _absolute(job.weights),
        settings=settings if job.memory is None else replace(settings, memory=job.memory),
    )


def shot_request(shot: ShotRequest) -> TrackRequest:
    """The same as far as it is about reading the shot. Raises CotrackError."""
    return TrackRequest(
        shot=_absolute(shot.path),
        frames=None if shot.frames is None else FrameRange(*shot.frames),
        first=shot.first,
        colorspace=shot.colorspace,
        missing="skip" if shot.skip else "error",
        upright=shot.upright,
        rate=shot.rate,
        expected=None if shot.expected is None else Expectation(**vars(shot.expected)),
    )


def _absolute(path: str) -> Path:
    """A path that means the same to host and worker, whose working folders differ."""
    if not Path(path).is_absolute():
        raise CotrackError(f"{path} is not an absolute path; send it from the root on")
    return Path(path)


def _fetch(request: FetchJob, report: Report) -> Done:
    card = card_named(request.model)
    if request.licence != card.licence:
        raise CotrackError(
            f"the licence of {card.name} is {card.licence}, not {request.licence}; read and accept that one"
        )
    source = None if request.source is None else _absolute(request.source)
    fetch(card, accepted=True, source=source, progress=lambda done, total: report.progress("fetching", done, total))
    report.finish()
    return Done(request.job)


def _checked(key: Key, judged: Trackability) -> CheckedPoint:
    return CheckedPoint(
        track=key.track,
        frame=key.frame,
        uncertainty=judged.uncertainty if math.isfinite(judged.uncertainty) else None,
        warning=None if judged.problem is None else warning(key, judged.problem),
        reason=None if judged.problem is None else reason(judged.problem),
    )


def _warnings(archive: TrackArchive) -> tuple[str, ...]:
    model = archive.model
    if model is None or model.commercial_use:
        return ()
    return (f"the licence of {model.name} is {model.licence}: its tracks are not for paid work",)
