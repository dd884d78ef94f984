# SPDX-License-Identifier: Apache-2.0
"""Which points of a shot are asked for, and where they truly are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
import numpy.typing as npt

from cotrack.evaluation.plates.finish import to_display
from cotrack.evaluation.plates.scene import Floats, Scene, expose, inside
from cotrack.evaluation.plates.shots import PlateShot
from cotrack.tracking.pictures import luma
from cotrack_client.tracks import Key

Kind = Literal["textured", "repeated", "bare"]

_CORNER_QUALITY = 0.03  # of the strongest corner
_SPACING = 1 / 45  # of the height, between points
_CLEARANCE = 1 / 60  # of the height, from a point to the rim of its surface, to any other, and to the plate's edge
_BARE_WINDOW = 1 / 30  # of the height: there is nothing to see as far as this
_BARE_RANGE = 2 / 255
_BARE_SHARE = 8  # one point in so many
_HIDDEN = 0.5  # of the light comes from what is before it
_DIRECTIONS = 8


@dataclass(frozen=True, eq=False)
class PlateTruth:
    """What is asked of a tracker, and the answer.

    names: N; frames: (T,) the shot's numbers; xy: (N, T, 2) raster px; visible: (N, T); keys: one per point;
    kinds: N, what the point lies on. A textured point is one that an artist would choose.
    """

    names: tuple[str, ...]
    frames: npt.NDArray[np.int64]
    xy: Floats
    visible: npt.NDArray[np.bool_]
    keys: tuple[Key, ...]
    kinds: tuple[Kind, ...]


def find_truth(shot: PlateShot, count: int) -> PlateTruth:
    """About `count` points, two thirds of them asked for in the first frame and one in the middle."""
    random = np.random.default_rng((7, shot.seed))
    times = np.arange(len(shot.frames), dtype=np.float64)
    xy, visible, keys, kinds = [], [], [], list[Kind]()
    for place, share in ((0, count - count // 3), (len(times) // 2, count // 3)):
        for surface, points, chosen in _chosen(shot.scene, float(place), share, random):
            ways = shot.positions(surface, points)
            hidden = np.stack([shot.scene.hidden(surface, points, time) for time in times.tolist()], axis=1)
            xy.append(ways)
            visible.append(inside(shot.scene, ways) & (hidden < _HIDDEN))
            keys += [(shot.frames[place], *way[place].tolist()) for way in ways]
            kinds += [chosen] * len(points)
    names = tuple(f"point_{i:03d}" for i in range(1, len(kinds) + 1))
    return PlateTruth(
        names=names,
        frames=np.array(shot.frames, dtype=np.int64),
        xy=np.concatenate(xy),
        visible=np.concatenate(visible),
        keys=tuple(Key(name, *key) for name, key in zip(names, keys, strict=True)),
        kinds=tuple(kinds),
    )


def _chosen(scene: Scene, time: float, count: int, random: np.random.Generator) -> list[tuple[int, Floats, Kind]]:
    """Surfaces with their points (P, 2), as seen at a time, and what they are."""
    grey = luma(to_display(expose(scene, time, samples=2)))
    bare = _spread(_bare_places(grey, random), scene, time, count // _BARE_SHARE)
    corners = _spread(_corners(grey, random), scene, time, count - sum(len(places) for places in bare))
    groups: list[tuple[int, Floats, Kind]] = []
    for surface, repeats in enumerate(scene.repeats):
        kind: Kind = "repeated" if repeats else "textured"
        for some, what in ((corners[surface], kind), (bare[surface], "bare")):
            if len(some):
                groups.append((surface, scene.on_surface(surface, some, time), what))
    return groups


def _spread(places: Floats, scene: Scene, time: float, count: int) -> list[Floats]:
    """The first `count` of raster px (C, 2) that lie clear of every rim, by surface."""
    owner = _owner(scene, places, time, scene.height * _CLEARANCE)
    kept = np.flatnonzero(owner >= 0)[:count]
    return [places[kept[owner[kept] == surface]] for surface in range(len(scene.repeats))]


def _owner(scene: Scene, places: Floats, time: float, reach: float) -> npt.NDArray[np.intp]:
    """(C,) the surface that alone is seen at raster px (C, 2) and around them; -1 where there is none."""
    angle = np.arange(_DIRECTIONS) * 2 * np.pi / _DIRECTIONS
    around = np.concatenate([np.zeros((1, 2)), reach * np.stack([np.cos(angle), np.sin(angle)], axis=1)])
    xy = (places[:, None] + around).reshape(-1, 2)
    seen = np.where(inside(scene, xy), scene.seen_at(xy, time), -1).reshape(len(places), len(around))
    return np.where((seen == seen[:, :1]).all(axis=1), seen[:, 0], -1)


def _corners(grey: npt.NDArray[np.float32], random: np.random.Generator) -> Floats:
    """(C, 2) raster px beside strong corners, in random order, at random fractions of a pixel."""
    window = max(3, round(len(grey) / 120))
    found = cv2.goodFeaturesToTrack(grey, 0, _CORNER_QUALITY, len(grey) * _SPACING, blockSize=window).reshape(-1, 2)
    places = random.permutation(found).astype(np.float64) + 0.5
    return np.asarray(places + random.uniform(-0.5, 0.5, places.shape))


def _bare_places(grey: npt.NDArray[np.float32], random: np.random.Generator) -> Floats:
    """(C, 2) raster px with nothing to see around them, in random order."""
    side = 2 * round(len(grey) * _BARE_WINDOW) + 1
    window = np.ones((side, side), dtype=np.uint8)
    contrast = cv2.dilate(grey, window) - cv2.erode(grey, window)
    rows, columns = np.nonzero(contrast < _BARE_RANGE)
    some = random.permutation(len(rows))[:500]
    places = np.stack([columns[some], rows[some]], axis=1) + random.uniform(0, 1, (len(some), 2))
    return np.asarray(places, dtype=np.float64)
