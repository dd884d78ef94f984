# SPDX-License-Identifier: Apache-2.0
"""The classic tracker: pyramidal Lucas-Kanade from frame to frame, held in place by registration to the query's look.

It needs no weights and no GPU. Each point is followed on its own: beside the point itself only the motion of the
picture as a whole has a say, never another selected point.

Per frame and point: the picture's dominant motion and the point's own carry it ahead; optical flow, checked there and
back, corrects that; then its look at the query is registered with an affine warp, which takes away what drift there is.
When the look has changed too much, a second look, renewed now and then, stands in for the first. Where the point has
look-alikes around it, as in a grid, nothing may take it farther from where motion puts it than half the way to the next
one. A point that agrees with neither look, or whose surroundings cannot tell where it is, is lost: it is carried by the
picture's motion, and searched for around there in every frame until it looks like itself again.

Confidence is the geometric mean of two numbers in 0..1. *Agreement* rises linearly from 0 at a correlation of 0.5 with
the look to 1 at 0.95. *Certainty* is 1 / (1 + (u / 0.15 px)^4), where u is the standard deviation of the position along
its worst direction, as registration estimates it from the texture, the residual and the noise of a plate: it is near 0
on featureless surroundings and along a straight edge. (Above 720 lines the 0.15 px grow with the plate.) A point is
visible where its confidence is at least one half.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import numpy.typing as npt

from cotrack.tracking.followed_points import FollowedPoints, PlatePicture
from cotrack.tracking.pictures import Pictures
from cotrack.tracking.queries import Queries
from cotrack.tracking.trajectories import Direction, Trajectories

Report = Callable[[str, int, int], None]


class LucasKanade:
    """Follows each query by optical flow and registration; see the module."""

    def record(self) -> Mapping[str, object]:
        """What positions depend on beside the query: nothing but the pictures."""
        return {"support": "none"}

    def follow(
        self,
        pictures: Pictures,
        queries: Queries,
        frames: npt.NDArray[np.int64],
        direction: Direction,
        report: Report,
    ) -> Trajectories:
        """One trajectory per query over `frames` (T,), ascending, which hold every query's frame.

        Forward, pictures are read once each from the earliest query on; backward from the latest query down. After
        each, `report("tracking", done, total)` is called, and whatever it raises passes through.
        """
        found = Trajectories.nothing(len(queries), len(frames))
        at = np.searchsorted(frames, queries.frame)
        passes = _passes(at, len(frames), direction)
        total = sum(len(steps) for steps in passes)
        done = 0
        for steps in passes:
            points = FollowedPoints(queries.xy - 0.5, pictures.width, pictures.height)
            shown = pictures.iterate(frames[steps].tolist())
            for step, (_, picture) in zip(steps, shown, strict=True):
                rows = points.advance(PlatePicture.of(picture), np.flatnonzero(at == step))
                found.xy[rows, step] = points.centre[rows] + 0.5
                found.confidence[rows, step] = points.confidence[rows]
                found.visible[rows, step] = points.visible[rows]
                done += 1
                report("tracking", done, total)
        found.xy[np.arange(len(queries)), at] = queries.xy
        return found


def _passes(at: npt.NDArray[np.int64], count: int, direction: Direction) -> list[npt.NDArray[np.int64]]:
    """The indices of frames, in the order in which each pass takes them."""
    passes = []
    if len(at) and direction in ("both", "forward"):
        passes.append(np.arange(at.min(), count))
    if len(at) and direction in ("both", "backward"):
        passes.append(np.arange(at.max(), -1, -1))
    return passes
