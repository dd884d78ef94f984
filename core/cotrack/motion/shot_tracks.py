# SPDX-License-Identifier: Apache-2.0
"""Tracks and the shot they are of, brought together."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from cotrack.media.clip import Clip
from cotrack.tracking.track_archive import TrackArchive
from cotrack.tracking.tracks import Tracks
from cotrack_client.errors import CotrackError


def check_size(clip: Clip, archive: TrackArchive) -> None:
    """Raise CotrackError unless the tracks are of pictures as large as the clip's."""
    shot = archive.shot
    if (shot.width, shot.height) != (clip.width, clip.height):
        raise CotrackError(
            f"the tracks are of a shot of {shot.width} x {shot.height}, but {clip.info.path} is {clip.width} x "
            f"{clip.height}; name the shot that was tracked, or track this one"
        )


def shared_frames(clip: Clip, tracks: Tracks) -> Tracks:
    """The tracks at the frames that the clip has too. Raises CotrackError where there are none."""
    shared = np.isin(tracks.frames, clip.frames)
    if not shared.any():
        span = f"{tracks.frames[0]}-{tracks.frames[-1]}" if len(tracks.frames) else "none"
        raise CotrackError(
            f"{clip.info.path} has the frames {clip.frames[0]}-{clip.frames[-1]}, the tracks {span}; "
            "say how the shot's frames are numbered (--first), or track it"
        )
    return replace(
        tracks,
        frames=tracks.frames[shared],
        **{name: getattr(tracks, name)[:, shared] for name in ("xy", "visible", "confidence", "keyed")},
    )
