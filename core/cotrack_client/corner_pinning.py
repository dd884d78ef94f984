# SPDX-License-Identifier: Apache-2.0
"""Four tracks as the corners of a pin: which is which, and where each is when it can be seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from cotrack_client.corners import in_order
from cotrack_client.errors import CotrackError
from cotrack_client.frames import FrameRange
from cotrack_client.raster import Point, to_nuke
from cotrack_client.tracks import Track, TrackDocument

CORNERS = 4


def as_corners(tracks: Sequence[Track], reference: int, height: int) -> tuple[Track, ...]:
    """Return four tracks as bottom left, bottom right, top right, top left, where they are at the reference frame.

    Raises CotrackError where they are not four, not all visible there, or not the corners of a convex quadrilateral.
    """
    if len(tracks) != CORNERS:
        raise CotrackError(f"a corner pin takes {CORNERS} tracks, not {len(tracks)}; select {CORNERS} in the list")
    places = [visible_positions(track, height).get(reference) for track in tracks]
    hidden = [track.name for track, place in zip(tracks, places) if place is None]
    if hidden:
        raise CotrackError(
            f"{', '.join(hidden)} cannot be seen at the reference frame {reference}; choose another frame"
        )
    order = in_order(places)
    if order is None:
        raise CotrackError(
            f"the {CORNERS} tracks span no quadrilateral at the reference frame {reference}; choose others, or another "
            "frame"
        )
    return tuple(tracks[index] for index in order)


def in_order_of_corners(document: TrackDocument) -> TrackDocument:
    """Return a document of four tracks as bottom left, bottom right, top right, top left.

    Raises CotrackError where they are not all visible at one frame, or not the corners of a convex quadrilateral.
    """
    return replace(document, tracks=as_corners(document.tracks, common_frame(document.tracks), document.shot.height))


def common_frame(tracks: Sequence[Track]) -> int:
    """Return the first frame at which all tracks are visible. Raises CotrackError where there is none."""
    frames = [{frame for frame, visible in zip(track.frames, track.visible) if visible} for track in tracks]
    common = set.intersection(*frames) if frames else set()
    if not common:
        raise CotrackError(f"at no frame are all {len(tracks)} tracks visible; choose others for the corners")
    return min(common)


def visible_positions(track: Track, height: int, frames: FrameRange | None = None) -> dict[int, Point]:
    """Return frame to position, px with y up, where a track is visible, of some frames or all."""
    return {
        frame: to_nuke(track.x[index], track.y[index], height)
        for index, frame in enumerate(track.frames)
        if track.visible[index] and (frames is None or frame in frames)
    }
