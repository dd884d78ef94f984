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

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cotrack.tracking.followed_points import FollowedPoints, PlatePicture
from cotrack.tracking.memory import MemoryShortageError, NoticeShortage
from cotrack.tracking.passes import Pass
from cotrack.tracking.pictures import Pictures
from cotrack.tracking.queries import Queries
from cotrack.tracking.settling import Settling
from cotrack.tracking.trajectories import Direction, Trajectories
from cotrack.tracking.warm import FrameMaker, LastUsed, Sized
from cotrack.tracking.watcher import Watcher

_FRAMES_PER_SETTLING = 8
"""How many frames are told of at once as they become certain."""

_ERROR_PX = 1.0  # of a position in a shot of so many lines, where it is seen; it grows with the plate
_LINES = 720


class LucasKanade:
    """Follows each query by optical flow and registration; see the module."""

    def __init__(self, kept: LastUsed[Sized] | None = None) -> None:
        """kept: the pictures of earlier jobs, see `Warm`."""
        self._kept: LastUsed[Sized] = LastUsed(0) if kept is None else kept

    def record(self) -> Mapping[str, object]:
        """What positions depend on beside the query: nothing but the pictures."""
        return {"support": "none"}

    def error_px(self, width: int, height: int) -> float:
        """See `Follower`."""
        return _ERROR_PX * max(1.0, min(width, height) / _LINES)

    def follow(
        self,
        pictures: Pictures,
        queries: Queries,
        frames: npt.NDArray[np.int64],
        direction: Direction,
        watcher: Watcher,
    ) -> Trajectories:
        """One trajectory per query over `frames` (T,), ascending, which hold every query's frame.

        Forward, pictures are read once each from the earliest query on; backward from the latest query down.
        """
        found = Trajectories.nothing(len(queries), len(frames))
        walk = _Walk(pictures, queries, frames, watcher, found)
        passes = _passes(np.searchsorted(frames, queries.frame), len(frames), direction)
        final = np.zeros(found.visible.shape, dtype=np.bool_)
        while True:
            with NoticeShortage():
                settling = Settling(len(queries), len(frames), passes, final)
                plates = FrameMaker(PlatePicture, PlatePicture.of, "classic", self._kept)
                for more in walk.go(passes, plates, settling):
                    final = more
                    watcher.settled(found, final)
                return found
            if not len(self._kept):
                raise MemoryShortageError
            self._kept.clear()
            self._kept = LastUsed(0)


@dataclass(frozen=True, eq=False)
class _Walk:
    """What is followed where, for whom, and what was found."""

    pictures: Pictures
    queries: Queries
    frames: npt.NDArray[np.int64]
    watcher: Watcher
    found: Trajectories

    def go(
        self, passes: list[Pass], plates: FrameMaker[PlatePicture], settling: Settling
    ) -> Iterator[npt.NDArray[np.bool_]]:
        """Write what is found, and yield what is final every now and then."""
        everyone = np.arange(len(self.queries))
        total, before = sum(len(one.order) for one in passes), 0
        for one in passes:
            settled = 0
            for done in self._steps(one, plates):
                self.watcher.still_wanted()
                self.watcher.progress("tracking", before + done, total)
                if done - settled == _FRAMES_PER_SETTLING or done == len(one.order):
                    settling.close(one, everyone, range(settled, done))
                    settled = done
                    yield settling.final
            before += len(one.order)

    def _steps(self, one: Pass, plates: FrameMaker[PlatePicture]) -> Iterator[int]:
        """Go from frame to frame, and say after each how many of the pass are done."""
        start = self.queries.xy - 0.5
        points = FollowedPoints(start, self.pictures.width, self.pictures.height, self.watcher.still_wanted)
        shown = plates.each(self.pictures, self.frames[one.order].tolist())
        for place, (step, picture) in enumerate(zip(one.order, shown, strict=True)):
            new = np.flatnonzero(one.queries == place)
            rows = points.advance(picture, new)
            self.found.xy[rows, step] = points.centre[rows] + 0.5
            self.found.xy[new, step] = self.queries.xy[new]
            self.found.confidence[rows, step] = points.confidence[rows]
            self.found.visible[rows, step] = points.visible[rows]
            yield place + 1


def _passes(at: npt.NDArray[np.int64], count: int, direction: Direction) -> list[Pass]:
    """One pass each way, over the frames in which there is something to follow, from picture to picture."""
    passes = []
    if len(at) and direction in ("both", "forward"):
        passes.append(Pass(np.arange(at.min(), count), at - at.min(), window=2, step=1, counts="from the query on"))
    if len(at) and direction in ("both", "backward"):
        passes.append(Pass(np.arange(at.max(), -1, -1), at.max() - at, window=2, step=1, counts="from the query on"))
    return passes
