# SPDX-License-Identifier: GPL-3.0-or-later
"""A clip's frame numbers: those of its markers, of the scene, and of the shot as the worker counts it.

Marker frame: 1 is the first frame that the clip shows, were there no `frame_offset`.
Scene frame: `marker.frame + clip.frame_start - 1`.
Shot frame: the number in the file's name, or 1 for the first frame of a movie, as `cotrack track` counts too.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ClipFrames:
    """How the three count.

    start: the clip's `frame_start`. first, last: the marker frames at which there is a picture.
    shift: shot frame minus marker frame.
    """

    start: int
    first: int
    last: int
    shift: int

    def __contains__(self, frame: int) -> bool:
        """Whether there is a picture at a marker frame."""
        return self.first <= frame <= self.last

    def to_scene(self, frame: int) -> int:
        """The scene frame of a marker frame."""
        return frame + self.start - 1

    def from_scene(self, frame: int) -> int:
        """The marker frame of a scene frame."""
        return frame - self.start + 1

    def to_shot(self, frame: int) -> int:
        """The shot frame of a marker frame."""
        return frame + self.shift

    def from_shot(self, frame: int) -> int:
        """The marker frame of a shot frame."""
        return frame - self.shift

    def limited(self, first: int, last: int) -> ClipFrames:
        """The same between two marker frames, as far as there are pictures."""
        return ClipFrames(self.start, max(first, self.first), min(last, self.last), self.shift)
