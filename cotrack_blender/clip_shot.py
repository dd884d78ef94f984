# SPDX-License-Identifier: GPL-3.0-or-later
"""A movie clip as the shot that the worker opens, or one sentence why it cannot.

The worker always reads the original, never a proxy, and is told what Blender sees, so that it refuses a shot that it
would see differently.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, replace
from pathlib import Path

import bpy

from cotrack_client.errors import CotrackError
from cotrack_client.messages import Expected, ShotRequest

from .clip_frames import ClipFrames

_FIRST_THAT_ROTATES = (4, 5, 0)
"""From this release on Blender turns a movie upright as its metadata asks."""

_WILDCARD = re.compile(r"#|%[0-9]*d|\$F")
"""What the worker would take for the frame number, were it to come after ours."""


@dataclass(frozen=True)
class ClipShot:
    """What the worker is asked to open, and how the clip counts its frames. size: width, height, px."""

    request: ShotRequest
    frames: ClipFrames
    size: tuple[int, int]

    def within(self, first: int, last: int) -> ClipShot:
        """The same shot between two marker frames.

        Raises CotrackError when the clip has no picture there.
        """
        frames = self.frames.limited(first, last)
        if frames.first > frames.last:
            scene = [self.frames.to_scene(frame) for frame in (first, last, self.frames.first, self.frames.last)]
            raise CotrackError(
                "the frames {}-{} lie outside of the clip, which has {}-{}; choose frames within it".format(*scene)
            )
        limits = (frames.to_shot(frames.first), frames.to_shot(frames.last))
        return ClipShot(replace(self.request, frames=limits), frames, self.size)


def shot_of(clip: bpy.types.MovieClip) -> ClipShot:
    """All of a clip's frames as a shot; of a movie without naming them, for counts may differ by a last frame.

    Raises CotrackError when the clip is linked, its file is missing, or Blender shows no picture of it.
    """
    path = path_of(clip)
    _check_file(clip, path)
    size, count = _size_and_count(clip, path)
    _check_pictures(clip, path, size, count)
    is_movie = clip.source == "MOVIE"
    name, number = (path, 1) if is_movie else _pattern_and_number(path)
    offset = clip.frame_offset
    whole = ClipFrames(clip.frame_start, max(1, 1 - offset), count - offset, number - 1 + offset)
    request = ShotRequest(
        path=name,
        colorspace=clip.colorspace_settings.name,
        upright=bpy.app.version >= _FIRST_THAT_ROTATES,
        rate=clip.fps if is_movie else None,
        expected=Expected(*size, count, clip.fps) if is_movie else Expected(*size),
    )
    shot = ClipShot(request, whole, size)
    return shot if is_movie and offset == 0 else shot.within(whole.first, whole.last)


def path_of(clip: bpy.types.MovieClip) -> str:
    """The absolute path of a clip's movie, or of the first file of its sequence."""
    # Path.resolve would follow links, whose targets may not be named as a sequence.
    return os.path.abspath(bpy.path.abspath(clip.filepath, library=clip.library))  # noqa: PTH100  see above


def _check_file(clip: bpy.types.MovieClip, path: str) -> None:
    if not clip.is_editable:
        raise CotrackError(f"{clip.name} is linked from another file and cannot be changed here; make it local")
    if not Path(path).is_file():
        cure = "the proxies alone are not enough; bring it back" if clip.use_proxy else "bring it back, or open it anew"
        raise CotrackError(f"{path}, the original of {clip.name}, is missing; {cure}")


def _check_pictures(clip: bpy.types.MovieClip, path: str, size: tuple[int, int], count: int) -> None:
    if count < 1 or min(size) < 1:
        raise CotrackError(f"Blender cannot read {path}; convert it, or open another file")
    if clip.frame_offset >= count:
        raise CotrackError(
            f"{clip.name} is offset by {clip.frame_offset} of its {count} frames, so that none is shown; "
            "set its Frame Offset to less"
        )


def _size_and_count(clip: bpy.types.MovieClip, path: str) -> tuple[tuple[int, int], int]:
    """Size of the original, px, and how many frames it has.

    While a proxy is on the screen the clip's own size is that of the proxy times 2 or 4, which rounding makes wrong.
    Once reloaded, a sequence has only those frames that its frame_offset leaves, or none at all where that is negative.
    """
    is_as_loaded = clip.source == "MOVIE" or clip.frame_offset == 0
    if is_as_loaded and not clip.use_proxy:
        return (clip.size[0], clip.size[1]), clip.frame_duration
    original = bpy.data.movieclips.load(path)
    width, height = original.size
    count = original.frame_duration
    bpy.data.movieclips.remove(original)
    return (width, height), count


def _pattern_and_number(path: str) -> tuple[str, int]:
    """What names the files that Blender takes for the sequence of a file, and the number of that file.

    Blender counts with the last digits of the name, written as wide as in this file.
    """
    file = Path(path)
    digits = re.fullmatch(r"(.*?)([0-9]+)([^0-9]*)", file.stem, re.DOTALL)
    if digits is None:
        return path, 1
    before, number, after = digits.groups()
    if wildcard := _WILDCARD.search(after + file.suffix):
        raise CotrackError(f"{path} has {wildcard[0]!r} in its name after the frame number; rename the files")
    return str(file.with_name(f"{before}{'#' * len(number)}{after}{file.suffix}")), int(number)
