# SPDX-License-Identifier: Apache-2.0
"""Tracks and the shot they are of, brought together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from cotrack.media.clip import Clip
from cotrack.tracking.track_archive import TrackArchive
from cotrack.tracking.tracks import Tracks
from cotrack_client.errors import CotrackError

Flags = npt.NDArray[np.bool_]

_COLUMNS = ("xy", "visible", "confidence", "keyed", "refined", "covariance")


def check_size(clip: Clip, archive: TrackArchive) -> None:
    """Raise CotrackError unless the tracks are of pictures as large as the clip's."""
    shot = archive.shot
    if (shot.width, shot.height) != (clip.width, clip.height):
        raise CotrackError(
            f"the tracks are of a shot of {shot.width} x {shot.height}, but {clip.info.path} is {clip.width} x "
            f"{clip.height}; name the shot that was tracked, or track this one"
        )


def only_named(tracks: Tracks, names: Sequence[str]) -> Tracks:
    """Those tracks. Raises CotrackError where there is none of a name."""
    return chosen_tracks(tracks, named(tracks, names))


def named(tracks: Tracks, names: Sequence[str]) -> Flags:
    """(N,) whether each track is one of some names. Raises CotrackError where there is none of a name."""
    unknown = [name for name in names if name not in tracks.names]
    if unknown:
        some = ", ".join(tracks.names[:4]) + (", …" if len(tracks) > 4 else "") if len(tracks) else "none"
        raise CotrackError(f"there is no track called {unknown[0]!r}; it has {some}")
    return np.array([name in names for name in tracks.names])


def chosen_tracks(tracks: Tracks, chosen: Flags) -> Tracks:
    """The tracks that are chosen (N,)."""
    return replace(
        tracks,
        names=tuple(name for name, on in zip(tracks.names, chosen.tolist(), strict=True) if on),
        **{name: getattr(tracks, name)[chosen] for name in _COLUMNS},
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
        **{name: getattr(tracks, name)[:, shared] for name in _COLUMNS},
    )
