# SPDX-License-Identifier: Apache-2.0
"""The overlay: tracks drawn over the plate, so that one look says whether they hold."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from cotrack.media.movie_writer import MovieWriter
from cotrack.motion import ink
from cotrack.motion.ink import Picture
from cotrack.motion.overlay_marks import Plan, draw_markers, draw_names, draw_trails
from cotrack.motion.overlay_panel import Panel
from cotrack.motion.overlay_signs import Scale
from cotrack.tracking.pictures import Pictures
from cotrack.tracking.tracks import Tracks

LONGEST_SIDE = 1920
SHORTEST_SIDE = 540


@dataclass(frozen=True)
class OverlayStyle:
    """How tracks are drawn.

    trail: how many frames back a trail goes.
    names: beside each marker; None is yes for up to two dozen tracks.
    note:  what the tracks were made with, and its licence; stands under the picture.
    """

    trail: int = 16
    names: bool | None = None
    note: str = ""


def draw_overlay(
    picture: npt.NDArray[np.float32] | Picture, tracks: Tracks, frame: int, style: OverlayStyle = OverlayStyle()
) -> Picture:
    """Draw tracks over a picture, with a panel below that shows all frames.

    picture: (H, W, 3), display-referred sRGB, float 0..1 or 8 bit; it is not changed. Gives (H + the panel's height,
    W, 3). A frame that the tracks do not have gets no markers.
    """
    height, width = picture.shape[:2]
    return _Overlay(tracks, width, height, style).draw(picture, frame)


def write_overlay(  # noqa: PLR0917  what, where to, how: in the order one says it
    pictures: Pictures,
    tracks: Tracks,
    path: str | Path,
    fps: Fraction | float,
    style: OverlayStyle = OverlayStyle(),
    report: Callable[[int, int], None] = lambda _done, _total: None,
) -> None:
    """Write a movie of all pictures with the tracks drawn over them, at a size that plays everywhere.

    Calls report(done, total) after each frame. Raises MediaError when the movie cannot be written.
    """
    factor = comfortable_scale(pictures.width, pictures.height)
    width, height = round(pictures.width * factor), round(pictures.height * factor)
    stretch = np.array([width / pictures.width, height / pictures.height])
    overlay = _Overlay(replace(tracks, xy=tracks.xy * stretch), width, height, style)
    with MovieWriter(path, width, height + overlay.panel.height, fps) as movie:
        for done, (frame, picture) in enumerate(pictures.iterate(pictures.frames), start=1):
            movie.write(overlay.draw(_resized(picture, width, height), frame))
            report(done, len(pictures.frames))


def draw_marks(tracks: Tracks, size: tuple[int, int], style: OverlayStyle) -> Callable[[Picture, int], None]:
    """Return what draws trails, markers and names of a frame onto a picture of that size (width, height)."""
    return _Overlay(tracks, *size, style).mark


def comfortable_scale(width: int, height: int) -> float:
    """By how much a plate is scaled for its overlay: large ones down to 1920, small ones up by a whole factor."""
    longest, shortest = max(width, height), min(width, height)
    if longest > LONGEST_SIDE:
        return LONGEST_SIDE / longest
    return float(max(1, min(-(-SHORTEST_SIDE // shortest), LONGEST_SIDE // longest)))


class _Overlay:
    """What is the same in all frames, made once."""

    def __init__(self, tracks: Tracks, width: int, height: int, style: OverlayStyle) -> None:
        self._style = style
        self._plan = Plan(tracks, ink.track_colours(tracks.names), Scale.of(width, height, len(tracks)))
        self._named = len(tracks) <= ink.FEW if style.names is None else style.names
        self._index = {frame: t for t, frame in enumerate(tracks.frames.tolist())}
        self.panel = Panel(self._plan, width, style.note)

    def draw(self, picture: npt.NDArray[np.float32] | Picture, frame: int) -> Picture:
        canvas = _as_bytes(picture)
        self.mark(canvas, frame)
        return np.concatenate([canvas, self.panel.draw(frame)])

    def mark(self, canvas: Picture, frame: int) -> None:
        """Draw what lies over the picture itself."""
        t = self._index.get(frame)
        if t is not None:
            draw_trails(canvas, self._plan, t, self._style.trail)
            draw_markers(canvas, self._plan, t)
            if self._named:
                draw_names(canvas, self._plan, t)


def _as_bytes(picture: npt.NDArray[np.float32] | Picture) -> Picture:
    """A contiguous 8-bit copy."""
    if picture.dtype == np.uint8:
        return np.array(picture, dtype=np.uint8, order="C")
    return np.asarray(np.rint(np.clip(picture, 0, 1) * 255), dtype=np.uint8, order="C")


def _resized(picture: npt.NDArray[np.float32], width: int, height: int) -> npt.NDArray[np.float32]:
    if picture.shape[:2] == (height, width):
        return picture
    kind = cv2.INTER_AREA if width < picture.shape[1] else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(picture, (width, height), interpolation=kind), dtype=np.float32)
