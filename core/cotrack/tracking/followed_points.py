# SPDX-License-Identifier: Apache-2.0
"""The points that the classic tracker follows, from one picture to the next; `lucas_kanade` says how and why.

Positions here are pixel indices, in which the centre of the first pixel is (0, 0).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

import cv2
import numpy as np
import numpy.typing as npt

from cotrack.tracking.patches import Floats, Looks, Pyramid, Rows
from cotrack.tracking.picture_motion import Grey, carried, dominant_motion, flow
from cotrack.tracking.pictures import luma

Flags = npt.NDArray[np.bool_]

_HALF_PX = 13  # of a look, up to 720 lines; it grows with the plate
_LARGEST_HALF_PX = 20  # from 1080 lines on: larger ones only cost
_LINES = 720
_LEVELS = 3  # a point without texture around it is looked at on a half or a quarter size picture
_ENOUGH_CERTAINTY_PX = 0.2
_EXPECTED_AGREEMENT = 0.98

_CLOSED_PX = 1.0  # flow that misses by more on its way back is not believed
_FAR_PX = 3.0  # registration may correct flow by so much
_DISTORTED = 1.5  # a shape that changes by more in one frame is a mistake

_QUERY_AGREES = 0.7
_QUERY_PREFERRED = 0.8  # from here on the query's look decides, whatever the latest says
_LATEST_AGREES = 0.85
_TAKE_ANEW = 0.95  # the latest look is renewed when the point agrees less with it
_DOUBTFUL = 0.85
_BETTER_BY = 0.05
_AS_GOOD = 0.05
_SEARCH_AGREES = 0.4  # nearness taken off
_REFUSED = -1.0
_SAME_PLACE_PX = 1.0

_FOUND_AGAIN = 0.9
_FOUND_AGAIN_PX = 0.15
_LARGEST_STRETCH = 8.0  # of the surroundings since the query, as far as the motion of the picture goes

_SEARCH_PX = 8.0
_SEARCH_PX_PER_LOST_FRAME = 4.0
_SEARCH_PER_MOTION = 0.3
_SEARCH_AT_MOST = 1 / 10  # of the shorter side
_SEARCH_AT_MOST_PX = 100.0
_OWN_MOTION_LEARNT = 0.5  # of what a point does against the picture's motion, per frame
_OWN_MOTION_KEPT = 0.8  # per frame, while it is lost
_AGREEMENT_NONE, _AGREEMENT_FULL = 0.5, 0.95
_UNCERTAIN_PX = 0.15
_VISIBLE = 0.5


@dataclass(frozen=True, eq=False)
class PlatePicture:
    """One frame as the tracker sees it: 8 bit for optical flow, and a pyramid of luma 0..1."""

    grey: Grey
    pyramid: Pyramid
    _motions: WeakKeyDictionary[PlatePicture, Floats] = field(default_factory=WeakKeyDictionary)

    @classmethod
    def of(cls, picture: npt.NDArray[np.float32]) -> PlatePicture:
        """picture: (H, W, 3) display-referred, 0..1."""
        levels = [luma(picture)]
        while len(levels) < _LEVELS:
            levels.append(cv2.pyrDown(levels[-1]).astype(np.float32))
        return cls((np.clip(levels[0], 0, 1) * 255 + 0.5).astype(np.uint8), tuple(levels))

    @property
    def nbytes(self) -> int:
        """Bytes."""
        return self.grey.nbytes + sum(level.nbytes for level in self.pyramid)

    def motion_since(self, earlier: PlatePicture) -> Floats:
        """The picture's dominant motion, see `picture_motion`; measured once, and kept as long as both pictures are."""
        if earlier not in self._motions:
            self._motions[earlier] = dominant_motion(earlier.grey, self.grey)
        return self._motions[earlier]


@dataclass(frozen=True, eq=False)
class _Expected:
    """Where R points should be in the next picture, from motion alone.

    rows:   (R,) which points.
    centre: (R, 2).
    shape:  (R, 2, 2).
    reach:  (R,) px around `centre` in which a point may well be.
    """

    rows: Rows
    centre: Floats
    shape: Floats
    reach: Floats

    def at(self, places: Rows) -> _Expected:
        """The same for some of the points."""
        return _Expected(*(values[places] for values in vars(self).values()))


@dataclass(frozen=True, eq=False)
class _Fit:
    """Where R points were found in a picture.

    centre, shape, uncertainty: as in `patches.Registration`.
    agreement: (R,) with the look that was believed, `_REFUSED` where none was.
    familiar:  (R,) agreement with the latest look.
    """

    centre: Floats
    shape: Floats
    agreement: Floats
    uncertainty: Floats
    familiar: Floats

    def at(self, places: Rows) -> _Fit:
        """The same for some of the points."""
        return _Fit(*(values[places] for values in vars(self).values()))

    def put(self, places: Rows, other: _Fit) -> None:
        """Let some of the points be where `other` found them."""
        for name, values in vars(self).items():
            values[places] = getattr(other, name)


class FollowedPoints:
    """Every query's state on one way through the frames.

    centre:     (Q, 2).
    confidence: (Q,) 0..1.
    visible:    (Q,) bool.
    """

    def __init__(self, start: Floats, width: int, height: int, pause: Callable[[], None] = lambda: None) -> None:
        """pause: called between two pieces of work; what it raises passes through."""
        count = len(start)
        self._pause = pause
        self.centre = start.copy()
        self.confidence = np.zeros(count)
        self.visible = np.zeros(count, dtype=np.bool_)
        self._started = np.zeros(count, dtype=np.bool_)
        self._shape = np.tile(np.eye(2), (count, 1, 1))
        self._own_motion = np.zeros((count, 2))
        self._lost = np.zeros(count, dtype=np.int64)  # frames since the point was last seen
        self._age = np.zeros(count, dtype=np.int64)  # frames in which it was seen
        self._room = np.zeros(count)  # px, see `Looks.elbow_room`
        self._size = np.array([width, height])
        self._scale = max(1.0, min(width, height) / _LINES)
        half = min(round(_HALF_PX * self._scale), _LARGEST_HALF_PX)
        self._query_look, self._latest_look = Looks(count, half), Looks(count, half)
        self._renewed = np.zeros(count, dtype=np.bool_)
        self._before: PlatePicture | None = None

    def advance(self, picture: PlatePicture, new: Rows) -> Rows:
        """Follow what has started to the next picture, then start the `new` points in it.

        Returns the rows that have a position in it.
        """
        rows = np.flatnonzero(self._started)
        if self._before is not None and len(rows):
            self._follow(rows, self._before, picture)
        if len(new):
            self._start(new, picture)
        self._before = picture
        return np.flatnonzero(self._started)

    def _start(self, rows: Rows, picture: PlatePicture) -> None:
        self._query_look.level[rows] = self._latest_look.level[rows] = self._best_level(rows, picture)
        self._query_look.take(rows, picture.pyramid, self.centre[rows], self._shape[rows])
        farthest = min(_SEARCH_AT_MOST * float(self._size.min()), _SEARCH_AT_MOST_PX)
        for row in rows.tolist():
            self._pause()
            self._room[row] = self._query_look.elbow_room(row, picture.pyramid, self.centre[row], farthest)
        self._started[rows] = True
        self.visible[rows] = True
        self.confidence[rows] = 1.0

    def _best_level(self, rows: Rows, picture: PlatePicture) -> Rows:
        """(R,) the finest level at which the texture around a point tells where it is, else the one that tells most."""
        uncertainty = np.zeros((_LEVELS, len(rows)))
        for level in range(_LEVELS):
            self._pause()
            self._query_look.level[rows] = level
            self._query_look.take(rows, picture.pyramid, self.centre[rows], self._shape[rows])
            uncertainty[level] = self._query_look.expected_uncertainty(rows, _EXPECTED_AGREEMENT)
        enough = uncertainty < _ENOUGH_CERTAINTY_PX * self._scale
        return np.asarray(np.where(enough.any(axis=0), enough.argmax(axis=0), uncertainty.argmin(axis=0)))

    def _follow(self, rows: Rows, before: PlatePicture, picture: PlatePicture) -> None:
        expected = self._expect(rows, picture.motion_since(before))
        near = self._near(expected.centre)
        start, closed = self._flow(expected, near & (self._lost[rows] == 0), before, picture)
        strayed = self._rein_in(expected, start, closed)
        fit = self._registered(expected, start, picture)
        doubtful = near & (~closed | strayed | (fit.agreement < _DOUBTFUL))
        self._search(expected, np.flatnonzero(doubtful), np.where(strayed, -_AS_GOOD, _BETTER_BY), fit, picture)
        self._settle(expected, fit, near)
        stale = (fit.familiar < _TAKE_ANEW) & (fit.agreement > _DOUBTFUL) & self.visible[rows]
        self._renew(rows[stale], picture)

    def _expect(self, rows: Rows, homography: Floats) -> _Expected:
        """Where the picture's motion and the points' own take them; outside the picture, the motion at its edge."""
        within = np.clip(self.centre[rows], 0, self._size)
        carried_to, slopes = carried(homography, within)
        motion = carried_to - within + self._own_motion[rows]
        centre = np.clip(self.centre[rows] + motion, -self._size, 2 * self._size)
        unsure = _SEARCH_PX * 2.0 ** self._query_look.level[rows] + _SEARCH_PX_PER_LOST_FRAME * self._lost[rows]
        reach = unsure * self._scale + _SEARCH_PER_MOTION * np.linalg.norm(motion, axis=1)
        shape = slopes @ self._shape[rows]
        stretch = np.linalg.svd(shape, compute_uv=False)
        bounded = (stretch[:, 0] < _LARGEST_STRETCH) & (stretch[:, 1] > 1 / _LARGEST_STRETCH)
        return _Expected(
            rows,
            centre,
            np.where(bounded[:, None, None], shape, self._shape[rows]),
            np.minimum(reach, self._room[rows]),
        )

    def _near(self, centre: Floats) -> Flags:
        """(R,) whether a point is in the picture, or so little outside that it may be back in the next one."""
        margin = self._query_look.half
        return np.asarray(((centre >= -margin) & (centre <= self._size + margin)).all(axis=1))

    def _flow(
        self, expected: _Expected, tracked: Flags, before: PlatePicture, picture: PlatePicture
    ) -> tuple[Floats, Flags]:
        """Where optical flow takes the tracked points (R, 2), the others where expected; and which flow is believed."""
        start, closed = expected.centre.copy(), np.zeros(len(tracked), dtype=np.bool_)
        there, miss = flow(before.grey, picture.grey, self.centre[expected.rows[tracked]], start[tracked])
        closed[tracked] = miss < _CLOSED_PX
        start[closed] = there[miss < _CLOSED_PX]
        return start, closed

    def _rein_in(self, expected: _Expected, start: Floats, closed: Flags) -> Flags:
        """Take back flow that may have stepped on to a neighbour in a pattern; (R,) where it may, but stands.

        It stands as long as nothing is known of how the point moves against the picture, in its first step.
        """
        strayed = np.linalg.norm(start - expected.centre, axis=1) > self._room[expected.rows]
        taken_back = strayed & (self._age[expected.rows] > 0)
        start[taken_back] = expected.centre[taken_back]
        closed &= ~taken_back
        return np.asarray(strayed & ~taken_back)

    def _registered(self, expected: _Expected, start: Floats, picture: PlatePicture) -> _Fit:
        """Where the looks are found, from `start` (R, 2) on.

        The query's look decides as long as it agrees well, or nearly so and with the latest look about the place.
        """
        fit = self._fit(self._query_look, expected, start, picture)
        trusted = fit.agreement > _QUERY_AGREES
        renewed = np.flatnonzero(self._renewed[expected.rows])
        if len(renewed):
            latest = self._fit(self._latest_look, expected.at(renewed), start[renewed], picture)
            fit.familiar[renewed] = latest.agreement
            together = np.linalg.norm(fit.centre[renewed] - latest.centre, axis=1) < _SAME_PLACE_PX
            kept = (fit.agreement[renewed] > _QUERY_PREFERRED) | (trusted[renewed] & together)
            kept &= self._confidence(fit)[renewed] >= _VISIBLE
            stands_in = ~kept & (latest.agreement > _LATEST_AGREES)
            fit.put(renewed[stands_in], latest.at(np.flatnonzero(stands_in)))
            trusted[renewed[stands_in]] = True
        fit.agreement[~trusted] = _REFUSED
        return fit

    def _fit(self, look: Looks, expected: _Expected, start: Floats, picture: PlatePicture) -> _Fit:
        """Register one kind of look, and refuse what jumps, distorts or leaves the picture."""
        found = look.register(expected.rows, picture.pyramid, start, expected.shape)
        jump = np.linalg.norm(found.centre - start, axis=1) / (self._scale * 2.0 ** look.level[expected.rows])
        distortion = np.linalg.svd(found.shape @ np.linalg.inv(expected.shape), compute_uv=False)
        inside = ((found.centre >= -0.5) & (found.centre <= self._size - 0.5)).all(axis=1)
        sane = (jump < _FAR_PX) & (distortion[:, 0] < _DISTORTED) & (distortion[:, 1] > 1 / _DISTORTED) & inside
        agreement = np.where(sane, found.agreement, _REFUSED)
        return _Fit(found.centre, found.shape, agreement, found.uncertainty, agreement.copy())

    def _search(self, expected: _Expected, doubtful: Rows, better_by: Floats, fit: _Fit, picture: PlatePicture) -> None:
        """Look around for doubtful points, and improve `fit` where they agree `better_by` (R,) with what is found.

        Where flow strayed on to what may be a neighbour in a pattern, what is near wins if it is about as good.
        """
        start = expected.centre[doubtful]
        seen = np.zeros(len(doubtful), dtype=np.bool_)
        for i, place in enumerate(doubtful):
            self._pause()
            row = int(expected.rows[place])
            looks = (self._query_look, self._latest_look) if self._renewed[row] else (self._query_look,)
            where = (expected.centre[place], expected.shape[place], float(expected.reach[place]))
            hits = [look.search(row, picture.pyramid, *where) for look in looks]
            start[i], score = max(hits, key=lambda hit: hit[1])
            seen[i] = score > _SEARCH_AGREES
        places = doubtful[seen]
        again = self._registered(expected.at(places), start[seen], picture)
        better = np.flatnonzero(again.agreement > np.maximum(fit.agreement[places] + better_by[places], 0))
        fit.put(places[better], again.at(better))

    def _settle(self, expected: _Expected, fit: _Fit, near: Flags) -> None:
        """Believe what was found, or carry the point on as lost."""
        rows, lost = expected.rows, self._lost[expected.rows]
        confidence = self._confidence(fit)
        sure = (fit.agreement > _FOUND_AGAIN) & (fit.uncertainty < _FOUND_AGAIN_PX * self._scale)
        seen = near & (confidence >= _VISIBLE) & ((lost == 0) | sure)
        learnt = np.where(self._age[rows] > 0, _OWN_MOTION_LEARNT, 1.0)[:, None]
        own = self._own_motion[rows] + learnt * (fit.centre - expected.centre)
        self._own_motion[rows] = np.where((seen & (lost == 0))[:, None], own, _OWN_MOTION_KEPT * self._own_motion[rows])
        self.centre[rows] = np.where(seen[:, None], fit.centre, expected.centre)
        self._shape[rows] = np.where(seen[:, None, None], fit.shape, expected.shape)
        self._lost[rows] = np.where(seen, 0, lost + 1)
        self._age[rows] += seen
        self.visible[rows] = seen
        self.confidence[rows] = np.where(seen, confidence, np.minimum(confidence, _VISIBLE / 2))

    def _confidence(self, fit: _Fit) -> Floats:
        agreement = np.clip((fit.agreement - _AGREEMENT_NONE) / (_AGREEMENT_FULL - _AGREEMENT_NONE), 0, 1)
        certainty = 1 / (1 + (fit.uncertainty / (_UNCERTAIN_PX * self._scale)) ** 4)
        return np.asarray(np.sqrt(agreement * certainty))

    def _renew(self, rows: Rows, picture: PlatePicture) -> None:
        self._latest_look.take(rows, picture.pyramid, self.centre[rows], self._shape[rows])
        self._renewed[rows] = True
