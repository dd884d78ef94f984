# SPDX-License-Identifier: Apache-2.0
"""Registration: where, and how distorted, looks are in a picture, to a few hundredths of a pixel.

Gauss-Newton, inverse compositional (Baker and Matthews, "Lucas-Kanade 20 Years On", 2004, section 3.2). In every step
the picture is explained, over a look's window, as a sum of patches that belong to the look: its slopes, whose shares
are the step of the warp; the look itself and a constant, which are contrast and brightness; and its second
derivatives, which are a difference in blur, as motion and focus make it. Samples that do not fit are weighed down by
Tukey's biweight, so that what comes before the point, or lies behind it, does not pull.

Positions here are pixel indices of a level, in which the centre of the first pixel is (0, 0). Shapes are the 2 x 2
matrices that map offsets from the point in its look to offsets from it in the picture.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch
from torch import Tensor

from cotrack.refine.looks import Patches, warped
from cotrack.refine.plate_levels import PlateLevels
from cotrack.refine.products import filled, inverses, mixtures, products
from cotrack.refine.spline import sample

_MARGIN_PX = 6
_STRETCH = 2  # a look may be turned by an eighth of a circle and stretched by 1.4 at once
_TUKEY = 4.685  # times the spread of what fits: 95 % as efficient as least squares where everything does
_SPREAD_OF_MEDIAN = 1.4826
_STILL_PX = 0.01
_COARSELY = 2.5  # times as much, on all levels but the finest
_STEPS_TOGETHER = 3
_BLUR_DOUBT = 0.02  # of a blur patch's energy: keeps its share at nothing where nothing asks for it
_SHAPE_DOUBT = 0.001
_EVERY = 3  # sample counts for the spread
_LEAST_SPREAD = 0.3  # grey levels of 255
_TINY = 1e-9
_MISFIT = 0.5  # how much more than noise alone a residual misleads, for each time that it is above the noise

_PER_LOOK = ("crops", "corner", "rows", "centre", "shape", "weights", "seen", "moving", "last_step")


@dataclass(frozen=True, eq=False)
class Registration:
    """Where R looks were found.

    centre:     (R, 2), pixel index of the level.
    shape:      (R, 2, 2).
    covariance: (R, 2, 2) of the centre, px^2 of the level.
    agreement:  (R,) correlation of the picture with its explanation, samples that do not fit weighed down.
    fitting:    (R,) share of the window that fits, 0..1.
    inner:      (R,) the same of its inner part, about the point itself.
    strange:    (R,) by how much more than noise the inner part differs from the look, root of the mean square.
    gain:       (R,) contrast, of the look's.
    spread:     (R,) standard deviation of what is not explained, grey levels of 255.
    last_step:  (R,) px of the level.
    closure:    (R,) px: by how much registration the other way around, of the picture in the look, would move.
    warp_covariance: (R, 6, 6) of the centre, px of the look, and of the shape at the rim of the window; of the centre
        alone where the look did not warp.
    """

    centre: Tensor
    shape: Tensor
    covariance: Tensor
    agreement: Tensor
    fitting: Tensor
    inner: Tensor
    strange: Tensor
    gain: Tensor
    spread: Tensor
    last_step: Tensor
    closure: Tensor
    warp_covariance: Tensor

    def on_plate(self, level: int) -> Registration:
        """The same in px of the plate."""
        larger = 2.0**level
        return replace(
            self,
            centre=self.centre * larger,
            covariance=self.covariance * larger**2,
            last_step=self.last_step * larger,
            closure=self.closure * larger,
        )

    def at(self, rows: Tensor) -> Registration:
        """The same of some of the looks."""
        return Registration(*(values[rows] for values in vars(self).values()))

    def put(self, rows: Tensor, other: Registration) -> None:
        """Let some of the looks be where `other` found them."""
        for name, values in vars(self).items():
            values[rows] = getattr(other, name)

    def uncertainty(self) -> Tensor:
        """(R,) px^2, both axes together; without end where nothing is known."""
        both = self.covariance.diagonal(dim1=1, dim2=2).sum(dim=1)
        return torch.where(torch.isfinite(both) & (both > 0), both, torch.inf)


def register(
    patches: Patches, picture: PlateLevels, level: int, centre: Tensor, shape: Tensor, *, warps: bool, steps: int
) -> Registration:
    """Find looks in a level of a picture, starting from `centre` (R, 2) and `shape` (R, 2, 2).

    warps: let the shape change, too.
    """
    task = _Task.begin(patches, picture, level, centre, shape, warps=warps)
    task.go(steps)
    return task.result()


@dataclass(eq=False)
class _Task:
    """Registration of R looks under way. Every look is on its own; those that have arrived stay where they are."""

    patches: Patches
    warps: bool
    limit: Tensor  # (2,) width and height of the level
    noise: float
    level: int
    window: Tensor
    offsets: Tensor
    crops: Tensor
    corner: Tensor
    rows: Tensor  # (R, K + 1, P) the columns, and room for what is seen
    centre: Tensor
    shape: Tensor
    weights: Tensor
    seen: Tensor
    moving: Tensor
    last_step: Tensor

    @classmethod
    def begin(
        cls, patches: Patches, picture: PlateLevels, level: int, centre: Tensor, shape: Tensor, *, warps: bool
    ) -> _Task:
        window, columns = filled(patches.window), patches.columns(warps=warps)
        crops, corner = picture.crops(level, centre, 2 * (_STRETCH * patches.half + _MARGIN_PX) + 1)
        return cls(
            patches=patches,
            warps=warps,
            limit=torch.tensor(picture.levels[level].shape[::-1], dtype=torch.float64, device=centre.device),
            noise=picture.noise[level],
            level=level,
            crops=crops,
            corner=corner.double(),
            rows=torch.cat([columns, torch.zeros_like(columns[:, :1])], dim=1),
            centre=centre - corner,
            shape=shape.clone(),
            window=window,
            offsets=filled(patches.offsets.T).T,
            weights=window.repeat(len(centre), 1),
            seen=window.repeat(len(centre), 1),
            moving=torch.ones_like(centre[:, 0], dtype=torch.bool),
            last_step=torch.full_like(centre[:, 0], torch.inf),
        )

    def at(self, rows: Tensor) -> _Task:
        """The same for some of the looks."""
        parts = {name: getattr(self, name)[rows] for name in _PER_LOOK}
        return replace(self, patches=Patches(self.patches.pixels[rows], self.patches.half), **parts)

    def put(self, rows: Tensor, other: _Task) -> None:
        """Let some of the looks be where `other` has taken them."""
        for name in ("centre", "shape", "weights", "seen", "moving", "last_step"):
            getattr(self, name)[rows] = getattr(other, name)

    def go(self, steps: int) -> None:
        """Take some steps, as long as anything moves; after the first ones, those that still move go on alone."""
        for _ in range(min(steps, _STEPS_TOGETHER)):
            self._step()
            if not bool(self.moving.any()):
                return
        late = torch.nonzero(self.moving)[:, 0]
        if steps > _STEPS_TOGETHER:
            stragglers = self.at(late)
            stragglers.go(steps - _STEPS_TOGETHER)
            self.put(late, stragglers)

    def _step(self) -> None:
        """Move by what the samples say; they count as they fitted before this step."""
        seen, inside = self._look()
        _, solution = self._solve(self.weights * inside, seen)
        weights = self._tukey(seen - _explained(self.columns, solution), inside)
        moving = self.moving[:, None]
        self.weights = torch.where(moving, weights, self.weights)
        self.seen = torch.where(moving, seen, self.seen)
        gain = solution[:, self.patches.gain_at(warps=self.warps)].clamp(min=0.05)
        self._move(solution[:, : 6 if self.warps else 2] / gain[:, None])

    def _look(self) -> tuple[Tensor, Tensor]:
        """(R, P) what is seen at the places, and (R, P) or (1, 1) whether they are in the picture, as 0 and 1."""
        places = warped(self.centre, self.shape, self.offsets)
        seen = sample(self.crops, places)
        first, last, side = 0, self.patches.side**2 - 1, self.patches.side
        corners = places[:, :, [first, side - 1, last - side + 1, last]]
        if bool(self._inside(corners).all()):
            return seen, torch.ones_like(seen[:1, :1])
        return seen, self._inside(places).float()

    def _inside(self, places: Tensor) -> Tensor:
        """(R, P) whether places (R, 2, P) are in the picture."""
        on = places + self.corner[:, :, None]
        return ((on >= -0.5) & (on <= self.limit[None, :, None] - 0.5)).all(dim=1)

    @property
    def columns(self) -> Tensor:
        """(R, K, P)."""
        return self.rows[:, :-1]

    def _solve(self, weights: Tensor, seen: Tensor) -> tuple[Tensor, Tensor]:
        """(R, K, K) inverse of the normal matrix, and (R, K) shares of the columns that explain best what is seen."""
        self.rows[:, -1] = seen
        both = products(self.columns * weights[:, None], self.rows.transpose(1, 2)).double()
        normal, right = both[:, :, :-1], both[:, :, -1:]
        scale = normal.diagonal(dim1=1, dim2=2).clamp(min=_TINY).sqrt()
        scale = scale[:, :, None] * scale[:, None, :]
        doubt = torch.diag_embed(self.patches.doubt(_SHAPE_DOUBT, _BLUR_DOUBT, warps=self.warps))
        inverse = inverses(normal / scale + doubt) / scale
        return inverse, products(inverse, right)[:, :, 0]

    def _tukey(self, residual: Tensor, inside: Tensor) -> Tensor:
        spread = residual[:, : self.patches.side**2 : _EVERY].abs().median(dim=1).values * _SPREAD_OF_MEDIAN
        distance = residual / (_TUKEY * spread.clamp(min=_LEAST_SPREAD))[:, None]
        fit = distance.square_().neg_().add_(1).clamp_(min=0)
        return fit.square_().mul_(self.window * inside)

    def _move(self, step: Tensor) -> None:
        shift = step[:, :2]
        shape = self.shape
        if self.warps:
            distortion = step[:, 2:].reshape(-1, 2, 2) / self.patches.half
            distortion = distortion.clamp(-0.25, 0.25)
            shape = (
                shape @ torch.linalg.inv_ex(torch.eye(2, dtype=shape.dtype, device=shape.device) + distortion).inverse
            )
        way = (shape @ shift[:, :, None])[:, :, 0]
        length = torch.linalg.vector_norm(way, dim=1)
        way = way * (3.0 / length.clamp(min=3.0))[:, None]
        moving = self.moving & torch.isfinite(length)
        self.centre = torch.where(moving[:, None], self.centre - way, self.centre)
        self.shape = torch.where(moving[:, None, None], shape, self.shape)
        self.last_step = torch.where(moving, length, self.last_step)
        self.moving = moving & (length > _STILL_PX * (_COARSELY if self.level else 1))

    def result(self) -> Registration:
        """Where it has arrived, and how good that is, as seen before the last step."""
        seen, weights = self.seen, self.weights
        inverse, solution = self._solve(weights, seen)
        count = self.patches.side**2
        residual, seen, weights = (
            values[:, :count] for values in (seen - _explained(self.columns, solution), seen, weights)
        )
        gain = solution[:, self.patches.gain_at(warps=self.warps)]
        total = weights.sum(dim=1).clamp(min=_TINY)
        mean = (weights * seen).sum(dim=1, keepdim=True) / total[:, None]
        energy = (weights * (seen - mean) ** 2).sum(dim=1) / total
        unexplained = (weights * residual**2).sum(dim=1) / total
        middle = self.patches.inner
        miss = (residual**2 * middle).sum(dim=1) / middle.sum()
        agreement = (1 - unexplained / energy.clamp(min=_TINY)).clamp(min=0).sqrt() * (gain > 0)
        covariance = self._covariance(residual, weights, inverse, gain)
        return Registration(
            centre=self.centre + self.corner,
            shape=self.shape,
            covariance=self.shape @ covariance[:, :2, :2] @ self.shape.transpose(1, 2),
            warp_covariance=covariance,
            agreement=agreement.double(),
            fitting=(total / self.patches.window.sum()).double(),
            inner=((weights * middle).sum(dim=1) / (self.patches.window * middle).sum()).double(),
            strange=(miss.double() / (self.noise**2 * (1 + gain**2))).sqrt(),
            gain=gain,
            spread=unexplained.sqrt().double(),
            last_step=self.last_step,
            closure=self._closure(seen, residual, weights),
        )

    def _covariance(self, residual: Tensor, weights: Tensor, inverse: Tensor, gain: Tensor) -> Tensor:
        """(R, 2 or 6, same) of the step, from what is not explained, as far as that is grain.

        Grain is clumped, so a sample's error says something of its neighbours': their correlation is taken as a
        Gaussian of their distance, as wide as the residual is. Three more things count: what was fitted explains some
        grain, too; the biweight rises less than its weights say (Huber, "Robust statistics", 1981, section 7.6); and
        the look's slopes are in part slopes of its own grain, which tell nothing of where it is.
        """
        side = self.patches.side
        near = self._likeness(residual, weights)
        count = 6 if self.warps else 2
        influence = mixtures(inverse[:, :count].float(), self.columns)[:, :, : side**2] * weights[:, None]
        influence = influence / gain.float().abs().clamp(min=0.05)[:, None, None]
        field = influence.reshape(-1, count, side, side)
        likeness = _likeness_by_distance(near)
        around = _spread(_spread(field, likeness, 2), likeness, 3)
        meat = products(influence, around.reshape(len(influence), count, -1).transpose(1, 2)).double()
        widened = self._grain_in_slopes(residual, weights, inverse)
        meat = (meat + meat.transpose(1, 2)) / 2
        meat[:, :2] = widened @ meat[:, :2]
        meat[:, :, :2] = meat[:, :, :2] @ widened.transpose(1, 2)
        clump = (1 + 2 * sum(likeness)) ** 2  # samples that share their grain
        samples = (weights.sum(dim=1) ** 2 / (weights**2).sum(dim=1).clamp(min=_TINY)).double()
        freedom = (1 - self.columns.shape[1] * clump / samples).clamp(min=0.2)
        variance = ((weights * residual**2).sum(dim=1) / weights.sum(dim=1).clamp(min=_TINY)).double()
        noise = self.noise**2 * (1 + gain**2)
        misfit = 1 + _MISFIT * (variance / noise - 1).clamp(min=0)
        scale = variance * misfit / (freedom * self._rise(weights) ** 2)
        return torch.as_tensor(meat * scale[:, None, None])

    def _likeness(self, residual: Tensor, weights: Tensor) -> Tensor:
        """(R,) correlation of what is not explained at neighbouring samples."""
        side = self.patches.side
        field, weight = residual.reshape(-1, side, side), weights.reshape(-1, side, side)
        beside = (weight[:, :, 1:] * field[:, :, 1:] * field[:, :, :-1]).sum(dim=(1, 2))
        below = (weight[:, 1:] * field[:, 1:] * field[:, :-1]).sum(dim=(1, 2))
        near = ((beside + below) / (2 * (weight * field**2).sum(dim=(1, 2)).clamp(min=_TINY))).clamp(0.2, 0.85).double()
        return torch.as_tensor(near)

    def _rise(self, weights: Tensor) -> Tensor:
        """(R,) the mean slope of the biweight over its mean weight."""
        inside = (weights > 0).float() * self.patches.window
        root = (weights / self.patches.window).sqrt()
        slope = inside * root * (5 * root - 4)
        return (slope.sum(dim=1) / weights.sum(dim=1).clamp(min=_TINY)).clamp(min=0.3).double()

    def _grain_in_slopes(self, residual: Tensor, weights: Tensor, inverse: Tensor) -> Tensor:
        """(R, 2, 2) by how much the centre is less certain because half of what is not explained is the look's own."""
        side = self.patches.side
        field = residual.reshape(-1, side, side)
        across = (field[:, 1:-1, 2:] - field[:, 1:-1, :-2]) / 2
        down = (field[:, 2:, 1:-1] - field[:, :-2, 1:-1]) / 2
        slopes = torch.stack([across, down], dim=1).reshape(len(field), 2, -1)
        middle = weights.reshape(-1, side, side)[:, 1:-1, 1:-1].reshape(len(field), 1, -1)
        own = products(slopes * middle, slopes.transpose(1, 2)).double() / 2
        one = torch.eye(2, dtype=own.dtype, device=own.device)
        share = inverse[:, :2, :2] @ own
        share = share * (0.6 / torch.linalg.matrix_norm(share).clamp(min=0.6))[:, None, None]
        widened: Tensor = torch.linalg.inv_ex(one - share).inverse
        return widened

    def _closure(self, seen: Tensor, residual: Tensor, weights: Tensor) -> Tensor:
        """(R,) the first step of the way back, px of the look, by the slopes of what is seen."""
        side = self.patches.side
        field = seen.reshape(-1, side, side)
        across = (field[:, 1:-1, 2:] - field[:, 1:-1, :-2]) / 2
        down = (field[:, 2:, 1:-1] - field[:, :-2, 1:-1]) / 2
        slopes = torch.stack([across, down], dim=1).reshape(len(field), 2, -1)
        middle = (weights.reshape(-1, side, side)[:, 1:-1, 1:-1]).reshape(len(field), -1)
        miss = residual.reshape(-1, side, side)[:, 1:-1, 1:-1].reshape(len(field), -1)
        weighted = slopes * middle[:, None]
        normal = products(weighted, slopes.transpose(1, 2)).double()
        right = products(weighted, miss[:, :, None]).double()
        normal = normal + torch.diag_embed(normal.diagonal(dim1=1, dim2=2) * 1e-4 + _TINY)
        step: Tensor = torch.linalg.inv_ex(normal).inverse @ right
        length: Tensor = torch.linalg.vector_norm(step[:, :, 0], dim=1)
        return length


def _likeness_by_distance(near: Tensor) -> tuple[Tensor, ...]:
    """Correlations (R,) at distances of 1, 2, 3, 4 samples: `near` (R,) to the power of their squares.

    By products alone: a power's last bit may depend on where in a row of numbers it stands.
    """
    fourth = near * near * near * near
    eighth = fourth * fourth
    return near, fourth, eighth * near, eighth * eighth


def _spread(field: Tensor, likeness: tuple[Tensor, ...], axis: int) -> Tensor:
    """(R, K, side, side) sums over neighbours along an axis, each times its correlation."""
    total = field.clone()
    length = field.shape[axis]
    for distance, correlation in enumerate(likeness, start=1):
        share = correlation.float()[:, None, None, None]
        total.narrow(axis, distance, length - distance).addcmul_(field.narrow(axis, 0, length - distance), share)
        total.narrow(axis, 0, length - distance).addcmul_(field.narrow(axis, distance, length - distance), share)
    return total


def _explained(columns: Tensor, shares: Tensor) -> Tensor:
    return mixtures(shares[:, None].float(), columns)[:, 0]
