# SPDX-License-Identifier: Apache-2.0
"""A plane through a shot: four corners that go where the tracks on it say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cotrack.motion import warps
from cotrack.motion.joint import CommonMotion, common_motion
from cotrack.motion.shot_tracks import chosen_tracks, named
from cotrack.motion.warps import LEAST_TRACKS, Floats
from cotrack.tracking.tracks import Tracks
from cotrack_client.corners import in_order
from cotrack_client.errors import CotrackError

Flags = npt.NDArray[np.bool_]

_CORNERS = 4
_REACH = 0.1  # of the way from the middle to a corner: so far outside a track still counts as on the plane


@dataclass(frozen=True, eq=False)
class Plane:
    """A plane through time.

    motion: of the plane; its error and `solved` are those of the corners.
    quads:  (T, 4, 2) raster px, the corners in every frame: bottom left, bottom right, top right, top left.
    names:  the tracks that were taken to lie on it.
    """

    motion: CommonMotion
    quads: Floats
    names: tuple[str, ...]


def follow_plane(tracks: Tracks, corners: Floats, reference: int, on_plane: Sequence[str] = ()) -> Plane:
    """Follow a plane by its tracks.

    corners: (4, 2) raster px at the reference frame, in any order. on_plane: names of the tracks on it; without them
    those that lie within the corners, wherever the plane is seen.
    Raises CotrackError where the corners span nothing, or too few tracks are on the plane.
    """
    quad = _in_order(corners, reference)
    chosen = named(tracks, on_plane) if on_plane else _within_at(tracks, quad, reference)
    if chosen.sum() < LEAST_TRACKS["perspective"]:
        raise CotrackError(
            f"{chosen.sum()} tracks are on the plane at frame {reference}, and it takes {LEAST_TRACKS['perspective']}; "
            "track more points within the corners, or name those that are on it (--on)"
        )
    motion = common_motion(chosen_tracks(tracks, chosen), "perspective", reference)
    more: Flags = chosen if on_plane else np.asarray(chosen | _within(_located(tracks, motion), quad))
    if np.any(more != chosen):
        motion = common_motion(chosen_tracks(tracks, more), "perspective", reference)
    names = tuple(name for name, is_on in zip(tracks.names, more.tolist(), strict=True) if is_on)
    return Plane(motion, warps.mapped(motion.matrices, quad[None]), names)


def corner_positions(tracks: Tracks, names: Sequence[str], reference: int) -> Floats:
    """(4, 2) where four tracks are at the reference frame, raster px.

    Raises CotrackError where one of them is unknown, or cannot be seen there.
    """
    chosen = named(tracks, names)
    place = np.flatnonzero(tracks.frames == reference)
    unseen = chosen & ~np.asarray((tracks.visible & tracks.followed)[:, place].any(axis=1))
    hidden = [name for name, is_hidden in zip(tracks.names, unseen.tolist(), strict=True) if is_hidden]
    if hidden:
        raise CotrackError(
            f"{', '.join(hidden)} cannot be seen at the reference frame {reference}; choose another (--reference)"
        )
    return np.asarray(tracks.xy[chosen][:, place[0]])


def _in_order(corners: Floats, reference: int) -> Floats:
    upward = [(float(x), -float(y)) for x, y in corners]
    order = in_order(upward) if len(upward) == _CORNERS else None
    if order is None:
        raise CotrackError(
            f"the corners span no quadrilateral at frame {reference}; give {_CORNERS} that do (--corners)"
        )
    return np.asarray(corners[list(order)], dtype=np.float64)


def _within_at(tracks: Tracks, quad: Floats, reference: int) -> Flags:
    """(N,) whether tracks are seen within the corners at the reference frame."""
    place = np.flatnonzero(tracks.frames == reference)
    if not len(place):
        raise CotrackError(f"the tracks have no frame {reference}; choose another (--reference)")
    seen = (tracks.visible & tracks.followed)[:, place[0]]
    return seen & _within(np.where(seen[:, None], tracks.xy[:, place[0]], np.nan), quad)


def _located(tracks: Tracks, motion: CommonMotion) -> Floats:
    """(N, 2) where each track would be at the reference frame if it were on the plane; NaN where it is never seen."""
    counts = tracks.visible & tracks.followed & motion.solved
    back = warps.mapped(warps.inverse(motion.matrices), np.swapaxes(np.nan_to_num(tracks.xy), 0, 1))
    places = np.where(counts[..., None], np.swapaxes(back, 0, 1), np.nan)
    found = np.full((len(tracks), 2), np.nan)
    seen = counts.any(axis=1)
    found[seen] = np.nanmedian(places[seen], axis=1)
    return found


def _within(points: Floats, quad: Floats) -> Flags:
    """(N,) whether points (N, 2) lie in a convex quadrilateral or hardly outside of it; NaN never does."""
    middle = quad.mean(axis=0)
    wider = middle + (quad - middle) * (1 + _REACH)
    side = np.roll(wider, -1, axis=0) - wider
    offset = points[:, None] - wider
    cross = side[:, 0] * offset[..., 1] - side[:, 1] * offset[..., 0]
    return np.asarray((cross <= 0).all(axis=1) | (cross >= 0).all(axis=1))
