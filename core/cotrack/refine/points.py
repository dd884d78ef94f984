# SPDX-License-Identifier: Apache-2.0
"""The points of one walk through the frames: what each looks like, how it was distorted last, where it is found next.

Each point has its look at its key, which decides wherever it is recognised, so that nothing drifts. When the point has
come to look otherwise, a second look is taken where the first one was last believed, and stands in for it from then on;
what is found by it is as uncertain as the place where it was taken, on top of its own.

Positions here are pixel indices of the plate, in which the centre of the first pixel is (0, 0).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from cotrack.refine.acceptance import Limits
from cotrack.refine.looks import RIM, Patches, cut_out
from cotrack.refine.motion_models import choose, costs, simplify
from cotrack.refine.plate_levels import PlateLevels, level_count
from cotrack.refine.registration import Registration, register
from cotrack.refine.search import likeness_at, search

Pause = Callable[[], None]

_HALF_PX = 17  # of a look on a plate of 1080 lines; it grows with the root of their number
_LINES = 1080
_COARSE_STEPS, _STEPS = 3, 10
_HOPELESS = 0.35  # agreement on a level below which the finer one, with more grain, is not tried
_TRUSTED_PX2 = 4.0  # uncertainty of a coarser level, below which its place and shape are believed
_WIDE_PREFERRED = 0.8  # of a finer level's uncertainty
_AT_ONCE = 128  # points, so that memory does not grow with their number, and a cancel is noticed soon
_TRUSTED_COARSE = 0.6  # correlation at a half size, from which its place is believed
_SEARCHED = 2.5  # times the follower's error
_RECOGNISED = 0.5  # correlation from which a place that was searched for is tried
_COSTLIEST = 60.0  # of a simpler motion model, so that it is forgotten in time
_COST_LEARNT = 0.3  # per frame
_TAKE_ANEW = 0.95  # agreement below which a second look is taken
_UNCOVERED = 0.5  # of the inner part of the window: what hides a point is not taken for its look
_TURNED = 0.15  # change of shape since a look was taken, from which another one is

KEY, LATEST = 0, 1


@dataclass(frozen=True, eq=False)
class Found:
    """R points in a frame.

    centre:     (R, 2); the follower's where nothing was accepted.
    covariance: (R, 2, 2) px^2, of what was accepted.
    accepted:   (R,) bool.
    others:     (R,) each, of the registration that was accepted, or else of the one that agreed best: see
        `Registration`; `departure` is how far from the follower's estimate it ended, px. Nothing agreed: zeros.
    """

    centre: Tensor
    covariance: Tensor
    accepted: Tensor
    agreement: Tensor
    fitting: Tensor
    inner: Tensor
    strange: Tensor
    closure: Tensor
    sigma: Tensor
    departure: Tensor

    @classmethod
    def nothing(cls, guess: Tensor) -> Found:
        """Nothing was found yet; `guess` (R, 2) is where the follower has the points."""
        covariance = torch.zeros((len(guess), 2, 2), dtype=guess.dtype, device=guess.device)
        accepted = torch.zeros(len(guess), dtype=torch.bool, device=guess.device)
        qualities = torch.zeros((7, len(guess)), dtype=guess.dtype, device=guess.device)
        return cls(guess.clone(), covariance, accepted, *qualities)

    def note(self, rows: Tensor, place: Registration, departure: Tensor) -> None:
        """Remember how good these registrations of some points are, accepted or not."""
        for name in ("agreement", "fitting", "inner", "strange", "closure"):
            getattr(self, name)[rows] = getattr(place, name)
        self.sigma[rows] = torch.linalg.eigvalsh(place.covariance)[:, -1].clamp(min=0).sqrt()
        self.departure[rows] = departure


class RefinedPoints:
    """Every trajectory's state on one way through the frames, N of them."""

    def __init__(self, count: int, size: tuple[int, int], error_px: float, pause: Pause, device: torch.device) -> None:
        """size: (width, height) of the plate. error_px: how far off a follower's estimates usually are.

        pause: called between two pieces of work; what it raises passes through.
        """
        width, height = size
        self._pause, self._device = pause, device
        scale = math.sqrt(max(min(size) / _LINES, 0.5))
        self._limits = Limits(size, scale, error_px)
        self._error_px = error_px
        self._half = round(_HALF_PX * scale)
        self._levels = level_count(height, width)
        side = 2 * (self._half + RIM) + 1
        self._looks = torch.zeros((2, count, self._levels, side, side), dtype=torch.float32, device=device)
        self._shape = torch.eye(2, dtype=torch.float64, device=device).repeat(2, count, 1, 1)
        self._origin = self._shape[KEY].clone()  # of the latest look: the key's shape where it was taken
        self._inherited = torch.zeros((count, 2, 2), dtype=torch.float64, device=device)
        self._costs = torch.full((2, self._levels, count, 2), torch.nan, dtype=torch.float64, device=device)
        self._is_renewed = torch.zeros(count, dtype=torch.bool, device=device)
        self._seen_for = torch.zeros(count, dtype=torch.long, device=device)  # frames in a row
        self._centre, self._velocity, self._guess = torch.zeros((3, count, 2), dtype=torch.float64, device=device)

    def start(self, rows: Tensor, picture: PlateLevels, centre: Tensor) -> None:
        """Remember what these points look like at `centre` (R, 2), their keys."""
        self._take(KEY, rows, picture, centre)
        self._centre[rows] = self._guess[rows] = centre
        self._seen_for[rows] = 1

    def find(self, rows: Tensor, picture: PlateLevels, guess: Tensor, visible: Tensor) -> Found:
        """Where these points are in a picture; `guess` (R, 2), `visible` (R,): where the follower has them, and if."""
        batches = zip(*(torch.split(values, _AT_ONCE) for values in (rows, guess, visible)), strict=True)
        parts = [self._find(some, picture, at, seen) for some, at, seen in batches]
        return Found(*(torch.cat(values) for values in zip(*(vars(part).values() for part in parts), strict=True)))

    def _find(self, rows: Tensor, picture: PlateLevels, guess: Tensor, visible: Tensor) -> Found:
        found = Found.nothing(guess)
        self._try(rows, picture, guess, self._expected(rows, picture, guess), found, visible=visible)
        lost = torch.nonzero(~found.accepted & visible)[:, 0]
        if len(lost):
            place, likeness = self._search(rows[lost], picture, guess[lost])
            likely = lost[likeness > _RECOGNISED]
            again = Found(*(values[likely] for values in vars(found).values()))
            self._try(
                rows[likely], picture, guess[likely], place[likeness > _RECOGNISED], again, visible=visible[likely]
            )
            for name, values in vars(found).items():
                values[likely] = getattr(again, name)
        self._remember(rows, guess, found)
        return found

    def _try(
        self, rows: Tensor, picture: PlateLevels, guess: Tensor, start: Tensor, found: Found, *, visible: Tensor
    ) -> None:
        """Register from `start` (R, 2) on: the look at the key, and where that is not recognised the latest one."""
        for slot in (KEY, LATEST):
            open_ = ~found.accepted & (self._is_renewed[rows] if slot == LATEST else True)
            some = torch.nonzero(open_)[:, 0]
            if len(some) == 0:
                continue
            place = self._register(slot, rows[some], picture, start[some])
            good = self._limits.accept(place, guess[some], visible[some], self._shape[slot, rows[some]])
            told = good | (place.agreement > found.agreement[some])
            departure = torch.linalg.vector_norm(place.centre - guess[some], dim=1)
            found.note(some[told], place.at(told), departure[told])
            some = some[good]
            if len(some) == 0:
                continue
            found.accepted[some] = True
            place = place.at(good)
            found.centre[some] = place.centre
            found.covariance[some] = place.covariance + (self._inherited[rows[some]] if slot == LATEST else 0.0)
            self._learn(slot, rows[some], picture, place, found.covariance[some])

    def _register(self, slot: int, rows: Tensor, picture: PlateLevels, centre: Tensor) -> Registration:
        """From coarse to fine, plate px; the coarsest level only says where to begin, the finer ones compete.

        What is seen from afar holds where focus or motion blurs the fine, and bends where the fine does not.
        """
        shape = self._shape[slot, rows]
        coarsest = self._levels - 1
        if coarsest > 1:
            self._pause()
            patches = self._patches(slot, rows, coarsest).core(self._half * 2 // 3)
            start = centre * 0.5**coarsest
            coarse = register(patches, picture, coarsest, start, shape, warps=False, steps=_COARSE_STEPS)
            believed = coarse.agreement > _TRUSTED_COARSE
            centre = torch.where(believed[:, None], coarse.centre * 2.0**coarsest, centre)
        centre = centre.clone()
        best: Registration | None = None
        going = torch.arange(len(rows), device=self._device)
        for level in range(max(coarsest - 1, 1), -1, -1):
            self._pause()
            patches, start = self._patches(slot, rows[going], level), centre[going] * 0.5**level
            found = register(patches, picture, level, start, shape[going], warps=True, steps=_STEPS)
            found = self._simplified(slot, rows[going], level, found).on_plate(level)
            believed = (found.agreement > _TRUSTED_COARSE) & (found.uncertainty() < _TRUSTED_PX2)
            centre[going] = torch.where(believed[:, None], found.centre, centre[going])
            shape[going] = torch.where(believed[:, None, None], found.shape, shape[going])
            if best is None:
                best = found
            else:
                better = ~(best.at(going).uncertainty() < _WIDE_PREFERRED * found.uncertainty())
                best.put(going[better], found.at(better))
            going = going[found.agreement > _HOPELESS]
            if len(going) == 0:
                break
        assert best is not None  # noqa: S101  there are two levels at least
        return best

    def _simplified(self, slot: int, rows: Tensor, level: int, found: Registration) -> Registration:
        """The same under the simplest motion model that does for the last frames."""
        cost = costs(found, self._half).clamp(max=_COSTLIEST)
        mean = self._costs[slot, level, rows]
        mean = torch.where(torch.isfinite(mean), mean + _COST_LEARNT * (cost - mean), cost)
        self._costs[slot, level, rows] = mean
        return simplify(found, self._half, choose(mean))

    def _expected(self, rows: Tensor, picture: PlateLevels, guess: Tensor) -> Tensor:
        """(R, 2) the likeliest of three: the follower's guess, its motion from the last place, and the point's own."""
        last = self._centre[rows]
        seen = self._seen_for[rows] > 0
        moved = torch.where(seen[:, None], last + guess - self._guess[rows], guess)
        coasted = torch.where((self._seen_for[rows] > 1)[:, None], last + self._velocity[rows], moved)
        level = self._levels - 1
        patches = self._patches(KEY, rows, level).core(self._half * 2 // 3)
        places = [guess, moved, coasted]
        likeness = torch.stack(
            [likeness_at(patches, picture, level, place * 0.5**level, self._shape[KEY, rows]) for place in places]
        )
        best = likeness.argmax(dim=0)
        return torch.stack(places)[best, torch.arange(len(rows), device=self._device)]

    def _search(self, rows: Tensor, picture: PlateLevels, guess: Tensor) -> tuple[Tensor, Tensor]:
        """The likeliest place (R, 2) around the guess, and how likely it is (R,)."""
        self._pause()
        level = self._levels - 1
        patches = self._patches(KEY, rows, level).core(self._half * 2 // 3)
        reach = math.ceil(_SEARCHED * self._error_px * 0.5**level)
        spread = torch.full_like(guess[:, 0], self._error_px * 0.5**level)
        place, likeness = search(
            patches, picture, level, guess * 0.5**level, self._shape[KEY, rows], reach=reach, spread=spread
        )
        return place * 2.0**level, likeness

    def _learn(self, slot: int, rows: Tensor, picture: PlateLevels, place: Registration, covariance: Tensor) -> None:
        """Take over how looks are distorted now, and take another one where they have become strangers."""
        shape = place.shape
        self._shape[slot, rows] = shape
        if slot == LATEST:
            self._shape[KEY, rows] = shape @ self._origin[rows]
        else:
            self._shape[LATEST, rows] = shape @ torch.linalg.inv_ex(self._origin[rows]).inverse
        one = torch.eye(2, dtype=shape.dtype, device=shape.device)
        since = torch.where(self._is_renewed[rows][:, None, None], self._shape[LATEST, rows], self._shape[KEY, rows])
        turned = torch.linalg.matrix_norm(since - one) > _TURNED
        stale = ((place.agreement < _TAKE_ANEW) | turned) & (place.inner > _UNCOVERED)
        if bool(stale.any()):
            rows = rows[stale]
            self._take(LATEST, rows, picture, place.centre[stale])
            self._origin[rows] = self._shape[KEY, rows]
            self._shape[LATEST, rows] = one
            self._inherited[rows] = covariance[stale]
            self._is_renewed[rows] = True
            self._costs[LATEST, :, rows] = torch.nan

    def _remember(self, rows: Tensor, guess: Tensor, found: Found) -> None:
        seen = found.accepted & (self._seen_for[rows] > 0)
        self._velocity[rows] = torch.where(seen[:, None], found.centre - self._centre[rows], 0.0)
        self._centre[rows] = torch.where(found.accepted[:, None], found.centre, self._centre[rows])
        self._seen_for[rows] = torch.where(found.accepted, self._seen_for[rows] + 1, 0)
        self._guess[rows] = guess

    def _take(self, slot: int, rows: Tensor, picture: PlateLevels, centre: Tensor) -> None:
        for some in torch.split(torch.arange(len(rows), device=self._device), _AT_ONCE):
            self._pause()
            for level in range(self._levels):
                self._looks[slot, rows[some], level] = cut_out(picture, level, centre[some] * 0.5**level, self._half)

    def _patches(self, slot: int, rows: Tensor, level: int) -> Patches:
        return Patches(self._looks[slot, rows, level], self._half)
