# SPDX-License-Identifier: Apache-2.0
"""Pictures, labels and shapes that go where a track goes, or where several go on average."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt

from cotrack.media.clip import Clip, open_clip
from cotrack.media.colour import load_colours
from cotrack.media.plate_writer import writing_like
from cotrack.motion import ink, warps
from cotrack.motion.compositing import Insert, lay, over
from cotrack.motion.cutout import cut_out, straight
from cotrack.motion.inserts import insert_at
from cotrack.motion.joint import common_motion
from cotrack.motion.shot_tracks import only_named
from cotrack.motion.warps import Floats
from cotrack.tracking.tracks import Tracks
from cotrack_client.errors import CotrackError

Shape = Literal["circle", "cross", "box"]

_LABEL = 1 / 30  # of the plate's height: a capital
_SHAPE = 1 / 12
_STROKE = 1 / 14  # of a shape
_COLOUR: ink.Colour = (255, 176, 32)


@dataclass(frozen=True)
class Pinned:
    """What is pinned, one of three, and where.

    height: px of the plate; of a label its capitals; None is a picture's own, or what suits the plate.
    offset: px of the plate from the tracks to the middle of it.
    """

    picture: Path | None = None
    label: str | None = None
    shape: Shape | None = None
    height: float | None = None
    offset: tuple[float, float] = (0.0, 0.0)


def write_pinned(  # noqa: PLR0917  what, where to, where on: in the order one says it
    clip: Clip,
    tracks: Tracks,
    names: Sequence[str],
    pinned: Pinned,
    path: Path,
    report: Callable[[int, int], None],
) -> None:
    """Write the plate with something pinned to the tracks of some names; where none of them is seen it is not shown.

    Raises CotrackError where a track is unknown or never seen, or a file cannot be read or written.
    """
    places, shown = average_path(tracks, names)
    insert, size = _insert(pinned, clip)
    quads = _quads(places + np.array(pinned.offset), size)
    insert = insert.reduced(quads)
    frames = tracks.frames.tolist()
    with writing_like(clip, path, frames) as writer:
        for t, frame in enumerate(frames):
            picture = clip.read_stored(frame)
            layer = lay(insert, quads[t : t + 1], (clip.width, clip.height)) if shown[t] else None
            writer.write(frame, picture if layer is None else over(layer, picture))
            report(t + 1, len(frames))


def average_path(tracks: Tracks, names: Sequence[str]) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """(T, 2) raster px where the middle of some tracks is, and (T,) whether any of them is seen.

    One that comes or goes makes no jump: what is averaged is how they move. Raises CotrackError.
    """
    chosen = only_named(tracks, names)
    seen = chosen.visible & chosen.followed
    if not seen.any():
        raise CotrackError(f"{', '.join(names)}: never seen in these frames; pin to others (--to)")
    reference = int(np.argmax(seen.sum(axis=0)))
    motion = common_motion(chosen, "translation", int(chosen.frames[reference]))
    middle = np.nanmean(motion.places, axis=0, keepdims=True)
    return warps.mapped(motion.matrices, middle[None])[:, 0], motion.solved


def _insert(pinned: Pinned, plate: Clip) -> tuple[Insert, tuple[float, float]]:
    """The thing in the plate's colour space, and its size on the plate, px."""
    space = plate.info.colorspace
    if pinned.picture is not None:
        with open_clip(pinned.picture) as clip:
            height = pinned.height or float(clip.height)
            return insert_at(clip, 0, space), (height * clip.width / clip.height, height)
    drawn = (
        _label(pinned.label, max(4, round(pinned.height or plate.height * _LABEL)))
        if pinned.label is not None
        else _shape(pinned.shape or "circle", max(6, round(pinned.height or plate.height * _SHAPE)))
    )
    colours = load_colours()
    values = straight(drawn)
    colour = colours.between(colours.display_space, space)(values[..., :3])
    alpha = values[..., 3:]
    insert = Insert(np.concatenate([colour * alpha, alpha], axis=-1, dtype=np.float32))
    return insert, (float(drawn.shape[1]), float(drawn.shape[0]))


def _label(text: str, capital: int) -> npt.NDArray[np.float32]:
    margin = capital
    width = ink.text_width(text, capital) + 2 * margin

    def draw(picture: ink.Picture) -> None:
        ink.write_text(picture, text, (margin, 1.5 * capital), capital, ink.WHITE, halo=True)

    return cut_out(draw, (width, 3 * capital))


def _shape(shape: Shape, side: int) -> npt.NDArray[np.float32]:
    stroke = max(1.5, side * _STROKE)
    reach = side / 2
    whole = round(side + 4 * stroke)

    def draw(picture: ink.Picture) -> None:
        stencil = ink.Stencil(np.array([whole / 2, whole / 2]), reach + 2 * stroke)
        if shape == "circle":
            stencil.arc(reach, 1.0, stroke)
        elif shape == "cross":
            for end in ((1.0, 0.0), (0.0, 1.0)):
                stencil.path(reach * np.array([(-end[0], -end[1]), end]), stroke)
        else:
            corners = np.array([(-1.0, -1.0), (1.0, -1.0), (1.0, 1.0), (-1.0, 1.0), (-1.0, -1.0)])
            stencil.path(reach * corners, stroke)
        stencil.ink(picture, _COLOUR, 1.0)

    return cut_out(draw, (whole, whole))


def _quads(places: Floats, size: tuple[float, float]) -> Floats:
    """(T, 4, 2) upright rectangles of that size around places (T, 2)."""
    around = np.array([(-0.5, 0.5), (0.5, 0.5), (0.5, -0.5), (-0.5, -0.5)]) * size
    return np.asarray(places[:, None] + around)
